import {PATHS} from '@parix/kit/contract'
import {
  expired,
  type RecordingService,
  residentParix,
  sessionFile,
  TEST_API_KEY,
  type TestHome,
  withHome,
  withParix,
  withService,
} from '@parix/testkit'
import {expect} from 'chai'

/** A service where a session is signed in, and a stranger that must never see anything. */
const withSession = (
  work: (world: {service: RecordingService; stranger: RecordingService; home: TestHome}) => Promise<void>,
  overrides: Record<string, unknown> = {},
) =>
  withHome((home) =>
    withService((service) =>
      withService(async (stranger) => {
        home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl, ...overrides}))
        await work({service, stranger, home})
        expect(stranger.requests).to.deep.equal([])
      }),
    ),
  )

describe('where the credentials of parix api go', () => {
  const spellings: [string, (port: number) => string][] = [
    ['a whole URL', (port) => `http://127.0.0.1:${port}/x`],
    ['//', (port) => `//127.0.0.1:${port}/x`],
    ['/\\', (port) => `/\\127.0.0.1:${port}/x`],
    ['a leading blank', (port) => ` http://127.0.0.1:${port}/x`],
    ['a line break in the scheme', (port) => `ht\ntp://127.0.0.1:${port}/x`],
    ['user info', (port) => `http://base@127.0.0.1:${port}/x`],
  ]
  for (const [what, spell] of spellings) {
    it(`flaw 10, threats 3.1 and 3.2: nothing at all goes to another origin: ${what}`, () =>
      withSession(async ({service, stranger, home}) => {
        const path = spell(stranger.port)
        const runs = await Promise.all([
          residentParix(['api', path], {home}),
          residentParix(['api', path, '-d', '{}', '--json'], {home, env: {PARIX_API_KEY: TEST_API_KEY}}),
        ])
        for (const {code} of runs) expect(code).to.equal(2)
        expect(runs[0]!.stderr).to.match(/Not sent/)
        expect(service.requests).to.deep.equal([])
      }))
  }

  it('flaw 10, threat 3.4: --base-url of another origin gets neither token, not even an expired one for a new one', () =>
    withSession(
      async ({service, stranger, home}) => {
        const {code, stderr} = await residentParix(['api', 'x', '--base-url', stranger.baseUrl], {home})
        expect(code).to.equal(4)
        expect(stderr).to.match(/not signed in at/i)
        expect(service.requests).to.deep.equal([])
      },
      {accessTokenExpiresAt: expired()},
    ))

  for (const status of [301, 302, 303, 307, 308]) {
    it(`threat 3.5: a ${status} to another origin is not followed, by session and by key, GET and POST`, () =>
      withSession(async ({service, stranger, home}) => {
        const away = {status, headers: {location: `${stranger.baseUrl}/x`}}
        service.answer('GET', '/api/v1/x', away).answer('POST', '/api/v1/x', away)
        const env = {PARIX_API_KEY: TEST_API_KEY, PARIX_BASE_URL: service.baseUrl}
        const runs = await Promise.all([
          residentParix(['api', 'x'], {home}),
          residentParix(['api', 'x', '-d', '{}'], {home}),
          residentParix(['api', 'x'], {home, env}),
          residentParix(['api', 'x', '-d', '{}', '--json'], {home, env}),
        ])
        for (const {code} of runs) expect(code).to.equal(1)
        expect(runs[0]!.stderr).to.include(stranger.baseUrl)
      }))
  }

  it('threat 3.7: a redirect within the origin is followed for GET with the credential, and never for POST', () =>
    withParix(async ({service, parix: signedIn}) => {
      service
        .answer('GET', '/api/v1/old', {status: 307, headers: {location: '/api/v1/new'}})
        .answer('POST', '/api/v1/old', {status: 307, headers: {location: '/api/v1/new'}})
        .answer('GET', '/api/v1/new', {json: {here: true}})
      expect(await signedIn(['api', 'old'])).to.include({code: 0, stdout: '{"here":true}'})
      expect(service.to('GET', '/api/v1/new')[0]!.headers).to.include({'x-api-key': TEST_API_KEY})
      expect((await signedIn(['api', 'old', '-d', '{}'])).code).to.equal(1)
      expect(service.to('POST', '/api/v1/new')).to.deep.equal([])
    }))

  it('threat 3.8: a loop of redirects stops at five', () =>
    withParix(async ({service, parix: signedIn}) => {
      service.answer('GET', '/api/v1/x', {status: 302, headers: {location: '/api/v1/x'}})
      expect((await signedIn(['api', 'x'])).code).to.equal(1)
      expect(service.requests).to.have.length(6)
    }))

  it('threat 3.3: a base with a path keeps it for relative paths; a leading slash begins at the root', () =>
    withParix(async ({service, parix: signedIn}) => {
      service.answer('GET', /./, {json: 1})
      const env = {PARIX_BASE_URL: `${service.baseUrl}/parix/`}
      for (const path of ['x', '/x', 'api/auth/x', `${service.baseUrl}/whole`]) await signedIn(['api', path], {env})
      expect(service.requests.map(({path}) => path)).to.deep.equal([
        '/parix/api/v1/x',
        '/x',
        '/parix/api/auth/x',
        '/whole',
      ])
    }))

  for (const name of ['Authorization', 'x-api-key']) {
    it(`threat 3.10: -H ${name} is sent alone, to the same origin only`, () =>
      withSession(async ({service, stranger, home}) => {
        service
          .answer('GET', '/api/v1/x', {json: 1})
          .answer('GET', '/api/v1/away', {status: 302, headers: {location: `${stranger.baseUrl}/x`}})
        const header = ['-H', `${name}: Bearer mine`]
        expect((await residentParix(['api', 'x', ...header], {home})).code).to.equal(0)
        const {headers} = service.requests[0]!
        expect([headers.authorization, headers['x-api-key']].filter(Boolean)).to.deep.equal(['Bearer mine'])
        expect((await residentParix(['api', 'away', ...header], {home})).code).to.equal(1)
        expect((await residentParix(['api', `${stranger.baseUrl}/x`, ...header], {home})).code).to.equal(2)
      }))
  }

  it('threat 5.18: a body from stdin is sent again, whole, after an expired token was refused', () =>
    withSession(async ({service, home}) => {
      service
        .answer('POST', '/api/v1/x', {status: 401, json: {detail: 'expired'}}, {json: {ok: true}})
        .answer('POST', PATHS.token, {
          json: {access_token: 'access-token-2', token_type: 'Bearer', expires_in: 3600, refresh_token: 'refresh-2'},
        })
        .answer('GET', PATHS.discovery, {status: 404})
        .answer('GET', PATHS.userinfo, {json: {sub: 'user_1'}})
        .answer('GET', `${PATHS.api}/session`, {json: {ok: true}})
      const body = JSON.stringify(Array.from({length: 5000}, (_, index) => ({id: String(index)})))
      const {code, stdout, stderr} = await residentParix(['api', 'x', '--input', '-'], {home, stdin: body})
      expect({code, stdout}, stderr).to.deep.equal({code: 0, stdout: '{"ok":true}'})
      const sent = service.to('POST', '/api/v1/x')
      expect(sent.map((request) => request.body === body)).to.deep.equal([true, true])
      expect(sent.map(({headers}) => headers.authorization)).to.deep.equal([
        'Bearer access-token-1',
        'Bearer access-token-2',
      ])
    }))

  it('threat 5.19: a write is not sent again after its answer was lost', () =>
    withSession(async ({service, home}) => {
      service.answer('POST', '/api/v1/x', {drop: true})
      const {code, stderr} = await residentParix(['api', 'x', '-d', '{}'], {home})
      expect(code).to.equal(75)
      expect(stderr).to.match(/may have been carried out/)
      expect(service.requests).to.have.length(1)
    }))

  it('threat 3.15: a refused key is asked once', () =>
    withParix(async ({service, parix: signedIn}) => {
      service.answer('GET', '/api/v1/x', {status: 401, json: {detail: 'Unknown key.'}})
      const {code, stderr} = await signedIn(['api', 'x'])
      expect(code).to.equal(4)
      expect(stderr)
        .to.match(/PARIX_API_KEY/)
        .and.not.include(TEST_API_KEY)
      expect(service.requests).to.have.length(1)
    }))

  it('threat 8.2: a refusal that repeats the credential shows it nowhere, a 200 that says no neither', () =>
    withSession(async ({service, home}) => {
      const key = 'px_0123456789abcdef'
      const said = {ok: false, detail: `no use for Bearer access-token-1 or ${key}`}
      const headers = {'x-saw': `Bearer access-token-1, ${key}`}
      service.answer('POST', '/api/v1/x', {status: 422, headers, json: said}).answer('POST', '/api/v1/y', {json: said})
      const env = {PARIX_API_KEY: key, PARIX_BASE_URL: service.baseUrl}
      for (const words of [['x'], ['x', '-i'], ['x', '--json'], ['x', '--debug'], ['y'], ['y', '--json']]) {
        const bySession = await residentParix(['api', ...words, '-d', '{}'], {home})
        expect(bySession.stdout + bySession.stderr)
          .to.include('[hidden]')
          .and.not.include('access-token-1')
        const byKey = await residentParix(['api', ...words, '-d', '{}'], {home, env})
        expect(byKey.stdout + byKey.stderr)
          .to.include('[hidden]')
          .and.not.include(key)
      }
    }))

  it('threat 8.2: --debug tells method and path, never a key, a header of the user or a body', () =>
    withParix(async ({service, parix: signedIn}) => {
      service.answer('POST', '/api/v1/x', {json: 1})
      const {stderr} = await signedIn(['api', 'x', '-d', '{"s":"secret-1"}', '-H', 'x-mine: secret-2', '--debug'])
      expect(stderr).to.match(/POST \/api\/v1\/x/)
      expect(stderr).to.not.match(/secret-\d|px_test/)
    }))
})
