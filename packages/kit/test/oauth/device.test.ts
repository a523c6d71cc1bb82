import {inspect} from 'node:util'
import {PATHS} from '@parix/kit/contract'
import {discover, type OAuthOptions, startDevice} from '@parix/kit/oauth'
import {parseBaseUrl} from '@parix/kit/origin'
import {
  createBrowser,
  type RecordingService,
  type ScriptedResponse,
  startOidcProvider,
  startRecordingService,
} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'
import {WORLD} from './sign-in-at.js'

const DEVICE = `${PATHS.issuer}/device`
const TOKENS = {access_token: 'access', token_type: 'Bearer', expires_in: 60, refresh_token: 'refresh'}
const pending = {status: 400, json: {error: 'authorization_pending'}}

describe('signing in with a code on another device', () => {
  let service: RecordingService
  let waits: number[]
  /** The clock is the test's: waiting takes no time, and is written down in seconds. */
  const world: OAuthOptions = {
    ...WORLD,
    sleep: async (milliseconds) => {
      waits.push(Math.round(milliseconds / 1000))
    },
  }
  beforeEach(async () => {
    service = await startRecordingService()
    waits = []
  })
  afterEach(() => service.stop())

  const offer = (overrides: Record<string, unknown> = {}) =>
    service.answer('POST', DEVICE, {
      json: {
        device_code: 'secret-device-code',
        user_code: 'ABCD-EFGH',
        verification_uri: `${service.baseUrl}/device`,
        expires_in: 600,
        ...overrides,
      },
    })
  const login = (used = world) => startDevice(parseBaseUrl(service.baseUrl), new URL(service.baseUrl + DEVICE), used)
  const poll = (...responses: [ScriptedResponse, ...ScriptedResponse[]]) =>
    service.answer('POST', PATHS.token, ...responses)

  it('asks for a code, and polls with it until there are tokens', async () => {
    offer({interval: 2, verification_uri_complete: `${service.baseUrl}/device?user_code=ABCD-EFGH`})
    poll(pending, pending, {json: TOKENS})
    const device = await login()
    expect(device).to.include({userCode: 'ABCD-EFGH', openable: true, expiresInSeconds: 600})
    expect(device.verificationUriComplete?.search).to.equal('?user_code=ABCD-EFGH')
    expect(await device.wait()).to.include({accessToken: 'access', refreshToken: 'refresh'})
    expect(waits).to.deep.equal([2, 2, 2])
    const [first] = service.to('POST', PATHS.token)
    expect(Object.fromEntries(new URLSearchParams(first!.body))).to.deep.equal({
      client_id: 'parix',
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'secret-device-code',
    })
  })

  it('threat 9.1: 5 s between two polls where the service says nothing, and 5 more at each slow_down', async () => {
    offer()
    poll(pending, {status: 400, json: {error: 'slow_down'}}, {status: 400, json: {error: 'slow_down'}}, {json: TOKENS})
    await (await login()).wait()
    expect(waits).to.deep.equal([5, 5, 10, 15])
  })

  for (const [error, sentence, exitCode] of [
    ['access_denied', 'You refused access on the other device.', 2],
    ['expired_token', 'The code has expired before it was confirmed.', 4],
  ] as const) {
    it(`threat 9.2: ${error} has a sentence of its own`, async () => {
      offer()
      poll({status: 400, json: {error}})
      const failure = await thrown((await login()).wait())
      expect(failure).to.include({message: sentence, code: error, exitCode})
    })
  }

  it('threat 9.3: never confirmed: it ends with the life of the code, though the service says pending for ever', async () => {
    offer({expires_in: 1, interval: 0.05})
    poll(pending)
    const started = performance.now()
    expect(await thrown((await login(WORLD)).wait())).to.include({code: 'expired_token'})
    expect(performance.now() - started).to.be.within(900, 15_000)
  })

  it('threat 9.4: a broken connection, a 502 and a 429 are waited out, a little longer each time', async () => {
    offer()
    poll({drop: true}, {status: 502, body: 'bad gateway'}, {status: 429, json: {message: 'slow'}}, {json: TOKENS})
    expect(await (await login()).wait()).to.include({accessToken: 'access'})
    expect(waits).to.deep.equal([5, 10, 20, 30])
  })

  it('threat 9.5: giving up while polling is immediate', async () => {
    offer()
    const stop = new AbortController()
    const waiting = (await login({...WORLD, signal: stop.signal})).wait().catch((error: Error) => error.name)
    const started = performance.now()
    stop.abort()
    expect(await waiting).to.equal('AbortError')
    expect(performance.now() - started).to.be.lessThan(30_000)
  })

  it('threat 9.8: a page elsewhere is not to be opened by itself, and one that is not a web page is refused', async () => {
    offer({verification_uri: 'https://evil.example/device'})
    const device = await login()
    expect(device.openable).to.equal(false)
    expect(device.verificationUri.origin).to.equal('https://evil.example')
    offer({verification_uri: 'javascript:alert(1)'})
    expect(await thrown(login())).to.include({code: 'bad_device_answer'})
    offer({verification_uri_complete: 'file:///etc/passwd'})
    expect((await login()).verificationUriComplete).to.equal(undefined)
  })

  it('threat 8.8: the device code is in no error', async () => {
    offer()
    poll({status: 400, json: {error: 'invalid_request', error_description: 'unknown secret-device-code'}})
    const failure = await thrown((await login()).wait())
    expect(inspect(failure, {depth: null, showHidden: true})).not.to.include('secret')
  })

  it('a refusal to start is a sentence', async () => {
    service.answer('POST', DEVICE, {status: 400, json: {error: 'invalid_scope', error_description: 'db:write'}})
    expect(await thrown(login())).to.include({code: 'invalid_scope'})
  })

  it('works at oidc-provider', async () => {
    const peer = await startOidcProvider()
    try {
      const base = parseBaseUrl(peer.baseUrl)
      const {deviceAuthorizationEndpoint} = await discover(base, WORLD)
      const device = await startDevice(base, deviceAuthorizationEndpoint!, {...WORLD, sleep: async () => {}})
      let page = await createBrowser().open(device.verificationUri.href)
      page = await page.press(/continue/i, {fill: {user_code: device.userCode}})
      page = await page.press(/continue/i)
      page = await page.press(/sign-?in/i, {fill: {login: 'ada', password: 'any'}})
      await page.press(/continue/i)
      expect((await device.wait()).accessToken).to.be.a('string')
    } finally {
      await peer.stop()
    }
  })
})
