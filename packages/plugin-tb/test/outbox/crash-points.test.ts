import {existsSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome} from '@parix/testkit'
import {expect} from 'chai'
import {outboxPlace} from '../../src/outbox/directory.js'
import type {Entry, NewEntry, StreamedEntry} from '../../src/outbox/entry.js'
import {isHeld, isLock, lockEntry, release} from '../../src/outbox/entry-lock.js'
import {openOutbox} from '../../src/outbox/store.js'
import {wireList} from '../../src/records/wire.js'
import type {EventOutcome} from '../../src/results/outcome.js'
import {atEachFileCall, CHANGES, type FailingDiskOptions, failDisk} from '../support/failing-disk.js'
import {refused} from '../support/refusal.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700n, code: 1n}
const HEAD = {
  operation: 'create_transfers',
  baseUrl: 'https://parix.io',
  origin: 'https://parix.io',
  database: {id: 'db', name: 'books'},
  contentKey: 'k',
} as const
const batch = (id: bigint) => ({body: wireList('transfer', [{id, ...MOVE}]), records: [{id, ...MOVE}]})
const CALL: NewEntry = {...HEAD, batches: [batch(7n), batch(8n)]}
const OUTCOMES: EventOutcome[] = [{index: 0, id: '7', state: 'created', result: 'created', timestamp: '5'}]

/** A full disk, one that fails for a moment, one that may not be written, and one that takes half. */
const DISKS: [title: string, options: FailingDiskOptions][] = [
  ['a full disk', {calls: CHANGES, half: true}],
  ['an error that comes once', {calls: CHANGES, code: 'EIO', once: true, half: true}],
  ['a disk that became read-only', {calls: CHANGES, code: 'EROFS'}],
]

