import type {Effect} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {outboxPlace} from '../../src/outbox/directory.js'
import type {Entry} from '../../src/outbox/entry.js'
import {isHeld, release} from '../../src/outbox/entry-lock.js'
import {type Outbox, openOutbox} from '../../src/outbox/store.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {wireIds, wireList, wireObject} from '../../src/records/wire.js'
import {resumeAll, resumeOne, type ServiceAtHand, settleEarlier, takeEntry, together} from '../../src/submit/resume.js'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'
import {refusalOf, refused} from '../support/refusal.js'
import {submissionOf, type TestSubmission} from '../support/submission.js'
import {apiOf} from '../support/world.js'

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 700n, code: 1n}

describe('resuming what is in the outbox', () => {
  let local: LocalLedger
  let home: TestHome
  let outbox: Outbox
  let given: TestSubmission
  let nextId = 1000n
  before(async () => {
    local = await startLocalLedger()
    await local.operate(
      'create_accounts',
      wireList(
        'account',
        [1n, 2n].map((id) => ({id, ledger: 700n, code: 1n})),
      ),
    )
  })
  after(() => local.stop())
  beforeEach(() => {
    home = makeHome()
    outbox = openOutbox(outboxPlace(home.environment))
    given = submissionOf(local, home)
  })
  afterEach(() => home.remove())

  const fresh = (count = 1, more: LedgerRecord = {}) =>
    Array.from({length: count}, () => ({id: ++nextId, ...MOVE, ...more}))
  /** A call that a command put down, and that nobody is at work on any more. */
  function leave(records: LedgerRecord[], changes: Partial<Entry['file']> = {}, minute = 0): Entry {
    const base = apiOf(local).base
    const entry = outbox.add(
      {
        ...{
          operation: 'create_transfers',
          baseUrl: base.url.href.replace(/\/$/, ''),
          origin: base.origin,
          contentKey: 'k',
        },
        ...{database: {id: local.database, name: 'books'}},
        ...changes,
        batches: [{body: wireList('transfer', records), records}],
      },
      new Date(Date.UTC(2026, 10, 27, 12, minute)),
    )
    release(entry)
    return entry
  }
  const service = (changes: Partial<ServiceAtHand> = {}): ServiceAtHand => ({
    ...{api: given.api, usesApiKey: true, explicit: false, connectTo: () => Promise.reject(new Error('not asked for'))},
    ...changes,
  })
  const stored = async (records: readonly LedgerRecord[]) =>
    (await local.operate('lookup_transfers', wireIds(records.map(({id}) => id!)))).map(({id}) => BigInt(id!))

  it('one entry by its id: its bytes are sent, its outcome told, and it goes when that was shown', async () => {
    const records = fresh(2)
    const {file} = leave(records)
    const {result} = await resumeOne(file.id, service(), given)
    expect(result.responsePayload.map(({id, result}) => [id, result])).to.deep.equal(
      records.map(({id}) => [String(id), 'created']),
    )
    expect(await stored(records)).to.have.length(2)
    given.show()
    expect(outbox.list().entries).to.deep.equal([])
  })

  it('an id that is not there is not found; one that a living command is at work on is held', async () => {
    expect(await refusalOf(() => resumeOne('20260101-000000-aaaaaa', service(), given))).to.include({
      kind: 'NOT_FOUND',
      exitCode: 3,
    })
    const {file} = leave(fresh())
    const held = takeEntry(outbox, file.id)
    const error = refused(() => takeEntry(outbox, file.id))
    expect(error).to.include({kind: 'UNAVAILABLE', code: 'outbox_entry_held', exitCode: 75})
    expect(error.message).to.contain(`is at work on ${file.id}`)
    release(held)
    expect(takeEntry(outbox, file.id).file.id).to.equal(file.id)
  })

  it('an entry for another service never goes to this one, with the key of this one', async () => {
    const records = fresh()
    const {file} = leave(records, {baseUrl: 'https://parix.example', origin: 'https://parix.example'})
    for (const at of [service(), service({usesApiKey: false, explicit: true})]) {
      const error = await refusalOf(() => resumeOne(file.id, at, given))
      expect(error).to.include({kind: 'BAD_INPUT', code: 'other_service', exitCode: 2})
      expect(error.message).to.contain('was created for https://parix.example')
    }
    expect(await stored(records)).to.deep.equal([])
    expect(isHeld(outbox.find(file.id)), 'and is let go again').to.equal(false)
  })

  it('by a session the entry goes to the service that it was made for', async () => {
    const records = fresh()
    const {file} = leave(records)
    const asked: string[] = []
    const connectTo = async (baseUrl: string) => {
      asked.push(baseUrl)
      return given.api
    }
    const elsewhere = apiOf({baseUrl: 'http://localhost:1'})
    await resumeOne(file.id, service({api: elsewhere, usesApiKey: false, connectTo}), given)
    expect(asked).to.deep.equal([file.baseUrl])
    expect(await stored(records)).to.have.length(1)
  })

  it('all of them, oldest first; those of other services are left alone', async () => {
    const [later, earlier] = [fresh(), fresh()]
    const entries = [leave(later, {}, 9), leave(earlier, {}, 3), leave(fresh(), {origin: 'https://parix.example'}, 1)]
    const done: string[] = []
    await resumeAll(service(), given, (id) => done.push(id))
    expect(done).to.deep.equal([entries[1]!, entries[0]!].map(({file}) => file.id))
    given.show()
    expect(outbox.list().entries.map(({file}) => file.id)).to.deep.equal([entries[2]!.file.id])
  })

  it('one that fails keeps none of the others back, and the error names each', async () => {
    const [first, good, last] = [fresh(1, {debit_account_id: 98n}), fresh(), fresh(1, {debit_account_id: 99n})]
    const [one, , three] = [leave(first, {}, 1), leave(good, {}, 2), leave(last, {}, 3)]
    const done: string[] = []
    const error = await refusalOf(() => resumeAll(service(), given, (id) => done.push(id)))
    expect(error).to.include({kind: 'REFUSED', code: 'debit_account_not_found'})
    expect(error.message).to.match(/^2 entries of the outbox failed; the first: The transfer was refused/)
    expect(error.details.errors!.join('\n')).to.contain(`${three!.file.id}: The transfer was refused`)
    expect(await stored(good)).to.have.length(1)
    expect(done).to.have.length(1)
    expect(isHeld(outbox.find(one!.file.id))).to.equal(false)
  })

  it('one that can not be read is an error even where all others succeeded', async () => {
    const damaged = leave(fresh())
    home.write(`${damaged.directory.slice(home.path.length + 1)}/entry.json`, '{')
    const good = leave(fresh(), {}, 5)
    const done: string[] = []
    const error = await refusalOf(() => resumeAll(service(), given, (id) => done.push(id)))
    expect(error).to.include({kind: 'FAILED', code: 'outbox_unreadable'})
    expect(done).to.deep.equal([good.file.id])
  })

  it('a ledger that is another one now gets nothing: the call would be carried out a second time', async () => {
    const records = fresh()
    const {file} = leave(records, {ledger: 'ffffffffffffffffffffffffffffffff'})
    const error = await refusalOf(() => resumeOne(file.id, service(), given))
    expect(error).to.include({kind: 'CONFLICT', code: 'other_ledger', exitCode: 6})
    expect(await stored(records)).to.deep.equal([])
    expect(outbox.find(file.id).file.id, 'and it stays').to.equal(file.id)
  })

  it('a database that was removed leaves only forgetting', async () => {
    const id = '11111111-2222-4333-8444-555555555555'
    const {file} = leave(fresh(), {database: {id, name: 'gone'}})
    const error = await refusalOf(() => resumeOne(file.id, service(), given))
    expect(error).to.include({kind: 'NOT_FOUND', code: 'database_gone', exitCode: 3})
  })

  describe('earlier calls that are wholly of the same records', () => {
    const settle = (records: LedgerRecord[], kind: 'account' | 'transfer' = 'transfer') =>
      settleEarlier(
        given,
        {id: local.database, name: 'books'} as never,
        kind,
        new Set(records.map((record) => wireObject(kind, record))),
      )

    it('are finished; those with any other record, of another kind, or under way are not', async () => {
      const [mine, mixed, held] = [fresh(2), fresh(2), fresh()]
      const entry = leave(mine)
      leave(mixed)
      takeEntry(outbox, leave(held).file.id)
      const settled = await settle([...mine, mixed[0]!, ...held])
      expect(settled.map(({outbox: id, ids}) => [id, ids])).to.deep.equal([
        [entry.file.id, mine.map(({id}) => String(id))],
      ])
      expect(await stored([...mine, ...mixed, ...held])).to.have.members(mine.map(({id}) => id))
      expect(await settle(mixed, 'account')).to.deep.equal([])
    })

    it('one that fails is let go again, and its error is reported', async () => {
      const records = fresh(1, {debit_account_id: 99n})
      const {file} = leave(records)
      expect(await refusalOf(() => settle(records))).to.include({kind: 'REFUSED'})
      expect(isHeld(outbox.find(file.id))).to.equal(false)
    })
  })
})

