import {readdirSync, readFileSync, unlinkSync} from 'node:fs'
import {createServer as createTcpServer} from 'node:net'
import {join} from 'node:path'
import {createApi} from '@parix/kit/api'
import {API_KEY_HEADER, PATHS, type SessionFile} from '@parix/kit/contract'
import {parseBaseUrl} from '@parix/kit/origin'
import {createCredentialSource, openSessionStore} from '@parix/kit/session'
import {
  expired,
  makeHome,
  type RecordingService,
  type ScriptedResponse,
  sessionFile,
  startRecordingService,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'

const TOKENS = {
  access_token: 'access-token-2',
  token_type: 'Bearer',
  expires_in: 3600,
  refresh_token: 'refresh-token-2',
}
const SESSION = `${PATHS.api}/session`

describe('keeping a session fresh', () => {
  let home: TestHome
  let service: RecordingService
  let said: string[]

  beforeEach(async () => {
    home = makeHome()
    service = await startRecordingService()
    said = []
  })
  afterEach(async () => {
    home.remove()
    await service.stop()
  })

  const store = () => openSessionStore({environment: home.environment, say: (text) => said.push(text)})
  const source = (environment: NodeJS.ProcessEnv = home.environment, now?: () => number) =>
    createCredentialSource({
      base: parseBaseUrl(service.baseUrl),
      store: openSessionStore({environment, say: (text) => said.push(text)}),
      environment,
      userAgent: 'parix/test',
      say: (text) => said.push(text),
      ...(now && {now}),
    })
  const api = (environment: NodeJS.ProcessEnv = home.environment) =>
    createApi({
      base: parseBaseUrl(service.baseUrl),
      credentials: source(environment),
      userAgent: 'parix/test',
      say: (text) => said.push(text),
    })
  const signIn = (overrides: Partial<SessionFile> & Record<string, unknown> = {}) =>
    home.write(
      '.config/parix/session.json',
      sessionFile({baseUrl: service.baseUrl, accessTokenExpiresAt: expired(), ...overrides}),
    )
  const text = () => readFileSync(home.sessionPath, 'utf8')
  const session = () => JSON.parse(text()) as SessionFile
  const tokenRequests = () => service.to('POST', PATHS.token)
  const tokens = (...responses: [ScriptedResponse, ...ScriptedResponse[]]) =>
    service.answer('POST', PATHS.token, ...responses)

  it('refreshes an expired token as RFC 6749 §6 says, stores the answer, and sends the new one', async () => {
    signIn()
    tokens({json: {...TOKENS, scope: 'openid db:read'}})
    service.answer('GET', SESSION, {json: {ok: true}})
    await api().get('/session')
    const [request] = tokenRequests()
    expect(Object.fromEntries(new URLSearchParams(request!.body))).to.deep.equal({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-token-1',
      client_id: 'parix',
    })
    expect(request!.headers).to.include({'user-agent': 'parix/test', accept: 'application/json'})
    expect(request!.headers['content-type']).to.match(/^application\/x-www-form-urlencoded/)
    expect(service.to('GET', SESSION)[0]!.headers.authorization).to.equal('Bearer access-token-2')
    expect(session()).to.deep.include({
      accessToken: 'access-token-2',
      refreshToken: 'refresh-token-2',
      scopes: ['openid', 'db:read'],
      user: sessionFile().user,
      organization: sessionFile().organization,
      createdAt: sessionFile().createdAt,
    })
    expect(Date.parse(session().accessTokenExpiresAt) - Date.now()).to.be.within(3_500_000, 3_600_000)
    expect(readdirSync(join(home.path, '.config/parix'))).to.deep.equal(['session.json'])
  })

  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
  const due: [string, () => string, number][] = [
    ['with 40 s to live', () => inSeconds(40), 1],
    ['with an unreadable expiry', () => 'soon', 1],
    ['with an empty expiry', () => '', 1],
    ['with two minutes to live', () => inSeconds(120), 0],
  ]
  for (const [when, accessTokenExpiresAt, requests] of due) {
    it(`contract: a token ${when} is ${requests === 1 ? '' : 'not '}refreshed before use`, async () => {
      signIn({accessTokenExpiresAt: accessTokenExpiresAt()})
      tokens({json: TOKENS})
      await source().current()
      expect(tokenRequests()).to.have.length(requests)
    })
  }

  it('threat 5.2: 20 calls in one process make one refresh', async () => {
    signIn()
    tokens({json: TOKENS})
    service.answer('GET', SESSION, {json: {ok: true}})
    const client = api()
    await Promise.all(Array.from({length: 20}, () => client.get('/session')))
    expect(tokenRequests()).to.have.length(1)
    expect(new Set(service.to('GET', SESSION).map(({headers}) => headers.authorization))).to.deep.equal(
      new Set(['Bearer access-token-2']),
    )
  })

  it('threat 5.6: a token that another process stored while we waited is used, without a request', async () => {
    signIn()
    const credentials = source()
    let waiting: Promise<unknown> | undefined
    await store().withLock(async (locked) => {
      waiting = credentials.current()
      const stored = locked.read(parseBaseUrl(service.baseUrl).origin)!
      const later = new Date(Date.now() + 3_600_000).toISOString()
      locked.write({...stored, session: {...stored.session, accessToken: 'from-another', accessTokenExpiresAt: later}})
    })
    expect(await waiting).to.include({token: 'from-another'})
    expect(tokenRequests()).to.have.length(0)
  })

  for (const status of [400, 401]) {
    it(`threat 5.7: ${status} invalid_grant ends the session: tokens blanked, the rest kept, asked once over 3 commands`, async () => {
      signIn()
      tokens({status, json: {error: 'invalid_grant', error_description: 'token reuse\u001b[2J'}})
      for (let command = 0; command < 3; command++) {
        const error = await thrown(source().current())
        expect(error).to.include({kind: 'SESSION_ENDED', exitCode: 4})
        expect(error.message).to.include(`Your session at ${parseBaseUrl(service.baseUrl).origin} has ended (`)
        expect(error.message).not.to.include('\u001b')
        expect(error.details.next).to.include('parix auth login')
      }
      expect(tokenRequests()).to.have.length(1)
      const {accessToken, refreshToken, user, organization, baseUrl} = session()
      expect({accessToken, refreshToken}).to.deep.equal({accessToken: '', refreshToken: null})
      expect({user, organization, baseUrl}).to.deep.equal({
        user: sessionFile().user,
        organization: sessionFile().organization,
        baseUrl: service.baseUrl,
      })
    })
  }

  it('threat 5.7: invalid_grant although the file was changed meanwhile (an older parix has no lock): the new one is used', async () => {
    signIn()
    service.answer('POST', PATHS.token, () => {
      signIn({
        accessToken: 'from-older',
        refreshToken: 'newer',
        accessTokenExpiresAt: new Date(Date.now() + 3e6).toISOString(),
      })
      return {status: 400, json: {error: 'invalid_grant'}}
    })
    expect(await source().current()).to.include({token: 'from-older'})
    expect(session().refreshToken).to.equal('newer')
  })

  for (const error of [
    'invalid_client',
    'unauthorized_client',
    'invalid_scope',
    'unsupported_grant_type',
    'invalid_request',
  ]) {
    it(`threat 5.8: ${error} leaves the session as it is`, async () => {
      signIn()
      const before = text()
      tokens({status: 400, json: {error, error_description: 'no'}})
      const failure = await thrown(source().current())
      expect(failure).to.include({kind: 'FAILED', code: error})
      expect(text()).to.equal(before)
      expect(tokenRequests()).to.have.length(1)
    })
  }

  const html = '<html><head><title>x</title><style>b{}</style></head><body>Please <b>log in</b></body></html>'
  const faults: [string, ScriptedResponse][] = [
    ['500', {status: 500, json: {message: 'boom'}}],
    ['503 with an OAuth body', {status: 503, json: {error: 'invalid_grant'}}],
    ['429', {status: 429, json: {message: 'slow down'}, headers: {'retry-after': '3600'}}],
    ['429 with an OAuth body', {status: 429, json: {error: 'invalid_grant'}}],
    ['a web page with 200', {status: 200, body: html, headers: {'content-type': 'text/html'}}],
    ['a web page with 400', {status: 400, body: html, headers: {'content-type': 'text/html'}}],
    ['a web page with 502', {status: 502, body: html, headers: {'content-type': 'text/html'}}],
    ['broken JSON', {body: '{"access_token": "x"', headers: {'content-type': 'application/json'}}],
    ['JSON of another type', {json: ['x']}],
    ['no access_token', {json: {token_type: 'Bearer', refresh_token: 'x'}}],
    ['an access_token with a line break', {json: {...TOKENS, access_token: 'a\r\nb'}}],
    ['an unknown token_type', {json: {...TOKENS, token_type: 'magic'}}],
    ['404', {status: 404, json: {message: 'not found'}}],
    ['an empty answer', {status: 200}],
    ['204', {status: 204}],
    ['a redirect', {status: 302, headers: {location: 'https://evil.example/x'}}],
  ]
  for (const [what, response] of faults) {
    it(`threat 5.9: ${what}: the session is unchanged, asked once, 'you are still signed in'`, async () => {
      signIn()
      const before = text()
      tokens(response)
      const error = await thrown(source().current())
      expect(error).to.include({kind: 'UNAVAILABLE', exitCode: 75})
      expect([error.details.hint].flat()[0]).to.include('You are still signed in')
      expect(text()).to.equal(before)
      expect(tokenRequests()).to.have.length(1)
      expect(JSON.stringify([error.message, error.details])).not.to.match(/refresh-token-1|access-token/)
    })
  }

  it('threat 3.18: a web page is said to be one, with its words', async () => {
    signIn()
    tokens({status: 502, body: html, headers: {'content-type': 'text/html'}})
    expect((await thrown(source().current())).message).to.include(
      'responded with a web page instead of JSON (HTTP 502): x Please log in',
    )
  })

  it('threat 3.9: the token endpoint is never followed elsewhere, not even at its own origin', async () => {
    signIn()
    tokens({status: 307, headers: {location: '/elsewhere'}})
    const error = await thrown(source().current())
    expect(error.code).to.equal('redirect_not_followed')
    expect(service.requests).to.have.length(1)
  })

  for (const name of ['retry-after', 'x-retry-after']) {
    it(`threat 5.10: 429 with a short ${name} is waited for, once`, async () => {
      signIn()
      tokens({status: 429, json: {message: 'slow'}, headers: {[name]: '0'}}, {json: TOKENS})
      expect(await source().current()).to.include({token: 'access-token-2'})
      expect(tokenRequests()).to.have.length(2)
    })
  }

  it('threat 5.10: a long one is said', async () => {
    signIn()
    tokens({status: 429, json: {message: 'slow'}, headers: {'x-retry-after': '600'}})
    expect((await thrown(source().current())).message).to.include('in 600 s')
  })

  it('threat 5.11: a connection that is refused leaves the session as it is', async () => {
    const server = createTcpServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as {port: number}
    server.close()
    const base = parseBaseUrl(`http://127.0.0.1:${port}`)
    signIn({baseUrl: base.url.origin})
    const before = text()
    const environment = home.environment
    const credentials = createCredentialSource({base, store: store(), environment, userAgent: 'x', say: () => {}})
    const error = await thrown(credentials.current())
    expect(error).to.include({kind: 'UNAVAILABLE', code: 'connection_refused'})
    expect(text()).to.equal(before)
  })

  it('threat 5.12: a connection that breaks leaves it too; when it ends by that, the message says so', async () => {
    signIn()
    const before = text()
    tokens({drop: true}, {status: 400, json: {error: 'invalid_grant'}})
    expect(await thrown(source().current())).to.include({code: 'connection_lost'})
    expect(text()).to.equal(before)
    const ended = await thrown(source().current())
    expect(ended.kind).to.equal('SESSION_ENDED')
    expect(ended.message).to.include('an earlier response was lost')
    expect(readdirSync(join(home.path, '.config/parix'))).to.deep.equal(['session.json'])
  })

  it('threat 5.13: an answer without a refresh token: the old one stays', async () => {
    signIn()
    const {refresh_token: _, ...rest} = TOKENS
    tokens({json: rest})
    await source().current()
    expect(session()).to.deep.include({accessToken: 'access-token-2', refreshToken: 'refresh-token-1'})
    expect(session().scopes).to.deep.equal(sessionFile().scopes)
  })

  const lives: [unknown, number][] = [
    ['60', 60],
    [undefined, 300],
    [0, 0],
    [1e15, 300],
    [600.5, 600.5],
  ]
  for (const [expiresIn, seconds] of lives) {
    it(`threat 5.14: expires_in ${JSON.stringify(expiresIn)} is taken as ${seconds} s`, async () => {
      signIn()
      const now = Date.now()
      tokens({json: {...TOKENS, expires_in: expiresIn}})
      await source(home.environment, () => now).current()
      expect(Date.parse(session().accessTokenExpiresAt) - now).to.equal(seconds * 1000)
    })
  }

  for (const expiresIn of [-1, 'soon', {}]) {
    it(`threat 5.14: expires_in ${JSON.stringify(expiresIn)} is a fault of the service`, async () => {
      signIn()
      const before = text()
      tokens({json: {...TOKENS, expires_in: expiresIn}})
      expect((await thrown(source().current())).kind).to.equal('UNAVAILABLE')
      expect(text()).to.equal(before)
    })
  }

  it('threat 5.15: whatever fails after a refresh, its tokens are already stored', async () => {
    signIn()
    tokens({json: TOKENS})
    service.answer('GET', SESSION, {status: 400, json: {message: 'no'}}, {json: {ok: true}})
    await thrown(api().get('/session'))
    expect(session().refreshToken).to.equal('refresh-token-2')
    await api().get('/session')
    expect(tokenRequests()).to.have.length(1)
  })

  it('a refresh never fails for the id_token that comes with it: the tokens would be lost', async () => {
    signIn()
    tokens({json: {...TOKENS, id_token: 'not.a.token'}})
    expect(await source().current()).to.include({token: 'access-token-2'})
  })

  describe('after a 401', () => {
    const valid = {accessTokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString()}

    it('threat 5.16: one forced refresh and one retry', async () => {
      signIn(valid)
      tokens({json: TOKENS})
      service.answer('GET', SESSION, {status: 401, json: {}}, {json: {ok: true}})
      expect(await api().get('/session')).to.deep.equal({ok: true})
      expect(service.to('GET', SESSION).map(({headers}) => headers.authorization)).to.deep.equal([
        'Bearer access-token-1',
        'Bearer access-token-2',
      ])
    })

    it('threat 5.16: an API that always says 401: 2 API calls, 1 token request, access refused', async () => {
      signIn(valid)
      tokens({json: TOKENS})
      service.answer('GET', SESSION, {status: 401, json: {detail: 'no'}})
      const error = await thrown(api().get('/session'))
      expect(error).to.include({kind: 'CREDENTIAL_REFUSED', exitCode: 4})
      expect(service.to('GET', SESSION)).to.have.length(2)
      expect(tokenRequests()).to.have.length(1)
    })

    it('threat 5.16: if the file holds another token by then, that one is taken without a refresh', async () => {
      signIn(valid)
      service.answer(
        'GET',
        SESSION,
        () => {
          signIn({...valid, accessToken: 'from-another'})
          return {status: 401, json: {}}
        },
        {json: {ok: true}},
      )
      await api().get('/session')
      expect(service.to('GET', SESSION)[1]!.headers.authorization).to.equal('Bearer from-another')
      expect(tokenRequests()).to.have.length(0)
    })

    it('threat 5.17: 403 is not a reason to refresh; the scope that the service names is passed on', async () => {
      signIn(valid)
      service.answer('GET', SESSION, {status: 403, json: {detail: 'Missing scope db:write.'}})
      const error = await thrown(api().get('/session'))
      expect(error).to.include({kind: 'FORBIDDEN', exitCode: 5, message: 'Missing scope db:write.'})
      expect(tokenRequests()).to.have.length(0)
    })

    it('threat 5.19: a write is sent again after a 401, with the same bytes', async () => {
      signIn(valid)
      tokens({json: TOKENS})
      service.answer('POST', `${PATHS.api}/databases`, {status: 401, json: {}}, {json: {success: true}})
      await api().post('/databases', {name: 'books'})
      const [first, second] = service.to('POST', `${PATHS.api}/databases`)
      expect(first!.body).to.equal('{"name":"books"}').and.equal(second!.body)
    })

    it('threat 5.19: but not after a connection that broke', async () => {
      signIn(valid)
      service.answer('POST', `${PATHS.api}/databases`, {drop: true})
      expect(await thrown(api().post('/databases', {}))).to.include({code: 'connection_lost'})
      expect(service.requests).to.have.length(1)
    })
  })

  it('threat 5.23: no refresh token and an expired token: sign in again, no request', async () => {
    signIn({refreshToken: null})
    expect(await thrown(source().current())).to.include({kind: 'SESSION_ENDED', exitCode: 4})
    expect(service.requests).to.have.length(0)
  })

  it('threat 5.24: signing out while a refresh runs: nothing is written back', async () => {
    signIn()
    let answered = () => {}
    tokens({json: TOKENS, after: new Promise<void>((resolve) => (answered = resolve))})
    const refreshing = source().current()
    await service.received('POST', PATHS.token)
    const removal = store().remove('all')
    answered()
    await refreshing
    await removal
    expect(readdirSync(join(home.path, '.config/parix'))).to.deep.equal([])
    expect(await thrown(source().current())).to.include({kind: 'NOT_SIGNED_IN'})
  })

  it('threat 5.25: a login while a refresh runs: the session of the login wins', async () => {
    signIn()
    let answered = () => {}
    tokens({json: TOKENS, after: new Promise<void>((resolve) => (answered = resolve))})
    const refreshing = source().current()
    await service.received('POST', PATHS.token)
    const login = store().save(sessionFile({baseUrl: service.baseUrl, accessToken: 'of-the-login'}), {activate: true})
    answered()
    await Promise.all([refreshing, login])
    expect(session().accessToken).to.equal('of-the-login')
  })

  it('threat 5.26: a long-running command uses what others stored since', async () => {
    signIn({accessTokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString()})
    const credentials = source()
    expect(await credentials.current()).to.include({token: 'access-token-1'})
    signIn({accessToken: 'replaced', accessTokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString()})
    expect(await credentials.current()).to.include({token: 'replaced'})
    unlinkSync(home.sessionPath)
    expect(await thrown(credentials.current())).to.include({kind: 'NOT_SIGNED_IN'})
  })

  describe('with PARIX_API_KEY', () => {
    const withKey = (key: string) => ({...home.environment, PARIX_API_KEY: key})

    it('flaw 12, threat 3.12: the key is used, and the session file is neither read nor written', async () => {
      home.write('.config/parix/session.json', 'unreadable')
      const before = text()
      service.answer('GET', SESSION, {json: {ok: true}})
      await api(withKey('px_1')).get('/session')
      const [request] = service.requests
      expect(request!.headers).to.include({[API_KEY_HEADER]: 'px_1'})
      expect(request!.headers).not.to.have.property('authorization')
      expect(text()).to.equal(before)
    })

    for (const [key, kind] of [
      ['', 'session'],
      ['  ', 'session'],
      ['px_1\n', 'apiKey'],
      ['wrong form', 'apiKey'],
    ] as const) {
      it(`threat 3.13: ${JSON.stringify(key)} is a ${kind}`, async () => {
        signIn({accessTokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString()})
        const credential = await source(withKey(key)).current()
        if (kind === 'apiKey') expect(credential).to.deep.include({kind, key: key.trim()})
        else expect(credential).to.include({kind: 'bearer'})
      })
    }

    for (const key of ['px_1\u0000', 'px\n1', 'px\u001b[0m', 'pxключ']) {
      it(`threat 3.13: ${JSON.stringify(key)} is refused, unseen`, async () => {
        const error = await thrown(() => source(withKey(key)))
        expect(error).to.include({kind: 'BAD_INPUT', exitCode: 2})
        expect(error.message).not.to.include(key)
      })
    }

    it('threat 3.15: 401: no refresh, nothing removed, one request, the key is said to be refused', async () => {
      signIn()
      const before = text()
      service.answer('GET', SESSION, {status: 401, json: {detail: 'bad key'}})
      const error = await thrown(api(withKey('px_1')).get('/session'))
      expect(error).to.include({kind: 'CREDENTIAL_REFUSED', exitCode: 4})
      expect(error.message).to.include('refuses the key in PARIX_API_KEY')
      expect(service.requests).to.have.length(1)
      expect(text()).to.equal(before)
    })
  })

  it('threat 3.4: with a session of another origin only: not signed in, and nothing is sent', async () => {
    home.write('.config/parix/session.json', sessionFile({accessTokenExpiresAt: expired()}))
    const error = await thrown(api().get('/session'))
    expect(error).to.include({kind: 'NOT_SIGNED_IN', exitCode: 4})
    expect(error.message).to.equal(`You are not signed in at http://localhost:${service.port}.`)
    expect(service.requests).to.have.length(0)
  })

  it('threat 3.10: a credential of the user is sent alone', async () => {
    signIn({accessTokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString()})
    service.answer('GET', SESSION, {status: 401, json: {}})
    for (const headers of [{Authorization: 'Basic abc'}, {'X-Api-Key': 'px_own'}]) {
      const response = await api().request({method: 'GET', target: '/session', headers})
      expect(response.status).to.equal(401)
    }
    const [basic, key] = service.requests
    expect(basic!.headers).to.include({authorization: 'Basic abc'}).and.not.to.have.property(API_KEY_HEADER)
    expect(key!.headers)
      .to.include({[API_KEY_HEADER]: 'px_own'})
      .and.not.to.have.property('authorization')
    expect(service.requests).to.have.length(2)
    const elsewhere = api().request({
      method: 'GET',
      target: new URL('https://evil.example/x'),
      headers: {authorization: 'x'},
    })
    expect(await thrown(elsewhere)).to.include({kind: 'NOT_SENT'})
  })
})
