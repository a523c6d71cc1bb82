import {ParixError} from '@parix/kit/errors'
import {startRecordingService} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import type {Entry} from '../../src/outbox/entry.js'
import {release} from '../../src/outbox/entry-lock.js'
import {wireList} from '../../src/records/wire.js'
import {
  DEFAULT_LIMITS,
  type EntryRequest,
  noted,
  type SendResult,
  type SubmitLimits,
  sendBatch,
  sendCounted,
  sendRequest,
} from '../../src/submit/send-request.js'
import {submitEntry} from '../../src/submit/submit-entry.js'
import {BOOKS, created, on, problem, refused, rows, sent, transfer} from '../support/answers.js'
import {givenService} from '../support/given.js'
import {refusalOf} from '../support/refusal.js'
import {makeWorld, type TestWorld} from '../support/world.js'

const REQUEST: EntryRequest = {
  operation: 'create_transfers',
  kind: 'transfer',
  database: {id: BOOKS, name: 'books'},
  ids: ['7'],
  body: '[{"id":"7"}]',
  sentBefore: false,
}

describe('sending one request until it is answered', () => {
  const given = givenService()
  let world: TestWorld
  let faults: string[]
  beforeEach(() => {
    faults = []
    world = makeWorld(given.service, given.home)
  })

  const send = (changes: Partial<EntryRequest> = {}, limits: Partial<SubmitLimits> = {}): Promise<SendResult> =>
    sendRequest({...world, limits: {...DEFAULT_LIMITS, ...limits}}, {...REQUEST, ...changes}, (reason) =>
      faults.push(reason),
    )
  const bodies = () => sent(given.service, 'create_transfers')

  it('what is answered at once is sent once, and could not have been done before', async () => {
    on(given.service, 'create_transfers', created('created'))
    const {outcome, attempts, mayHaveBeenDone} = await send()
    expect([outcome.kind, attempts, mayHaveBeenDone]).to.deep.equal(['answered', 1, false])
    expect(faults).to.deep.equal([])
    expect(world.slept).to.deep.equal([])
  })

  it('every attempt sends the same bytes to the same place, whatever went wrong with the one before', async () => {
    on(
      given.service,
      'create_transfers',
      {drop: true},
      problem(500, 'oops'),
      problem(429, 'slow'),
      {body: '<html>'},
      problem(408, 'slow'),
      created('exists'),
    )
    const {outcome, attempts} = await send()
    expect([outcome.kind, attempts]).to.deep.equal(['answered', 6])
    expect(new Set(bodies())).to.deep.equal(new Set([REQUEST.body]))
    expect(new Set(given.service.requests.map(({target}) => target)).size).to.equal(1)
    expect(faults).to.have.length(5)
  })

  it('bytes go out as they are, whether text or not', async () => {
    on(given.service, 'create_transfers', created('created'))
    const body = Buffer.from('[{"id":"7","note":"ü"}]')
    await send({body})
    expect(given.service.requests[0]!.bytes.equals(body)).to.equal(true)
  })

  for (const [title, first, mayHaveBeenDone] of [
    ['a connection that broke after the request was sent', {drop: true}, true],
    ['an error of the service', problem(500, 'oops'), true],
    ['a gateway in between', {status: 502, body: '<html>'}, true],
    ['too many requests', problem(429, 'slow'), false],
    ['a database that is not ready', problem(409, 'database-not-ready'), false],
  ] as const) {
    it(`after ${title} an earlier attempt ${mayHaveBeenDone ? 'may have' : 'can not have'} been carried out`, async () => {
      on(given.service, 'create_transfers', first, created('created'))
      expect(await send()).to.include({attempts: 2, mayHaveBeenDone})
    })
  }

  it('what was sent before this command may have been carried out, whatever comes now', async () => {
    on(given.service, 'create_transfers', created('created'))
    expect(await send({sentBefore: true})).to.include({attempts: 1, mayHaveBeenDone: true})
  })

  for (const [title, result, kind] of [
    ['refused events', refused({index: 0, result: 'exceeds_credits', code: 54}), 'answered'],
    ['a bad request', problem(400, 'bad'), 'rejected'],
    ['too much', problem(413, 'too-much-data'), 'too_much'],
    ['a stub', rows('create_transfers', [], {mode: 'stub', persisted: false}), 'stub'],
    ['a response that is in doubt', rows('create_transfers', [], {ok: false}), 'answered'],
  ] as const) {
    it(`${title} are not asked about again: sending once more would change nothing`, async () => {
      on(given.service, 'create_transfers', result)
      const {outcome, attempts} = await send()
      expect([outcome.kind, attempts]).to.deep.equal([kind, 1])
    })
  }

  it('no attempt begins after the time that was given, however short the pauses are', async () => {
    on(given.service, 'create_transfers', problem(503, 'oops'))
    for (const retryForMs of [0, 249, 250, 1000]) {
      world = makeWorld(given.service, given.home)
      const started = world.now()
      await send({}, {retryForMs})
      expect(world.now() - started, String(retryForMs)).to.be.at.most(retryForMs)
    }
  })

  it('with no time for more it is sent once', async () => {
    on(given.service, 'create_transfers', problem(503, 'oops'))
    expect(await send({}, {retryForMs: 0})).to.include({attempts: 1})
    expect(faults, 'and that one is noted').to.have.length(1)
  })

  it('it is sent no more often than the limit says', async () => {
    on(given.service, 'create_transfers', problem(503, 'oops'))
    expect(await send({}, {attemptsMax: 3})).to.include({attempts: 3})
    expect(bodies()).to.have.length(3)
  })

  it('where nobody listens it ends after four attempts; where one may have arrived it goes on', async () => {
    const stopped = await startRecordingService()
    const deserted = makeWorld(stopped, given.home)
    await stopped.stop()
    const {attempts, mayHaveBeenDone, outcome} = await sendRequest(deserted, REQUEST, (reason) => faults.push(reason))
    expect([attempts, mayHaveBeenDone, outcome.kind]).to.deep.equal([4, false, 'later'])
    const before = await sendRequest(makeWorld(stopped, given.home), {...REQUEST, sentBefore: true}, () => {})
    expect(before.attempts).to.equal(DEFAULT_LIMITS.attemptsMax)
  })

  it('pauses are spread between half and all of their length, and never shorter than the service asks for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({min: 0, max: 1, noNaN: true}),
        fc.integer({min: 0, max: 9}),
        async (random, seconds) => {
          on(
            given.service,
            'create_transfers',
            problem(429, 'slow', seconds === 0 ? {} : {'retry-after': String(seconds)}),
            created('created'),
          )
          const slept: number[] = []
          const sleep = async (ms: number) => void slept.push(ms)
          await sendRequest({...world, sleep, random: () => random}, REQUEST, () => {})
          expect(slept).to.have.length(1)
          expect(slept[0]).to.be.within(Math.max(125, seconds * 1000), Math.max(250, seconds * 1000))
        },
      ),
      {numRuns: 15},
    )
  })

  it('each pause is reported with its reason and its length, and that nothing can be created twice', async () => {
    on(given.service, 'create_transfers', problem(429, 'slow', {'retry-after': '3'}), {drop: true}, created('created'))
    await send()
    expect(world.said[0]).to.match(
      /^Not carried out \(status 429: .*\)\. Sending the same bytes again in 3 s, attempt 2: nothing can be created twice\.$/,
    )
    expect(world.said[1]).to.match(
      /^No usable response \(.*ECONNRESET.*\)\. Sending the same bytes again in 500 ms, attempt 3/,
    )
  })

  it('a credential that is refused is not asked about again', async () => {
    on(given.service, 'create_transfers', problem(401, 'who'))
    const {outcome} = await send()
    expect(outcome).to.include({kind: 'rejected'})
    expect((outcome as {error: {exitCode: number}}).error.exitCode).to.equal(4)
  })

  it('where every event is there the rows are counted; where one is not they are read', async () => {
    const counted = (result: ReturnType<typeof created>) => {
      on(given.service, 'create_transfers', result)
      const body = Buffer.from('[{"id":"7"},{"id":"8"}]')
      return sendCounted(world, {...REQUEST, ids: ['7', '8'], body, events: 2})
    }
    expect((await counted(created('created', 'exists'))).outcome).to.include({
      kind: 'all_there',
      created: 1,
      existed: 1,
    })
    const {outcome} = await counted(created('created', 'exceeds_credits'))
    expect(outcome).to.include({kind: 'answered'})
    expect((outcome as {events: {state: string}[]}).events.map(({state}) => state)).to.deep.equal([
      'created',
      'refused',
    ])
  })

  it('what was taken back before it was whole is no attempt, even where its turn comes at that moment', async () => {
    on(given.service, 'create_transfers', created('created'))
    const turn = {come: Promise.resolve(), ahead: Promise.reject(new Error('not yet'))}
    const request = {...REQUEST, body: Buffer.from('[{"id":"7"}]'), events: 1, turn}
    const {outcome} = await sendCounted({...world, limits: {...DEFAULT_LIMITS, attemptsMax: 1}}, request)
    expect(outcome).to.include({kind: 'all_there', created: 1})
    expect([world.said, world.slept]).to.deep.equal([[], []])
    expect(bodies()).to.have.lengthOf(1)
  })
})

