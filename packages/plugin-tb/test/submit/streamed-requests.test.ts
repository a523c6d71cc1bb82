import {rmSync} from 'node:fs'
import {join} from 'node:path'
import {deferred} from '@parix/kit/deferred'
import {isParixError, type ParixError} from '@parix/kit/errors'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import fc from 'fast-check'
import {outboxPlace} from '../../src/outbox/directory.js'
import type {Entry} from '../../src/outbox/entry.js'
import {release} from '../../src/outbox/entry-lock.js'
import {openOutbox} from '../../src/outbox/store.js'
import type {LedgerRecord} from '../../src/records/kinds.js'
import {wireIds, wireList} from '../../src/records/wire.js'
import {DEFAULT_LIMITS, type SubmitContext} from '../../src/submit/send-request.js'
import {type Submission, submitEntry} from '../../src/submit/submit-entry.js'
import {type LossyLedger, startLossyLedger} from '../support/lossy-ledger.js'
import type {Fate} from '../support/lossy-proxy.js'
import {makeWorld} from '../support/world.js'

/** So many make a request that travels before its turn. */
const LARGE = 1000

describe('the requests of a streamed entry', () => {
  let ledger: LossyLedger
  let local: LossyLedger['local']
  let proxy: LossyLedger['proxy']
  let home: TestHome
  let nextId = 1n

  before(async () => {
    ledger = await startLossyLedger()
    local = ledger.local
    proxy = ledger.proxy
  })
  after(() => ledger.stop())
  beforeEach(() => {
    home = makeHome()
    Object.assign(proxy.seen, {wholeMax: 0, beganBeside: 0})
    creating([])
  })
  afterEach(() => home.remove())

  const creating = (ways: Fate[]) => {
    proxy.choose = (path) => (path.endsWith('create_transfers') ? (ways.shift() ?? 'pass') : 'pass')
  }
  const world = () => makeWorld({baseUrl: proxy.baseUrl, apiKey: local.apiKey}, home)
  const outbox = () => openOutbox(outboxPlace(home.environment))

  /** Requests with so many transfers each that no test had before. `from`: the account that pays, 3 has nothing. */
  function newRequests(sizes: readonly number[], from: (request: number) => bigint = () => 1n): LedgerRecord[][] {
    return sizes.map((size, request) =>
      Array.from({length: size}, () => ({
        ...{id: nextId++, debit_account_id: from(request), credit_account_id: 2n, amount: 1n, ledger: 700n, code: 1n},
      })),
    )
  }

  async function put(requests: LedgerRecord[][]): Promise<Entry> {
    const {api} = world()
    const batches = async function* () {
      for (const records of requests) {
        const ids = {firstId: String(records[0]!.id), lastId: String(records.at(-1)!.id)}
        yield {body: Buffer.from(wireList('transfer', records)), events: records.length, ...ids}
      }
    }
    return outbox().addStreamed({
      ...{operation: 'create_transfers', baseUrl: api.base.url.href, origin: api.base.origin, contentKey: 'k'},
      ...{database: {id: local.database, name: 'books'}, batches: batches()},
    })
  }

  async function submit(entry: Entry, changes: Partial<SubmitContext> = {}, resumed = false) {
    const context = {...world(), ...changes}
    return submitEntry(context, entry, {resumed, resume: 'parix tb outbox resume X'}).catch((error: unknown) => {
      if (isParixError(error)) return error
      throw error
    })
  }
  const stored = async (requests: LedgerRecord[][]) =>
    (await Promise.all(requests.map((one) => local.operate('lookup_transfers', wireIds(one.map(({id}) => id!)))))).map(
      ({length}) => length,
    )
  const known = (entry: Entry) => entry.file.batches.map((batch) => outbox().outcomes(entry, batch)?.length)

  it('travel while the one before is carried out, and are whole only when that has its response', async () => {
    const requests = newRequests([LARGE, LARGE, LARGE, 3, LARGE])
    const entry = await put(requests)
    const done = (await submit(entry)) as Submission
    expect(done.counted).to.deep.equal({created: 4 * LARGE + 3, exists: 0, stored: 0})
    expect(done.retried).to.equal(false)
    expect(known(entry)).to.deep.equal([LARGE, LARGE, LARGE, 3, LARGE])
    expect(proxy.seen.wholeMax).to.equal(1)
    expect(proxy.seen.beganBeside).to.be.within(1, 3)
    const outcomes = entry.file.batches.flatMap((batch) => outbox().outcomes(entry, batch)!)
    expect(outcomes.map(({id}) => id)).to.deep.equal(requests.flat().map(({id}) => String(id)))
  })

  it('have the outcomes of the one before on disk while they are carried out', async () => {
    const entry = await put(newRequests([LARGE, LARGE]))
    creating(['pass', 'hold-answer'])
    const held = proxy.held()
    const limits = {...DEFAULT_LIMITS, responseTimeoutMs: 500, attemptsMax: 1}
    const ended = submit(entry, {limits})
    await held
    // The request had left before the service could carry it out.
    await new Promise(setImmediate)
    expect(known(entry)).to.deep.equal([LARGE, undefined])
    expect(await ended).to.include({kind: 'OUTCOME_UNKNOWN'})
    expect(known(entry)).to.deep.equal([LARGE, undefined])
  })

  for (const status of [401, 413, 429, 503] as const) {
    it(`answered with ${status} before they are whole, are sent again when their turn comes`, async () => {
      const requests = newRequests([LARGE, LARGE, LARGE])
      creating(['hold-answer', `early-${status}`])
      const {api} = world()
      const answered = deferred()
      const held = proxy.held()
      const request: typeof api.request = async (call) => {
        if (call.lastByteAfter !== undefined) return api.request(call).finally(answered.resolve)
        if (proxy.fates[`early-${status}`] > before) return api.request(call)
        // The first has its response when the second was answered: it is cut, and sent again then.
        const cut = new AbortController()
        const sent = api.request({...call, signal: cut.signal})
        await Promise.all([answered.promise, held])
        cut.abort()
        await sent.catch(() => {})
        return api.request(call)
      }
      const before = proxy.fates[`early-${status}`]
      const entry = await put(requests)
      const done = (await submit(entry, {api: {...api, request}})) as Submission
      expect(done.counted).to.deep.equal({created: 2 * LARGE, exists: LARGE, stored: 0})
      expect(proxy.fates[`early-${status}`]).to.equal(before + 1)
      expect(entry.file.batches.map(({failedAttempts}) => failedAttempts)).to.deep.equal([0, 0, 0])
    })
  }

  it('after one that was refused for good are taken back, and none of them is carried out', async () => {
    const requests = newRequests([LARGE, LARGE, LARGE])
    const entry = await put(requests)
    const {api} = world()
    let calls = 0
    const request: typeof api.request = (call) =>
      call.lastByteAfter === undefined && ++calls === 1
        ? api.request({...call, headers: {...call.headers, 'content-type': 'text/plain'}})
        : api.request(call)
    expect(await submit(entry, {api: {...api, request}})).to.be.instanceOf(Error)
    expect(await stored(requests)).to.deep.equal([0, 0, 0])
    expect(calls).to.equal(1)
  })

  it('after one with refused events are sent all the same, each event with its outcome', async () => {
    const requests = newRequests([LARGE, LARGE, LARGE], (request) => (request === 1 ? 3n : 1n))
    const entry = await put(requests)
    const done = (await submit(entry)) as Submission
    expect(done.counted.created).to.equal(2 * LARGE)
    expect(done.events.filter((event) => event?.state === 'refused')).to.have.lengthOf(LARGE)
    expect(done.events[LARGE]).to.include({index: LARGE, id: String(requests[1]![0]!.id)})
    expect(await stored(requests)).to.deep.equal([LARGE, 0, LARGE])
  })

  it('may have been sent before, each of them, where an earlier command was cut off: their outcomes may be lost', async () => {
    const requests = newRequests([LARGE, LARGE, LARGE])
    const entry = await put(requests)
    await submit(entry)
    for (const batch of entry.file.batches)
      rmSync(join(entry.directory, batch.body.replace('request', 'outcomes')), {force: true})
    const {api} = world()
    let places = 0
    const request: typeof api.request = (call) =>
      // The second, which travels early, is refused for good, whatever became of it before.
      (call.body?.length ?? 0) < 50_000 || places++ !== 1
        ? api.request(call)
        : api.request({...call, headers: {...call.headers, 'content-type': 'text/plain'}})
    const error = (await submit(
      entry,
      {api: {...api, request}, limits: {...DEFAULT_LIMITS, attemptsMax: 1}},
      true,
    )) as Error
    expect(error).to.include({kind: 'OUTCOME_UNKNOWN'})
    expect(error.message).to.contain('An earlier attempt may have been carried out')
    expect((error as ParixError).details.errors).to.include(`no outcome yet: ${LARGE}`)
  })

  it('that are too much at once are sent in halves, and none of them in the place of another', async () => {
    const requests = newRequests([LARGE, LARGE, 10])
    const entry = await put(requests)
    const {api} = world()
    const request: typeof api.request = async (call) => {
      if (call.body!.length <= 90_000) return api.request(call)
      call.onSent?.()
      await call.lastByteAfter?.catch(() => {})
      return {status: 413, headers: {}, url: api.base.url, body: Buffer.from('{"title":"Too much data"}')}
    }
    const done = (await submit(entry, {api: {...api, request}})) as Submission
    expect(done.counted).to.include({created: 2 * LARGE + 10, exists: 0})
    expect(known(entry)).to.deep.equal([LARGE / 2, LARGE / 2, LARGE / 2, LARGE / 2, 10])
    const outcomes = entry.file.batches.flatMap((batch) => outbox().outcomes(entry, batch)!)
    expect(outcomes.map(({id}) => id)).to.deep.equal(requests.flat().map(({id}) => String(id)))
  })

  it('interrupted anywhere, by any loss, and resumed: each is created once, and all have outcomes', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(LARGE, LARGE, 2), {minLength: 2, maxLength: 5}),
        fc.array(
          fc.constantFrom<Fate>(
            ...(['pass', 'lose-request', 'lose-answer', 'cut-answer', 'bad-gateway', 'early-503'] as const),
          ),
          {maxLength: 6},
        ),
        async (sizes, ways) => {
          const requests = newRequests(sizes)
          let entry = await put(requests)
          creating([...ways])
          Object.assign(proxy.seen, {wholeMax: 0})
          let done: Submission | ParixError | undefined
          for (let attempt = 0; done === undefined || isParixError(done); attempt++) {
            expect(attempt).to.be.at.most(ways.length)
            done = await submit(entry, {limits: {...DEFAULT_LIMITS, attemptsMax: 1}}, attempt > 0)
            if (!isParixError(done)) break
            expect(done.kind).to.be.oneOf(['OUTCOME_UNKNOWN', 'UNAVAILABLE'])
            const left = outbox()
              .list()
              .entries.find(({file}) => file.id === entry.file.id)
            // What certainly was not carried out leaves nothing behind.
            entry = left ?? (await put(requests))
          }
          expect(await stored(requests)).to.deep.equal(sizes)
          expect(known(entry)).to.deep.equal(sizes)
          expect(proxy.seen.wholeMax).to.equal(1)
          release(entry)
        },
      ),
      {numRuns: 12},
    ))
})
