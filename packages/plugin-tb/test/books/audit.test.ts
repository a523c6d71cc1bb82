import {readFileSync} from 'node:fs'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type EditingProxy, startEditingProxy} from '../support/editing-proxy.js'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'
import {tb} from '../support/tb.js'

type Row = Record<string, string | number>

describe('tb audit, of a ledger that is wrong', function () {
  this.timeout(60_000)
  let ledger: LocalLedger
  let proxy: EditingProxy
  let home: TestHome
  let next = 1000

  before(async () => {
    ledger = await startLocalLedger()
    proxy = await startEditingProxy(ledger.baseUrl)
    home = makeHome()
    await ledger.operate(
      'create_accounts',
      [1, 2, 3, 4].map((id) => ({id, ledger: 700, code: 10, flags: id === 1 ? 8 : 0})),
    )
    await ledger.operate(
      'create_transfers',
      Array.from({length: 40}, (_, index) => transfer(1 + (index % 4), 1 + ((index + 1) % 4), 100 + index)),
    )
    await ledger.operate('create_transfers', [
      {...transfer(1, 2, 77), flags: 2},
      {...transfer(2, 3, 50), flags: 2},
    ])
    await ledger.operate('create_transfers', [{...transfer(1, 2, 30), pending_id: 1040, flags: 4}])
  })
  after(async () => {
    await proxy.stop()
    await ledger.stop()
    home.remove()
  })
  afterEach(() => {
    proxy.edit = (_, rows) => rows
  })

  const transfer = (from: number, to: number, amount: number) => ({
    id: next++,
    debit_account_id: from,
    credit_account_id: to,
    amount,
    ledger: 700,
    code: 1,
  })
  const run = (words: string) => {
    const env = {PARIX_API_KEY: ledger.apiKey, PARIX_BASE_URL: proxy.baseUrl, PARIX_DATABASE: 'books'}
    return tb(words, {home, env})
  }
  const inTransfers = (edit: (rows: Row[]) => Row[]) => (operation: string, rows: Row[]) =>
    operation === 'query_transfers' && rows.length > 1 ? edit(rows) : rows

  it('the books are right as they are', async () => {
    for (const words of ['audit', 'audit --deep', 'audit --replay']) {
      const {code, stderr} = await run(words)
      expect(code, stderr).to.equal(0)
    }
  })

  const FAULTS: Record<string, {edit: (operation: string, rows: Row[]) => Row[]; named: RegExp[]}> = {
    'a row is missing': {
      edit: inTransfers((rows) => rows.filter(({id}) => String(id) !== '1009')),
      named: [/account 2: debits_posted is \d+, its transfers make \d+/, /account 3: credits_posted is/],
    },
    'an amount is off by one': {
      edit: inTransfers((rows) =>
        rows.map((row) => (String(row.id) === '1009' ? {...row, amount: String(BigInt(row.amount!) + 1n)} : row)),
      ),
      named: [/account 2: debits_posted is (\d+), its transfers make/, /account 3: credits_posted is/],
    },
    'a hold too many': {
      edit: inTransfers((rows) => [
        ...rows,
        {
          ...rows.at(-1)!,
          id: '5',
          pending_id: '0',
          flags: 2,
          amount: '9',
          timestamp: String(BigInt(rows.at(-1)!.timestamp!) + 1n),
        },
      ]),
      named: [
        /account 1: debits_pending is 0, its transfers make 9/,
        /account 2: credits_pending is 0, its transfers make 9/,
      ],
    },
    'a hold is posted twice': {
      edit: inTransfers((rows) => [
        ...rows,
        {...rows.at(-1)!, id: '6', timestamp: String(BigInt(rows.at(-1)!.timestamp!) + 1n)},
      ]),
      named: [/transfer 6: it resolves 1040, which is not an open pending transfer/],
    },
    'an account has a wrong balance': {
      edit: (operation, rows) =>
        operation === 'query_accounts'
          ? rows.map((row) =>
              String(row.id) === '4' ? {...row, credits_posted: String(BigInt(row.credits_posted!) + 1n)} : row,
            )
          : rows,
      named: [/account 4: credits_posted is/, /ledger 700: debits are \d+, credits \d+/],
    },
    'an account is missing': {
      edit: (operation, rows) => (operation === 'query_accounts' ? rows.filter(({id}) => String(id) !== '4') : rows),
      named: [/transfer 1002: account 4 does not exist/],
    },
    'a row comes before an older one': {
      edit: inTransfers((rows) => [...rows.slice(0, 2), rows[3]!, rows[2]!, ...rows.slice(4)]),
      named: [/transfer 1002: timestamp \d+ comes after/],
    },
  }
  for (const [fault, {edit, named}] of Object.entries(FAULTS)) {
    it(`${fault}: found, and named`, async () => {
      proxy.edit = edit
      for (const depth of ['--deep', '--replay']) {
        const {code, stderr} = await run(`audit ${depth}`)
        expect(code, depth + stderr).to.equal(6)
        for (const sentence of named) expect(stderr, depth).to.match(sentence)
      }
    })
  }

  it('a statement whose rows do not lead to the balance is not printed', async () => {
    proxy.edit = (operation, rows) =>
      operation === 'get_account_transfers' ? rows.filter(({id}) => String(id) !== '1008') : rows
    for (const format of ['table', 'csv', 'hledger', 'html']) {
      const {code, stdout, stderr} = await run(`statement 1 --format ${format}`)
      expect([code, stdout], stderr).to.deep.equal([6, ''])
      expect(stderr).to.match(/do not lead to its balance: they make debits of \d+/)
    }
  })

  it('--at is about the books of then, and seals them as they were', async () => {
    const rows = await ledger.operate('query_transfers', {limit: 100})
    const at = String(rows[19]!.timestamp)
    const {json, stderr, code} = await run(`audit --at ${at} --seal then.json --json`)
    expect(code, stderr).to.equal(0)
    expect(json()).to.include({depth: 'deep', transfers: 20, accounts: 4})
    expect(JSON.parse(readFileSync(`${home.path}/then.json`, 'utf8'))).to.include({transfers: 20, until: at})
    expect((await run('audit --against then.json')).code).to.equal(0)
    expect((await run(`audit --replay --at ${at} --json`)).json()).to.include({depth: 'replay', transfers: 20})
    proxy.edit = inTransfers((all) => all.map((row) => (row === all[7] ? {...row, amount: '1'} : row)))
    const changed = await run('audit --against then.json')
    expect(changed.stderr).to.match(/the first difference is transfer 8 in the order of creation/)
  })

  it('while others write, an audit is about a moment and finds nothing wrong', async () => {
    let writing = true
    let written = 0
    const writers = Promise.all(
      [1, 2, 3, 4].map(async (account) => {
        while (writing) {
          const batch = [
            transfer(account, 1 + (account % 4), 1),
            {...transfer(account, 1 + (account % 4), 2), flags: 2},
          ]
          await ledger.operate('create_transfers', batch)
          written += 2
        }
      }),
    )
    try {
      for (let round = 0; round < 6; round++) {
        const {code, stderr} = await run(`audit ${round % 3 === 0 ? '--replay' : '--deep'}`)
        expect(code, stderr).to.equal(0)
      }
    } finally {
      writing = false
      await writers
    }
    expect(written).to.be.greaterThan(20)
  })
})
