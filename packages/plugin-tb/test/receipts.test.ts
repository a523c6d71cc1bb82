import {readdirSync} from 'node:fs'
import {makeHome, parix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from './support/local-ledger.js'
import {type LossyProxy, startLossyProxy} from './support/lossy-proxy.js'
import {tb} from './support/tb.js'

describe('receipts', function () {
  this.timeout(60_000)
  let ledger: LocalLedger
  let proxy: LossyProxy
  let home: TestHome
  before(async () => {
    ledger = await startLocalLedger()
    proxy = await startLossyProxy(ledger.port)
    await ledger.operate('create_accounts', [
      {id: 1, ledger: 1, code: 1},
      {id: 2, ledger: 1, code: 1, flags: 2},
    ])
    await ledger.operate('create_transfers', [
      {id: 9, debit_account_id: 1, credit_account_id: 2, amount: 100, ledger: 1, code: 1},
    ])
  })
  after(async () => {
    await proxy.stop()
    await ledger.stop()
  })
  beforeEach(() => {
    home = makeHome()
    proxy.choose = () => 'pass'
  })
  afterEach(() => home.remove())

  const run = (words: string, more: Record<string, string> = {}, stdin?: string, stdout?: 'ENOSPC') =>
    tb(`${words} --json`, {
      home,
      env: {
        PARIX_API_KEY: ledger.apiKey,
        PARIX_BASE_URL: proxy.baseUrl,
        PARIX_DATABASE: 'books',
        PARIX_RETRY_DELAY: '1ms',
        ...more,
      },
      ...(stdin !== undefined && {stdin}),
      ...(stdout !== undefined && {stdout}),
    })
  const transfer = (id: number, more = '') =>
    `create-transfers --from 1 --to 2 --amount 5 --ledger 1 --code 1 --id ${id} ${more}`

  it('has the rows as the ledger has them, and verify finds them unchanged', async () => {
    const paid = await run(transfer(101, '--receipt r.json'))
    expect(paid.code, paid.stdout).to.equal(0)
    const receipt = JSON.parse(home.read('r.json'))
    const [row] = await ledger.operate('lookup_transfers', ['101'])
    expect(receipt).to.deep.include({
      format: 'parix-receipt/1',
      operation: 'create_transfers',
      database: {id: ledger.database, name: 'books'},
      refused: [],
    })
    expect(receipt.rows).to.deep.equal([row])
    const verified = await run('verify r.json')
    expect(verified.code, verified.stdout).to.equal(0)
    expect(verified.json()).to.deep.include({rows: 1, differences: []})
    expect(readdirSync(home.path).filter((name) => name.endsWith('.tmp'))).to.deep.equal([])
  })

  it('what a balancing transfer moved is what the receipt says, and a chain has one receipt', async () => {
    expect((await run('entry --debit 1=7 --credit 2=7 --code 1 --receipt entry.json')).code).to.equal(0)
    const sweep = await run('sweep --from 2 --to 1 --amount max --code 1 --receipt sweep.json')
    expect(sweep.code, sweep.stdout).to.equal(0)
    const [row] = JSON.parse(home.read('sweep.json')).rows
    expect(row.amount).to.equal(sweep.json().responsePayload[0].amount)
    for (const name of ['entry.json', 'sweep.json']) expect((await run(`verify ${name}`)).code).to.equal(0)
  })

  it('each field that differs is named, as is a row that is missing and a refused one that is there; exit code 6', async () => {
    const lines = [111, 112].map((id) => JSON.stringify({id, from: 1, to: 2, amount: 3, ledger: 1, code: 1}))
    expect((await run('create-transfers --file - --receipt two.json', {}, lines.join('\n'))).code).to.equal(0)
    const receipt = JSON.parse(home.read('two.json'))
    receipt.rows[0].amount = '4'
    receipt.rows[0].timestamp = '17'
    receipt.rows[1].id = '113'
    receipt.refused = [{id: '112', result: 'exceeds_credits'}]
    home.write('other.json', JSON.stringify(receipt))
    const {code, json} = await run('verify other.json')
    expect(code).to.equal(6)
    const {error} = json()
    expect(error.code).to.equal('receipt_differs')
    expect(error.errors[0]).to.equal('id 111: amount is 3 in the ledger, 4 in the receipt')
    expect(error.errors[1]).to.match(/^id 111: timestamp is \d+ in the ledger, 17 in the receipt$/)
    expect(error.errors.slice(2)).to.deep.equal([
      'id 113: not in the ledger',
      'id 112: refused: exceeds_credits by the receipt, and in the ledger',
    ])
  })

  it('accounts are compared without what changes later', async () => {
    expect((await run('create-accounts --id 121 --ledger 1 --code 1 --receipt a.json')).code).to.equal(0)
    await run('entry --debit 1=7 --credit 121=7 --code 1')
    await run('close 121 --into 1 --code 1')
    expect((await run('verify a.json')).code).to.equal(0)
  })

  it('a refused event is in the receipt as refused, and is not in the ledger', async () => {
    const lines = [131, 132].map((id, index) =>
      JSON.stringify({
        id,
        from: index === 0 ? 1 : 2,
        to: index === 0 ? 2 : 1,
        amount: index === 0 ? 1 : 10 ** 9,
        ledger: 1,
        code: 1,
      }),
    )
    expect((await run('create-transfers --file - --receipt p.json', {}, lines.join('\n'))).code).to.equal(6)
    const {rows, refused} = JSON.parse(home.read('p.json'))
    expect(rows.map(({id}: {id: string}) => id)).to.deep.equal(['131'])
    expect(refused).to.deep.equal([{id: '132', result: 'exceeds_credits'}])
    expect((await run('verify p.json')).json()).to.deep.include({rows: 1, refused: 1})
  })

  it('a file that exists, or a place that can not be written, is refused before anything is sent', async () => {
    home.write('there.json', 'mine')
    for (const [path, code] of [
      ['there.json', 'receipt_exists'],
      ['there.json/r.json', 'receipt_unwritable'],
    ] as const) {
      const {code: exit, json} = await run(transfer(141, `--receipt ${path}`))
      expect([exit, json().error.code]).to.deep.equal([2, code])
    }
    expect(await ledger.operate('lookup_transfers', ['141'])).to.deep.equal([])
    expect(home.read('there.json')).to.equal('mine')
    expect((await run('verify there.json')).json().error.code).to.equal('no_receipt')
  })

  it('a receipt that can not be made leaves the payment as it is: 75, and the same command makes it without paying again', async () => {
    let lookups = 0
    proxy.choose = (path) => (path.endsWith('lookup_transfers') && ++lookups <= 20 ? 'lose-request' : 'pass')
    const words = transfer(151, '--receipt late.json')
    const first = await run(words)
    expect([first.code, first.json().error.code]).to.deep.equal([75, 'receipt_not_written'])
    expect(await ledger.operate('lookup_transfers', ['151'])).to.have.length(1)
    proxy.choose = () => 'pass'
    const again = await run(words)
    expect(again.code, again.stdout).to.equal(0)
    expect((await run('verify late.json')).code).to.equal(0)
    expect((await run('outbox list')).json().entries).to.deep.equal([])
    expect(await ledger.operate('query_transfers', {code: 1, limit: 8189, flags: 0})).to.satisfy(
      (rows: {id: string}[]) => rows.filter(({id}) => id === '151').length === 1,
    )
  })

  it('a receipt of another service is refused, and compared with a copy where one is named', async () => {
    await run(transfer(161, '--receipt mine.json'))
    const receipt = JSON.parse(home.read('mine.json'))
    home.write('moved.json', JSON.stringify({...receipt, service: 'https://console.example'}))
    const env = {PARIX_API_KEY: ledger.apiKey, PARIX_BASE_URL: ledger.baseUrl}
    const other = await parix('tb verify moved.json --json', {home, env, cwd: home.path})
    expect([other.code, JSON.parse(other.stdout).error.code]).to.deep.equal([2, 'other_service'])
    const copy = await parix('tb verify moved.json books', {home, env, cwd: home.path})
    expect(copy.code, copy.stderr).to.equal(0)
    expect(copy.stdout).to.equal('books has the row of moved.json, unchanged.\n')
  })

  it('a damaged receipt is refused in words, and one without rows is not unchanged', async () => {
    await run(transfer(120, '--receipt whole.json'))
    const whole = JSON.parse(home.read('whole.json'))
    const damages = [
      {service: 'no address'},
      {rows: []},
      {rows: [{...whole.rows[0], id: null}]},
      {refused: [{id: 'abc', result: 'exceeds_credits'}]},
      {refused: [{id: '7', result: null}]},
    ]
    for (const damage of damages) {
      home.write('damaged.json', JSON.stringify({...whole, ...damage}))
      const checked = await run('verify damaged.json')
      expect([checked.code, JSON.parse(checked.stdout).error.code], checked.stdout).to.deep.equal([2, 'no_receipt'])
    }
  })

  it('a reversal that was made before writes no receipt, and says so', async () => {
    await run(transfer(121))
    expect((await run('reverse 121')).code).to.equal(0)
    const again = await run('reverse 121 --receipt again.json')
    expect(again.code, again.stdout).to.equal(0)
    expect(again.stderr).to.contain('No receipt is written')
    expect(readdirSync(home.path)).not.to.include('again.json')
  })

  it('a call whose outcome could not be shown finds its receipt when it is given again, and no other call does', async () => {
    const paid = await run(transfer(122, '--receipt once.json'), {}, undefined, 'ENOSPC')
    expect(paid.code, paid.stderr).to.equal(75)
    const receipt = home.read('once.json')
    const other = await run(transfer(123, '--receipt once.json'))
    expect([other.code, JSON.parse(other.stdout).error.code]).to.deep.equal([2, 'receipt_exists'])
    expect(await ledger.operate('lookup_transfers', ['123'])).to.deep.equal([])
    const again = await run(transfer(122, '--receipt once.json'))
    expect(again.code, again.stdout).to.equal(0)
    expect(home.read('once.json')).to.equal(receipt)
    expect((await run(transfer(124, '--receipt once.json'))).code).to.equal(2)
    expect(JSON.parse((await run('outbox list')).stdout).entries).to.deep.equal([])
  })
})
