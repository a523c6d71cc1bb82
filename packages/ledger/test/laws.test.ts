import {AccountFlags, CreateTransferStatus, TransferFlags as T, type Transfer} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {realDisk} from '../src/store/log.js'
import {askLedger, askModel, canonical} from './conversation.js'
import {dump, pages} from './dump.js'
import {Model} from './model/model.js'
import {firstAccounts, makeWorld, type Request, randomRequest, type World} from './random-events.js'
import {type TempLedger, withLedger} from './temp-ledger.js'

/** Real files, but no waiting for the disk: these tests are about what is answered. */
const quickDisk = {...realDisk, sync: async () => {}}
const runs = {numRuns: Number(process.env.LEDGER_LAW_RUNS ?? 12)}

const aWorld = fc.record({seed: fc.integer(), requests: fc.integer({min: 5, max: 220})})

/** Has a random conversation with a fresh ledger, and hands over what is there at its end. */
function talk(
  {seed, requests}: {seed: number; requests: number},
  each: (temp: TempLedger, world: World, request: Request, answer: unknown) => Promise<void> | void,
  end: (temp: TempLedger, world: World) => Promise<void> = async () => {},
): Promise<void> {
  return withLedger(async (temp) => {
    const world = makeWorld(seed)
    for (let i = 0; i < requests; i++) {
      const request = i === 0 ? firstAccounts(world) : randomRequest(world)
      temp.clock.now = world.now
      await each(temp, world, request, await askLedger(temp.ledger, request))
    }
    await end(temp, world)
  }, quickDisk)
}

