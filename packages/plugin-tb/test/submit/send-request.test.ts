import {startRecordingService} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {
  DEFAULT_LIMITS,
  type EntryRequest,
  type SendResult,
  type SubmitLimits,
  sendCounted,
  sendRequest,
} from '../../src/submit/send-request.js'
import {BOOKS, created, on, problem, refused, rows, sent} from '../support/answers.js'
import {givenService} from '../support/given.js'
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

  it('each pause is told with its reason and its length, and that nothing can be created twice', async () => {
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
})
