import {errorObject, type ParixError} from '@parix/kit/errors'
import {expect} from 'chai'
import {waitUntilReady, waitUntilRemoved} from '../src/waiting.js'
import {BOOKS, info} from './answers.js'
import {failure, withApi} from './with-api.js'

/** Time passes only when somebody sleeps. */
function clock(timeoutMs: number) {
  let now = 0
  const told: string[] = []
  const sleeps: number[] = []
  return {
    told,
    sleeps,
    timeoutMs,
    now: () => now,
    sleepMs: async (ms: number) => {
      sleeps.push(ms)
      now += ms
    },
    progress: (text: string) => told.push(text),
  }
}

const BOOK = '/api/v1/databases/db_1'
const job = (status: string, error: string | null) => ({latestProvisionJob: {id: 'j', status, error}})

describe('waiting for a database', () => {
  it('asks, less and less often, until it is ready', () =>
    withApi(async (service, api) => {
      const provisioning = {json: info({}, 'PROVISIONING')}
      service.answer('GET', BOOK, provisioning, provisioning, provisioning, {json: info()})
      const world = clock(60_000)
      expect((await waitUntilReady(api, BOOKS, world)).profile?.status).to.equal('READY')
      expect(world.told).to.deep.equal(Array(3).fill('books is PROVISIONING'))
      expect(world.sleeps).to.deep.equal([250, 375, 562.5])
    }))

  it('exit 7 when the time is over, and looks a last time at its end', () =>
    withApi(async (service, api) => {
      service.answer('GET', BOOK, {json: info({}, 'PROVISIONING')})
      const world = clock(60_000)
      const error = await failure(waitUntilReady(api, BOOKS, world))
      expect(error).to.include({kind: 'NOT_READY', exitCode: 7})
      expect(error.message).to.equal('books is still PROVISIONING after 1 min 00 s.')
      expect(errorObject(error as ParixError).error.next).to.deep.equal(['parix database wait books'])
      expect(world.now()).to.equal(60_000)
      expect(Math.max(...world.sleeps)).to.equal(5000)
    }))

  it('--timeout 0 looks once', () =>
    withApi(async (service, api) => {
      service.answer('GET', BOOK, {json: info({}, 'PROVISIONING')})
      expect(await failure(waitUntilReady(api, BOOKS, clock(0)))).to.include({exitCode: 7})
      expect(service.requests).to.have.length(1)
    }))

  for (const [what, response] of [
    ['the profile', info(job('RUNNING', 'No quota in us-central1.'), 'FAILED')],
    ['the job', info(job('FAILED', 'No quota in us-central1.'), 'PROVISIONING')],
  ] as const) {
    it(`says that provisioning failed, and why, by ${what}`, () =>
      withApi(async (service, api) => {
        service.answer('GET', BOOK, {json: response})
        const error = await failure(waitUntilReady(api, BOOKS, clock(1000)))
        expect(error).to.include({kind: 'FAILED', exitCode: 1, code: 'provisioning_failed'})
        expect(error.message).to.include('No quota in us-central1.')
      }))
  }

  it('a database that is being removed, or gone, is not waited for', () =>
    withApi(async (service, api) => {
      service.answer('GET', BOOK, {json: info({decommissionState: {status: 'queued'}})}, {status: 404, json: {}})
      expect(await failure(waitUntilReady(api, BOOKS, clock(1000)))).to.include({exitCode: 1, code: 'being_removed'})
      expect(await failure(waitUntilReady(api, BOOKS, clock(1000)))).to.include({exitCode: 3})
    }))

  it('flaw 13: a service that is away for a while, or too busy, is waited through', () =>
    withApi(async (service, api) => {
      const busy = {status: 429, json: {}, headers: {'retry-after': '7'}}
      service.answer('GET', BOOK, {json: info({}, 'PROVISIONING')}, {drop: true}, busy, {status: 503}, {json: info()})
      const world = clock(60_000)
      await waitUntilReady(api, BOOKS, world)
      const away = "books was PROVISIONING; the service can't be reached"
      expect(world.told).to.deep.equal(['books is PROVISIONING', away, away, away])
      expect(world.sleeps).to.deep.equal([250, 375, 7000, 843.75])
    }))

  it('exit 75, not 7, when the service was away to the end', () =>
    withApi(async (service, api) => {
      service.answer('GET', BOOK, {status: 503})
      expect(await failure(waitUntilReady(api, BOOKS, clock(1000)))).to.include({exitCode: 75})
    }))

  it('a refused credential ends the wait at once', () =>
    withApi(async (service, api) => {
      service.answer('GET', BOOK, {status: 401, json: {}})
      expect(await failure(waitUntilReady(api, BOOKS, clock(1000)))).to.include({exitCode: 4})
      expect(service.requests).to.have.length(1)
    }))

  it('statuses and answers that nobody has documented are waited through', () =>
    withApi(async (service, api) => {
      service.answer('GET', BOOK, {json: {ok: true, database: BOOKS}}, {json: info({}, 'WARMING_UP')}, {json: info()})
      const world = clock(1000)
      await waitUntilReady(api, BOOKS, world)
      expect(world.told).to.deep.equal(['books is unknown', 'books is WARMING_UP'])
    }))

  it('removal: until the service no longer knows it', () =>
    withApi(async (service, api) => {
      service.answer('GET', BOOK, {json: info({decommissionState: {status: 'running'}})}, {status: 404, json: {}})
      const world = clock(60_000)
      await waitUntilRemoved(api, BOOKS, world)
      expect(world.told).to.deep.equal(['books is running'])
      service.answer('GET', BOOK, {json: info()})
      expect(await failure(waitUntilRemoved(api, BOOKS, clock(0)))).to.include({exitCode: 7})
    }))
})
