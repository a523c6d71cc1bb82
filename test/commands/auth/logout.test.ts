import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {type AddressInfo, createServer} from 'node:net'
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
import {driveLogin} from './driven-login.js'
import {scriptDiscovery, scriptSignIn} from './scripted-service.js'

const REVOCATION = '/api/auth/oauth2/revoke'

describe('parix auth logout', function () {
  this.timeout(60_000)
  let home: TestHome
  let service: RecordingService

  beforeEach(async () => {
    home = makeHome()
    service = scriptSignIn(await startRecordingService())
    scriptDiscovery(service, {revocation_endpoint: service.baseUrl + REVOCATION})
    service.answer('POST', REVOCATION, {json: {}})
  })
  afterEach(async () => {
    home.remove()
    await service.stop()
  })

  const store = (overrides: Record<string, unknown> = {}) =>
    home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl, ...overrides}))
  const logout = (words = '') => residentParix(`auth logout ${words}`, {home})
  const filesLeft = () =>
    readdirSync(join(home.path, '.config/parix'), {recursive: true, withFileTypes: true}).filter(
      (entry) => !entry.isDirectory(),
    )

  it('threat 6.1: the refresh token is revoked, then the file removed', async () => {
    store()
    let fileWasThere: boolean | undefined
    service.answer('POST', REVOCATION, () => {
      fileWasThere = existsSync(home.sessionPath)
      return {json: {}}
    })
    const {code, stdout, stderr} = await logout()
    expect([code, stderr]).to.deep.equal([0, ''])
    expect(stdout).to.match(/^Signed out at http:\/\/127\.0\.0\.1:\d+\.\n$/)
    expect(new URLSearchParams(service.to('POST', REVOCATION)[0]!.body).get('token')).to.equal('refresh-token-1')
    expect([fileWasThere, existsSync(home.sessionPath)]).to.deep.equal([true, false])
  })

  describe('threat 6.2: the service does not go along', () => {
    const faults: [what: string, script: () => void][] = [
      ['503', () => service.answer('POST', REVOCATION, {status: 503})],
      ['token not found', () => service.answer('POST', REVOCATION, {status: 400, json: {error: 'invalid_request'}})],
      ['a connection that breaks', () => service.answer('POST', REVOCATION, {drop: true})],
      ['a web page', () => service.answer('POST', REVOCATION, {status: 502, body: '<html>'})],
      ['no revocation offered', () => scriptDiscovery(service, {})],
    ]
    for (const [what, script] of faults) {
      it(`signs out all the same, with a warning: ${what}`, async () => {
        store()
        script()
        const {code, stderr} = await logout()
        expect(code).to.equal(0)
        expect(stderr).to.contain('may keep the session')
        expect(existsSync(home.sessionPath)).to.equal(false)
      })
    }

    for (const [what, bytes] of [
      ['101 Switching Protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
      ['nothing, and closes', ''],
      ['half a response', 'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{'],
    ] as const) {
      it(`a service that answers ${what}: signed out here, and said that the service was not told`, async () => {
        const server = createServer((socket) => {
          socket.on('error', () => {})
          socket.once('data', () => socket.end(bytes))
        })
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        store({baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`})
        const {code, stdout, stderr} = await logout()
        await new Promise((resolve) => server.close(resolve))
        expect(code, stderr).to.equal(0)
        expect(stdout).to.match(/^Signed out at /)
        expect(stderr).to.contain('was not notified')
        expect(filesLeft()).to.deep.equal([])
      })
    }

    it('offline', async () => {
      store({baseUrl: 'http://127.0.0.1:9'})
      const {code, stderr} = await logout()
      expect(code).to.equal(0)
      expect(stderr).to.contain('may keep the session')
      expect(existsSync(home.sessionPath)).to.equal(false)
    })

    for (const [what, method, path] of [
      ['discovery', 'GET', PATHS.discovery],
      ['revocation', 'POST', REVOCATION],
    ] as const) {
      it(`waits two seconds at most for ${what}`, async () => {
        store()
        service.answer(method, path, {hang: true})
        const {code, milliseconds} = await logout()
        expect(code).to.equal(0)
        expect(milliseconds).to.be.lessThan(10_000)
        expect(existsSync(home.sessionPath)).to.equal(false)
      })
    }
  })

  describe('threat 6.3: a file that can’t be read', () => {
    for (const [what, content] of [
      ['damaged', '{"version": 2,'],
      ['empty', ''],
      ['of a newer version', JSON.stringify({...sessionFile(), version: 3})],
    ] as const) {
      it(`is removed when it is ${what}, and said so`, async () => {
        home.write('.config/parix/session.json', content)
        const {code, stdout} = await logout()
        expect(code).to.equal(0)
        expect(stdout).to.contain(home.sessionPath)
        expect(existsSync(home.sessionPath)).to.equal(false)
      })
    }
  })

  it('threat 6.4: when nobody is signed in, says so, exit 0', async () => {
    const {code, stdout} = await logout()
    expect([code, stdout]).to.deep.equal([0, 'You are not signed in.\n'])
    expect(JSON.parse((await logout('--json')).stdout)).to.deep.include({signedOut: [], removed: []})
  })

  it('threat 6.5: leaves no temp file, no lock and nothing that was moved aside', async () => {
    home.write('.config/parix/session.json', 'damaged')
    const again = await residentParix(`auth status`, {home})
    expect(again.code).to.equal(4)
    await logout('--all')
    expect(filesLeft()).to.deep.equal([])
  })

  describe('of several services', () => {
    const OTHER = 'http://127.0.0.1:9'
    beforeEach(async () => {
      store({baseUrl: OTHER, refreshToken: null})
      const login = await driveLogin({home, baseUrl: service.baseUrl})
      await login.bringCode()
      expect((await login.result).code).to.equal(0)
    })

    it('ends the one in use, and names the others', async () => {
      const {stderr} = await logout()
      expect(stderr).to.contain(`still signed in at ${OTHER}`).and.contain(`parix auth switch ${OTHER}`)
      const list = JSON.parse((await residentParix('auth list --json', {home})).stdout)
      expect(list.sessions).to.have.length(1)
    })

    it('--base-url ends the one of that service', async () => {
      const {stdout} = await logout(`--base-url ${OTHER}`)
      expect(stdout).to.match(/^Signed out at http:\/\/127\.0\.0\.1:9\.\n$/)
      expect(JSON.parse(readFileSync(home.sessionPath, 'utf8')).baseUrl).to.equal(service.baseUrl)
    })

    it('--all ends every one', async () => {
      const {code, stdout} = await logout('--all --json')
      expect(code).to.equal(0)
      expect(JSON.parse(stdout).signedOut).to.have.length(2)
      expect(filesLeft()).to.deep.equal([])
    })

    it('--all with --base-url is refused', async () => {
      expect((await logout(`--all --base-url ${OTHER}`)).code).to.equal(2)
    })
  })
})
