import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {copyLedger, openLedger, openMemoryLedger, replaceLedger, StoreError} from '@parix/ledger'
import {expect} from 'chai'
import fc from 'fast-check'
import {realDisk} from '../src/store/log.js'
import {askLedger, canonical} from './conversation.js'
import {dump} from './dump.js'
import {firstAccounts, makeWorld, plainAccount, plainTransfer, randomRequest, type World} from './random-events.js'
import {type TempLedger, withLedger} from './temp-ledger.js'

const quickDisk = {...realDisk, sync: async () => {}}
const runs = {numRuns: Number(process.env.LEDGER_LAW_RUNS ?? 12)}

async function talk(temp: TempLedger, world: World, requests: number): Promise<string[]> {
  const answers: string[] = []
  for (let i = 0; i < requests; i++) {
    const request = randomRequest(world)
    temp.clock.now = world.now
    answers.push(canonical(await askLedger(temp.ledger, request)))
  }
  return answers
}

function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('it should have failed'),
    (error: Error) => error,
  )
}

describe('rewinding a ledger that is open', () => {
  it('it has, and answers, what a ledger has that never went on from the snapshot, also after opening again', () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({seed: fc.integer(), before: fc.nat(80), after: fc.nat(80), reopen: fc.boolean()}),
        ({seed, before, after, reopen}) =>
          withLedger(async (temp) => {
            const world = makeWorld(seed)
            temp.clock.now = world.now
            await askLedger(temp.ledger, firstAccounts(world))
            await talk(temp, world, before)
            const snapshot = JSON.parse(JSON.stringify(await temp.ledger.snapshot()))
            const expected = await openMemoryLedger({
              now: () => temp.clock.now,
              copyOf: {directory: temp.directory, snapshot},
            })
            const then = canonical(await dump(expected))
            await talk(temp, world, after)
            if (reopen) await temp.reopen()
            await temp.ledger.rewind(snapshot)
            expect(canonical(await dump(temp.ledger))).to.equal(then)
            expect(await temp.ledger.snapshot()).to.deep.equal(snapshot)
            // Both continue alike: with the same ids, what is burnt, what expires, and the same times.
            const again = {...world, random: makeWorld(seed + 1).random}
            const twin = {...again, random: makeWorld(seed + 1).random, transferIds: [...again.transferIds]}
            Object.assign(twin, {pendingIds: [...again.pendingIds], times: [...again.times]})
            Object.assign(twin, {sentTransfers: [...again.sentTransfers], sentAccounts: [...again.sentAccounts]})
            const answers = await talk(temp, again, 40)
            expect(await talk({...temp, ledger: expected}, twin, 40)).to.deep.equal(answers)
            const end = canonical(await dump(temp.ledger))
            expect(canonical(await dump(await temp.reopen()))).to.equal(end)
            await expected.close()
          }, quickDisk),
      ),
      runs,
    ))

  it('also across segments of rows that were not indexed since the ledger was opened', () =>
    withLedger(async (temp) => {
      await temp.ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      const batch = (first: number) =>
        Array.from({length: 8189}, (_, i) => plainTransfer(BigInt(first * 8189 + i + 1), 1n, 2n, 1n))
      for (let i = 0; i < 7; i++) await temp.ledger.createTransfers(batch(i))
      const snapshot = await temp.ledger.snapshot()
      const before = canonical(await dump(temp.ledger))
      for (let i = 7; i < 10; i++) await temp.ledger.createTransfers(batch(i))
      const ledger = await temp.reopen()
      await ledger.rewind(snapshot)
      expect(canonical(await dump(ledger))).to.equal(before)
      await ledger.createTransfers([plainTransfer(7n * 8189n + 1n, 2n, 1n, 9n)])
      const filter = {
        user_data_128: 0n,
        user_data_64: 0n,
        user_data_32: 0,
        code: 0,
        timestamp_min: 0n,
        timestamp_max: 0n,
      }
      const newest = await ledger.getAccountTransfers({...filter, account_id: 1n, limit: 2, flags: 7})
      expect(newest.map(({id}) => id)).to.deep.equal([7n * 8189n + 1n, 7n * 8189n])
    }, quickDisk))

  it('calls that were made before it are kept or taken back whole, and those made after it are kept', () =>
    withLedger(async ({ledger}) => {
      await ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      const snapshot = await ledger.snapshot()
      const calls = [
        ledger.createTransfers([plainTransfer(1n, 1n, 2n, 5n)]),
        ledger.rewind(snapshot),
        ledger.createTransfers([plainTransfer(2n, 1n, 2n, 7n)]),
      ]
      await Promise.all(calls)
      expect((await ledger.lookupTransfers([1n, 2n])).map(({id}) => id)).to.deep.equal([2n])
    }))

  it('a snapshot of another ledger, or of a part of the log that is gone, is refused, and nothing is changed', () =>
    withLedger(async ({ledger}) => {
      await ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
      const early = await ledger.snapshot()
      await ledger.createTransfers([plainTransfer(1n, 1n, 2n, 5n)])
      const late = await ledger.snapshot()
      await ledger.rewind(early)
      await ledger.createTransfers([plainTransfer(2n, 1n, 2n, 5n)])
      const now = await ledger.snapshot()
      for (const wrong of [late, {...early, ledgerId: '0'.repeat(32)}, {...early, length: early.length - 1}]) {
        expect(await failure(ledger.rewind(wrong)))
          .to.be.instanceOf(StoreError)
          .with.property('code', 'SNAPSHOT')
      }
      expect(await ledger.snapshot()).to.deep.equal(now)
    }))
})

describe('a copy of a ledger', () => {
  it('can be put in its place again, in any order, whatever was cut off since', () =>
    withLedger(async (temp) => {
      const copies = mkdtempSync(join(tmpdir(), 'parix-copies-'))
      try {
        await temp.ledger.createAccounts([plainAccount(1n), plainAccount(2n)])
        const states: {directory: string; dump: string}[] = []
        for (let id = 1n; id <= 3n; id++) {
          await temp.ledger.createTransfers([plainTransfer(id, 1n, 2n, id)])
          const directory = mkdtempSync(join(copies, 'copy-'))
          copyLedger(temp.directory, directory, await temp.ledger.snapshot())
          states.push({directory, dump: canonical(await dump(temp.ledger))})
        }
        for (const index of [0, 2, 1, 2]) {
          await temp.ledger.close()
          replaceLedger(temp.directory, states[index]!.directory)
          temp.ledger = await openLedger({directory: temp.directory, create: false})
          expect(canonical(await dump(temp.ledger))).to.equal(states[index]!.dump)
        }
      } finally {
        rmSync(copies, {recursive: true})
      }
    }))

  it('is not put in the place of another ledger, nor of one that is open', () =>
    withLedger((one) =>
      withLedger(async (other) => {
        const copies = mkdtempSync(join(tmpdir(), 'parix-copies-'))
        copyLedger(one.directory, copies, await one.ledger.snapshot())
        expect(() => replaceLedger(one.directory, copies))
          .to.throw(StoreError)
          .with.property('code', 'LOCKED')
        await other.ledger.close()
        expect(() => replaceLedger(other.directory, copies))
          .to.throw(StoreError)
          .with.property('code', 'SNAPSHOT')
        other.ledger = await openLedger({directory: other.directory, create: false})
        rmSync(copies, {recursive: true})
      }),
    ))
})