const MOVE = {debit_account_id: 1n, credit_account_id: 2n, amount: 5n, ledger: 1n, code: 1n}
const records = (...ids: bigint[]) => ids.map((id) => ({id, ...MOVE}))

describe('one request of an entry', () => {
  const given = givenService()
  let world: TestWorld
  beforeEach(() => {
    world = makeWorld(given.service, given.home)
  })

  const head = () => ({
    ...{operation: 'create_transfers' as const, baseUrl: given.service.baseUrl, origin: given.service.baseUrl},
    ...{database: {id: BOOKS, name: 'books'}, contentKey: 'k'},
  })
  const whole = (...batches: bigint[][]): Entry =>
    world.outbox.add({
      ...head(),
      batches: batches.map((ids) => ({body: wireList('transfer', records(...ids)), records: records(...ids)})),
    })
  async function streamed(...batches: bigint[][]): Promise<Entry> {
    const all = async function* () {
      for (const ids of batches) {
        const body = Buffer.from(wireList('transfer', records(...ids)))
        yield {body, events: ids.length, firstId: String(ids[0]), lastId: String(ids.at(-1))}
      }
    }
    return world.outbox.addStreamed({...head(), batches: all()})
  }
  const send = (entry: Entry, place = 0, sentBefore = false) => {
    const batch = entry.file.batches[place]!
    const request = world.outbox.request(entry, batch)
    return sendBatch(world, {entry, batch, request: () => request}, sentBefore)
  }
  const seen = () => world.outbox.list().entries[0]!.file.batches

  it('goes out with the bytes that are in the outbox', async () => {
    on(given.service, 'create_transfers', created('created', 'created'))
    await send(whole([7n, 8n]))
    await send(await streamed([7n, 8n]))
    expect(sent(given.service, 'create_transfers')).to.deep.equal(Array(2).fill(wireList('transfer', records(7n, 8n))))
  })

  it('of a streamed entry is counted where every event is there, and read where one is not', async () => {
    on(
      given.service,
      'create_transfers',
      created('created', 'exists'),
      refused({index: 1, result: 'exceeds_credits', code: 54}),
    )
    const entry = await streamed([7n, 8n])
    expect((await send(entry)).outcome).to.include({kind: 'all_there', created: 1, existed: 1})
    const {outcome} = await send(entry)
    expect(outcome.kind).to.equal('answered')
    if (outcome.kind === 'answered') expect(outcome.events.map(({id}) => id)).to.deep.equal(['7', '8'])
  })

  it('each attempt that failed is in the outbox before the next: how many, and what the last one saw', async () => {
    const before: unknown[] = []
    on(given.service, 'create_transfers', problem(503, 'busy'), {drop: true}, () => {
      before.push(...seen().map(({failedAttempts, lastFault}) => [failedAttempts, typeof lastFault]))
      return created('created')
    })
    const {attempts, mayHaveBeenDone} = await send(whole([7n]))
    expect([attempts, mayHaveBeenDone]).to.deep.equal([3, true])
    expect(before).to.deep.equal([[2, 'string']])
  })

  it('that failed before may have been carried out, whatever comes now', async () => {
    on(given.service, 'create_transfers', created('exists'))
    expect((await send(whole([7n]), 0, true)).mayHaveBeenDone).to.equal(true)
  })

  describe('what is only recorded', () => {
    it('makes no payment fail: it is said, and nothing is lost', () => {
      noted(world, () => {
        throw new ParixError('FAILED', 'The disk is full.')
      })
      expect(world.said[0]).to.equal(
        'The disk is full. Continuing without it: the same call may be sent again, and nothing is created twice.',
      )
    })

    it('a fault of the program is not hidden by it', () => {
      expect(() =>
        noted(world, () => {
          throw new TypeError('undefined is not a function')
        }),
      ).to.throw(TypeError)
      expect(world.said).to.deep.equal([])
    })
  })

  describe('of a streamed entry, submitted', () => {
    const submit = (entry: Entry, resumed = false) =>
      submitEntry(world, entry, {resumed, resume: 'parix tb outbox resume'})

    it('only requests with refusals are taken apart, and each event has its place in the whole', async () => {
      const entry = await streamed([1n, 2n], [3n, 4n], [5n, 6n])
      on(
        given.service,
        'create_transfers',
        created('created', 'exists'),
        refused({index: 0, result: 'exceeds_credits', code: 54}),
        created('created', 'created'),
      )
      on(given.service, 'lookup_transfers', rows('lookup_transfers', [transfer({id: '4'})]))
      const {events, counted} = await submit(entry)
      expect(events.length).to.equal(6)
      expect(events.filter(Boolean).map(({index, id, state}) => [index, id, state])).to.deep.equal([
        [2, '3', 'refused'],
        [3, '4', 'stored'],
      ])
      expect(counted).to.deep.equal({created: 3, exists: 1, stored: 0})
    })

    it('what had its outcome before is not sent again, and counts as it did', async () => {
      const entry = await streamed([1n, 2n], [3n, 4n])
      on(given.service, 'create_transfers', created('created', 'created'), problem(403, 'forbidden'))
      const error = await refusalOf(() => submit(entry))
      expect(error.details).to.deep.include({ids: ['3', '4'], outbox: entry.file.id})
      expect(error.details.errors).to.include('known: 2 of 4, all in the ledger')
      on(given.service, 'create_transfers', created('created', 'created'))
      given.service.requests.length = 0
      const [left] = world.outbox.list().entries
      const {counted, events} = await submit(left!, true)
      expect(sent(given.service, 'create_transfers').map((body) => JSON.parse(body)[0].id)).to.deep.equal(['3'])
      expect(counted).to.deep.equal({created: 4, exists: 0, stored: 0})
      expect(events.length).to.equal(4)
    })

    it('that is too much goes out in halves, which are in the outbox before any of it is sent', async () => {
      const entry = await streamed([1n, 2n, 3n, 4n])
      const names: string[][] = []
      on(given.service, 'create_transfers', ({body}) => {
        names.push(seen().map((batch) => batch.body))
        const count = JSON.parse(body).length as number
        return count > 2 ? problem(413, 'too-much-data') : created(...Array<string>(count).fill('created'))
      })
      const {counted} = await submit(entry)
      expect(counted.created).to.equal(4)
      expect(names).to.deep.equal([
        ['request-000001.json'],
        ['request-000001a.json', 'request-000001b.json'],
        ['request-000001a.json', 'request-000001b.json'],
      ])
      release(entry)
    })
  })
})
