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
import {driveLogin} from './driven-login.js'
import {SECRETS, scriptSignIn} from './scripted-service.js'

const OTHER = 'https://parix.example'

describe('parix auth list, switch and token', function () {
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

  const run = (words: string, env: Record<string, string> = {}) => residentParix(words, {home, env})

  /** Signed in at two services, the scripted one in use. */
  async function signInTwice(): Promise<void> {
    home.write('.config/parix/session.json', sessionFile({baseUrl: OTHER}))
    const login = await driveLogin({home, baseUrl: service.baseUrl})
    await login.bringCode()
    expect((await login.result).code).to.equal(0)
  }

  it('list shows each service, and marks the one in use; nothing is asked', async () => {
    await signInTwice()
    const before = service.requests.length
    const {code, stdout} = await run('auth list')
    expect(code).to.equal(0)
    expect(stdout).to.match(
      new RegExp(`\\* +${service.baseUrl} +Ada <ada@example\\.com> +Analytical Engines \\(owner\\)`),
    )
    expect(stdout).to.match(/^ +https:\/\/parix\.example +Ada/m)
    expect(service.requests).to.have.length(before)
  })

  it('list says when there is nothing, with the command to sign in', async () => {
    const {code, stdout, stderr} = await run('auth list')
    expect([code, stdout]).to.deep.equal([0, ''])
    expect(stderr).to.contain('parix auth login')
  })

  it('list names a file that can’t be read', async () => {
    home.write('.config/parix/session.json', 'damaged')
    const {code, stdout} = await run('auth list --json')
    expect(code).to.equal(0)
    expect(JSON.parse(stdout)).to.deep.include({sessions: []})
    expect(JSON.parse(stdout).unreadable[0]).to.deep.include({file: home.sessionPath, active: true})
  })

  it('switch changes which one commands use', async () => {
    await signInTwice()
    const {code, stdout} = await run(`auth switch ${OTHER}/`)
    expect(code).to.equal(0)
    expect(stdout).to.contain(`Commands now use ${OTHER}, as Ada`)
    expect(JSON.parse(readFileSync(home.sessionPath, 'utf8')).baseUrl).to.equal(OTHER)
    const {sessions} = JSON.parse((await run('auth list --json')).stdout)
    expect(sessions.map(({active}: {active: boolean}) => active)).to.deep.equal([true, false])
  })

  it('switch to a service where one is not signed in is exit 4', async () => {
    const {code, stderr} = await run(`auth switch ${OTHER}`)
    expect(code).to.equal(4)
    expect(stderr).to.contain('parix auth login')
  })

  it('token prints the access token and nothing else', async () => {
    home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl}))
    const {code, stdout, stderr} = await run('auth token')
    expect([code, stdout, stderr]).to.deep.equal([0, 'access-token-1\n', ''])
  })

  it('token renews it first where it has expired', async () => {
    home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl, accessTokenExpiresAt: expired()}))
    const {stdout} = await run('auth token --json')
    expect(JSON.parse(stdout)).to.have.keys('accessToken', 'tokenType', 'accessTokenExpiresAt', 'baseUrl')
    expect(JSON.parse(stdout).accessToken).to.equal(SECRETS.accessToken)
    expect(service.to('POST', PATHS.token)).to.have.length(1)
  })

  it('threat 4.19: token never prints the refresh token', async () => {
    home.write('.config/parix/session.json', sessionFile({baseUrl: service.baseUrl}))
    const {stdout} = await run('auth token --json')
    expect(stdout).to.not.contain('refresh')
  })

  it('token with PARIX_API_KEY says that there is none, and does not show the key', async () => {
    const {code, stdout, stderr} = await run('auth token', {PARIX_API_KEY: 'px_secret_key'})
    expect([code, stdout]).to.deep.equal([2, ''])
    expect(stderr).to.contain('PARIX_API_KEY is set').and.not.contain('px_secret')
  })

  it('threat 3.4: token of a service other than the session’s is exit 4, and nothing is sent', async () => {
    home.write('.config/parix/session.json', sessionFile({baseUrl: OTHER}))
    const {code, stdout} = await run(`auth token -b ${service.baseUrl}`)
    expect([code, stdout]).to.deep.equal([4, ''])
    expect(service.requests).to.deep.equal([])
  })
})
