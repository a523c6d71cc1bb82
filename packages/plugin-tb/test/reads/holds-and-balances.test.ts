import {AccountFlags, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {readBalance} from '../../src/reads/balance.js'
import {addPendingStates, lookUpIds} from '../../src/reads/lookup.js'
import {whyEmpty} from '../../src/reads/paginate.js'
import {findPending, type PendingSearch} from '../../src/reads/pending.js'
import {pendingState} from '../../src/reads/pending-state.js'
import {limitedTo, type MemoryBooks, memoryBooks, SECOND} from '../support/memory-books.js'
import {allTransfers, RANDOM_ACCOUNTS, someSteps, withRandomBooks} from '../support/random-books.js'
import {refusalOf} from '../support/refusal.js'

const [PENDING, POST, VOID] = [
  TransferFlags.pending,
  TransferFlags.post_pending_transfer,
  TransferFlags.void_pending_transfer,
]
const MAX = 2n ** 128n - 1n

/** By the clock of the ledger. */
const nowMs = ({clock}: MemoryBooks) => Number(clock.now / 1_000_000n)

function pending(books: MemoryBooks, search: Partial<PendingSearch> = {}) {
  const {api, database, clock: _} = books
  return findPending({
    ...{api, databaseId: database.id, databaseName: database.name, now: nowMs(books), progress: () => {}},
    ...search,
  })
}

describe('balances and holds of any history', () => {
  const forAny = (runs: number, work: (books: MemoryBooks) => Promise<void>) =>
    fc.assert(
      fc.asyncProperty(someSteps, fc.integer({min: 1, max: 6}), async (steps, size) => {
        await withRandomBooks(steps, async (books) => {
          // To a whole millisecond, which is what a clock of Node has.
          books.clock.now += 1_000_000n - (books.clock.now % 1_000_000n)
          books.before = limitedTo(size)
          await work(books)
        })
      }),
      {numRuns: runs},
    )

  it('what is pending adds up to the pending columns of the ledger, and what has lapsed is not in them', () =>
    forAny(10, async (books) => {
      const columns = await books.columns()
      const all = await pending(books)
      for (const {id} of RANDOM_ACCOUNTS) {
        const own = await pending(books, {account: id}).catch(() => [])
        const sum = (field: 'debit_account_id' | 'credit_account_id') =>
          own.filter((hold) => hold[field] === String(id)).reduce((total, {amount}) => total + BigInt(amount), 0n)
        expect([sum('debit_account_id'), sum('credit_account_id')], `${id}`).to.deep.equal(
          columns[String(id)]!.slice(2),
        )
        expect(own.every((hold) => all.some((other) => other.id === hold.id))).to.equal(true)
      }
      const lapsed = await pending(books, {lapsed: true})
      const both = new Set([...all, ...lapsed].map(({id}) => id))
      expect(both.size).to.equal(all.length + lapsed.length)
    }))

  it('each hold says the same of itself as the list of those that are open', () =>
    forAny(7, async (books) => {
      const holds = (await allTransfers(books)).filter(({flags}) => (flags & PENDING) !== 0)
      if (holds.length === 0) return
      books.before = () => undefined
      const open = new Set((await pending(books)).map(({id}) => id))
      const lapsed = new Set((await pending(books, {lapsed: true})).map(({id}) => id))
      const rows = await lookUpIds(
        books.api,
        books.database,
        'transfer',
        holds.map(({id}) => id),
      )
      for (const row of rows.responsePayload) {
        const {pending_state: state} = await pendingState(books.api, books.database.id, row, nowMs(books))
        expect(state === 'pending', String(row.id)).to.equal(open.has(String(row.id)))
        expect(state === 'expired').to.equal(lapsed.has(String(row.id)))
        if (!open.has(String(row.id)) && !lapsed.has(String(row.id))) expect(state).to.be.oneOf(['posted', 'voided'])
      }
    }))

  it('a balance at any moment is that of the moment, with and without a history of balances', () =>
    forAny(7, async (books) => {
      const times = (await allTransfers(books)).map(({timestamp}) => timestamp)
      for (const at of [...times, books.clock.now]) {
        const rows = (await allTransfers(books)).filter(({timestamp}) => timestamp <= at)
        for (const {id} of RANDOM_ACCOUNTS) {
          const {debits_posted, credits_posted} = await readBalance(books.api, books.database, id, at)
          const moved = rows.filter(({flags}) => (flags & (PENDING | VOID)) === 0)
          const sum = (field: 'debit_account_id' | 'credit_account_id') =>
            moved.filter((row) => row[field] === id).reduce((total, {amount}) => total + amount, 0n)
          expect([BigInt(debits_posted), BigInt(credits_posted)], `${id} at ${at}`).to.deep.equal([
            sum('debit_account_id'),
            sum('credit_account_id'),
          ])
        }
      }
    }))

  it('now, a balance is that of the ledger in all four columns, and credits less debits is their difference', () =>
    forAny(6, async (books) => {
      const columns = await books.columns()
      for (const {id, flags} of RANDOM_ACCOUNTS) {
        const balance = await readBalance(books.api, books.database, id, undefined)
        const [debits, credits, heldDebits, heldCredits] = columns[String(id)]!
        expect(balance).to.include({
          ...{debits_posted: String(debits), credits_posted: String(credits)},
          ...{debits_pending: String(heldDebits), credits_pending: String(heldCredits)},
          credits_less_debits: String(credits! - debits!),
        })
        const left =
          (flags & 2) !== 0
            ? credits! - debits! - heldDebits!
            : (flags & 4) !== 0
              ? debits! - credits! - heldCredits!
              : null
        expect(balance.available).to.equal(left === null ? null : String(left))
        if (left !== null) expect(left >= 0n, 'a limit is never broken').to.equal(true)
      }
    }))
})

describe('holds at the edges', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await memoryBooks({id: 1n}, {id: 2n}, {id: 3n, flags: AccountFlags.history})
  })
  afterEach(() => books.close())

  const stateOf = async (id: bigint, now: number) => {
    const {responsePayload} = await lookUpIds(books.api, books.database, 'transfer', [id])
    return pendingState(books.api, books.database.id, responsePayload[0]!, now)
  }

  it('is over at the very moment of its timeout', async () => {
    const {id, timestamp} = await books.pay(1n, 2n, 5n, {flags: PENDING, timeout: 10})
    const end = Number((timestamp + 10n * SECOND) / 1_000_000n)
    expect(await stateOf(id, end - 1)).to.include({
      pending_state: 'pending',
      expires_at: '2023-11-02T00:00:12.000000000Z',
    })
    expect(await stateOf(id, end)).to.include({pending_state: 'expired'})
    expect((await pending(books, {now: end - 1})).map((hold) => hold.id)).to.deep.equal([String(id)])
    expect(await pending(books, {now: end})).to.deep.equal([])
    expect((await pending(books, {now: end, lapsed: true})).map((hold) => hold.id)).to.deep.equal([String(id)])
  })

  it('that was posted at its last nanosecond is posted, and what was posted of it is said', async () => {
    const {id, timestamp} = await books.pay(1n, 2n, 5n, {flags: PENDING, timeout: 10})
    books.clock.now = timestamp + 10n * SECOND - 1n - SECOND
    await books.transfers({id: 77n, pending_id: id, amount: 2n, flags: POST})
    expect(await stateOf(id, nowMs(books) + 60_000)).to.include({
      ...{pending_state: 'posted', resolved_by: '77', posted_amount: '2'},
    })
  })

  it('that was posted in the same request, a nanosecond later, is posted', async () => {
    const hold = {id: 60n, debit_account_id: 1n, credit_account_id: 2n, amount: 5n, flags: PENDING}
    await books.transfers(hold, {id: 61n, pending_id: 60n, amount: 5n, flags: POST})
    expect(await stateOf(60n, 0)).to.include({pending_state: 'posted', resolved_by: '61'})
  })

  it('counts as spent in what a limit leaves, on either side', async () => {
    await books.accounts(
      {id: 4n, flags: AccountFlags.credits_must_not_exceed_debits},
      {id: 5n, flags: AccountFlags.debits_must_not_exceed_credits},
    )
    await books.pay(4n, 5n, 100n)
    await books.pay(1n, 4n, 30n, {flags: PENDING})
    await books.pay(5n, 1n, 20n, {flags: PENDING})
    const available = async (id: bigint) => (await readBalance(books.api, books.database, id, undefined)).available
    expect([await available(4n), await available(5n)]).to.deep.equal(['70', '80'])
  })

  it('of all 128 bits is shown exactly', async () => {
    await books.pay(1n, 2n, MAX - 5n, {flags: PENDING})
    expect((await pending(books))[0]).to.include({amount: String(MAX - 5n), expires_at: null})
  })

  it('has a state that is not known where more than a page of transfers came after it', async () => {
    const {id} = await books.pay(1n, 2n, 5n, {flags: PENDING})
    const rows = Array.from({length: 8189}, (_, index) => ({
      ...{id: BigInt(10_000 + index), debit_account_id: 1n, credit_account_id: 2n, amount: 1n},
    }))
    await books.transfers(...rows.slice(1))
    expect((await stateOf(id, 0)).pending_state).to.equal('pending')
    await books.transfers(rows[0]!)
    expect((await stateOf(id, 0)).pending_state).to.equal('unknown')
  }).timeout(20_000)

  it('within a span of time are those that expire in it, that moment included, the next first', async () => {
    const made = []
    for (const timeout of [30, 10, 20, 0]) made.push(await books.pay(1n, 2n, 5n, {flags: PENDING, timeout}))
    const expiring = async (ms: number) => (await pending(books, {expiringMs: ms})).map(({id}) => Number(id) - 1000)
    // They were made one second after the other: the third, 20 s, a second ago.
    expect(await expiring(19_000)).to.deep.equal([1, 2])
    expect(await expiring(18_999)).to.deep.equal([1])
    expect(await expiring(3_600_000)).to.deep.equal([1, 2, 0])
    expect(made).to.have.length(4)
  })

  it('are counted as they are read, page by page', async () => {
    for (let n = 0; n < 5; n++) await books.pay(1n, 2n, 5n, {flags: PENDING})
    const progress: number[] = []
    books.before = limitedTo(2)
    await pending(books, {progress: (read) => progress.push(read)})
    expect(progress).to.deep.equal([2, 4, 5])
  })

  it('of an account without transfers are none; of one that is not there it is said', async () => {
    expect(await pending(books, {account: 3n})).to.deep.equal([])
    expect(await refusalOf(() => pending(books, {account: 77n}))).to.include({
      kind: 'NOT_FOUND',
      code: 'account_not_found',
    })
  })

  it('are asked for one by one, for the first ten of a look-up alone', async () => {
    const ids: bigint[] = []
    for (let n = 0; n < 12; n++) ids.push((await books.pay(1n, 2n, 1n, {flags: n === 3 ? 0 : PENDING})).id)
    const result = await lookUpIds(books.api, books.database, 'transfer', ids)
    books.seen.length = 0
    await addPendingStates(books.api, books.database.id, result)
    expect(books.seen).to.have.length(10)
    const states = result.responsePayload.map(({pending_state}) => pending_state)
    expect(states).to.deep.equal([
      ...Array.from({length: 3}, () => 'pending'),
      undefined,
      ...Array.from({length: 7}, () => 'pending'),
      undefined,
    ])
  })
})

describe('why a filter of an account finds nothing', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await memoryBooks({id: 1n}, {id: 2n, flags: AccountFlags.history})
  })
  afterEach(() => books.close())

  const why = (operation: 'get_account_balances' | 'get_account_transfers', account: bigint) =>
    whyEmpty(
      {api: books.api, databaseId: books.database.id, operation, kind: 'account_filter', filter: {account_id: account}},
      'books',
    )

  it('is that the account keeps no history, for balances alone', async () => {
    expect(await why('get_account_balances', 1n)).to.match(
      /^Account 1 was created without the flag history, .*parix tb balance books 1/,
    )
    expect(await why('get_account_balances', 2n)).to.equal(undefined)
    expect(await why('get_account_transfers', 1n)).to.equal(undefined)
  })

  it('is that there is no such account', async () => {
    for (const operation of ['get_account_balances', 'get_account_transfers'] as const)
      expect(await refusalOf(() => why(operation, 77n))).to.include({kind: 'NOT_FOUND'})
  })
})
