import {readFileSync} from 'node:fs'
import {PATHS} from '@parix/kit/contract'
import {
  expired,
  makeHome,
  type RecordingService,
  residentParix,
  sessionFile,
  startRecordingService,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'
import {ADA, SECRETS, scriptSignIn} from './scripted-service.js'

const SESSION_PATH = `${PATHS.api}/session`

describe('parix auth status', function () {
  this.timeout(60_000)
  let home: TestHome
  let service: RecordingService

  beforeEach(async () => {
    home = makeHome()
    service = scriptSignIn(await startRecordingService())
  })
  afterEach(async () => {
    home.remove()
    await service.stop()
  })

  const store = (overrides: Record<string, unknown> = {}) =>
    home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl, ...overrides}))
  const stored = () => readFileSync(home.sessionPath, 'utf8')
  const status = (words = '', env: Record<string, string> = {}) => residentParix(`auth status ${words}`, {home, env})

  it('shows user, organization, role, base URL, scopes, expiry and file, checked with the service', async () => {
    store()
    const {code, stdout} = await status()
    expect(code).to.equal(0)
    expect(stdout).to.match(/signed in at +http:\/\/127\.0\.0\.1:\d+\n/)
    expect(stdout).to.match(/user +Ada <ada@example\.com>\n/)
    expect(stdout).to.match(/organization +Analytical Engines \(owner\)\n/)
    expect(stdout).to.match(/scopes +openid profile email offline_access org:read db:read db:write billing:read\n/)
    expect(stdout).to.match(/access token +good until \d{4}-\d\d-\d\dT[\d:.]+Z/)
    expect(stdout).to.contain(home.sessionPath)
    expect(stdout).to.match(/checked +yes/)
  })

  it('--json has the same, and the profile that the service knows now is kept', async () => {
    store({user: {id: 'user_1', email: null, emailVerified: null, name: 'Old name', image: null}})
    const {stdout} = await status('--json')
    const response = JSON.parse(stdout)
    expect(response).to.deep.include({credential: 'session', checked: true, active: true, file: home.sessionPath})
    expect(response.user).to.deep.include({id: ADA.sub, name: 'Ada', email: 'ada@example.com'})
    expect(response.organization).to.deep.equal({
      id: 'org_engines',
      name: 'Analytical Engines',
      slug: 'engines',
      memberRole: 'owner',
    })
    expect(JSON.parse(stored()).user.name).to.equal('Ada')
    expect(JSON.parse(stored()).accessToken).to.equal('access-token-1')
  })

  it('renews an expired session, and sends the new token', async () => {
    store({accessTokenExpiresAt: expired()})
    const {code} = await status()
    expect(code).to.equal(0)
    expect(service.to('POST', PATHS.token)).to.have.length(1)
    expect(service.to('GET', PATHS.userinfo)[0]!.headers.authorization).to.equal(`Bearer ${SECRETS.accessToken}`)
    expect(JSON.parse(stored()).refreshToken).to.equal(SECRETS.refreshToken)
  })

  it('threat 5.16: a refused token that looks good is renewed once', async () => {
    store()
    service.answer('GET', PATHS.userinfo, {status: 401, json: {error: 'invalid_token'}}, {json: ADA})
    const {code, stdout} = await status('--json')
    expect(code).to.equal(0)
    expect(JSON.parse(stdout).checked).to.equal(true)
    expect(service.to('POST', PATHS.token)).to.have.length(1)
  })

  it('not signed in is exit 4, with the command to sign in', async () => {
    const {code, stderr, stdout} = await status(`-b ${service.baseUrl}`)
    expect([code, stdout]).to.deep.equal([4, ''])
    expect(stderr).to.contain(`parix auth login --base-url ${service.baseUrl}`)
  })

  it('threat 6.6: a session that was ended at the service is exit 4, and the file stays', async () => {
    store({accessTokenExpiresAt: expired()})
    service.answer('POST', PATHS.token, {status: 400, json: {error: 'invalid_grant'}})
    const {code, stderr} = await status()
    expect(code).to.equal(4)
    expect(stderr)
      .to.match(/has ended/)
      .and.contain('parix auth login')
    expect(JSON.parse(stored()).user.name).to.equal('Ada')
    expect((await status()).code).to.equal(4)
    expect(service.to('POST', PATHS.token)).to.have.length(1)
  })

  describe('threat 6.7: the service can’t be reached', () => {
    it('shows what is stored, says that it was not checked, and exits 75', async () => {
      store({baseUrl: 'http://127.0.0.1:9'})
      const {code, stdout, stderr} = await status()
      expect(code).to.equal(75)
      expect(stdout)
        .to.contain('Ada <ada@example.com>')
        .and.match(/checked +no, .*Can't reach http:\/\/127\.0\.0\.1:9/)
      expect(stderr).to.equal('')
    })

    it('--json says checked: false, with the same exit code', async () => {
      store({baseUrl: 'http://127.0.0.1:9'})
      const {code, stdout} = await status('--json')
      expect(code).to.equal(75)
      expect(JSON.parse(stdout)).to.deep.include({checked: false, credential: 'session'})
      expect(JSON.parse(stdout).problem).to.be.a('string')
    })

    it('threat 3.18: a web page in between is not an answer, and leaves the session as it was', async () => {
      store()
      const before = stored()
      const page = {status: 502, headers: {'content-type': 'text/html'}, body: '<html><h1>Bad gateway</h1></html>'}
      service.answer('GET', PATHS.userinfo, page).answer('GET', SESSION_PATH, page)
      const {code, stderr} = await status()
      expect(code).to.equal(75)
      expect(stderr).to.not.contain('<h1>')
      expect(stored()).to.equal(before)
    })
  })

  it('threat 4.7: a damaged file is exit 4, and stays', async () => {
    home.write('.config/parix/session.json', '{"version": 2,')
    const {code, stderr} = await status()
    expect(code).to.equal(4)
    expect(stderr).to.contain('damaged').and.contain(home.sessionPath)
    expect(stored()).to.equal('{"version": 2,')
  })

  it('--base-url looks at the session of that service', async () => {
    home.write('.config/parix/session.json', sessionFile({baseUrl: 'https://parix.example'}))
    const {code, stderr} = await status(`--base-url ${service.baseUrl}`)
    expect(code).to.equal(4)
    expect(stderr).to.contain(`not signed in at ${service.baseUrl}`)
    expect(service.requests).to.deep.equal([])
  })

  describe('threat 6.8: with PARIX_API_KEY', () => {
    const KEY = 'px_0123456789abcdefWXYZ'
    const withKey = (words = '') => status(`-b ${service.baseUrl} ${words}`, {PARIX_API_KEY: KEY})

    it('says that the key is in use, with its last four characters at most', async () => {
      const {code, stdout, stderr} = await withKey()
      expect(code).to.equal(0)
      expect(stdout)
        .to.match(/API key +…WXYZ, from PARIX_API_KEY/)
        .and.match(/organization +Analytical Engines/)
      expect(stdout + stderr).to.not.contain('0123456789')
      expect(service.to('GET', SESSION_PATH)[0]!.headers['x-api-key']).to.equal(KEY)
    })

    it('threat 3.12: an unreadable session file does not matter, and is not touched', async () => {
      home.write('.config/parix/session.json', 'nonsense', 0o644)
      const {code, stdout} = await withKey('--json')
      expect(code).to.equal(0)
      expect(JSON.parse(stdout)).to.deep.include({credential: 'apiKey', apiKey: '…WXYZ', checked: true})
      expect(stored()).to.equal('nonsense')
      expect(home.mode('.config/parix/session.json')).to.equal(0o644)
    })

    it('threat 3.15: a refused key is exit 4, after one request', async () => {
      service.answer('GET', SESSION_PATH, {status: 401, json: {title: 'Unauthorized', status: 401}})
      const {code} = await withKey()
      expect(code).to.equal(4)
      expect(service.requests).to.have.length(1)
    })

    it('a short key is not shown at all', async () => {
      const {stdout} = await status(`-b ${service.baseUrl}`, {PARIX_API_KEY: 'px_short'})
      expect(stdout).to.not.contain('hort')
    })

    it('threat 6.7: offline, says that the key was not checked, and exits 75', async () => {
      const {code, stdout} = await status('-b http://127.0.0.1:9', {PARIX_API_KEY: KEY})
      expect(code).to.equal(75)
      expect(stdout).to.match(/checked +no/)
    })
  })

  it('threat 4.19: no output holds a token', async () => {
    store({accessTokenExpiresAt: expired()})
    const results = [
      await status('--json --debug'),
      await status('--debug'),
      await residentParix('auth list --json', {home}),
    ]
    for (const {stdout, stderr} of results) {
      for (const secret of [...Object.values(SECRETS), 'access-token-1', 'refresh-token-1']) {
        expect(stdout + stderr).to.not.contain(secret)
      }
    }
  })

  it('threat 7.9: escape sequences in a stored session are shown as text', async () => {
    store({
      baseUrl: 'http://127.0.0.1:9',
      organization: {id: 'o', name: 'x\u001b]0;y\u0007', slug: null, memberRole: null},
    })
    const {stdout} = await status()
    expect(stdout).to.contain('\\u001b]0;y\\u0007').and.not.contain('\u001b')
  })
})
