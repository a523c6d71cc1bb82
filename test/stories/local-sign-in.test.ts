import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {PATHS, type SessionFile} from '@parix/kit/contract'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {
  BROWSER_PROGRAM,
  createBrowser,
  expired,
  makeHome,
  parix,
  residentParix,
  signInWithBrowser,
  startParix,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'
import {driveLogin} from '../commands/auth/driven-login.js'

/** From nothing to signed out, at the real local service, the way a person goes. */
describe('story: signing in at the local service', function () {
  this.timeout(120_000)
  let dataDir: string
  let service: RunningService
  let home: TestHome
  let tokenRequests = 0

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-story-'))
    service = await startService({
      port: 0,
      dataDir,
      intercept: (request, next) => {
        if (new URL(request.url).pathname === PATHS.token) tokenRequests += 1
        return next(request)
      },
    })
  })
  after(async () => {
    await service.close()
    rmSync(dataDir, {recursive: true, force: true})
  })
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const run = (words: string, env: Record<string, string> = {}) => residentParix(words, {home, env})
  const session = () => JSON.parse(readFileSync(home.sessionPath, 'utf8')) as SessionFile
  const signIn = () => run(`auth login --base-url ${service.baseUrl}`, {BROWSER: BROWSER_PROGRAM})

  it('$BROWSER is opened with the page, and everything follows', async () => {
    const {code, stdout, stderr} = await signIn()
    expect(code, stderr).to.equal(0)
    expect(stdout).to.equal(`Signed in at ${service.baseUrl} as You <you@parix.local>, organization Local (owner).\n`)
    expect((await run('auth status')).code).to.equal(0)
  })

  it('threat 1.5: refusing in the browser leaves nobody signed in', async () => {
    const login = await driveLogin({home, baseUrl: service.baseUrl})
    const page = await signInWithBrowser(login.page.href, {browser: createBrowser(), decision: 'deny'})
    const {code, stderr} = await login.result
    expect(page.html).to.contain('You refused access')
    expect([code, existsSync(home.sessionPath)]).to.deep.equal([2, false])
    expect(stderr).to.contain('Error: You refused access in the browser.')
  })

  it('threat 2.12: a scope that was taken away is not in the session', async () => {
    const login = await driveLogin({home, baseUrl: service.baseUrl})
    await signInWithBrowser(login.page.href, {browser: createBrowser(), untick: ['db:write']})
    const {code, stderr} = await login.result
    expect(code, stderr).to.equal(0)
    expect(session().scopes).to.include('db:read').and.not.include('db:write')
  })

  it('threat 2.20: localhost, 127.0.0.1 and [::1] are one service', async () => {
    const login = await driveLogin({home, baseUrl: `http://127.0.0.1:${service.port}`})
    await signInWithBrowser(login.page.href, {browser: createBrowser()})
    const {code, stderr} = await login.result
    expect(code, stderr).to.equal(0)
    expect((await run(`auth status -b http://localhost:${service.port}`)).code).to.equal(0)
  })

  it('threat 6.1: after logout the refresh token is worth nothing', async () => {
    await signIn()
    const {refreshToken} = session()
    const {code, stderr} = await run('auth logout')
    expect([code, stderr]).to.deep.equal([0, ''])
    const response = await fetch(service.baseUrl + PATHS.token, {
      method: 'POST',
      body: new URLSearchParams({grant_type: 'refresh_token', client_id: 'parix', refresh_token: refreshToken!}),
    })
    expect([response.status, ((await response.json()) as {error: string}).error]).to.deep.equal([400, 'invalid_grant'])
  })

  it('threat 6.6: a session that was ended elsewhere is said to be over, and its file stays', async () => {
    await signIn()
    const copy = readFileSync(home.sessionPath, 'utf8')
    await run('auth logout')
    home.write('.config/parix/session.json', {...(JSON.parse(copy) as SessionFile), accessTokenExpiresAt: expired()})
    const {code, stderr} = await run('auth status')
    expect(code).to.equal(4)
    expect(stderr).to.match(/has ended/)
    expect(session().user.email).to.equal('you@parix.local')
  })

  it('signs in with a code, where another browser confirms it', async () => {
    const login = startParix(`auth login --device -b ${service.baseUrl}`, {home})
    const [, address] = await login.saw(/With the code in it: (\S+)/, 'stderr')
    let page = await createBrowser().open(address!)
    for (const button of [/^sign in as/i, /^continue$/i, /^allow$/i]) page = await page.press(button)
    const {code, stdout, stderr} = await login.result
    expect(code, stderr).to.equal(0)
    expect(stdout).to.contain('as You <you@parix.local>')
  })

  it('threat 6.8: the API key that local start prints is enough, without a session', async () => {
    const {code, stdout} = await run(`auth status -b ${service.baseUrl} --json`, {PARIX_API_KEY: service.apiKey})
    expect(code).to.equal(0)
    expect(JSON.parse(stdout)).to.deep.include({
      credential: 'apiKey',
      checked: true,
      apiKey: `…${service.apiKey.slice(-4)}`,
    })
    expect(stdout).to.not.contain(service.apiKey)
    expect(existsSync(home.sessionPath)).to.equal(false)
  })

  it('threat 5.1: an expired session is renewed by three commands at once, with one request', async () => {
    await signIn()
    writeFileSync(home.sessionPath, JSON.stringify({...session(), accessTokenExpiresAt: expired()}))
    tokenRequests = 0
    const results = await Promise.all(['auth status', 'auth token', 'auth status'].map((words) => parix(words, {home})))
    expect(results.map(({code}) => code)).to.deep.equal([0, 0, 0])
    expect(tokenRequests).to.equal(1)
    expect((await run('auth status')).code).to.equal(0)
  })
})
