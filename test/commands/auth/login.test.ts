import {once} from 'node:events'
import {chmodSync, existsSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {PATHS} from '@parix/kit/contract'
import {
  makeHome,
  type RecordingService,
  residentParix,
  sessionFile,
  startRecordingService,
  type TestHome,
} from '@parix/testkit'
import {expect} from 'chai'
import {openSocket} from '../../auth/raw-http.js'
import {driveLogin} from './driven-login.js'
import {ADA, GRACE, SECRETS, scriptDiscovery, scriptSignIn, TOKEN_ANSWER} from './scripted-service.js'

/** Real processes; the service is scripted, and this test is the browser. */
describe('parix auth login', function () {
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

  const drive = (words: string[] = [], env: Record<string, string | undefined> = {}) =>
    driveLogin({home, baseUrl: service.baseUrl, words, env})
  const tokenRequests = () => service.to('POST', PATHS.token)
  const session = () => JSON.parse(readFileSync(home.sessionPath, 'utf8'))
  /** A session that was there before; what is returned must be found again where a login fails. */
  const earlierSession = () => {
    home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl}))
    return readFileSync(home.sessionPath, 'utf8')
  }

  describe('when all goes well', () => {
    it('says who is signed in, in which organization and where, on stdout alone', async () => {
      const login = await drive()
      const page = await login.bringCode()
      const {code, stdout, stderr} = await login.result
      expect(page.headers.location).to.equal(service.baseUrl + PATHS.consentGranted)
      expect(stdout).to.equal(
        `Signed in at ${service.baseUrl} as Ada <ada@example.com>, organization Analytical Engines (owner).\n`,
      )
      expect(stderr).to.contain(login.page.href).and.contain('Next: parix database list')
      expect(code).to.equal(0)
    })

    it('stores the session in the contract’s shape, for the owner only', async () => {
      const login = await drive()
      await login.bringCode()
      await login.result
      expect(session()).to.deep.include({
        version: 2,
        baseUrl: service.baseUrl,
        accessToken: SECRETS.accessToken,
        refreshToken: SECRETS.refreshToken,
        tokenType: 'Bearer',
        scopes: TOKEN_ANSWER.scope.split(' '),
        user: {id: 'user_ada', email: 'ada@example.com', emailVerified: true, name: 'Ada', image: null},
        organization: {id: 'org_engines', name: 'Analytical Engines', slug: 'engines', memberRole: 'owner'},
      })
      expect(home.mode('.config/parix/session.json')).to.equal(0o600)
      expect(home.mode('.config/parix')).to.equal(0o700)
    })

    it('flaw 1: --json prints one object, without a token', async () => {
      const login = await drive(['--json'])
      await login.bringCode()
      const {stdout} = await login.result
      expect(JSON.parse(stdout)).to.deep.include({baseUrl: service.baseUrl, active: true, file: home.sessionPath})
      expect(JSON.parse(stdout)).to.have.keys(
        ...['baseUrl', 'user', 'organization', 'scopes', 'accessTokenExpiresAt', 'active', 'current', 'file'],
      )
      for (const secret of Object.values(SECRETS)) expect(stdout).to.not.contain(secret)
    })

    it('threat 1.29: somebody else stays signed in beside the new session, and that is said', async () => {
      earlierSession()
      scriptSignIn(service, GRACE)
      const login = await drive(['--json'])
      await login.bringCode()
      const {stdout, stderr} = await login.result
      expect(stderr).to.contain(
        'still signed in there as Ada <ada@example.com>, organization Analytical Engines (owner), but commands now use the new session',
      )
      expect(JSON.parse(stdout).kept.user.id).to.equal('user_1')
      expect(JSON.parse(stdout)).not.to.have.property('replaced')
      expect(stderr).to.match(/parix auth switch http\S+ --organization org_1/)
    })

    it('threat 1.29: a session of the same person is renewed without a word', async () => {
      await (await drive()).bringCode()
      const again = await drive()
      await again.bringCode()
      expect((await again.result).stderr).to.not.contain('replaces')
    })

    it('threat 4.20: stays signed in elsewhere, and says so', async () => {
      home.write('.config/parix/session.json', sessionFile({baseUrl: 'https://parix.example'}))
      const login = await drive()
      await login.bringCode()
      const {stderr} = await login.result
      expect(stderr)
        .to.contain('You are still signed in at https://parix.example')
        .and.contain('parix auth switch https://parix.example')
      const list = await residentParix('auth list --json', {home})
      expect(JSON.parse(list.stdout).sessions.map(({baseUrl}: {baseUrl: string}) => baseUrl)).to.deep.equal([
        service.baseUrl,
        'https://parix.example',
      ])
    })

    it('a stale session does not send a login to an old environment', async () => {
      home.write('.config/parix/session.json', sessionFile({baseUrl: 'http://127.0.0.1:9'}))
      const {code, stderr} = await residentParix('auth login --timeout 1ms', {
        home,
        env: {PARIX_BASE_URL: service.baseUrl, BROWSER: 'none'},
      })
      expect(stderr).to.contain(`${service.baseUrl}${PATHS.authorize}`)
      expect(code).to.equal(4)
    })

    it('threat 3.12: with PARIX_API_KEY set, says that the key goes first', async () => {
      const login = await drive([], {PARIX_API_KEY: 'px_key_that_is_long_enough'})
      await login.bringCode()
      const {stderr} = await login.result
      expect(stderr).to.contain('PARIX_API_KEY is set').and.not.contain('px_key')
    })

    it('threat 2.12: keeps the scopes that were granted', async () => {
      service.answer('POST', PATHS.token, {json: {...TOKEN_ANSWER, scope: 'openid db:read'}})
      const login = await drive()
      await login.bringCode()
      await login.result
      expect(session().scopes).to.deep.equal(['openid', 'db:read'])
    })

    it('threat 5.15: tokens are stored even when the service does not say whose they are', async () => {
      service.answer('GET', PATHS.userinfo, {status: 500}).answer('GET', `${PATHS.api}/session`, {status: 500})
      const login = await drive()
      await login.bringCode()
      const {code, stderr} = await login.result
      expect(stderr).to.contain('the service did not say as whom')
      expect(session().accessToken).to.equal(SECRETS.accessToken)
      expect(code).to.equal(0)
    })
  })

  it('threat 8.7, 2.1: the address of the page holds nothing but what the contract names', async () => {
    const login = await drive(['--timeout', '200ms'])
    expect([...login.page.searchParams.keys()].sort()).to.include.members([
      ...['code_challenge', 'code_challenge_method', 'prompt', 'state'],
    ])
    expect(login.page.searchParams.get('code_challenge_method')).to.equal('S256')
    expect(login.page.searchParams.get('prompt')).to.equal('consent')
    expect(login.page.pathname).to.equal(PATHS.authorize)
    expect(login.redirectUri).to.match(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    await login.result
  })

  it('--prompt says what the page asks', async () => {
    const login = await drive(['--prompt', 'login', '--timeout', '1ms'])
    expect(login.page.searchParams.get('prompt')).to.equal('login')
    await login.result
  })

  it('threat 2.3: each attempt has its own state and challenge', async () => {
    const [one, two] = [await drive(['--timeout', '1ms']), await drive(['--timeout', '1ms'])]
    expect(one.state).to.not.equal(two.state)
    expect(one.page.searchParams.get('code_challenge')).to.not.equal(two.page.searchParams.get('code_challenge'))
    await Promise.all([one.result, two.result])
  })

  describe('what the callback may do', () => {
    it('threat 1.1, flaw 15: a wrong state is refused with a warning, and the right one signs in', async () => {
      const login = await drive()
      expect((await login.bring({code: 'evil', state: 'other'})).status).to.equal(400)
      expect((await login.bring({error: 'access_denied', state: 'other'})).status).to.equal(400)
      await login.bringCode()
      const {code, stderr} = await login.result
      expect([code, tokenRequests().length]).to.deep.equal([0, 1])
      expect(stderr).to.contain('not for this sign-in')
    })

    it('threat 1.3: no code with the right state fails, and leaves the session as it was', async () => {
      const before = earlierSession()
      const login = await drive()
      expect((await login.bring({state: login.state})).status).to.equal(502)
      const {code, stderr} = await login.result
      expect(stderr).to.contain('it holds no code')
      expect(code).to.equal(1)
      expect(tokenRequests()).to.have.length(0)
      expect(readFileSync(home.sessionPath, 'utf8')).to.equal(before)
    })

    it('threat 1.4: a code that the service refuses fails, and leaves the session as it was', async () => {
      const before = earlierSession()
      service.answer('POST', PATHS.token, {status: 400, json: {error: 'invalid_grant', error_description: 'no'}})
      const login = await drive()
      const page = await login.bringCode()
      const {code, stderr} = await login.result
      expect(page.status).to.equal(502)
      expect(page.body).to.contain('You are not signed in')
      expect(code).to.be.oneOf([1, 4])
      expect(stderr)
        .to.match(/^Error: /m)
        .and.not.contain(SECRETS.code)
      expect(readFileSync(home.sessionPath, 'utf8')).to.equal(before)
    })

    it('threat 1.5: a refusal in the browser is said, and nothing else', async () => {
      const before = earlierSession()
      const login = await drive()
      const page = await login.bring({error: 'access_denied', error_description: '<b>no</b>', state: login.state})
      const {code, stderr, stdout} = await login.result
      expect(page.status).to.equal(200)
      expect(stderr.trimEnd().split('\n').at(-1)).to.equal('Error: You refused access in the browser.')
      expect([code, stdout, tokenRequests().length]).to.deep.equal([2, '', 0])
      expect(readFileSync(home.sessionPath, 'utf8')).to.equal(before)
    })

    it('threat 1.6: an error with --json is one error object, cleaned', async () => {
      const login = await drive(['--json'])
      await login.bring({error: 'server_error', error_description: 'a\u001b[2Jb', state: login.state})
      const {code, stdout} = await login.result
      const {error} = JSON.parse(stdout)
      expect([code, error.code, error.exitCode]).to.deep.equal([75, 'server_error', 75])
      expect(stdout).to.not.contain('\u001b')
    })

    it('threat 1.8: the same callback twice at once makes one token request', async () => {
      const login = await drive()
      const pages = await Promise.all([login.bringCode(), login.bringCode()])
      expect(pages.map(({status}) => status).sort()).to.deep.equal([200, 303])
      expect((await login.result).code).to.equal(0)
      expect(tokenRequests()).to.have.length(1)
    })

    it('threat 1.17: the browser waits for the exchange, and hears how it ended', async () => {
      let answered = false
      let release!: () => void
      const after = new Promise<void>((resolve) => {
        release = resolve
      })
      service.answer('POST', PATHS.token, {status: 500, after})
      const login = await drive()
      const page = login.bringCode().then((response) => {
        answered = true
        return response
      })
      await service.received('POST', PATHS.token)
      expect(answered).to.equal(false)
      release()
      expect((await page).status).to.equal(502)
      expect((await login.result).code).to.not.equal(0)
    })

    it('threat 1.21: an answer of a foreign issuer is refused without a token request', async () => {
      scriptDiscovery(service, {})
      const login = await drive()
      const page = await login.bring({code: SECRETS.code, state: login.state, iss: 'https://evil.example/api/auth'})
      const {code, stderr} = await login.result
      expect(page.status).to.equal(502)
      expect(code).to.not.equal(0)
      expect(tokenRequests()).to.have.length(0)
      expect(stderr).to.not.contain(SECRETS.code)
    })

    it('threat 1.22: an answer without iss is accepted, although discovery announces it', async () => {
      scriptDiscovery(service, {authorization_response_iss_parameter_supported: true})
      const login = await drive()
      await login.bringCode()
      expect((await login.result).code).to.equal(0)
    })

    it('threat 1.16: the browser is sent to our page, whatever the query says', async () => {
      const login = await drive()
      const page = await login.bring({
        ...{code: SECRETS.code, state: login.state},
        ...{redirect: '//evil.example', next: 'https://evil.example', redirect_uri: 'https://evil.example'},
      })
      expect(page.headers.location).to.equal(service.baseUrl + PATHS.consentGranted)
      await login.result
    })
  })

  describe('the listener', () => {
    it('threat 1.14: a silent connection does not keep the process', async () => {
      const login = await drive()
      const silent = await openSocket(login.port)
      await login.bringCode()
      const before = performance.now()
      expect((await login.result).code).to.equal(0)
      expect(performance.now() - before).to.be.lessThan(30_000)
      silent.destroy()
    })

    it('threat 1.23: is bound to 127.0.0.1 and nothing else', async function () {
      if (!existsSync('/proc/net/tcp')) this.skip()
      const login = await drive(['--timeout', '2s'])
      const listening = readFileSync('/proc/net/tcp', 'utf8') + readFileSync('/proc/net/tcp6', 'utf8')
      const port = login.port.toString(16).toUpperCase().padStart(4, '0')
      const LISTEN = '0A'
      const addresses = listening
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => state === LISTEN && local?.endsWith(`:${port}`))
        .map(([, local]) => local!.split(':')[0])
      expect(addresses).to.deep.equal(['0100007F'])
      await login.bringCode()
      await login.result
    })

    it('threat 1.24: --port in use ends before a browser is opened', async () => {
      const holder = createServer().listen(0, '127.0.0.1')
      await once(holder, 'listening')
      const {port} = holder.address() as {port: number}
      const browser = recorder()
      const {code, stderr} = await residentParix(`auth login -b ${service.baseUrl} --port ${port}`, {
        home,
        env: {BROWSER: browser.path},
      })
      holder.close()
      expect(stderr).to.contain(`Port ${port} is in use by another program.`).and.contain('Leave --port out')
      expect(code).to.equal(2)
      expect(existsSync(browser.argumentsPath)).to.equal(false)
    })

    it('threat 1.25: a --port that could not work is refused before anything starts', async () => {
      const {code, stderr} = await residentParix(['auth', 'login', '-b', service.baseUrl, '--port', '6000'], {home})
      expect(stderr).to.contain('Browsers refuse to open port 6000')
      expect(code).to.equal(2)
    })

    it('--port is where the answer is waited for', async () => {
      const holder = createServer().listen(0, '127.0.0.1')
      await once(holder, 'listening')
      const {port} = holder.address() as {port: number}
      await new Promise((resolve) => holder.close(resolve))
      const login = await drive(['--port', String(port)])
      expect(login.port).to.equal(port)
      await login.bringCode()
      expect((await login.result).code).to.equal(0)
    })

    it('threat 1.26: ends after --timeout, says what else to do, and frees the port', async () => {
      const login = await drive(['--timeout', '300ms'])
      const {code, stderr} = await login.result
      expect(stderr).to.contain('The browser did not return').and.contain('--device').and.contain('ssh -L')
      expect(code).to.equal(4)
      const again = createServer().listen(login.port, '127.0.0.1')
      await once(again, 'listening')
      again.close()
    })

    for (const [signal, expected] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      it(`threat 1.27: ${signal} while waiting ends it with ${expected} at once`, async () => {
        const before = earlierSession()
        const login = await drive()
        const sent = performance.now()
        login.running.child.kill(signal)
        const {code, stderr} = await login.result
        expect(code).to.equal(expected)
        expect(performance.now() - sent).to.be.lessThan(30_000)
        expect(stderr)
          .to.contain('Nothing was stored')
          .and.not.match(/\n\s+at /)
        expect(readFileSync(home.sessionPath, 'utf8')).to.equal(before)
      })
    }

    it('threat 1.28: two logins at once each take their own answer, and the last one wins', async () => {
      const [one, two] = await Promise.all([drive(), drive()])
      expect((await one.bring({code: 'x', state: two.state})).status).to.equal(400)
      expect((await two.bring({code: 'x', state: one.state})).status).to.equal(400)
      await one.bringCode()
      expect((await one.result).code).to.equal(0)
      scriptSignIn(service, GRACE)
      await two.bringCode()
      expect((await two.result).code).to.equal(0)
      expect(session().user.id).to.equal('user_grace')
      expect(tokenRequests()).to.have.length(2)
    })
  })

  /** A program for $BROWSER that writes down its arguments and environment. */
  function recorder(exitCode = 0): {path: string; argumentsPath: string; environmentPath: string} {
    const [path, argumentsPath, environmentPath] = ['browser', 'arguments', 'environment'].map((name) =>
      join(home.path, name),
    ) as [string, string, string]
    writeFileSync(
      path,
      `#!/bin/sh\nenv > '${environmentPath}'\nprintf '%s\\n' "$#" "$@" > '${argumentsPath}'\nexit ${exitCode}\n`,
    )
    chmodSync(path, 0o755)
    return {path, argumentsPath, environmentPath}
  }

  describe('the browser', () => {
    it('threat 7.5, 7.6, 8.1: $BROWSER gets the address as its only argument, and no credential', async () => {
      const browser = recorder(7)
      const login = await drive([], {BROWSER: browser.path, PARIX_API_KEY: 'px_secret_key_1234'})
      await login.running.saw(/No browser could be opened: \S+ ended with exit code 7/, 'stderr')
      await login.bringCode()
      expect((await login.result).code).to.equal(0)
      expect(readFileSync(browser.argumentsPath, 'utf8')).to.equal(`1\n${login.page.href}\n`)
      expect(readFileSync(browser.environmentPath, 'utf8')).to.not.contain('px_secret_key_1234')
    })

    it('threat 7.1, flaw 7: a missing browser is said, and the login waits on', async () => {
      const login = await drive([], {BROWSER: '/nowhere/browser'})
      await login.running.saw(/No browser could be opened: could not start \/nowhere\/browser/, 'stderr')
      await login.bringCode()
      expect((await login.result).code).to.equal(0)
    })

    it('threat 7.3: by SSH none is opened, and the line for ssh -L has our port', async () => {
      const login = await drive([], {BROWSER: undefined, SSH_CONNECTION: '10.0.0.1 50000 10.0.0.2 22'})
      await login.running.saw(/you are connected by SSH/, 'stderr')
      await login.running.saw(new RegExp(`ssh -L ${login.port}:127\\.0\\.0\\.1:${login.port}`), 'stderr')
      await login.bringCode()
      const {stderr} = await login.result
      expect(stderr).to.not.contain('--device')
    })

    it('threat 7.3: the device login is named where the service has it', async () => {
      scriptDiscovery(service, {device_authorization_endpoint: `${service.baseUrl}/device`})
      const login = await drive()
      await login.running.saw(/parix auth login --device/, 'stderr')
      await login.bringCode()
      await login.result
    })

    it('threat 7.4: a CI job without a terminal is told of PARIX_API_KEY at once', async () => {
      const {code, stderr} = await residentParix(`auth login -b ${service.baseUrl}`, {home, env: {CI: 'true'}})
      expect(stderr).to.contain('PARIX_API_KEY')
      expect(code).to.equal(2)
      expect(service.requests).to.deep.equal([])
    })

    it('threat 7.4: unless it was asked for', async () => {
      const login = await drive(['--no-browser'], {CI: 'true', BROWSER: undefined})
      await login.bringCode()
      expect((await login.result).code).to.equal(0)
    })
  })

  describe('an address that is pasted', () => {
    it('signs in, from a pipe, with --no-browser', async () => {
      const login = await driveLogin({home, baseUrl: service.baseUrl, words: ['--no-browser'], keepStdinOpen: true})
      login.running.child.stdin!.write('http://127.0.0.1:1/callback?code=x&state=y\n')
      await login.running.saw(/not the address/, 'stderr')
      login.running.child.stdin!.write(`${login.redirectUri}?code=x&state=other\n`)
      await login.running.saw(/belongs to another sign-in/, 'stderr')
      login.running.child.stdin!.write(
        `${login.redirectUri}?${new URLSearchParams({code: SECRETS.code, state: login.state})}\n`,
      )
      expect((await login.result).code).to.equal(0)
      expect(session().user.id).to.equal('user_ada')
    })

    it('is not read from a pipe that nobody spoke of', async () => {
      const login = await driveLogin({
        home,
        baseUrl: service.baseUrl,
        words: ['--timeout', '500ms'],
        keepStdinOpen: true,
      })
      login.running.child.stdin!.write(
        `${login.redirectUri}?${new URLSearchParams({code: SECRETS.code, state: login.state})}\n`,
      )
      expect((await login.result).code).to.equal(4)
      expect(tokenRequests()).to.have.length(0)
    })
  })

  describe('what it keeps to itself', () => {
    it('threat 8.2: no token, code or verifier with every switch that makes things talk', async () => {
      const login = await drive(['--debug'], {DEBUG: '*', NODE_DEBUG: 'fetch,undici,tls'})
      await login.bringCode()
      const {stdout, stderr} = await login.result
      const verifier = new URLSearchParams(tokenRequests()[0]!.body).get('code_verifier')!
      for (const secret of [...Object.values(SECRETS), verifier]) expect(stdout + stderr).to.not.contain(secret)
    })

    it('threat 8.3: an error of the OAuth library is reported without what it holds', async () => {
      service.answer('POST', PATHS.token, {json: {...TOKEN_ANSWER, token_type: 'mac'}})
      const login = await drive(['--debug'], {DEBUG: '*'})
      await login.bringCode()
      const {code, stdout, stderr} = await login.result
      expect(code).to.not.equal(0)
      for (const secret of Object.values(SECRETS)) expect(stdout + stderr).to.not.contain(secret)
    })

    it('threat 7.9: names with escape sequences are shown as text', async () => {
      scriptSignIn(service, {...ADA, name: 'A\u001b]52;c;aGk=\u0007da', organization_name: 'En\u202egines'})
      const login = await drive()
      await login.bringCode()
      const {stdout} = await login.result
      expect(stdout)
        .to.contain('A\\u001b]52;c;aGk=\\u0007da')
        .and.not.match(/[\u0000-\u0009\u000b-\u001f\u202e]/)
    })
  })

  it('flaw 17, threat 4.7: a damaged session file does not keep anyone from signing in', async () => {
    home.write('.config/parix/session.json', '{"version": 2, "accessTok')
    const login = await drive()
    await login.bringCode()
    const {code, stderr} = await login.result
    expect(code).to.equal(0)
    expect(stderr).to.contain('It was moved to')
    expect(session().user.id).to.equal('user_ada')
  })

  it('threat 4.14: where the session could not be stored, that is said before the browser opens, and nothing is sent', async () => {
    home.write('.config/parix', 'a file where the directory should be')
    const {code, stderr} = await residentParix(`auth login --base-url ${service.baseUrl}`, {home})
    expect(code).to.equal(4)
    expect(stderr).to.contain('not a directory').and.not.contain('open this page')
    expect(service.requests).to.deep.equal([])
  })

  it('threat 2.16: refuses a base URL that would send credentials unencrypted', async () => {
    const {code, stderr} = await residentParix('auth login -b http://192.0.2.1', {home})
    expect(stderr).to.contain('unencrypted')
    expect(code).to.equal(2)
  })

  it('--timeout without a length is refused', async () => {
    const {code} = await residentParix(['auth', 'login', '-b', service.baseUrl, '--timeout', '0s'], {home})
    expect(code).to.equal(2)
  })
})
