import {AccountFlags, BLANK_TRANSFER, statusName, type Transfer, TransferFlags} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {lookUpMoved} from '../../src/results/moved.js'
import {numbersBehind} from '../../src/results/numbers.js'
import type {EventOutcome} from '../../src/results/outcome.js'
import {type MemoryBooks, memoryBooks, SECOND} from '../support/memory-books.js'

const MAX = 2n ** 128n - 1n
const byValue = (a: bigint, b: bigint) => Number(a - b)

/** Sends events as they are: what each came to, as a submission has it. */
async function submit(
  books: MemoryBooks,
  ...transfers: Partial<Transfer>[]
): Promise<{records: LedgerRecord[]; events: EventOutcome[]}> {
  books.clock.now += SECOND
  const whole = transfers.map((fields) => ({...BLANK_TRANSFER, ...fields}))
  const results = await books.ledger.createTransfers(whole)
  return {
    records: transfers.map((fields) =>
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, BigInt(value)])),
    ),
    events: results.map(({status}, index) => {
      const result = statusName('transfer', status)!
      const state = result === 'created' || result === 'exists' ? result : 'refused'
      return {index, id: String(whole[index]!.id), state, result}
    }),
  }
}

describe('the numbers behind a refusal', () => {
  const amounts = fc.bigInt({min: 0n, max: 200n})

  it('say what is left: the ledger takes exactly that, and nothing more', () =>
    fc.assert(
      fc.asyncProperty(amounts, amounts, amounts, fc.boolean(), async (has, spent, held, debit) => {
        const flags = debit ? AccountFlags.debits_must_not_exceed_credits : AccountFlags.credits_must_not_exceed_debits
        const books = await memoryBooks({id: 1n, flags}, {id: 2n})
        try {
          const [own, other] = debit ? [1n, 2n] : [2n, 1n]
          const move = (id: bigint, amount: bigint, more: Partial<Transfer> = {}) => ({
            ...{id, debit_account_id: own, credit_account_id: other, amount, ledger: 700, code: 1, ...more},
          })
          await submit(books, {...move(10n, has), debit_account_id: other, credit_account_id: own})
          await submit(books, move(11n, spent))
          await submit(books, move(12n, held, {flags: TransferFlags.pending}))
          const {records, events} = await submit(books, move(13n, 1000n))
          expect(events[0]!.result).to.equal(debit ? 'exceeds_credits' : 'exceeds_debits')
          const sentence = (await numbersBehind(books.api, books.database.id, records, events)).get(0)!
          const left = BigInt(/: (\d+) is left, 1000 was asked for\.$/.exec(sentence)![1]!)
          expect((await submit(books, move(14n, left + 1n))).events[0]!.state).to.equal('refused')
          expect((await submit(books, move(15n, left))).events[0]!.state).to.equal('created')
        } finally {
          await books.close()
        }
      }),
      {numRuns: 12},
    ))

  it('of a hold say how much can be posted: the ledger takes exactly that', () =>
    fc.assert(
      fc.asyncProperty(
        fc.bigInt({min: 0n, max: 2n ** 100n}),
        fc.bigInt({min: 1n, max: 2n ** 100n}),
        async (held, more) => {
          const books = await memoryBooks({id: 1n}, {id: 2n})
          try {
            const hold = {id: 10n, debit_account_id: 1n, credit_account_id: 2n, amount: held, ledger: 700, code: 1}
            await submit(books, {...hold, flags: TransferFlags.pending})
            const post = (id: bigint, amount: bigint) => ({
              id,
              pending_id: 10n,
              amount,
              flags: TransferFlags.post_pending_transfer,
            })
            const {records, events} = await submit(books, post(11n, held + more))
            expect(events[0]!.result).to.equal('exceeds_pending_transfer_amount')
            const sentence = (await numbersBehind(books.api, books.database.id, records, events)).get(0)!
            expect(sentence).to.equal(`Pending transfer 10 holds ${held}, from 1 to 2; ${held + more} was asked for.`)
            expect((await submit(books, post(12n, held))).events[0]!.state).to.equal('created')
          } finally {
            await books.close()
          }
        },
      ),
      {numRuns: 7},
    ))

  it('are looked up in one request for all events, each account once', async () => {
    const books = await memoryBooks({id: 1n, flags: AccountFlags.debits_must_not_exceed_credits}, {id: 2n})
    const {records, events} = await submit(
      books,
      ...Array.from({length: 120}, (_, index) => ({
        ...{id: BigInt(10 + index), debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700, code: 1},
      })),
    )
    const numbers = await numbersBehind(books.api, books.database.id, records, events)
    expect(books.seen.map(({operation, body}) => [operation, body])).to.deep.equal([['lookup_accounts', ['1', '2']]])
    expect([...numbers.keys()]).to.deep.equal(Array.from({length: 100}, (_, index) => index))
    await books.close()
  })
})

