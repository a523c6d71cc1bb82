import {readFileSync} from 'node:fs'
import {PATHS} from '@parix/kit/contract'
import {makeHome, parix, type RecordingService, startParix, startRecordingService, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {SECRETS, scriptDiscovery, scriptSignIn, TOKEN_ANSWER} from './scripted-service.js'

const DEVICE_CODE = 'secret-device-code'
const PENDING = {status: 400, json: {error: 'authorization_pending'}}

describe('parix auth login --device', function () {
  this.timeout(60_000)
  let home: TestHome
  let service: RecordingService

  beforeEach(async () => {
    home = makeHome()
    service = scriptSignIn(await startRecordingService())
    scriptDiscovery(service, {device_authorization_endpoint: `${service.baseUrl}/api/auth/device`})
    scriptDevice({})
  })
  afterEach(async () => {
    home.remove()
    await service.stop()
  })

  function scriptDevice(more: Record<string, unknown>): void {
    service.answer('POST', '/api/auth/device', {
      json: {
        device_code: DEVICE_CODE,
        user_code: 'BDWP-HQPK',
        verification_uri: `${service.baseUrl}/device`,
        verification_uri_complete: `${service.baseUrl}/device?user_code=BDWP-HQPK`,
        expires_in: 600,
        interval: 1,
        ...more,
      },
    })
  }

  const login = (words = '') => parix(`auth login --device -b ${service.baseUrl} ${words}`, {home})

  it('threat 8.8, 9.6: shows page and code, and never the device code', async () => {
    service.answer('POST', PATHS.token, PENDING, {json: TOKEN_ANSWER})
    const {code, stdout, stderr} = await login('--debug')
    expect(code, stderr).to.equal(0)
    expect(stderr).to.contain(`open: ${service.baseUrl}/device\n`).and.contain('  Code: BDWP-HQPK\n')
    expect(stdout).to.contain('as Ada <ada@example.com>')
    for (const secret of [DEVICE_CODE, ...Object.values(SECRETS)]) expect(stdout + stderr).to.not.contain(secret)
    expect(JSON.parse(readFileSync(home.sessionPath, 'utf8')).accessToken).to.equal(SECRETS.accessToken)
  })

  for (const [error, sentence] of [
    ['access_denied', /refused/i],
    ['expired_token', /expired|in time|too late/i],
  ] as const) {
    it(`threat 9.2: ${error} has a sentence of its own`, async () => {
      service.answer('POST', PATHS.token, {status: 400, json: {error}})
      const {code, stderr} = await login()
      expect(code).to.not.equal(0)
      expect(stderr).to.match(sentence)
    })
  }

  it('threat 9.5: Ctrl-C while waiting ends it at once', async () => {
    scriptDevice({interval: 30})
    const running = startParix(`auth login --device -b ${service.baseUrl}`, {home})
    await running.saw(/Code:/, 'stderr')
    const before = performance.now()
    running.child.kill('SIGINT')
    expect((await running.result).code).to.equal(130)
    expect(performance.now() - before).to.be.lessThan(30_000)
  })

  it('threat 9.8: a page of another origin is shown with a warning', async () => {
    scriptDevice({verification_uri: 'https://evil.example/device', verification_uri_complete: undefined})
    service.answer('POST', PATHS.token, {status: 400, json: {error: 'access_denied'}})
    const {stderr} = await login()
    expect(stderr).to.contain('Check the address: this page is at https://evil.example')
  })

  it('says so where the service does not offer it', async () => {
    service.answer('GET', PATHS.discovery, {status: 404})
    const {code, stderr} = await login()
    expect(stderr).to.contain('does not offer signing in with a code').and.contain('parix auth login --no-browser')
    expect(code).to.equal(1)
  })
})
