import {type Api, createApi, problemError, readJsonResponse} from '@parix/kit/api'
import {API_KEY_HEADER, PATHS} from '@parix/kit/contract'
import {parseBaseUrl} from '@parix/kit/origin'
import {createCredentialSource, openSessionStore} from '@parix/kit/session'
import {
  makeHome,
  type RecordingService,
  type ScriptedResponse,
  startRecordingService,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'

describe('the API client', () => {
  let service: RecordingService
  let home: TestHome
  let api: Api
  let said: string[]
  let debug: string[]

  beforeEach(async () => {
    service = await startRecordingService()
    home = makeHome()
    said = []
    debug = []
    const environment = {...home.environment, PARIX_API_KEY: 'px_secret'}
    const base = parseBaseUrl(`${service.baseUrl}/base`)
    const say = (text: string) => said.push(text)
    const store = openSessionStore({environment})
    const credentials = createCredentialSource({base, store, environment, userAgent: 'parix/test', say})
    api = createApi({base, credentials, userAgent: 'parix/test', say, debug: (line) => debug.push(line)})
  })
  afterEach(async () => {
    home.remove()
    await service.stop()
  })
  const route = (path: string) => `/base${PATHS.api}${path}`
  const get = (...responses: [ScriptedResponse, ...ScriptedResponse[]]) =>
    service.answer('GET', route('/x'), ...responses)
  const post = (...responses: [ScriptedResponse, ...ScriptedResponse[]]) =>
    service.answer('POST', route('/x'), ...responses)

  it('asks under the base URL, with query, user agent and key; numbers stay exact', async () => {
    get({body: '{"amount":340282366920938463463374607431768211455,"n":1}'})
    const reply = await api.get('/x', {search: 'a b', limit: 5, missing: undefined})
    expect(reply).to.deep.equal({amount: 340282366920938463463374607431768211455n, n: 1})
    const [request] = service.requests
    expect(request!.query).to.deep.equal({search: 'a b', limit: '5'})
    expect(request!.headers).to.include({
      'user-agent': 'parix/test',
      accept: 'application/json',
      [API_KEY_HEADER]: 'px_secret',
    })
  })

  it('posts exact numbers, and sends a body of bytes as it is', async () => {
    post({status: 201, json: {success: true}})
    await api.post('/x', {id: 9007199254740993n})
    await api.request({method: 'POST', target: '/x', body: '[ {"id":1} ]\n'})
    expect(service.requests.map(({body}) => body)).to.deep.equal(['{"id":9007199254740993}', '[ {"id":1} ]\n'])
    expect(service.requests[0]!.headers['content-type']).to.equal('application/json')
  })

  it('an empty answer is null', async () => {
    service.answer('DELETE', route('/x'), {status: 204})
    expect(await api.delete('/x')).to.equal(null)
  })

  it('a read is tried again after a broken connection, a 502 and a 429, and says so', async () => {
    get({drop: true}, {status: 502, body: ''}, {status: 429, headers: {'retry-after': '0'}, json: {}}, {json: 'fine'})
    expect(await api.get('/x')).to.equal('fine')
    expect(service.requests).to.have.length(4)
    expect(said).to.have.length(3)
  })

  it('but not for ever: the last answer counts', async () => {
    get({status: 503, json: {detail: 'Down for a moment.'}})
    const error = await thrown(api.get('/x'))
    expect(error).to.include({kind: 'UNAVAILABLE', exitCode: 75, message: 'Down for a moment.'})
    expect(service.requests).to.have.length(4)
  })

  it('threat 5.10: a long Retry-After is said and not waited for', async () => {
    get({status: 429, headers: {'x-retry-after': '600'}, json: {}})
    const error = await thrown(api.get('/x'))
    expect(error.details).to.include({retryAfterSeconds: 600, next: 'Try again in 600 s.'})
    expect(service.requests).to.have.length(1)
  })

  for (const reply of [{drop: true}, {status: 500, json: {}}, {status: 429, json: {}}] as ScriptedResponse[]) {
    it(`threat 5.19: a write is sent once: ${JSON.stringify(reply)}`, async () => {
      post(reply)
      await thrown(api.post('/x', {}))
      expect(service.requests).to.have.length(1)
    })
  }

  it('a lookup by POST is a read when it says so, with the same bytes', async () => {
    post({drop: true}, {json: []})
    expect(await api.post('/x', ['1'], {idempotent: true})).to.deep.equal([])
    expect(service.requests.map(({body}) => body)).to.deep.equal(['["1"]', '["1"]'])
  })

  it('who has a policy of their own gets each fault at once', async () => {
    get({status: 503, json: {}})
    expect((await api.request({method: 'GET', target: '/x', retries: 'none'})).status).to.equal(503)
    expect(service.requests).to.have.length(1)
  })

  it('threat 3.1: a whole URL of another origin gets nothing at all', async () => {
    const other = await startRecordingService()
    const error = await thrown(api.request({method: 'GET', target: new URL(`${other.baseUrl}/x`)}))
    expect(error).to.include({kind: 'NOT_SENT', exitCode: 2})
    expect(other.requests).to.deep.equal([])
    await other.stop()
  })

  it('threat 7.11: a stream has no bound, and can be left in the middle', async () => {
    const chunk = Buffer.alloc(1_000_000, 'x')
    service.answer('GET', route('/big'), {
      raw: (_, response) => {
        for (let count = 0; count < 6; count++) response.write(chunk)
        response.end()
      },
    })
    let bytes = 0
    const {status, body} = await api.stream({method: 'GET', target: '/big'})
    for await (const part of body) bytes += part.length
    expect([status, bytes]).to.deep.equal([200, 6_000_000])
    const left = await api.stream({method: 'GET', target: '/big'})
    for await (const _ of left.body) break
  })

  it('threat 8.2: the debug line has the time of each phase, and neither key nor query', async () => {
    get({json: 1})
    await api.get('/x', {search: 'private'})
    expect(debug).to.have.length(1)
    expect(debug[0]).to.match(/^GET \/base\/api\/v1\/x → 200 \(\d+ ms: (dns \d+, tcp \d+, )?first byte \d+\)$/)
  })

  describe('what an answer means', () => {
    const reply = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
      status,
      headers,
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      url: new URL('https://parix.io/api/v1/x'),
    })

    const table: [number, object, string, number][] = [
      [400, {}, 'BAD_INPUT', 2],
      [401, {}, 'CREDENTIAL_REFUSED', 4],
      [402, {}, 'BILLING', 5],
      [403, {}, 'FORBIDDEN', 5],
      [404, {}, 'NOT_FOUND', 3],
      [409, {}, 'CONFLICT', 6],
      [409, {tbResults: [{index: 0, result: 'exceeds_credits', code: 54}]}, 'REFUSED', 6],
      [422, {}, 'BAD_INPUT', 2],
      [429, {}, 'UNAVAILABLE', 75],
      [500, {}, 'UNAVAILABLE', 75],
      [503, {}, 'UNAVAILABLE', 75],
      [418, {}, 'FAILED', 1],
    ]
    for (const [status, body, kind, exitCode] of table) {
      it(`${status} ${JSON.stringify(body)} is ${kind}, exit ${exitCode}`, () => {
        expect(problemError(reply(status, body))).to.include({kind, exitCode})
      })
    }

    it('reads all of a problem, and its references', () => {
      const problem = {
        title: 'Conflict',
        detail: 'Some events were refused.',
        instance: '/req/1',
        errors: ['one', {message: 'two'}, 3],
        fieldErrors: {name: ['is taken'], size: 'too small'},
        tbResults: [{index: 1, result: 'exceeds_credits', code: 54, id: '9'}],
      }
      const {message, code, details} = problemError(reply(409, problem, {'x-request-id': 'r-1'}))
      expect({message, code, details}).to.deep.equal({
        message: 'Some events were refused.',
        code: 'exceeds_credits',
        details: {
          code: 'exceeds_credits',
          status: 409,
          instance: '/req/1',
          requestId: 'r-1',
          errors: ['one', 'two', '3'],
          fieldErrors: {name: ['is taken'], size: ['too small']},
          tbResults: [{index: 1, result: 'exceeds_credits', code: 54, id: '9'}],
        },
      })
    })

    for (const body of [{message: 'old'}, {error: 'old'}, {error: {message: 'old'}}, {title: 'old'}]) {
      it(`reads the older ${JSON.stringify(body)}`, () => {
        expect(problemError(reply(500, body)).message).to.equal('old')
      })
    }

    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '"x"',
      '{"detail":{"a":1},"errors":5,"fieldErrors":[1],"tbResults":7}',
    ]) {
      it(`makes a sentence of ${JSON.stringify(body)}`, () => {
        expect(problemError(reply(500, body)).message).to.equal('https://parix.io responded with HTTP 500.')
      })
    }

    for (const status of [200, 407, 502]) {
      it(`threat 3.18: a web page with ${status} is said to be one, with a few cleaned characters`, async () => {
        const html = '<!doctype html><title>Login</title><script>alert(1)</script><p>Please \u001b[31mlog in</p>'
        const page = reply(status, html, {'content-type': 'text/html; charset=utf-8'})
        const error = status === 200 ? await thrown(() => readJsonResponse(page)) : problemError(page)
        expect(error.message).to.equal(
          `https://parix.io responded with a web page instead of JSON (HTTP ${status}): Login Please \\u001b[31mlog in.`,
        )
      })
    }
  })
})
