import type {Chart} from '@parix/books/chart'
import type {Table} from '@parix/kit/output'
import {TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {type ReportKind, runReport} from '../../src/books/report-command.js'
import {type MemoryBooks, memoryBooks, SECOND, START} from '../support/memory-books.js'
import {someSteps, withRandomBooks} from '../support/random-books.js'
import {refusalOf, textOf} from '../support/refusal.js'
import {testTerminal} from '../support/terminal.js'
import {chartOf, TYPED_CHART, TYPED_CHART_TEXT, typedBooks} from '../support/typed-chart.js'

const MAX = 2n ** 128n - 1n
const {terminal} = testTerminal()

interface Flags {
  from?: string
  to?: string
  by?: string
  tz?: string
}

function report(books: MemoryBooks, kind: ReportKind, flags: Flags = {}, chart: Chart | null = TYPED_CHART) {
  const all = {tz: 'UTC', by: 'account', ...flags}
  const {api, database, clock} = books
  return runReport({kind, api, database, terminal, flags: all, chart: chart ?? undefined, now: clock.now})
}

// biome-ignore lint/suspicious/noExplicitAny: reports of four shapes
type Ledger = any

const ledgers = async (...call: Parameters<typeof report>): Promise<Ledger[]> => (await report(...call)).result.ledgers
const rowsOf = (view: unknown) => (view as Table).rows

describe('a report', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await typedBooks()
    // And rent of 120.00.
    await books.pay(5n, 1n, 12_000n, {code: 2})
  })
  afterEach(() => books.close())

  describe('trial-balance', () => {
    it('has debits and credits of every account, also of those without transfers, ledger by ledger', async () => {
      const all = await ledgers(books, 'trial-balance')
      expect(all.map(({name, balanced}) => [name, balanced])).to.deep.equal([
        ['WEI', true],
        ['JPY', true],
        ['USD', true],
      ])
      expect(all[2]).to.include({ledger: 700, debits: '192000', credits: '192000'})
      expect(all[2].rows).to.deep.equal([
        {key: 'bank/usd', debits: '150000', credits: '12000', net: '138000', accounts: 1},
        {key: 'shop/sales', debits: '0', credits: '30000', net: '-30000', accounts: 1},
        {key: 'shop/rent', debits: '12000', credits: '0', net: '12000', accounts: 1},
        {key: 'owner', debits: '0', credits: '100000', net: '-100000', accounts: 1},
        {key: 'customer/1', debits: '30000', credits: '50000', net: '-20000', accounts: 1},
        {key: 'customer/2', debits: '0', credits: '0', net: '0', accounts: 1},
      ])
    })

    it('is grouped by account, code, ledger, or the first parts of names', async () => {
      const keys = async (by: string) =>
        (await ledgers(books, 'trial-balance', {by}))[2].rows.map(({key}: {key: string}) => key)
      expect(await keys('code')).to.deep.equal(['bank', 'sales', 'rent', 'capital', 'customer'])
      expect(await keys('ledger')).to.deep.equal(['USD'])
      expect(await keys('prefix:1')).to.deep.equal(['bank', 'shop', 'owner', 'customer'])
      expect(await keys('prefix:2')).to.include('shop/sales')
      const [, , usd] = await ledgers(books, 'trial-balance', {by: 'code'})
      expect(usd.rows.at(-1)).to.include({accounts: 2, debits: '30000', credits: '50000'})
    })

    it('cannot be grouped by anything else, which is reported in short', async () => {
      for (const by of ['prefix:0', 'prefix:100', 'prefix:', 'prefix:1x', 'Account', '', `x${'y'.repeat(500)}`]) {
        const error = await refusalOf(() => report(books, 'trial-balance', {by}))
        expect(error, by).to.include({kind: 'USAGE', exitCode: 2})
        expect(error.message.length).to.be.below(130)
      }
      expect(books.seen, 'and nothing is read').to.deep.equal([])
    })

    it('shows money of each ledger, and a balance on one side only', async () => {
      const {view, notices} = await report(books, 'trial-balance')
      expect(notices).to.deep.equal(['Every ledger is balanced.'])
      const rows = rowsOf(view)
      expect(rows).to.deep.include(['USD', 'bank/usd', 1, '1500.00', '120.00', '1380.00', ''])
      expect(rows).to.deep.include(['USD', 'shop/sales', 1, '0.00', '300.00', '', '300.00'])
      expect(rows.at(-1)).to.deep.equal(['USD', 'total', 6, '1920.00', '1920.00', '', ''])
    })

    it('of all 128 bits, in 38 decimal places and in none, is exact', async () => {
      await books.transfers({id: 90n, debit_account_id: 3n, credit_account_id: 8n, amount: MAX, ledger: 38})
      await books.transfers({id: 91n, debit_account_id: 2n, credit_account_id: 7n, amount: MAX, ledger: 392})
      const rows = rowsOf((await report(books, 'trial-balance')).view)
      expect(rows).to.deep.include([
        'WEI',
        'bank/wei',
        1,
        '3.40282366920938463463374607431768211455',
        `0.${'0'.repeat(38)}`,
        '3.40282366920938463463374607431768211455',
        '',
      ])
      expect(rows).to.deep.include(['JPY', 'total', 2, String(MAX), String(MAX), '', ''])
    })

    it('is of the whole past as the accounts have it, without reading a transfer', async () => {
      books.seen.length = 0
      await report(books, 'trial-balance')
      const asked = books.seen.map(({operation, body: {limit}}) => [operation, limit])
      expect(asked).to.deep.equal([
        ['query_transfers', 1],
        ['query_accounts', 8189],
      ])
    })

    it('is read again where others write while its accounts are read page by page, and never called unbalanced for that', async () => {
      let writes = 1
      let pages = 0
      books.before = async ({operation, body}) => {
        if (operation === 'query_accounts' && body.limit > 5) return 413
        if (operation === 'query_accounts' && pages++ % 3 === 1 && writes-- > 0) await books.pay(1n, 1002n, 3n)
        return undefined
      }
      const usd = (await ledgers(books, 'trial-balance'))[2]
      expect([usd.debits, writes < 1]).to.deep.equal(['192003', true])
      writes = 99
      const error = await refusalOf(() => report(books, 'trial-balance'))
      expect(error).to.include({kind: 'UNAVAILABLE', code: 'busy_ledger'})
      expect(error.message).to.contain('--to with a moment of the past')
    })

    it('of a period adds up what moved in it: not holds, not voids, and of a post what was posted', async () => {
      const hold = await books.pay(1n, 6n, 700n, {flags: TransferFlags.pending})
      const other = await books.pay(1n, 6n, 900n, {flags: TransferFlags.pending})
      const from = String(hold.timestamp)
      await books.transfers({id: 80n, pending_id: hold.id, amount: 300n, flags: TransferFlags.post_pending_transfer})
      await books.transfers({id: 81n, pending_id: other.id, flags: TransferFlags.void_pending_transfer})
      const usd = (await ledgers(books, 'trial-balance', {from}))[2]
      expect(usd).to.include({debits: '300', credits: '300'})
      expect(usd.rows[0]).to.include({key: 'bank/usd', debits: '300', credits: '0'})
    })

    it('of a period has its first moment and its last, and none beside them', async () => {
      const made = [await books.pay(1n, 6n, 1n), await books.pay(1n, 6n, 20n), await books.pay(1n, 6n, 300n)]
      books.clock.now += SECOND
      const debits = async (from: bigint, to: bigint) =>
        (await ledgers(books, 'trial-balance', {from: String(from), to: String(to)}))[2].debits
      const [, {timestamp: at}] = made as [unknown, {timestamp: bigint}]
      expect(await debits(at, at)).to.equal('20')
      expect(await debits(at - 1n, at + 1n)).to.equal('20')
      expect(await debits(at + 1n, at + SECOND)).to.equal('300')
      expect(await debits(at + 1n, at + SECOND - 1n)).to.equal('0')
    })

    it('of books that are not balanced is refused, with both sums', async () => {
      books.edit = (operation, rows) =>
        operation === 'query_accounts'
          ? rows.map((row) => (String(row.id) === '6' ? {...row, credits_posted: '99999'} : row))
          : rows
      const error = await refusalOf(() => report(books, 'trial-balance'))
      expect(error).to.include({kind: 'REFUSED', exitCode: 6, code: 'not_balanced'})
      expect(textOf(error)).to.contain('ledger USD: debits of 192000, credits of 191999')
    })

    it('without a chart has ids, codes and integers; of a database without accounts it says so', async () => {
      const {view, result} = await report(books, 'trial-balance', {by: 'code'}, null)
      expect(rowsOf(view)).to.deep.include(['700', '10', 1, '150000', '12000', '138000', ''])
      expect(result.ledgers).to.have.length(3)
      const empty = await memoryBooks()
      const none = await report(empty, 'trial-balance')
      expect([none.result.ledgers, none.notices]).to.deep.equal([[], []])
      expect(none.view).to.include({whenEmpty: 'The database has no accounts.'})
      await empty.close()
    })
  })

  describe('balance-sheet', () => {
    it('has every balance on the side that is normal for its type, and the result of income less expenses', async () => {
      const usd = (await ledgers(books, 'balance-sheet', {by: 'code'}))[2]
      expect(usd).to.deep.include({
        name: 'USD',
        assets: [{key: 'bank', balance: '138000'}],
        liabilities: [{key: 'customer', balance: '20000'}],
        equity: [{key: 'capital', balance: '100000'}],
        result: '18000',
        holds: true,
      })
      const {view} = await report(books, 'balance-sheet', {by: 'code'})
      expect(rowsOf(view).slice(-4)).to.deep.equal([
        ['USD', 'assets', 'bank', '1380.00'],
        ['USD', 'liabilities', 'customer', '200.00'],
        ['USD', 'equity', 'capital', '1000.00'],
        ['USD', 'equity', 'result (income − expenses)', '180.00'],
      ])
    })

    it('shows a loss as a negative result', async () => {
      await books.pay(5n, 1n, 20_001n)
      const {view} = await report(books, 'balance-sheet')
      expect(rowsOf(view).at(-1)).to.deep.equal(['USD', 'equity', 'result (income − expenses)', '-20.01'])
    })

    it('needs a type for every code that has a balance, and says which have none', async () => {
      const chart = chartOf(TYPED_CHART_TEXT.replace('rent: expense, ', ''))
      const error = await refusalOf(() => report(books, 'balance-sheet', {by: 'code'}, chart))
      expect(error).to.include({kind: 'REFUSED', code: 'not_balanced'})
      expect(textOf(error)).to.contain('ledger USD: the chart gives no type to rent')
      expect(error.details.hint).to.contain('under types:')
      await books.pay(1n, 5n, 12_000n)
      expect((await ledgers(books, 'balance-sheet', {by: 'code'}, chart))[2].holds, 'of 0 it needs none').to.equal(true)
    })

    it('is refused where it does not add up', async () => {
      books.edit = (operation, rows) =>
        operation === 'query_accounts'
          ? rows.map((row) => (String(row.id) === '6' ? {...row, credits_posted: '1'} : row))
          : rows
      expect(textOf(await refusalOf(() => report(books, 'balance-sheet')))).to.contain(
        'ledger USD: assets − liabilities is not equity + result',
      )
    })

    it('and an income statement need a chart, and say how to begin one', async () => {
      for (const kind of ['balance-sheet', 'income-statement'] as const)
        expect(await refusalOf(() => report(books, kind, {}, null))).to.include({kind: 'BAD_INPUT', code: 'no_chart'})
    })
  })

  describe('income-statement', () => {
    it('has income and expenses of the period alone', async () => {
      const sale = await books.pay(1001n, 4n, 5_000n)
      const of = async (flags: Flags) => (await ledgers(books, 'income-statement', flags))[2]
      expect(await of({})).to.deep.include({
        income: [{key: 'shop/sales', balance: '35000'}],
        expenses: [{key: 'shop/rent', balance: '12000'}],
        result: '23000',
      })
      expect(await of({from: String(sale.timestamp)})).to.include({result: '5000'})
      expect(await of({to: String(sale.timestamp - 1n)})).to.include({result: '18000'})
      const {view} = await report(books, 'income-statement', {from: String(sale.timestamp)})
      expect(rowsOf(view)).to.deep.include(['USD', 'income', 'shop/sales', '50.00'])
      expect(rowsOf(view).at(-1)).to.deep.equal(['USD', 'result', '', '50.00'])
    })
  })

  describe('flows', () => {
    it('has what moved between two codes, in the order of ledgers and codes', async () => {
      await books.transfers({id: 90n, debit_account_id: 2n, credit_account_id: 7n, amount: 5n, ledger: 392})
      await books.pay(1002n, 4n, 0n)
      const list = await ledgers(books, 'flows')
      expect(
        list.map(({ledger, debitCode, creditCode, transfers, amount}) => [
          ledger,
          debitCode,
          creditCode,
          transfers,
          amount,
        ]),
      ).to.deep.equal([
        [392, 10, 50, 1, '5'],
        [700, 10, 20, 1, '50000'],
        [700, 10, 50, 1, '100000'],
        [700, 20, 30, 1, '30000'],
        [700, 40, 10, 1, '12000'],
      ])
      const {view} = await report(books, 'flows')
      expect(rowsOf(view)[1]).to.deep.equal(['USD', 'bank', 'customer', 1, '500.00'])
      expect(rowsOf((await report(books, 'flows', {}, null)).view)[1]).to.deep.equal([700, 10, 20, 1, '50000'])
    })

    it('says where nothing moved', async () => {
      const {view} = await report(books, 'flows', {to: '2020-01-01'})
      expect(view).to.deep.include({rows: [], whenEmpty: 'Nothing moved in this period.'})
    })
  })

  it('says of which period it is, to the nanosecond', async () => {
    const {result} = await report(books, 'flows', {from: '2023-10-01', to: '2023-10-01', tz: 'Asia/Tokyo'})
    expect(result).to.deep.include({
      report: 'flows',
      database: {id: books.database.id, name: 'books'},
      from: '2023-09-30T15:00:00.000000000Z',
      to: '2023-10-01T15:00:00.000000000Z',
    })
  })
})