describe('laws', () => {
  it('every answer is the plain model’s answer, also after closing and opening again', () =>
    fc.assert(
      fc.asyncProperty(aWorld, async (script) => {
        const model = new Model()
        await talk(script, async (temp, world, request, answer) => {
          expect(canonical(answer), canonical(request)).to.equal(canonical(askModel(model, request, world.now)))
          if (world.random() < 0.03) await temp.reopen()
        })
      }),
      runs,
    ))

  it('an operation that the disk refused leaves no trace, whatever it was', () =>
    fc.assert(
      fc.asyncProperty(aWorld, async ({seed, requests}) => {
        let isFull = false
        const disk = {
          ...quickDisk,
          write: (fd: number, bytes: Uint8Array, position: number) => {
            const room = isFull ? Math.floor(bytes.length / 2) : bytes.length
            realDisk.write(fd, bytes.subarray(0, room), position)
            if (isFull) throw Object.assign(new Error('ENOSPC'), {code: 'ENOSPC'})
          },
        }
        await withLedger(async (temp) => {
          const world = makeWorld(seed)
          const model = new Model()
          for (let i = 0; i < requests; i++) {
            const request = i === 0 ? firstAccounts(world) : randomRequest(world)
            temp.clock.now = world.now
            isFull = world.random() < 0.3
            if (isFull) await askLedger(temp.ledger, request).catch(() => {})
            isFull = false
            const answer = await askLedger(temp.ledger, request)
            // A read, or an expiry of nothing, is not refused: asking twice is asking once.
            expect(canonical(answer), canonical(request)).to.equal(canonical(askModel(model, request, world.now)))
            if (world.random() < 0.03) await temp.reopen()
          }
        }, disk)
      }),
      runs,
    ))

  it('debits equal credits in every ledger', () =>
    fc.assert(
      fc.asyncProperty(aWorld, (script) =>
        talk(
          script,
          () => {},
          async ({ledger}) => {
            const sums = new Map<number, {pending: bigint; posted: bigint}>()
            for (const account of (await dump(ledger)).accounts) {
              const sum = sums.get(account.ledger) ?? {pending: 0n, posted: 0n}
              sum.pending += account.debits_pending - account.credits_pending
              sum.posted += account.debits_posted - account.credits_posted
              sums.set(account.ledger, sum)
            }
            for (const sum of sums.values()) expect(sum).to.deep.equal({pending: 0n, posted: 0n})
          },
        ),
      ),
      runs,
    ))

  it('balances are the fold of the transfers', () =>
    fc.assert(
      fc.asyncProperty(aWorld, (script) => {
        const released = new Set<bigint>()
        return talk(
          script,
          (_temp, _world, request, answer) => {
            if (request.op === 'expire') for (const {id} of answer as {id: bigint}[]) released.add(id)
          },
          async ({ledger}) => {
            const {accounts, transfers} = await dump(ledger)
            const balances = fold(transfers, released)
            for (const account of accounts) {
              const [dp = 0n, d = 0n, cp = 0n, c = 0n] = balances.get(account.id) ?? []
              const {debits_pending, debits_posted, credits_pending, credits_posted} = account
              expect([debits_pending, debits_posted, credits_pending, credits_posted]).to.deep.equal([dp, d, cp, c])
            }
          },
        )
      }),
      runs,
    ))

  it('a linked chain is there whole or not at all', () =>
    fc.assert(
      fc.asyncProperty(aWorld, (script) =>
        talk(script, async ({ledger}, _world, request, answer) => {
          if (request.op !== 'createTransfers') return
          const results = answer as {status: number}[]
          for (const chain of chainsOf(request.events)) {
            const created = chain.filter((i) => results[i]!.status === CreateTransferStatus.created)
            expect([0, chain.length]).to.include(created.length)
            const ids = chain.filter((i) => results[i]!.status === CreateTransferStatus.linked_event_failed)
            const found = await ledger.lookupTransfers(ids.map((i) => request.events[i]!.id))
            const now = new Set(created.map((i) => request.events[i]!.id))
            expect(found.filter(({id}) => now.has(id))).to.deep.equal([])
          }
        }),
      ),
      runs,
    ))

  it('replaying the log gives the same state', () =>
    fc.assert(
      fc.asyncProperty(aWorld, (script) =>
        talk(
          script,
          () => {},
          async (temp) => {
            const before = await dump(temp.ledger)
            await temp.reopen()
            expect(await dump(temp.ledger)).to.deep.equal(before)
          },
        ),
      ),
      runs,
    ))

  it('pages by timestamp cover everything once, forward and reversed', () =>
    fc.assert(
      fc.asyncProperty(aWorld, fc.integer({min: 1, max: 40}), (script, limit) =>
        talk(
          script,
          () => {},
          async ({ledger}) => {
            const {transfers, accounts} = await dump(ledger)
            const any = {user_data_128: 0n, user_data_64: 0n, user_data_32: 0, code: 0}
            for (const reversed of [false, true]) {
              const flags = reversed ? 1 : 0
              const rows = await pages(
                (range) => ledger.queryTransfers({...any, ledger: 0, flags, ...range}),
                limit,
                reversed,
              )
              expect(rows).to.deep.equal(reversed ? transfers.toReversed() : transfers)
              for (const {id} of accounts) {
                const filter = {...any, account_id: id, flags: reversed ? 7 : 3}
                const mine = await pages((range) => ledger.getAccountTransfers({...filter, ...range}), limit, reversed)
                const wanted = transfers.filter((t) => t.debit_account_id === id || t.credit_account_id === id)
                expect(mine).to.deep.equal(reversed ? wanted.toReversed() : wanted)
              }
            }
          },
        ),
      ),
      runs,
    ))

  it('a history account has one row for each of its transfers, the last one equal to its balance unless something expired', () =>
    fc.assert(
      fc.asyncProperty(aWorld, (script) => {
        let expired = false
        return talk(
          script,
          (_temp, _world, request, answer) => {
            if (request.op === 'expire' && (answer as unknown[]).length > 0) expired = true
          },
          async ({ledger}) => {
            const {accounts, transfers, balances} = await dump(ledger)
            for (const account of accounts) {
              const rows = balances.get(account.id)
              expect(rows !== undefined).to.equal((account.flags & AccountFlags.history) !== 0)
              const mine = transfers.filter(
                (t) => t.debit_account_id === account.id || t.credit_account_id === account.id,
              )
              if (!rows) continue
              expect(rows.map(({timestamp}) => timestamp)).to.deep.equal(mine.map(({timestamp}) => timestamp))
              if (expired || rows.length === 0) continue
              const {debits_pending, debits_posted, credits_pending, credits_posted} = account
              expect(rows.at(-1)).to.include({debits_pending, debits_posted, credits_pending, credits_posted})
            }
          },
        )
      }),
      runs,
    ))
})

function fold(transfers: Transfer[], released: Set<bigint>): Map<bigint, [bigint, bigint, bigint, bigint]> {
  const balances = new Map<bigint, [bigint, bigint, bigint, bigint]>()
  const byId = new Map(transfers.map((t) => [t.id, t]))
  const move = (t: Transfer, column: 0 | 1, amount: bigint) => {
    const of = (id: bigint) => balances.get(id) ?? balances.set(id, [0n, 0n, 0n, 0n]).get(id)!
    of(t.debit_account_id)[column] += amount
    of(t.credit_account_id)[column === 0 ? 2 : 3] += amount
  }
  for (const t of transfers) {
    const resolves = (t.flags & (T.post_pending_transfer | T.void_pending_transfer)) !== 0
    if (t.flags & T.pending) move(t, 0, released.has(t.id) ? 0n : t.amount)
    if (resolves) move(t, 0, -byId.get(t.pending_id)!.amount)
    if (!(t.flags & (T.pending | T.void_pending_transfer))) move(t, 1, t.amount)
  }
  return balances
}

/** The chains of a batch, each as the places of its events. */
function chainsOf(events: Transfer[]): number[][] {
  const chains: number[][] = []
  let open: number[] = []
  for (const [i, event] of events.entries()) {
    open.push(i)
    if (event.flags & T.linked) continue
    if (open.length > 1) chains.push(open)
    open = []
  }
  return open.length > 0 ? [...chains, open] : chains
}