describe('the effects of several calls of one command', () => {
  const effect = (name: string, log: string[]): Effect => ({
    shown: () => log.push(name),
    unshown: (why) =>
      new ParixError('UNAVAILABLE', `${name} is in books. ${why}`, {
        ids: [name],
        next: `resume ${name}`,
        code: 'output_failed',
      }),
  })

  function announcing(...names: string[]) {
    const log: string[] = []
    let latest: Effect | undefined
    const announce = together((one) => {
      latest = one
    })
    for (const name of names) announce(effect(name, log))
    return {log, latest: latest!}
  }

  it('are shown together, each once', () => {
    const {log, latest} = announcing('a', 'b', 'c')
    latest.shown!()
    expect(log).to.deep.equal(['a', 'b', 'c'])
  })

  it('where they could not be shown one error names all of them, with every next step', () => {
    const error = announcing('a', 'b').latest.unshown('The pipe is closed.')
    expect(error).to.include({kind: 'UNAVAILABLE', code: 'output_failed'})
    expect(error.message).to.equal('2 calls have an outcome. The pipe is closed.')
    expect(error.details).to.deep.include({
      errors: ['a is in books.', 'b is in books.'],
      ids: ['a', 'b'],
      next: ['resume a', 'resume b'],
    })
  })

  it('one alone keeps its own error', () => {
    expect(announcing('a').latest.unshown('Why.').message).to.equal('a is in books. Why.')
  })
})
