import type {Api, ApiRequest} from '@parix/kit/api'
import type {Table} from '@parix/kit/output'
import {AccountFlags, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {diffDatabases, diffMoments} from '../../src/books/diff-command.js'
import {limitedTo, type MemoryBooks, memoryBooks, SECOND, START} from '../support/memory-books.js'
import {allTransfers, RANDOM_ACCOUNTS, type Step, someSteps, withRandomBooks} from '../support/random-books.js'
import {testTerminal} from '../support/terminal.js'
import {TYPED_ACCOUNTS, TYPED_CHART} from '../support/typed-chart.js'

const MAX = 2n ** 128n - 1n
const {terminal} = testTerminal()

describe('two databases, row by row', () => {
  let a: MemoryBooks
  let b: MemoryBooks
  beforeEach(async () => {
    a = await memoryBooks({id: 1n}, {id: 2n})
    b = await memoryBooks({id: 2n}, {id: 1n})
    Object.assign(b.database, {id: '22222222-2222-4333-8444-555555555555', name: 'copy'})
  })
  afterEach(async () => {
    await a.close()
    await b.close()
  })

  /** One service with both. */
  const api = () => {
    const request = (wanted: ApiRequest) => (String(wanted.target).includes(b.database.id) ? b : a).api.request(wanted)
    return {...a.api, request} as Api
  }
  const diff = (timestamps = false) =>
    diffDatabases({api: api(), terminal, chart: undefined}, a.database, b.database, timestamps)
  const differences = async (timestamps = false) =>
    (await diff(timestamps)).result.differences.map(({kind, id, difference, a: one, b: two}) => [
      kind,
      id,
      difference,
      one,
      two,
    ])
  const both = async (id: bigint, amount: bigint, more: [object, object] = [{}, {}]) => {
    await a.pay(1n, 2n, amount, {id, ...more[0]})
    await b.pay(1n, 2n, amount, {id, ...more[1]})
  }

  it('that have the same rows, in whatever order and at whatever time, differ in nothing', async () => {
    await a.pay(1n, 2n, 5n, {id: 1n})
    await both(2n, 7n)
    await b.pay(1n, 2n, 5n, {id: 1n})
    const {result, view, notices} = await diff()
    expect(result).to.deep.equal({
      a: {id: a.database.id, name: 'books'},
      b: {id: b.database.id, name: 'copy'},
      ...{accounts: [2, 2], transfers: [2, 2], differencesCount: 0, differences: []},
    })
    expect([view.whenEmpty, notices]).to.deep.equal(['books and copy have the same accounts and transfers.', []])
  })

  it('that are empty are equal', async () => {
    const empty = await memoryBooks()
    const {result} = await diffDatabases(
      {api: empty.api, terminal, chart: undefined},
      empty.database,
      empty.database,
      true,
    )
    expect(result).to.deep.include({accounts: [0, 0], transfers: [0, 0], differencesCount: 0})
    await empty.close()
  })

  it('every field that differs is named, with both values to the last bit, and flags by name', async () => {
    const {linked: _, ...flags} = TransferFlags
    await both(1n, 5n, [
      {code: 1, user_data_128: MAX, user_data_64: 2n ** 64n - 1n, user_data_32: 7},
      {code: 2, user_data_128: MAX - 1n, user_data_64: 0n, user_data_32: 8},
    ])
    await both(2n, 0n, [{flags: flags.pending, timeout: 60}, {flags: 0}])
    expect(await differences()).to.deep.equal([
      ['transfer', '1', 'user_data_128', String(MAX), String(MAX - 1n)],
      ['transfer', '1', 'user_data_64', String(2n ** 64n - 1n), '0'],
      ['transfer', '1', 'user_data_32', '7', '8'],
      ['transfer', '1', 'code', '1', '2'],
      ['transfer', '2', 'timeout', '60', '0'],
      ['transfer', '2', 'flags', 'pending', 'none'],
    ])
  })

  it('that one transfer is only in one of them is seen in it and in the balances of its accounts', async () => {
    await a.pay(1n, 2n, 5n, {id: 1n})
    await b.accounts({id: 3n, flags: AccountFlags.history})
    expect(await differences()).to.deep.equal([
      ['account', '1', 'debits_posted', '5', '0'],
      ['account', '2', 'credits_posted', '5', '0'],
      ['account', '3', 'not in books', null, null],
      ['transfer', '1', 'not in copy', null, null],
    ])
  })

  it('timestamps, and that a row is imported, count only where they are asked for', async () => {
    await b.accounts({id: 9n, flags: AccountFlags.imported, timestamp: b.clock.now + 5n, ledger: 1})
    a.clock.now += 900n
    await a.accounts({id: 9n, ledger: 1})
    expect(await differences()).to.deep.equal([])
    const fields = (await differences(true)).map(([, id, field]) => [id, field])
    expect(fields).to.deep.include(['9', 'timestamp']).and.deep.include(['9', 'flags'])
  })

  it('lists a thousand differences, counts all of them, and says how many are not listed', async () => {
    await a.accounts(...Array.from({length: 1100}, (_, index) => ({id: BigInt(10 + index)})))
    const {result, notices} = await diff()
    expect([result.differences.length, result.differencesCount]).to.deep.equal([1000, 1100])
    expect(notices).to.deep.equal(['100 more differences are not listed.'])
  })

  it('says which of them was written to meanwhile', async () => {
    await both(1n, 5n)
    b.before = async ({operation}) => {
      if (operation === 'lookup_transfers') await b.pay(1n, 2n, 1n)
    }
    expect((await diff()).notices).to.deep.equal([
      'copy was written to meanwhile: what is new may look like a difference.',
    ])
    a.before = async ({operation}) => {
      if (operation === 'lookup_transfers') await a.pay(1n, 2n, 1n)
    }
    expect((await diff()).notices.at(-1)).to.match(/^books and copy was written|^books and copy/)
  })

  it('shows the two databases by their names, as columns', async () => {
    await a.pay(1n, 2n, 5n, {id: 1n})
    const {columns, rows} = (await diff()).view as Table
    expect(columns.map((column) => (typeof column === 'string' ? column : column.name))).to.deep.equal([
      ...['KIND', 'ID', 'DIFFERENCE', 'BOOKS', 'COPY'],
    ])
    expect(rows[0]).to.deep.equal(['account', '1', 'debits_posted', '5', '0'])
  })

  it('looks up as many ids in a request as a page has rows', async () => {
    for (let id = 1n; id <= 5n; id++) await both(id, 1n)
    a.before = limitedTo(2)
    await diff()
    const lookUps = b.seen.filter(({operation}) => operation === 'lookup_transfers').map(({body}) => body)
    expect(lookUps).to.deep.equal([['1', '2'], ['3', '4'], ['5']])
  })
})

/** A hold of one second, and a transfer one second later. */
const EXPIRES_WITH_THE_NEXT: Step[] = [
  {kind: 'hold', from: 0, to: 0, amount: 1n, hold: 0, seconds: 21},
  {kind: 'plain', from: 0, to: 0, amount: 2n, hold: 0, seconds: 0},
]

describe('what moved between two moments', () => {
  const none = {terminal, chart: undefined}

  it('is later than the first moment, and at the second at the latest', async () => {
    const books = await memoryBooks({id: 1n}, {id: 2n}, {id: 3n})
    const made = [await books.pay(1n, 2n, 1n), await books.pay(1n, 2n, 20n), await books.pay(2n, 3n, 300n)]
    const [one, two, three] = made.map(({timestamp}) => timestamp) as [bigint, bigint, bigint]
    const moved = async (from: bigint, to: bigint) =>
      (await diffMoments({...none, api: books.api}, books.database, from, to)).result
    expect(await moved(one, three)).to.deep.equal({
      database: {id: books.database.id, name: 'books'},
      from: '2023-11-02T00:00:02.000000000Z',
      to: '2023-11-02T00:00:04.000000000Z',
      transfers: 2,
      accounts: [
        {account: '1', ledger: 700, debits: '20', credits: '0', transfers: 1},
        {account: '2', ledger: 700, debits: '300', credits: '20', transfers: 2},
        {account: '3', ledger: 700, debits: '0', credits: '300', transfers: 1},
      ],
    })
    expect((await moved(one - 1n, three - 1n)).transfers).to.equal(2)
    expect((await moved(two, three - 1n)).accounts).to.deep.equal([])
    expect((await moved(0n, one)).transfers).to.equal(1)
    await books.close()
  })

  it('has the names and the money of a chart, and holds count as transfers that moved nothing', async () => {
    const books = await memoryBooks(...TYPED_ACCOUNTS)
    await books.transfers({id: 1n, debit_account_id: 2n, credit_account_id: 7n, amount: 5n, ledger: 392})
    await books.pay(1n, 1001n, 1250n)
    await books.pay(1n, 1001n, 99n, {flags: TransferFlags.pending})
    const call = {terminal, chart: TYPED_CHART, api: books.api}
    const {result, view} = await diffMoments(call, books.database, 0n, books.clock.now)
    expect(result.transfers).to.equal(3)
    expect(
      result.accounts.map(({account_name, ledger}) => [account_name, ledger]),
      'by ledger, then by account',
    ).to.deep.equal([
      ['bank/jpy', 392],
      ['owner/jpy', 392],
      ['bank/usd', 700],
      ['customer/1', 700],
    ])
    expect((view as Table).rows.at(-1)).to.deep.equal(['@customer/1', '0.00 USD', '12.50 USD', 1])
    const nothing = await diffMoments(call, books.database, 1n, 2n)
    expect((nothing.view as Table).whenEmpty).to.equal(
      'Nothing moved in books from 1970-01-01T00:00:00.000000001Z to 1970-01-01T00:00:00.000000002Z.',
    )
    await books.close()
  })

  it('of two spans that meet is what moved in both together, and from the beginning what accounts have', () =>
    fc.assert(
      fc.asyncProperty(someSteps, fc.nat(), fc.integer({min: 1, max: 5}), async (steps, place, size) => {
        await withRandomBooks(steps, async (books) => {
          const rows = await allTransfers(books)
          const cut = rows[place % Math.max(1, rows.length)]?.timestamp ?? START
          books.before = limitedTo(size)
          // A request that releases an expired hold has a later time than its clock.
          const end = books.clock.now + SECOND
          const moved = async (from: bigint, to: bigint) => {
            const {accounts} = (await diffMoments({...none, api: books.api}, books.database, from, to)).result
            return new Map(accounts.map(({account, debits, credits}) => [account, [BigInt(debits), BigInt(credits)]]))
          }
          const [first, second, all] = [await moved(0n, cut), await moved(cut, end), await moved(0n, end)]
          const columns = await books.columns()
          for (const {id} of RANDOM_ACCOUNTS) {
            const of = (sums: Map<string, bigint[]>) => sums.get(String(id)) ?? [0n, 0n]
            expect(of(all)).to.deep.equal(columns[String(id)]!.slice(0, 2))
            expect(of(first).map((sum, index) => sum + of(second)[index]!)).to.deep.equal(of(all))
          }
        })
      }),
      {numRuns: 6, examples: [[EXPIRES_WITH_THE_NEXT, 0, 1]]},
    ))
})