describe('the outbox at every point where the disk may fail', () => {
  // Each test clears it first.
  const home = makeHome()
  const outbox = openOutbox(outboxPlace(home.environment))
  after(() => home.remove())

  /** What another process would find. */
  const seen = () => openOutbox(outboxPlace(home.environment))
  const bodies = (entry: Entry) => entry.file.batches.map((one) => seen().bodyOf(entry, one).toString())
  const clear = () => {
    rmSync(outbox.path, {recursive: true, force: true})
    return outbox.path
  }
  /** A clear outbox with one entry that no process holds. */
  let entry: Entry
  const withEntry = () => {
    clear()
    entry = outbox.add(CALL)
    release(entry)
    return outbox.path
  }

  async function* streamed(): StreamedEntry['batches'] {
    for (const id of [7n, 8n]) {
      const {body} = batch(id)
      yield {body: Buffer.from(body), events: 1, firstId: String(id), lastId: String(id)}
    }
  }

  for (const [title, options] of DISKS) {
    describe(title, () => {
      for (const [kind, add] of [
        ['a call', () => outbox.add(CALL)],
        ['a file', () => outbox.addStreamed({...HEAD, batches: streamed()})],
      ] as const)
        it(`${kind} is in it whole, or nothing was sent and nothing of it is there`, async () => {
          const failed = await atEachFileCall(
            clear,
            options,
            async () => release(await add()),
            async ({error, call, allowed}) => {
              const where = `${call} after ${allowed}`
              const {entries, unreadable} = seen().list()
              expect(unreadable, where).to.deep.equal([])
              if (error === undefined) {
                expect(entries, where).to.have.lengthOf(1)
                expect(bodies(entries[0]!), where).to.deep.equal(CALL.batches.map(({body}) => body))
                return
              }
              expect(error, where).to.include({kind: 'FAILED', code: 'outbox_unwritable'})
              expect((error as Error).message, where).to.contain('Nothing was sent.')
              expect(entries, where).to.deep.equal([])
              const again = await add()
              expect(
                seen()
                  .list()
                  .entries.map(({file}) => file),
                where,
              ).to.deep.equal([again.file])
              release(again)
            },
          )
          expect(failed).to.be.greaterThan(8)
        })

      it('an outcome is the old one or the new one, and a failure is reported: the request is not forgotten', async () => {
        const failed = await atEachFileCall(
          withEntry,
          options,
          () => outbox.saveOutcomes(entry, entry.file.batches[0]!, OUTCOMES),
          ({error, call, allowed}) => {
            const where = `${call} after ${allowed}`
            const [found] = seen().list().entries
            const outcomes = seen().outcomes(found!, found!.file.batches[0]!)
            if (error === undefined) expect(outcomes, where).to.deep.equal(OUTCOMES)
            else {
              expect(error, where).to.include({kind: 'FAILED', code: 'outbox_not_updated'})
              expect(outcomes ?? OUTCOMES, where).to.deep.equal(OUTCOMES)
            }
            expect(bodies(found!), where).to.deep.equal(CALL.batches.map(({body}) => body))
            outbox.saveOutcomes(entry, entry.file.batches[0]!, OUTCOMES)
            const again = seen()
            expect(again.outcomes(found!, found!.file.batches[0]!), where).to.deep.equal(OUTCOMES)
          },
        )
        expect(failed).to.be.greaterThan(3)
      })

      it('entry.json is as it was or as it is to be: never half, and never without a request', async () => {
        const failed = await atEachFileCall(
          withEntry,
          options,
          () => {
            const added = outbox.addRequest(entry, 'request-1a.json', batch(7n))
            entry.file.batches.splice(0, 1, added)
            entry.file.batches[1]!.failedAttempts = 3
            outbox.save(entry)
          },
          ({error, call, allowed}) => {
            const where = `${call} after ${allowed}`
            const {entries, unreadable} = seen().list()
            expect(unreadable, where).to.deep.equal([])
            expect(bodies(entries[0]!), where).to.deep.equal(CALL.batches.map(({body}) => body))
            const names = entries[0]!.file.batches.map(({body}) => body)
            expect(names, where).to.be.deep.oneOf([
              ['request-1.json', 'request-2.json'],
              ['request-1a.json', 'request-2.json'],
            ])
            if (error === undefined) expect(names[0], where).to.equal('request-1a.json')
          },
        )
        expect(failed).to.be.greaterThan(6)
      })

      it('an entry that is struck off is gone, or whole: what is half removed is never taken for one', async () => {
        const failed = await atEachFileCall(
          withEntry,
          {...options, calls: [...CHANGES, 'rmSync']},
          () => outbox.strikeOff(entry),
          ({error, call, allowed}) => {
            const where = `${call} after ${allowed}`
            const {entries, unreadable} = seen().list()
            expect(unreadable, where).to.deep.equal([])
            if (error === undefined) expect(entries, where).to.deep.equal([])
            else expect((error as Error).message, where).to.contain("can't be removed")
            for (const one of entries) expect(bodies(one), where).to.have.lengthOf(2)
            if (call === 'rmSync') expect(entries, where).to.deep.equal([])
          },
        )
        expect(failed).to.be.greaterThan(0)
      })

      it('which ledger a database is: the one that was noted last, or the one before', async () => {
        const failed = await atEachFileCall(
          () => {
            withEntry()
            outbox.noteLedger(HEAD.origin, 'db', 'a')
            return outbox.path
          },
          options,
          () => outbox.noteLedger(HEAD.origin, 'db', 'b'),
          ({error, call, allowed}) => {
            const ledger = seen().ledgerOf(HEAD.origin, 'db')
            expect(ledger, `${call} after ${allowed}`).to.be.oneOf(error === undefined ? ['b'] : ['a', 'b'])
          },
        )
        expect(failed).to.be.greaterThan(2)
      })
    })
  }

  it('a process that dies while it writes leaves no entry, and nothing that stands in the way', async () => {
    const failed = await atEachFileCall(
      clear,
      {calls: [...CHANGES, 'rmSync', 'unlinkSync'], half: true},
      () => release(outbox.add(CALL)),
      ({error, call, allowed}) => {
        if (error === undefined) return
        expect(seen().list(), `${call} after ${allowed}`).to.deep.equal({entries: [], unreadable: []})
      },
    )
    expect(failed).to.be.greaterThan(8)
  })

  describe('what can not be read', () => {
    const failing = <T>(options: FailingDiskOptions, allowed: number, work: () => T): T => {
      const disk = failDisk(outbox.path, allowed, options)
      try {
        return work()
      } finally {
        disk.restore()
      }
    }

    it('is never taken for an empty outbox, at whichever directory reading fails', async () => {
      for (const code of ['EACCES', 'EIO'] as const) {
        const failed = await atEachFileCall(
          withEntry,
          {calls: ['readdirSync', 'statSync', 'lstatSync'], code},
          () => {
            const {entries, unreadable} = outbox.list()
            expect([entries.length, unreadable.length]).to.be.deep.oneOf([
              [1, 0],
              [0, 1],
            ])
          },
          ({error, call, allowed}) => {
            if (error === undefined) return
            expect((error as Error).message, `${code} ${call} after ${allowed}`).to.match(/can't be read|EACCES|EIO/)
          },
        )
        expect(failed).to.be.greaterThan(2)
      }
    })

    it('is not a call that was answered: nothing is sent to its database', () => {
      withEntry()
      const disk: FailingDiskOptions = {calls: ['readFileSync'], code: 'EIO'}
      const {entries, unreadable} = failing(disk, 0, () => outbox.list())
      expect(entries).to.deep.equal([])
      expect(unreadable[0]!.reason).to.contain("its entry.json can't be read (EIO")
      const error = refused(() => failing(disk, 0, () => outbox.ofDatabase(HEAD.origin, 'db')))
      expect(error).to.include({kind: 'FAILED', code: 'outbox_unreadable'})
      expect(error.message).to.contain('Nothing was sent.')
    })

    it('the bytes of a request: it is damaged, not gone', () => {
      withEntry()
      const [first] = entry.file.batches
      entry.requests.clear()
      for (const code of ['EACCES', 'EIO'] as const)
        for (const read of [() => outbox.request(entry, first!).body, () => String(outbox.bodyOf(entry, first!))])
          expect(refused(() => failing({calls: ['readFileSync'], code}, 0, read))).to.include({
            kind: 'FAILED',
            code: 'outbox_unreadable',
          })
      expect(outbox.request(entry, first!).body).to.equal(CALL.batches[0]!.body)
    })
  })

  describe('the lock of an entry', () => {
    it('that can not be written is not taken, and leaves the entry to others', async () => {
      const failed = await atEachFileCall(
        withEntry,
        {calls: CHANGES, code: 'EACCES', half: true},
        () => {
          const lock = lockEntry(entry.directory)
          if (isLock(lock)) lock.release()
        },
        ({call, allowed}) => {
          const where = `${call} after ${allowed}`
          expect(seen().list().entries, where).to.have.lengthOf(1)
          const lock = lockEntry(entry.directory)
          expect(isLock(lock), where).to.equal(true)
          if (isLock(lock)) lock.release()
          expect(isHeld(entry), where).to.equal(false)
        },
      )
      expect(failed).to.be.greaterThan(0)
    })

    it('is released with the entry, twice as well, and takes nothing else along', () => {
      withEntry()
      const lock = lockEntry(entry.directory)
      if (!isLock(lock)) throw new Error('it is free')
      const held = {...entry, lock}
      expect(isHeld(entry)).to.equal(true)
      release(held)
      release(held)
      expect(held.lock).to.equal(undefined)
      expect(isHeld(entry)).to.equal(false)
      expect(readdirSync(entry.directory).toSorted()).to.deep.equal(['entry.json', 'request-1.json', 'request-2.json'])
      expect(existsSync(join(entry.directory, 'claim'))).to.equal(false)
    })
  })
})
