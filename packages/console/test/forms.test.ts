import type {ConsoleDatabase} from '@parix/console'
import {type Ledger, openMemoryLedger} from '@parix/ledger'
import {expect} from 'chai'
import {account, sampleChart, transfer} from './support/sample-books.js'
import {consoleOf} from './support/visit.js'
import {writerOf} from './support/writer.js'

const ORIGIN = 'http://127.0.0.1:1'

describe('the forms of the console', () => {
  let ledger: Ledger
  let app: ReturnType<typeof consoleOf>
  const trials = {copies: 0}
  beforeEach(async () => {
    ledger = await openMemoryLedger()
    await ledger.createAccounts([account({id: 1n}), account({id: 1000n, code: 30, flags: 2})])
    await ledger.createTransfers([transfer({id: 50n, debit_account_id: 1n, credit_account_id: 1000n, amount: 10_000n})])
    const database: ConsoleDatabase = {
      id: 'db_1',
      name: 'shop',
      reader: ledger,
      chart: sampleChart(),
      writer: writerOf(ledger, trials),
    }
    app = consoleOf([database])
  })
  afterEach(() => ledger.close())

  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {origin: ORIGIN}) =>
    app.request(`${ORIGIN}/console/shop${path}`, {
      method: 'POST',
      headers: {'content-type': 'application/x-www-form-urlencoded', ...headers},
      body: new URLSearchParams(fields).toString(),
    })
  const PAYMENT = {id: '77', debit: '@customer/0', credit: '@bank/usd', amount: '30.00', code: 'purchase'}
  const stored = async (id: bigint) => (await ledger.lookupTransfers([id]))[0]

  it('has an id in the form before it is sent, a new one each time', async () => {
    const idIn = async () =>
      /name="id" value="(\d+)"/.exec(await (await app.request(`${ORIGIN}/console/shop/transfers/new`)).text())![1]!
    const [first, second] = [await idIn(), await idIn()]
    expect(BigInt(second) > BigInt(first)).to.equal(true)
  })

  it('tries a transfer on a copy first: both balances before and after, and nothing is created', async () => {
    const before = trials.copies
    const response = await post('/transfers/new', {...PAYMENT, step: 'preview'})
    const text = (await response.text()).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
    expect(response.status).to.equal(200)
    expect(text).to.contain('@customer/0 100.00 70.00 ( -30.00 )').and.contain('@bank/usd 100.00 70.00')
    expect(trials.copies).to.equal(before + 1)
    expect(await stored(77n)).to.equal(undefined)
  })

  it('creates it once, however often the button is pressed', async () => {
    for (let presses = 0; presses < 3; presses++) {
      const response = await post('/transfers/new', {...PAYMENT, step: 'create'})
      expect([response.status, response.headers.get('location')]).to.deep.equal([303, '/console/shop/transfers/77'])
    }
    const [customer] = await ledger.lookupAccounts([1000n])
    expect(customer!.debits_posted).to.equal(3_000n)
  })

  it('creates what the preview has shown: where the form means something else by now, that is shown first', async () => {
    const preview = await (await post('/transfers/new', {...PAYMENT, step: 'preview'})).text()
    const tried = /name="tried" value="([^"]+)"/.exec(preview)![1]!
    // As with another chart, in which the same text is another amount.
    const changed = await post('/transfers/new', {...PAYMENT, amount: '0.30', tried, step: 'create'})
    expect(changed.status).to.equal(200)
    expect(await changed.text())
      .to.contain('Create this transfer?')
      .and.not.contain(tried)
    expect(await stored(77n)).to.equal(undefined)
    expect((await post('/transfers/new', {...PAYMENT, tried, step: 'create'})).status).to.equal(303)
    expect((await stored(77n))!.amount).to.equal(3_000n)
  })

  it('says before and after why a transfer is refused, and what to do', async () => {
    const preview = await post('/transfers/new', {...PAYMENT, amount: '500.00', step: 'preview'})
    expect(await preview.text())
      .to.contain('exceeds_credits')
      .and.contain('disabled')
      .and.contain('parix tb explain exceeds_credits')
    const sent = await post('/transfers/new', {...PAYMENT, amount: '500.00', step: 'create'})
    expect(sent.status).to.equal(409)
    const text = await sent.text()
    expect(text).to.contain('The transfer was refused').and.contain('Its id is used up')
    expect(/name="id" value="(\d+)"/.exec(text)![1]).to.not.equal('77')
    expect(text).to.contain('value="500.00"')
  })

  it('keeps what was typed where it can not be read, and creates nothing', async () => {
    for (const wrong of [
      {amount: '30'},
      {amount: '30.001'},
      {amount: ''},
      {debit: '@nobody'},
      {debit: ''},
      {code: ''},
      {code: 'nothing'},
      {id: ''},
      {timeout: '5'},
      {debit: '999'},
    ]) {
      const response = await post('/transfers/new', {...PAYMENT, ...wrong, step: 'create'})
      expect(response.status, JSON.stringify(wrong)).to.equal(400)
      const text = await response.text()
      expect(text)
        .to.contain('role="alert"')
        .and.contain(`value="${'credit' in wrong ? '' : '@bank/usd'}"`)
    }
    expect(await stored(77n)).to.equal(undefined)
  })

  it('holds an amount, posts a part of it and voids another, each tried first', async () => {
    for (const id of ['77', '78']) {
      const held = await post('/transfers/new', {...PAYMENT, id, pending: 'yes', timeout: '60', step: 'create'})
      expect(held.status).to.equal(303)
    }
    const preview = await post('/transfers/77/end', {id: '80', end: 'post', amount: '10.00', step: 'preview'})
    expect(await preview.text()).to.contain('Post this hold?')
    expect((await post('/transfers/77/end', {id: '80', end: 'post', amount: '10.00', step: 'create'})).status).to.equal(
      303,
    )
    expect((await post('/transfers/78/end', {id: '81', end: 'void', step: 'create'})).status).to.equal(303)
    expect(await stored(80n)).to.include({pending_id: 77n, amount: 1_000n, flags: 4})
    expect(await stored(81n)).to.include({pending_id: 78n, flags: 8})
    const again = await post('/transfers/77/end', {id: '82', end: 'void', step: 'create'})
    expect(again.status).to.equal(409)
    expect(await again.text()).to.contain('pending_transfer_already_posted')
    expect((await post('/transfers/50/end', {id: '83', end: 'void', step: 'create'})).status).to.equal(404)
  })

  it('creates an account by its name in the chart, or by its fields', async () => {
    expect((await post('/accounts/new', {name: '@customer/9', id: '5', step: 'preview'})).status).to.equal(200)
    const named = await post('/accounts/new', {name: '@customer/9', id: '5', step: 'create'})
    expect(named.headers.get('location')).to.equal('/console/shop/accounts/1009')
    const plain = await post('/accounts/new', {ledger: 'JPY', code: 'cash', id: '600', flag: 'history', step: 'create'})
    expect(plain.headers.get('location')).to.equal('/console/shop/accounts/600')
    const [first, second] = await ledger.lookupAccounts([1009n, 600n])
    expect(first).to.include({ledger: 840, code: 30, flags: 10})
    expect(second).to.include({ledger: 392, code: 10, flags: 8})
    const taken = await post('/accounts/new', {ledger: 'USD', code: 'cash', id: '600', step: 'create'})
    expect(taken.status).to.equal(409)
    expect(await taken.text()).to.contain('exists_with_different_')
  })

  it('takes no form from another origin, none that is too large, and none where the console only shows', async () => {
    const cases: Record<string, string>[] = [
      {},
      {origin: 'http://evil.example'},
      {origin: 'null'},
      {origin: 'http://127.0.0.1:2'},
      {origin: ORIGIN, 'sec-fetch-site': 'same-site'},
    ]
    for (const headers of cases) {
      const response = await post('/transfers/new', {...PAYMENT, step: 'create'}, headers)
      expect(response.status, JSON.stringify(headers)).to.equal(403)
    }
    expect((await post('/transfers/new', {...PAYMENT, debit: 'x'.repeat(70_000), step: 'create'})).status).to.equal(413)
    expect(await stored(77n)).to.equal(undefined)
    const shown = consoleOf([{id: 'db_1', name: 'shop', reader: ledger, chart: undefined}])
    for (const path of ['accounts/new', 'transfers/new', 'transfers/50/end'])
      expect((await shown.request(`${ORIGIN}/console/shop/${path}`)).status, path).to.equal(404)
    expect(await (await shown.request(`${ORIGIN}/console/shop/transfers`)).text()).to.not.contain('New transfer')
  })
})
