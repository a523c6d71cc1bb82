import type {ChangeEvent} from '@parix/books/change-events'
import {ParixError} from '@parix/kit/errors'
import {type Transfer, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import type {Position} from '../../src/watch/cursor.js'
import {type WatchOptions, watch} from '../../src/watch/watch.js'
import {limitedTo, type MemoryBooks, memoryBooks, SECOND} from '../support/memory-books.js'
import {allTransfers, type Step, someSteps, withRandomBooks} from '../support/random-books.js'
import {refusalOf} from '../support/refusal.js'

const BEGIN: Position = {last: 0n, expired: 0n, holdsFrom: undefined}
const PENDING = TransferFlags.pending
/** A hold, and a transfer 21 s later: the hold has expired by then. */
const ENDS_WITH_AN_EXPIRY: Step[] = [
  {kind: 'hold', from: 0, to: 0, amount: 0n, hold: 0, seconds: 21},
  {kind: 'plain', from: 0, to: 0, amount: 1n, hold: 0, seconds: 0},
]
/** Two holds from before the watch, on accounts of which it meets one by the other. */
const EXPIRE_TOGETHER: Step[] = [
  {kind: 'plain', from: 0, to: 0, amount: 1n, hold: 0, seconds: 0},
  {kind: 'hold', from: 1, to: 0, amount: 1n, hold: 0, seconds: 23},
  {kind: 'hold', from: 0, to: 0, amount: 0n, hold: 0, seconds: 22},
  {kind: 'chain', from: 3, to: 0, amount: 1n, hold: 0, seconds: 0},
]

/** Of holds that expire at the same nanosecond a position can't say which were delivered: all of them come again rather than none. */
function once(events: readonly ChangeEvent[]): ChangeEvent[] {
  const expiries = events.filter(({type}) => type === 'two_phase_expired')
  const together = (event: ChangeEvent) =>
    expiries.some(({timestamp, transfer}) => timestamp === event.timestamp && transfer.id !== event.transfer.id)
  return events.filter(
    (event, at) =>
      event.type !== 'two_phase_expired' ||
      !together(event) ||
      !events.slice(0, at).some(({type, transfer}) => type === event.type && transfer.id === event.transfer.id),
  )
}

interface Followed {
  events: ChangeEvent[]
  batches: number[]
  positions: Position[]
  failures: [string, number][]
}

/** Follows until it is idle, or as the options say. */
async function follow(books: MemoryBooks, options: Partial<WatchOptions> = {}): Promise<Followed> {
  const found: Followed = {events: [], batches: [], positions: [], failures: []}
  await watch({
    ...{reader: books.reader, filter: {}, start: BEGIN, accounts: false, batchEventsMax: 1000, untilIdle: true},
    now: () => books.clock.now + 60n * SECOND,
    sleep: async () => {},
    failed: (error, pauseMs) => found.failures.push([(error as Error).message, pauseMs]),
    ...options,
    async take(events, position) {
      found.events.push(...events)
      found.batches.push(events.length)
      found.positions.push(position)
      return (await options.take?.(events, position)) ?? true
    },
  })
  return found
}

const seen = ({events}: Followed) => events.map(({type, transfer: {id}}) => `${type} ${id}`)

describe('following the transfers of a database', () => {
  let books: MemoryBooks
  beforeEach(async () => {
    books = await memoryBooks({id: 1n}, {id: 2n}, {id: 3n})
  })
  afterEach(() => books.close())

  const hold = (timeout = 0, amount = 5n) => books.pay(1n, 2n, amount, {flags: PENDING, timeout})

  it('of an empty database is over at once, where it ends when it is idle', async () => {
    expect(await follow(books)).to.deep.equal({events: [], batches: [], positions: [], failures: []})
  })

  it('begins right after the position, and gives every transfer once', async () => {
    const [one] = [await books.pay(1n, 2n, 1n), await books.pay(1n, 2n, 2n), await books.pay(2n, 3n, 3n)]
    expect(seen(await follow(books))).to.deep.equal(['single_phase 1000', 'single_phase 1001', 'single_phase 1002'])
    const behind = await follow(books, {start: {...BEGIN, last: one!.timestamp}})
    expect(seen(behind)).to.deep.equal(['single_phase 1001', 'single_phase 1002'])
    const upTo = await follow(books, {start: {...BEGIN, last: one!.timestamp - 1n}})
    expect(upTo.events).to.have.length(3)
  })

  it('takes what comes while it reads, with its next read', async () => {
    await books.pay(1n, 2n, 1n)
    let more = 3
    const {events} = await follow(books, {
      take: async () => {
        if (more-- > 0) await books.pay(1n, 2n, 1n)
        return true
      },
    })
    expect(events.map(({transfer: {id}}) => id)).to.deep.equal(['1000', '1001', '1002', '1003'])
  })

  it('gives batches of the size that was asked for, each with a position after its last event', async () => {
    const rows: Transfer[] = []
    for (let n = 0; n < 5; n++) rows.push(await books.pay(1n, 2n, 1n))
    const {batches, positions} = await follow(books, {batchEventsMax: 2})
    expect(batches).to.deep.equal([2, 2, 1])
    expect(positions.map(({last}) => last)).to.deep.equal([1, 3, 4].map((index) => rows[index]!.timestamp))
  })

  it('ends after as many events as it may give, also in the middle of a batch or a page', async () => {
    for (let n = 0; n < 5; n++) await books.pay(1n, 2n, 1n)
    for (const [limit, batchEventsMax, batches] of [
      [3, 2, [2, 1]],
      [2, 2, [2]],
      [1, 1000, [1]],
      [5, 5, [5]],
    ] as const) {
      const found = await follow(books, {limit, batchEventsMax, untilIdle: false})
      expect(found.batches, `${limit}`).to.deep.equal(batches)
    }
  })

  it('ends where nobody takes its events any longer', async () => {
    for (let n = 0; n < 5; n++) await books.pay(1n, 2n, 1n)
    const {batches} = await follow(books, {batchEventsMax: 2, take: async () => false, untilIdle: false})
    expect(batches).to.deep.equal([2])
  })

  it('is of one account, ledger or code', async () => {
    await books.accounts({id: 11n, ledger: 978}, {id: 12n, ledger: 978})
    await books.pay(1n, 2n, 1n)
    await books.pay(2n, 3n, 1n, {code: 9})
    await books.pay(11n, 12n, 1n, {ledger: 978})
    const of = async (filter: object) => (await follow(books, {filter})).events.map(({transfer: {id}}) => id)
    expect(await of({account: 1n})).to.deep.equal(['1000'])
    expect(await of({account: 2n})).to.deep.equal(['1000', '1001'])
    expect(await of({account: 2n, code: 9})).to.deep.equal(['1001'])
    expect(await of({ledger: 978})).to.deep.equal(['1002'])
    expect(await of({code: 9, ledger: 978})).to.deep.equal([])
  })

  describe('with holds', () => {
    it('says what became of each: posted, voided, and expired at the time that its timeout says', async () => {
      const [posted, voided, lapsed] = [await hold(), await hold(), await hold(10)]
      await books.transfers(
        {id: 5n, pending_id: posted.id, amount: 2n, flags: 4},
        {id: 6n, pending_id: voided.id, flags: 8},
      )
      books.clock.now += 20n * SECOND
      await books.pay(1n, 2n, 1n)
      const found = await follow(books)
      expect(seen(found).slice(3)).to.deep.equal([
        'two_phase_posted 5',
        'two_phase_voided 6',
        'two_phase_expired 1002',
        'single_phase 1003',
      ])
      const expiry = found.events.find(({type}) => type === 'two_phase_expired')!
      expect(expiry).to.deep.include({timestamp: String(lapsed.timestamp + 10n * SECOND), derived: true})
      expect(found.events.filter(({derived}) => derived !== undefined)).to.have.length(1)
    })

    it('without a later transfer waits with an expiry until clocks that differ by 5 s agree on it', async () => {
      const {timestamp} = await hold(10)
      const due = timestamp + 10n * SECOND
      const at = async (now: bigint) => seen(await follow(books, {now: () => now}))
      expect(await at(due + 5n * SECOND - 1n)).to.deep.equal(['two_phase_pending 1000'])
      expect(await at(due + 5n * SECOND)).to.deep.equal(['two_phase_pending 1000', 'two_phase_expired 1000'])
    })

    it('continues after a position with the holds that may still expire, and expires each once', async () => {
      await hold(10)
      await hold(20)
      await books.pay(1n, 2n, 1n)
      const first = await follow(books, {now: () => books.clock.now})
      expect(first.events).to.have.length(3)
      const start = first.positions.at(-1)!
      expect(start.holdsFrom).to.equal((await allTransfers(books))[0]!.timestamp)
      books.clock.now += 30n * SECOND
      const second = await follow(books, {start})
      expect(seen(second)).to.deep.equal(['two_phase_expired 1000', 'two_phase_expired 1001'])
      const {last} = second.positions.at(-1)!
      expect(last, 'the last transfer, not the expiry: that may be later than any').to.equal(start.last)
      const third = await follow(books, {start: second.positions.at(-1)!})
      expect(third.events).to.deep.equal([])
    })

    it('remembers a hold until its expiry is delivered, also where a batch ends between two that are due together', async () => {
      await books.transfers(
        {id: 1n, debit_account_id: 1n, credit_account_id: 2n, amount: 1n, flags: PENDING, timeout: 10},
        {id: 2n, debit_account_id: 1n, credit_account_id: 2n, amount: 1n, flags: PENDING, timeout: 10},
      )
      books.clock.now += 60n * SECOND
      let taken = 0
      // Killed after the first of the two expiries was taken.
      const killed = await follow(books, {batchEventsMax: 1, take: async () => ++taken < 3})
      expect(seen(killed).slice(2)).to.deep.equal(['two_phase_expired 1'])
      const again = await follow(books, {start: killed.positions.at(-1)!})
      expect(seen(again)).to.include('two_phase_expired 2')
    })

    it('begins with what comes after an expiry with which it ended, be it a transfer or another expiry', async () => {
      await hold(10)
      await hold(20)
      books.clock.now += 60n * SECOND
      await books.pay(1n, 2n, 1n)
      const whole = seen(await follow(books))
      expect(whole.map((one) => one.split(' ')[0]).slice(2)).to.deep.equal([
        'two_phase_expired',
        'two_phase_expired',
        'single_phase',
      ])
      for (const [at, expected] of [3, 4].map((limit) => [limit, whole.slice(limit)] as const)) {
        const before = await follow(books, {batchEventsMax: 1, limit: at})
        const again = await follow(books, {start: before.positions.at(-1)!})
        expect(seen(again), String(at)).to.deep.equal(expected)
      }
    })

    it('that were made before the watch began expire without a word', async () => {
      const {timestamp} = await hold(10)
      books.clock.now += 60n * SECOND
      expect((await follow(books, {start: {...BEGIN, last: timestamp, expired: timestamp}})).events).to.deep.equal([])
    })
  })

  describe('with the accounts as of each event', () => {
    const ofAccount = (event: ChangeEvent, id: string) =>
      [event.debit_account, event.credit_account].find((one) => one.id === id)

    it('has balances that begin with what was before the watch, without and with a history', async () => {
      const before = await books.pay(1n, 2n, 100n)
      const held = await hold(0, 30n)
      await books.pay(2n, 3n, 7n)
      await books.transfers({id: 5n, pending_id: held.id, amount: 20n, flags: 4})
      const {events} = await follow(books, {accounts: true, start: {...BEGIN, last: before.timestamp}})
      const columns = events.map((event) => {
        const {debits_posted, credits_posted, debits_pending, credits_pending} = ofAccount(event, '2')!
        return [debits_posted, credits_posted, debits_pending, credits_pending]
      })
      expect(columns).to.deep.equal([
        ['0', '100', '0', '30'],
        ['7', '100', '0', '30'],
        ['7', '120', '0', '0'],
      ])
    })

    it('knows the hold of a post from before the watch, so that what it held is released', async () => {
      const held = await hold(0, 30n)
      await books.transfers({id: 5n, pending_id: held.id, amount: 20n, flags: 4})
      const {events} = await follow(books, {accounts: true, start: {...BEGIN, last: held.timestamp}})
      expect(events[0]!.debit_account).to.include({debits_pending: '0', debits_posted: '20'})
    })

    it('shows an account as closed from its closing on, and open again when that is voided', async () => {
      const closing = await books.pay(1n, 2n, 0n, {flags: PENDING | TransferFlags.closing_debit})
      await books.transfers({id: 5n, pending_id: closing.id, flags: 8})
      await books.pay(1n, 2n, 1n)
      const {events} = await follow(books, {accounts: true})
      expect(events.map((event) => Number(event.debit_account.flags) & 32)).to.deep.equal([32, 0, 0])
      expect(events.map((event) => Number(event.credit_account.flags) & 32)).to.deep.equal([0, 0, 0])
    })

    it('has an account that was created after the watch began', async () => {
      const {timestamp} = await books.pay(1n, 2n, 1n)
      await books.accounts({id: 9n, user_data_128: 7n})
      await books.pay(1n, 9n, 4n)
      const {events} = await follow(books, {accounts: true, start: {...BEGIN, last: timestamp}})
      expect(events[0]!.credit_account).to.include({id: '9', credits_posted: '4', user_data_128: '7'})
    })
  })

  describe('when the service does not respond', () => {
    const failing = (times: number, after: number) => {
      let requests = 0
      books.before = () => {
        requests++
        return requests > after && requests <= after + times ? 503 : undefined
      }
    }

    it('ends with the error where it never could read', async () => {
      failing(99, 0)
      expect(await refusalOf(() => follow(books, {untilIdle: false}))).to.include({kind: 'UNAVAILABLE'})
    })

    it('waits longer and longer, 30 s at the most, says so, and then continues with the next event', async () => {
      await books.pay(1n, 2n, 1n)
      failing(6, 1)
      let written = false
      const {events, failures} = await follow(books, {
        untilIdle: false,
        limit: 2,
        sleep: async () => {
          if (!written) await books.pay(1n, 2n, 1n)
          written = true
        },
      })
      expect(events.map(({transfer: {id}}) => id)).to.deep.equal(['1000', '1001'])
      expect(failures.map(([, pause]) => pause)).to.deep.equal([2000, 4000, 8000, 16_000, 30_000, 30_000])
    })

    it('begins again with a short wait after each read that worked', async () => {
      await books.pay(1n, 2n, 1n)
      let requests = 0
      // The second, third and fifth request fail; the fourth works, and there is a transfer for the sixth.
      books.before = () => ([2, 3, 5].includes(++requests) ? 503 : undefined)
      const {failures} = await follow(books, {
        untilIdle: false,
        limit: 2,
        sleep: async () => {
          if (requests === 5) await books.pay(1n, 2n, 1n)
        },
      })
      expect(failures.map(([, pause]) => pause)).to.deep.equal([2000, 4000, 2000])
    })

    it('retries only failures that pass, and none where it ends when it is idle', async () => {
      await books.pay(1n, 2n, 1n)
      failing(1, 1)
      expect(await refusalOf(() => follow(books))).to.include({kind: 'UNAVAILABLE'})
      let reads = 0
      books.before = () => (reads++ === 1 ? 404 : undefined)
      expect(await refusalOf(() => follow(books, {untilIdle: false}))).to.include({kind: 'NOT_FOUND'})
    })

    it('ends with the error of a delivery, which is not one of reading', async () => {
      await books.pay(1n, 2n, 1n)
      let deliveries = 0
      const error = await refusalOf(() =>
        follow(books, {
          untilIdle: false,
          take: async () => {
            if (++deliveries === 1) {
              await books.pay(1n, 2n, 1n)
              return true
            }
            throw new ParixError('UNAVAILABLE', 'not taken')
          },
        }),
      )
      expect([error.message, deliveries]).to.deep.equal(['not taken', 2])
    })
  })

  it('pauses longer while there is nothing new, 2 s at the most, and is quick again with the next event', async () => {
    await books.pay(1n, 2n, 1n)
    const pauses: number[] = []
    await follow(books, {
      untilIdle: false,
      limit: 2,
      sleep: async (ms) => {
        if (pauses.push(ms) === 7) await books.pay(1n, 2n, 1n)
      },
    })
    expect(pauses).to.deep.equal([200, 400, 800, 1600, 2000, 2000, 2000])
  })
  it('of any history, stopped anywhere and continued, gives every transfer once, in order, and every expiry', () =>
    fc.assert(
      fc.asyncProperty(
        someSteps,
        fc.array(fc.integer({min: 1, max: 7}), {maxLength: 4}),
        fc.integer({min: 1, max: 4}),
        async (steps, stops, size) => {
          await withRandomBooks(steps, async (random) => {
            random.clock.now += 100n * SECOND
            const rows = await allTransfers(random)
            const whole = await follow(random)
            random.before = limitedTo(size)
            const parts: ChangeEvent[] = []
            let start = BEGIN
            for (const limit of [...stops, undefined]) {
              const part = await follow(random, {start, batchEventsMax: size, limit})
              parts.push(...part.events)
              start = part.positions.at(-1) ?? start
            }
            expect(once(parts)).to.deep.equal(whole.events)
            const transfers = parts.filter(({type}) => type !== 'two_phase_expired')
            expect(transfers.map(({timestamp}) => timestamp)).to.deep.equal(
              rows.map(({timestamp}) => String(timestamp)),
            )
          })
        },
      ),
      {numRuns: 30, examples: [[ENDS_WITH_AN_EXPIRY, [2], 1]]},
    ))

  it('of any history, has accounts that end as the ledger has them', () =>
    fc.assert(
      fc.asyncProperty(someSteps, fc.nat(), async (steps, place) => {
        await withRandomBooks(steps, async (random) => {
          random.clock.now += 100n * SECOND
          const rows = await allTransfers(random)
          const last = rows[place % Math.max(1, rows.length)]?.timestamp ?? 0n
          const {events} = await follow(random, {accounts: true, start: {last, expired: last, holdsFrom: undefined}})
          const ends = new Map<string, ChangeEvent['debit_account']>()
          for (const {debit_account, credit_account} of events)
            for (const account of [debit_account, credit_account]) ends.set(account.id, account)
          const columns = await random.columns()
          for (const [id, account] of ends) {
            const {debits_posted, credits_posted, debits_pending, credits_pending} = account
            expect(
              [debits_posted, credits_posted, debits_pending, credits_pending].map((text) => BigInt(text!)),
              id,
            ).to.deep.equal(columns[id])
          }
        })
      }),
      {numRuns: 30, examples: [[EXPIRE_TOGETHER, 12]]},
    ))
})
