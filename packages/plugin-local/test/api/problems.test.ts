import {expect} from 'chai'
import {useApi} from '../support/api.js'

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

describe('problems', () => {
  const api = useApi()

  /** What every problem must be, whatever else it says. */
  function expectProblem(response: Awaited<ReturnType<typeof api.call>>, status: number, kind: string): void {
    expect(response.status, response.text).to.equal(status)
    expect(response.headers.get('content-type')).to.equal('application/problem+json')
    const id = response.headers.get('x-request-id')
    expect(id).to.match(new RegExp(`^${UUID}$`))
    const {type, title, detail, message, instance} = response.json
    expect({type, status: response.json.status, message, instance}).to.deep.equal({
      type: `https://parix.io/problems/${kind}`,
      status,
      message: detail,
      instance: `urn:uuid:${id}`,
    })
    expect(title).to.be.a('string').and.not.equal('')
    expect(detail).to.match(/^.{10,}$/)
  }

  it('401 without a credential, and with one that nobody has, with the challenge', async () => {
    const none = await api.call('GET', '/databases', undefined, {key: null})
    expectProblem(none, 401, 'not-signed-in')
    expect(none.headers.get('www-authenticate')).to.equal('Bearer realm="parix"')
    for (const options of [{key: 'px_wrong'}, {key: null, headers: {authorization: 'Bearer pxa_wrong'}}]) {
      const response = await api.call('GET', '/databases', undefined, options)
      expectProblem(response, 401, 'not-signed-in')
      expect(response.headers.get('www-authenticate')).to.equal('Bearer realm="parix", error="invalid_token"')
    }
  })

  it('an API key is taken as a bearer token too', async () => {
    const headers = {authorization: `Bearer ${api.service.apiKey}`}
    expect((await api.call('GET', '/databases', undefined, {key: null, headers})).status).to.equal(200)
  })

  it('404 for a route that does not exist, but 401 first', async () => {
    expectProblem(await api.call('GET', '/nothing'), 404, 'not-found')
    expectProblem(await api.call('GET', '/nothing', undefined, {key: null}), 401, 'not-signed-in')
    const html = {headers: {accept: 'text/html'}}
    expectProblem(await api.call('GET', '/nothing', undefined, html), 404, 'not-found')
  })

  it('405 with the methods that there are', async () => {
    const list = await api.call('PUT', '/databases', '{}')
    expectProblem(list, 405, 'method-not-allowed')
    expect(list.headers.get('allow')).to.equal('POST, GET, HEAD')
    const one = await api.call('POST', '/databases/db_1', '{}')
    expectProblem(one, 405, 'method-not-allowed')
    expect(one.headers.get('allow')).to.equal('GET, HEAD, DELETE')
    const operation = await api.call('GET', '/databases/db_1/tb/create_accounts')
    expectProblem(operation, 405, 'method-not-allowed')
    expect(operation.headers.get('allow')).to.equal('POST')
  })

  it('415 for a body that is not said to be JSON; any JSON type will do, and none', async () => {
    const send = (type: string) => api.call('POST', '/databases', '{"name":""}', {headers: {'content-type': type}})
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
      expectProblem(await send(type), 415, 'unsupported-media-type')
    }
    for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/merge-patch+json']) {
      expectProblem(await send(type), 422, 'invalid-request')
    }
    expectProblem(await api.call('POST', '/databases', Buffer.from('{"name":""}')), 422, 'invalid-request')
  })

  it('415 for a body that is compressed, or said to be: it is read as it is sent', async () => {
    const send = (encoding: string) =>
      api.call('POST', '/databases', '{"name":""}', {headers: {'content-encoding': encoding}})
    for (const encoding of ['gzip', 'br', 'GZIP', 'identity, gzip', 'none'])
      expectProblem(await send(encoding), 415, 'unsupported-media-type')
    expectProblem(await send('Identity'), 422, 'invalid-request')
  })

  it('400 for what is not JSON', async () => {
    const bodies = ['', '{', '{"name":"a"} x', "{'name':'a'}", '{"name":"a",}', '{"name":01}', '\u00a0{}', '{"a":NaN}']
    for (const body of bodies) expectProblem(await api.call('POST', '/databases', body), 400, 'malformed-json')
    expectProblem(await api.call('POST', '/databases', Buffer.from([0x22, 0xff, 0x22])), 400, 'malformed-json')
    expectProblem(await api.call('POST', '/databases', '['.repeat(30_000)), 400, 'malformed-json')
    const deep = '['.repeat(30_000) + ']'.repeat(30_000)
    expectProblem(await api.call('POST', '/databases', deep), 400, 'malformed-json')
  })

  it('400 for a key that stands twice with two values: which one is meant can not be known', async () => {
    expectProblem(await api.call('POST', '/databases', '{"name":"a","name":"b"}'), 400, 'malformed-json')
  })

  it('413 for a body above the limit: 64 KiB, and 16 MiB for operations', async () => {
    const text = (bytes: number) => `{"name":"${'x'.repeat(bytes - 11)}"}`
    expectProblem(await api.call('POST', '/databases', text(65_536)), 422, 'invalid-request')
    expectProblem(await api.call('POST', '/databases', text(65_537)), 413, 'body-too-large')
    const id = await api.makeDatabase('large')
    expectProblem(await api.operate(id, 'create_accounts', text(16 * 1024 * 1024 + 1)), 413, 'body-too-large')
    expectProblem(await api.operate(id, 'create_accounts', text(16 * 1024 * 1024)), 422, 'invalid-request')
  })

  it('413 for a body of unknown length as soon as it passes the limit', async () => {
    const chunk = Buffer.alloc(16_384, 'x')
    const body = new ReadableStream({pull: (controller) => controller.enqueue(chunk)})
    const response = await fetch(api.url('/api/v1/databases'), {
      method: 'POST',
      headers: {'x-api-key': api.service.apiKey, 'content-type': 'application/json'},
      body,
      duplex: 'half',
    } as RequestInit)
    expect(response.status).to.equal(413)
  })

  it('every answer has a request id of its own', async () => {
    const responses = [
      await api.call('GET', '/session'),
      await api.call('GET', '/openapi.json'),
      await api.call('GET', '/nothing'),
      await fetch(api.url('/health')),
      await fetch(api.url('/sign-in')),
      await fetch(api.url('/api/auth/jwks')),
    ]
    const ids = responses.map(({headers}) => headers.get('x-request-id'))
    expect(ids.every((id) => id !== null)).to.equal(true)
    expect(new Set(ids).size).to.equal(responses.length)
  })

  it('a session as the contract has it', async () => {
    const {json} = await api.call('GET', '/session')
    const {user, organization} = api.service
    expect(json).to.deep.equal({
      ok: true,
      auth: {
        method: 'api_key',
        user: {id: user.id, email: 'you@parix.local', name: 'You'},
        organization: {id: organization.id, name: 'Local', slug: 'local', memberRole: 'owner'},
        scopes: ['org:read', 'db:read', 'db:write'],
      },
    })
  })
})
