import {writeFileSync} from 'node:fs'
import {isParixError, ParixError} from '@parix/kit/errors'
import {makeHome, type RecordingService, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import type {Entry} from '../../src/outbox/entry.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {wireList} from '../../src/records/wire.js'
import {type Submission, submitEntry} from '../../src/submit/submit-entry.js'
import {BOOKS, created, on, problem, rows, sent} from '../support/answers.js'
import {makeWorld, type TestWorld} from '../support/world.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 1n, ledger: 1n, code: 1n}

function put(world: TestWorld, batches: LedgerRecord[][]): Entry {
  return world.outbox.add({
    operation: 'create_transfers',
    baseUrl: world.api.base.url.href,
    origin: world.api.base.origin,
    database: {id: BOOKS, name: 'books'},
    contentKey: 'k',
    batches: batches.map((batch) => ({body: wireList('transfer', batch), records: batch})),
  })
}

async function submit(world: TestWorld, entry: Entry, resumed = false): Promise<Submission | ParixError> {
  try {
    return await submitEntry(world, entry, {resumed, resume: 'parix tb outbox resume X'})
  } catch (error) {
    if (isParixError(error)) return error
    throw error
  }
}

describe('submitting an entry', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('pauses double up to eight seconds, and end after a minute', () =>
    withService(async (service) => {
      on(service, 'create_transfers', problem(503, 'ledger-unavailable'))
      const world = makeWorld(service, home)
      const error = await submit(world, put(world, [[{id: 1n, ...MOVE}]]))
      expect(error).to.include({kind: 'OUTCOME_UNKNOWN'})
      expect(world.slept.slice(0, 7)).to.deep.equal([250, 500, 1000, 2000, 4000, 8000, 8000])
      expect(world.slept.reduce((sum, ms) => sum + ms)).to.be.at.most(60_000)
      expect(new Set(sent(service, 'create_transfers')).size).to.equal(1)
    }))

  it('waits as long as it is told, if that is not too long', () =>
    withService(async (service) => {
      on(service, 'create_transfers', problem(409, 'database-not-ready', {'retry-after': '20'}), created('created'))
      const world = makeWorld(service, home)
      expect(await submit(world, put(world, [[{id: 1n, ...MOVE}]]))).to.include({attempts: 2, retried: false})
      expect(world.slept).to.deep.equal([20_000])
    }))

  it('each failed attempt is recorded', () =>
    withService(async (service) => {
      const world = makeWorld(service, home)
      const entry = put(world, [[{id: 1n, ...MOVE}]])
      on(service, 'create_transfers', {drop: true}, () => {
        const [stored] = world.outbox.list().entries
        expect(stored!.file.batches[0]).to.include({failedAttempts: 1})
        expect(stored!.file.batches[0]!.lastFault).to.contain('ECONNRESET')
        return created('exists')
      })
      expect(await submit(world, entry)).to.include({attempts: 2, retried: true})
    }))

  it('notes that can not be written any more do not turn a payment that was made into a failure', () =>
    withService(async (service) => {
      const full = () => {
        throw new ParixError('FAILED', 'The disk is full.')
      }
      const world = makeWorld(service, home, {save: full, saveOutcomes: full, strikeOff: full})
      on(service, 'create_transfers', {drop: true}, created('exists'), created('created'))
      const result = await submit(world, put(world, [[{id: 1n, ...MOVE}], [{id: 2n, ...MOVE}]]))
      expect(result).to.have.property('events').with.lengthOf(2)
      expect(world.said.filter((text) => text.includes('Continuing without it'))).to.have.length(4)
    }))

  it('a crash between the halves of a request that was too large is made good by resume', () =>
    withService(async (service) => {
      const outcome = ({body}: {body: string}) =>
        JSON.parse(body).length > 1 ? problem(413, 'too-much-data') : created('created')
      on(service, 'create_transfers', outcome)
      const world = makeWorld(service, home)
      const entry = put(world, [
        [
          {id: 1n, ...MOVE},
          {id: 2n, ...MOVE},
        ],
      ])
      // The halves are on the disk, and the process dies before the entry says so.
      writeFileSync(`${entry.directory}/request-1a.json`, 'half a fi')
      const [found] = world.outbox.list().entries
      const result = await submit(world, found!, true)
      expect((result as Submission).events.map(({id, state}) => [id, state])).to.deep.equal([
        ['1', 'created'],
        ['2', 'created'],
      ])
      expect(sent(service, 'create_transfers').map((body) => JSON.parse(body).length)).to.deep.equal([2, 1, 1])
    }))

  it('one chain that is too much is refused, and nothing stays', () =>
    withService(async (service) => {
      on(service, 'create_transfers', problem(413, 'too-much-data'))
      const world = makeWorld(service, home)
      const error = await submit(
        world,
        put(world, [
          [
            {id: 1n, ...MOVE, flags: 1n},
            {id: 2n, ...MOVE},
          ],
        ]),
      )
      expect(error).to.include({kind: 'BAD_INPUT'})
      expect(world.outbox.list().entries).to.deep.equal([])
    }))

  it('what was resumed is never struck off without an answer', () =>
    withService(async (service) => {
      for (const outcome of [
        problem(403, 'scope-missing'),
        problem(429, 'too-many', {'retry-after': '999'}),
        {drop: true},
      ]) {
        on(service, 'create_transfers', outcome)
        const world = makeWorld(service, home)
        const error = (await submit(world, put(world, [[{id: 1n, ...MOVE}]]), true)) as ParixError
        expect(error.exitCode).to.equal(75)
        expect(error.details.next).to.include('parix tb outbox resume X')
        expect(world.outbox.list().entries).to.have.length(1)
        world.outbox.strikeOff(world.outbox.list().entries[0]!)
      }
    }))

  it('where a later request is refused what was made stays told, and the rest stays to be resumed', () =>
    withService(async (service) => {
      on(service, 'create_transfers', created('created'), problem(403, 'scope-missing'))
      const world = makeWorld(service, home)
      const error = (await submit(world, put(world, [[{id: 1n, ...MOVE}], [{id: 2n, ...MOVE}]]))) as ParixError
      expect(error).to.include({kind: 'FORBIDDEN', exitCode: 5})
      expect(error.message).to.contain('The rest was not sent')
      expect([error.details.created!.map(({id}) => id), error.details.ids]).to.deep.equal([['1'], ['2']])
      const [entry] = world.outbox.list().entries
      expect(world.outbox.outcomes(entry!, entry!.file.batches[0]!)).to.have.length(1)
      // Resumed, only the second is sent, after a look at which ledger it is.
      on(service, 'lookup_transfers', rows('lookup_transfers', []))
      on(service, 'create_transfers', created('created'))
      expect(await submit(world, entry!, true))
        .to.have.property('events')
        .with.lengthOf(2)
      expect(sent(service, 'create_transfers').map((body) => JSON.parse(body)[0].id)).to.deep.equal(['1', '2', '2'])
    }))

  it('a chain whose lookup fails stays: what became of it is not known', () =>
    withService(async (service: RecordingService) => {
      on(service, 'create_transfers', created('exists', 'linked_event_failed'))
      on(service, 'lookup_transfers', problem(403, 'scope-missing'))
      const world = makeWorld(service, home)
      const error = await submit(
        world,
        put(world, [
          [
            {id: 1n, ...MOVE, flags: 1n},
            {id: 2n, ...MOVE},
          ],
        ]),
      )
      expect(error).to.include({kind: 'OUTCOME_UNKNOWN'})
      expect(world.outbox.list().entries).to.have.length(1)
    }))
})
