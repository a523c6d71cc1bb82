import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'
import {tb} from '../support/tb.js'

describe('tb diff', function () {
  this.timeout(60_000)
  let ledger: LocalLedger
  let home: TestHome
  let copy: string

  before(async () => {
    ledger = await startLocalLedger()
    home = makeHome()
    const {database} = await ledger.call<{database: {id: string}}>('POST', '/databases', {name: 'copy'})
    copy = database.id
    for (let ready = false; !ready; ) {
      const {profile} = await ledger.call<{profile: {status: string}}>('GET', `/databases/${copy}`)
      ready = profile.status === 'READY'
    }
    for (const id of [ledger.database, copy]) {
      const order = id === copy ? [3, 2, 1] : [1, 2, 3]
      await operate(
        id,
        'create_accounts',
        order.map((account) => ({id: account, ledger: 700, code: 10, flags: 0})),
      )
      await operate(
        id,
        'create_transfers',
        order.map((number) => transfer(100 + number, 10 * number)),
      )
    }
  })
  after(async () => {
    await ledger.stop()
    home.remove()
  })

  const operate = (database: string, operation: string, body: unknown) =>
    ledger.call<{responsePayload: Record<string, string>[]}>('POST', `/databases/${database}/tb/${operation}`, body)
  const transfer = (id: number, amount: number) => ({
    id,
    debit_account_id: 1,
    credit_account_id: 2,
    amount,
    ledger: 700,
    code: 1,
  })
  const run = (words: string) =>
    tb(`diff ${words}`, {home, env: {PARIX_API_KEY: ledger.apiKey, PARIX_BASE_URL: ledger.baseUrl}})

  it('two databases with the same rows in another order are equal; timestamps differ when they count', async () => {
    const equal = await run('books copy --json')
    expect(equal.code, equal.stderr).to.equal(0)
    expect(equal.json()).to.deep.include({accounts: [3, 3], transfers: [3, 3], differencesCount: 0, differences: []})
    const {differences} = (await run('books copy --timestamps --json')).json()
    expect(new Set(differences.map(({difference}: {difference: string}) => difference))).to.deep.equal(
      new Set(['timestamp']),
    )
    expect((await run('books books')).code).to.equal(2)
    expect((await run('')).code).to.equal(2)
  })

  it('names each row that only one has, and each field that differs, with exit code 6', async () => {
    await operate(copy, 'create_transfers', [transfer(200, 5), {...transfer(201, 7), user_data_32: 9}])
    await operate(ledger.database, 'create_transfers', [transfer(201, 7), transfer(202, 5)])
    const {code, json} = await run('books copy --json')
    expect(code).to.equal(6)
    const seen = json().differences.map((row: Record<string, unknown>) => Object.values(row))
    expect(seen).to.deep.equal([
      ['transfer', '201', 'user_data_32', '0', '9'],
      ['transfer', '202', 'not in copy', null, null],
      ['transfer', '200', 'not in books', null, null],
    ])
    const {stdout} = await run('books copy')
    expect(stdout)
      .to.match(/KIND +ID +DIFFERENCE +BOOKS +COPY\n/)
      .and.match(/transfer +201 +user_data_32 +0 +9\n/)
  })

  it('two moments: what moved between them', async () => {
    const {responsePayload: rows} = await operate(ledger.database, 'query_transfers', {limit: 10})
    const at = (index: number) => String(rows[index]!.timestamp)
    const {code, json} = await run(`books --at ${at(0)} --at ${at(2)} --json`)
    expect(code).to.equal(6)
    expect(json()).to.deep.include({
      transfers: 2,
      accounts: [
        {account: '1', ledger: 700, debits: '50', credits: '0', transfers: 2},
        {account: '2', ledger: 700, debits: '0', credits: '50', transfers: 2},
      ],
    })
    const nothing = await run(`books --at ${at(4)}`)
    expect([nothing.code, nothing.stdout]).to.deep.equal([0, ''])
    expect((await run(`books --at ${at(2)} --at ${at(0)}`)).code).to.equal(2)
    expect((await run(`books copy --at ${at(2)}`)).code).to.equal(2)
  })
})