describe('what transfers moved whose request leaves it open', () => {
  const moved = ({api, database}: MemoryBooks, {records, events}: {records: LedgerRecord[]; events: EventOutcome[]}) =>
    lookUpMoved(api, {operation: 'create_transfers', database}, records, events)

  it('of any that balances is what the ledger moved, beside what was asked for', () =>
    fc.assert(
      fc.asyncProperty(
        fc.bigInt({min: 0n, max: 100n}),
        fc.oneof(fc.bigInt({min: 0n, max: 150n}), fc.constant(MAX)),
        async (has, asked) => {
          const books = await memoryBooks({id: 1n}, {id: 2n}, {id: 3n})
          try {
            await books.pay(3n, 1n, has)
            const flags = TransferFlags.balancing_debit
            const sent = await submit(books, {
              id: 10n,
              debit_account_id: 1n,
              credit_account_id: 2n,
              amount: asked,
              ledger: 700,
              code: 1,
              flags,
            })
            const found = await moved(books, sent)
            const [expected] = [asked, has].toSorted(byValue)
            expect(found!.get(0)).to.deep.equal({from: 1n, to: 2n, requested: asked, amount: expected})
            expect((await books.columns())[2]![1]).to.equal(expected)
          } finally {
            await books.close()
          }
        },
      ),
      {numRuns: 10},
    ))

  it('of any post is what was posted, and what is given back is the rest of the hold', () =>
    fc.assert(
      fc.asyncProperty(
        fc.bigInt({min: 0n, max: 2n ** 80n}),
        fc.bigInt({min: 0n, max: 2n ** 80n}),
        fc.constantFrom('part', 'all', 'void'),
        async (held, part, kind) => {
          const books = await memoryBooks({id: 1n}, {id: 2n})
          try {
            await books.pay(1n, 2n, held, {id: 10n, flags: TransferFlags.pending})
            const amount = kind === 'void' ? 0n : kind === 'all' ? MAX : [part, held].toSorted(byValue)[0]!
            const flags = kind === 'void' ? TransferFlags.void_pending_transfer : TransferFlags.post_pending_transfer
            const found = (await moved(books, await submit(books, {id: 11n, pending_id: 10n, amount, flags})))!.get(0)!
            const posted = (await books.columns())[2]![1]!
            expect(found).to.deep.include({
              from: 1n,
              to: 2n,
              amount: posted,
              pending: {id: 10n, held, givenBack: held - posted},
            })
          } finally {
            await books.close()
          }
        },
      ),
      {numRuns: 10},
    ))

  it('of others, of accounts and of what was refused is not asked', async () => {
    const books = await memoryBooks({id: 1n}, {id: 2n})
    const plain = await submit(books, {
      id: 10n,
      debit_account_id: 1n,
      credit_account_id: 2n,
      amount: 5n,
      ledger: 700,
      code: 1,
    })
    expect(await moved(books, plain)).to.deep.equal(new Map())
    const refused = await submit(books, {
      id: 11n,
      pending_id: 99n,
      amount: 5n,
      flags: TransferFlags.post_pending_transfer,
    })
    expect(refused.events[0]!.state).to.equal('refused')
    expect(await moved(books, refused)).to.deep.equal(new Map())
    expect(books.seen).to.deep.equal([])
    await books.close()
  })

  it('is not claimed where the ledger does not have it all, or does not respond', async () => {
    const books = await memoryBooks({id: 1n}, {id: 2n})
    await books.pay(1n, 2n, 9n, {id: 10n, flags: TransferFlags.pending})
    const sent = await submit(books, {id: 11n, pending_id: 10n, amount: 5n, flags: TransferFlags.post_pending_transfer})
    books.edit = (_, rows) => rows.filter(({id}) => id !== '10')
    expect(await moved(books, sent)).to.equal(undefined)
    books.edit = undefined
    books.before = () => 503
    expect(await moved(books, sent)).to.equal(undefined)
    await books.close()
  })
})
