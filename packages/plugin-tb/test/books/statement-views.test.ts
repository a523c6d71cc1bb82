import {reversalId} from '@parix/books/corrections'
import type {Table} from '@parix/kit/output'
import {TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import {type StatementCall, showStatement, TEXT_FORMATS} from '../../src/books/statement-views.js'
import {type MemoryBooks, SECOND, START} from '../support/memory-books.js'
import {refusalOf} from '../support/refusal.js'
import {TYPED_CHART, typedBooks} from '../support/typed-chart.js'

describe('a statement, as it is shown', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    // Of the bank: 1,000.00 from the owner at 2 s, 500.00 from customer 1 at 3 s.
    books = await typedBooks()
  })
  afterEach(() => books.close())

  const show = (call: Partial<Omit<StatementCall, 'flags'>> & {flags?: Partial<StatementCall['flags']>} = {}) =>
    showStatement({
      ...{api: books.api, database: books.database, account: '@bank/usd', text: undefined, chart: TYPED_CHART},
      ...{now: books.clock.now, ...call},
      flags: {tz: 'UTC', holds: 'fold', by: 'recorded', ...call.flags},
    })
  const rowsOf = ({view}: Awaited<ReturnType<typeof show>>) => (view as Table).rows

  it('has integers in the result, and money and names beside them where there is a chart', async () => {
    const {result} = await show()
    expect(result).to.deep.include({
      ...{account: '1', account_name: 'bank/usd', side: 'debit', opening: '0', closing: '150000', folded: 0, open: []},
      ...{from: '1970-01-01T00:00:00.000000000Z', readAt: '2023-11-02T00:00:04.000000000Z'},
    })
    expect(result.rows[0]).to.deep.equal({
      ...{timestamp: String(START + 2n * SECOND), time: '2023-11-02T00:00:02.000000000Z', id: '1000', code: 1},
      ...{counterpart: '6', counterpart_name: 'owner', debit: '100000', credit: '0', state: 'posted'},
      ...{balance: '100000', balanceText: '1000.00'},
    })
    const plain = await show({chart: undefined, account: '1'})
    expect(plain.result).not.to.have.property('account_name')
    expect(plain.result.rows[0]).not.to.have.any.keys('balanceText', 'counterpart_name')
  })

  it('begins with the opening balance and ends with the closing one, each with its day', async () => {
    const rows = rowsOf(await show({flags: {from: '2023-11-02T00:00:03Z'}}))
    expect(rows.map(([time, what, , debit, credit, balance]) => [time, what, debit, credit, balance])).to.deep.equal([
      ['2023-11-02', 'opening balance', '', '', '1000.00'],
      ['2023-11-02 00:00:03', '@customer/1', '500.00', '', '1500.00'],
      ['2023-11-02', 'closing balance', '', '', '1500.00'],
    ])
    const day = rowsOf(
      await show({flags: {from: '2023-11-02', to: '2023-11-02'}, now: books.clock.now + 86_400n * SECOND}),
    )
    expect([day[0]![0], day.at(-1)![0]], 'a day ends on that day').to.deep.equal(['2023-11-02', '2023-11-02'])
    expect(rowsOf(await show())[0]![0], 'from the beginning there is no day').to.equal('')
  })

  it('shows times and days in the time zone, and the names of codes', async () => {
    const rows = rowsOf(await show({flags: {tz: 'Asia/Tokyo'}}))
    expect([rows[1]![0], rows.at(-1)![0]]).to.deep.equal(['2023-11-02 09:00:02', '2023-11-02'])
    expect(rows[1]![2]).to.equal('deposit')
    expect(rowsOf(await show({chart: undefined, account: '1'}))[1]![2]).to.equal(1)
  })

  it('names the currency of the balance in its column, or the number of the ledger', async () => {
    const column = async (chart: typeof TYPED_CHART | undefined) => {
      const {view} = await show({chart, account: '1'})
      return (view as Table).columns.map((one) => (typeof one === 'string' ? one : one.name)).at(-2)
    }
    expect([await column(TYPED_CHART), await column(undefined)]).to.deep.equal(['BALANCE (USD)', 'BALANCE (L700)'])
  })

  it('has the balance on the side that is normal for the type of the account', async () => {
    const closing = async (account: string) => (await show({account})).result
    expect(await closing('@customer/1')).to.include({side: 'credit', closing: '20000'})
    expect(await closing('@shop/sales')).to.include({side: 'credit', closing: '30000'})
    expect(await closing('@owner')).to.include({side: 'credit', closing: '100000'})
    expect(await closing('@shop/rent')).to.include({side: 'debit', closing: '0'})
    await books.pay(1001n, 4n, 1n)
    await books.pay(4n, 1001n, 30_100n)
    expect(await closing('@shop/sales'), 'below zero').to.include({closing: '-99'})
  })

  it('says in a note what became of a hold, and by what a row was reversed', async () => {
    const hold = await books.pay(1n, 4n, 10_000n, {flags: TransferFlags.pending})
    await books.transfers({id: 71n, pending_id: hold.id, amount: 6_000n, flags: TransferFlags.post_pending_transfer})
    const lapsed = await books.pay(1n, 4n, 700n, {flags: TransferFlags.pending, timeout: 1})
    books.clock.now += 5n * SECOND
    await books.pay(4n, 1n, 6_000n, {id: reversalId(71n, 0)})
    await books.pay(1n, 4n, 900n, {flags: TransferFlags.pending})
    const shown = await show()
    const notes = new Map(rowsOf(shown).map((row) => [row[3], row[6]]))
    expect(notes.get('60.00')).to.match(/^held 2023-11-02, posted 60\.00 of 100\.00.*; reversed by \d+$/)
    const {rows, open} = shown.result
    expect(rows.find(({id}) => id === '71')).to.deep.include({
      ...{state: 'hold_posted', heldAmount: '10000', heldSince: '2023-11-02T00:00:05.000000000Z'},
      reversedBy: String(reversalId(71n, 0)),
    })
    expect(rows.find(({id}) => id === String(lapsed.id))).to.include({state: 'lapsed', debit: '0'})
    expect(open).to.have.length(1)
    expect(rowsOf(shown), 'with the open hold between the rows and the closing balance').to.have.length(rows.length + 3)
  })

  it('says how many transfers were added up, and why', async () => {
    const from = '2023-11-02T00:00:04Z'
    expect((await show({flags: {from}})).notices).to.deep.equal([])
    expect((await show({account: '@customer/1', flags: {from}})).notices).to.deep.equal([
      'The account has no history of balances: 1 other transfers were added up.',
    ])
    const by = await show({flags: {by: 'occurred', from}})
    expect(by.notices).to.deep.equal(['Ordered by when things happened: 2 other transfers were added up.'])
    expect(by.result).to.include({opening: '150000', closing: '150000'})
  })

  it('has when things happened in its rows, where it is ordered by that', async () => {
    await books.pay(1n, 4n, 5n, {user_data_64: START - 86_400n * SECOND})
    const {result} = await show({flags: {by: 'occurred'}})
    expect(result.rows.map(({id, occurred}) => [id, occurred])[0]).to.deep.equal([
      '1003',
      '2023-11-01T00:00:00.000000000Z',
    ])
    expect((await show()).result.rows[0]).not.to.have.property('occurred')
  })

  it('has a text of its own in four forms, each of which has every row', async () => {
    for (const text of TEXT_FORMATS) {
      const shown = await show({text})
      expect(shown.text, text)
        .to.match(/1,?000\.00/)
        .and.match(/500\.00/)
      expect(shown.summary).to.equal('2 rows, closing balance 1500.00 USD')
    }
    expect((await show()).text).to.equal(undefined)
  })

  it('a database whose name has a line end begins no entry of a journal with it', async () => {
    const name = 'books\n2023-01-01 * "forged"\n  assets  1 USD\u001b[2J'
    for (const text of ['hledger', 'beancount', 'html'] as const) {
      const shown = await show({text, database: {...books.database, name}})
      expect(shown.text, text).not.to.match(/^2023-01-01/m)
      expect(shown.text).not.to.contain('\u001b')
    }
  })

  it('is refused for a period, a zone or an account that is not valid, before anything is read', async () => {
    for (const flags of [{from: '2023-11-03', to: '2023-11-02'}, {tz: 'Nowhere'}, {from: 'x'}])
      expect(await refusalOf(() => show({flags})), JSON.stringify(flags)).to.include({kind: 'BAD_INPUT'})
    expect(await refusalOf(() => show({account: '@nobody'}))).to.include({kind: 'BAD_INPUT'})
    expect(books.seen).to.deep.equal([])
    expect(await refusalOf(() => show({account: '77'}))).to.include({kind: 'NOT_FOUND'})
  })
})
