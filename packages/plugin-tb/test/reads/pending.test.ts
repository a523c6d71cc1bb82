import {expect} from 'chai'
import fc from 'fast-check'
import {findPending, type PendingSearch} from '../../src/reads/pending.js'
import {pendingState} from '../../src/reads/pending-state.js'
import {type MemoryService, startMemoryService} from '../support/memory-service.js'
import {refusalOf} from '../support/refusal.js'

const NOW = Date.now()
const LATER = NOW + 10_000_000

describe('what is pending', () => {
  let books: MemoryService
  before(async () => {
    books = await startMemoryService()
  })
  after(() => books.stop())

  const find = (changes: Partial<PendingSearch> = {}) =>
    findPending({
      ...{
        api: books.api,
        databaseId: books.database,
        databaseName: 'books',
        now: NOW,
        progress: () => {},
      },
      ...changes,
    })
  const ids = async (changes?: Partial<PendingSearch>) => (await find(changes)).map(({id}) => Number(id))
  const hold = (amount: number, more = {}) => books.pay(1, 2, amount, {flags: 2, ...more})
  const resolve = async (pending_id: number, flags: number, amount = 0) => {
    const id = books.id()
    await books.operate('create_transfers', [{id, pending_id, flags, ...(amount > 0 && {amount})}])
    return id
  }
  const state = async (id: number, now = NOW) => {
    const [row] = await books.operate('lookup_transfers', [id])
    return pendingState(books.api, books.database, row!, now)
  }

  it('is what was neither posted, nor voided, nor is over; each knows the same of itself', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('open', 'posted', 'part', 'voided', 'timed', 'plain'), {minLength: 1, maxLength: 6}),
        async (kinds) => {
          const open: number[] = []
          const before = await ids()
          for (const kind of kinds) {
            if (kind === 'plain') {
              await books.pay(1, 2, 7)
              continue
            }
            const id = await hold(20, kind === 'timed' ? {timeout: 60} : {})
            if (kind === 'open' || kind === 'timed') open.push(id)
            const by =
              kind === 'posted' || kind === 'part'
                ? await resolve(id, 4, kind === 'part' ? 5 : 20)
                : kind === 'voided'
                  ? await resolve(id, 8)
                  : undefined
            const found = await state(id)
            const expected = {open: 'pending', timed: 'pending', posted: 'posted', part: 'posted', voided: 'voided'}[
              kind
            ]
            expect(found.pending_state, kind).to.equal(expected)
            expect(found.resolved_by).to.equal(by === undefined ? undefined : String(by))
            if (kind === 'part') expect(found.posted_amount).to.equal('5')
            if (kind === 'timed') expect((await state(id, LATER)).pending_state).to.equal('expired')
          }
          expect(await ids()).to.have.members([...before, ...open])
        },
      ),
      {numRuns: 6},
    ))

  it('those that have a timeout are over at its end, and not before', async () => {
    const id = await hold(20, {timeout: 600})
    const [found] = (await find()).filter((one) => one.id === String(id))
    const end = Date.parse(found!.expires_at!)
    expect(await ids({now: end - 1})).to.include(id)
    expect(await ids({now: end + 1})).not.to.include(id)
    expect(await ids({now: end + 1, lapsed: true})).to.include(id)
    expect(await ids({now: end - 1, lapsed: true})).not.to.include(id)
  })

  it('within a span only those that expire in it, the next first', async () => {
    const [late, soon, never] = [await hold(1, {timeout: 900}), await hold(1, {timeout: 800}), await hold(1)]
    const found = await find()
    // By the clock of the ledger: this file may have been loaded long before.
    const lateMs = Date.parse(found.find(({id}) => id === String(late))!.expires_at!) - NOW
    const within = await ids({expiringMs: lateMs + 1})
    expect(within).to.include.members([soon, late]).and.not.include(never)
    expect(within.indexOf(soon)).to.be.lessThan(within.indexOf(late))
    expect(await ids({expiringMs: lateMs - 1}))
      .to.include(soon)
      .and.not.include(late)
  })

  it('of one account only its own, on either side; one that is not there is not found', async () => {
    const id = await books.pay(1, 6, 3, {flags: 2})
    expect(await ids({account: 6n})).to.deep.equal([id])
    expect(await ids({account: 1n})).to.include(id)
    expect(await refusalOf(() => find({account: 77n}))).to.include({kind: 'NOT_FOUND', exitCode: 3})
  })

  it('the progress says how many transfers were read', async () => {
    const read: number[] = []
    await find({progress: (count) => read.push(count)})
    const all = await books.operate('query_transfers', {limit: 8189})
    expect(read.at(-1)).to.equal(all.length)
  })
})