describe('the reports of any ledger', () => {
  it('are up to its newest transfer where its clock is ahead of this one, or two came at one moment', async () => {
    const books = await memoryBooks({id: 1n}, {id: 2n})
    try {
      await books.pay(1n, 2n, 5n, {flags: TransferFlags.pending, timeout: 1})
      await books.pay(1n, 2n, 7n)
      for (const kind of ['trial-balance', 'flows'] as const) {
        const call = {kind, api: books.api, database: books.database, terminal, chart: undefined}
        const flags = {tz: 'UTC', by: 'account', from: '1'}
        for (const now of [books.clock.now, books.clock.now - 60n * SECOND]) {
          const {result} = await runReport({...call, flags, now})
          expect(JSON.stringify(result), kind).to.match(/"(debits|amount)":"7"/)
        }
      }
    } finally {
      await books.close()
    }
  })

  it('are balanced, and from the first transfer on they are what the accounts have', () =>
    fc.assert(
      fc.asyncProperty(someSteps, fc.nat({max: 60}), async (steps, seconds) => {
        await withRandomBooks(steps, async (books) => {
          const present = (await ledgers(books, 'trial-balance', {}, null))[0]
          expect(present.debits).to.equal(present.credits)
          const columns = await books.columns()
          expect(present.rows).to.deep.equal(
            Object.entries(columns).map(([key, [debits, credits]]) => ({
              ...{key, debits: String(debits), credits: String(credits)},
              ...{net: String(debits! - credits!), accounts: 1},
            })),
          )
          const added = (await ledgers(books, 'trial-balance', {from: '1'}, null))[0]
          expect(added, 'added up from transfers').to.deep.equal(present)
          // What moved before a moment and from it on is what moved.
          const cut = START + BigInt(seconds) * SECOND
          const sums = async (flags: Flags) => BigInt((await ledgers(books, 'trial-balance', flags, null))[0].debits)
          const parts = [await sums({to: String(cut)}), await sums({from: String(cut + 1n)})]
          expect(parts[0]! + parts[1]!).to.equal(BigInt(present.debits))
          const flows = await ledgers(books, 'flows', {}, null)
          expect(flows.reduce((sum, {amount}) => sum + BigInt(amount), 0n)).to.equal(BigInt(present.debits))
        })
      }),
      {numRuns: 10},
    ))
})
