import {PATHS} from '@parix/kit/contract'
import {exchangeCode, refreshTokens, revoke, startDevice, type Tokens} from '@parix/kit/oauth'
import {parseBaseUrl} from '@parix/kit/origin'
import {type RecordingService, type ScriptedResponse, startRecordingService} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'
import {WORLD} from './sign-in-at.js'

const TOKENS = {access_token: 'access', token_type: 'Bearer', expires_in: 60, refresh_token: 'refresh', scope: 'a b'}
const NOW = Date.parse('2026-11-27T10:00:00Z')

/** A refresh token is dead once it was sent: a response that is thrown away ends the session. */
describe('responses of other OpenID servers', () => {
  let service: RecordingService
  beforeEach(async () => {
    service = await startRecordingService()
  })
  afterEach(() => service.stop())

  const base = () => parseBaseUrl(service.baseUrl)
  const world = {...WORLD, now: () => NOW}
  const refresh = () => refreshTokens(base(), 'old-refresh', world)
  const exchange = () =>
    exchangeCode(
      base(),
      {callback: new URL('http://127.0.0.1:4321/callback?code=c&state=s'), state: 's', codeVerifier: 'v'.repeat(43)},
      world,
    )
  const seconds = ({accessTokenExpiresAt}: Tokens) => (Date.parse(accessTokenExpiresAt) - NOW) / 1000

  async function bothTimes(scripted: ScriptedResponse): Promise<Tokens> {
    service.answer('POST', PATHS.token, scripted)
    const tokens = await refresh()
    expect(await exchange(), JSON.stringify(scripted)).to.deep.equal(tokens)
    return tokens
  }

  it('have a life as a number or as text; where they say none, or an absurd one, it is short', async () => {
    for (const [life, expected] of [
      [60, 60],
      ['60', 60],
      [' 59.5 ', 59.5],
      [0, 0],
      ...[null, undefined, '', 1e20].map((odd) => [odd, 300]),
    ])
      expect(seconds(await bothTimes({json: {...TOKENS, expires_in: life}})), String(life)).to.equal(expected)
  })

  it('give no refresh token, or say so', async () => {
    for (const none of [undefined, null, '', 5, {}])
      expect((await bothTimes({json: {...TOKENS, refresh_token: none}})).refreshToken, String(none)).to.equal(undefined)
  })

  it('name scopes as a text or as a list, or none', async () => {
    for (const [scope, expected] of [
      ['a b', ['a', 'b']],
      [
        ['a', 'b'],
        ['a', 'b'],
      ],
      ['', []],
      ...[null, undefined, 5, [5], {}].map((odd) => [odd, undefined]),
    ])
      expect((await bothTimes({json: {...TOKENS, scope}})).scopes, JSON.stringify(scope)).to.deep.equal(expected)
  })

  it('name the type of the token in any case, or not at all; of another type nothing is sent', async () => {
    for (const type of ['bearer', 'BEARER', 'Bearer ', undefined, null, ''])
      expect((await bothTimes({json: {...TOKENS, token_type: type}})).tokenType, String(type)).to.equal('Bearer')
    for (const type of ['mac', 'N_A', 5, ['Bearer']]) {
      service.answer('POST', PATHS.token, {json: {...TOKENS, token_type: type}})
      for (const call of [refresh, exchange])
        expect(await thrown(call()), String(type)).to.include({code: 'bad_token_answer', exitCode: 75})
    }
  })

  it('have no id_token in one of several ways; one that is there is checked at a sign-in', async () => {
    for (const none of [undefined, null, '', 5, {}]) await bothTimes({json: {...TOKENS, id_token: none}})
    service.answer('POST', PATHS.token, {json: {...TOKENS, id_token: 'x.y.z'}})
    expect((await refresh()).accessToken).to.equal('access')
    expect(await thrown(exchange())).to.include({code: 'bad_token_answer'})
  })

  it('come with 201, without a content type, or with a byte order mark', async () => {
    await bothTimes({status: 201, json: TOKENS})
    await bothTimes({body: JSON.stringify(TOKENS), headers: {'content-type': 'text/plain'}})
    await bothTimes({body: `\ufeff${JSON.stringify(TOKENS)}`, headers: {'content-type': 'application/json'}})
  })

  it('have tokens, or are none', async () => {
    for (const json of [null, [], [TOKENS], 'x', 5, {data: TOKENS}, {...TOKENS, access_token: null}, {error: 'x'}]) {
      for (const status of [200, 202]) {
        service.answer('POST', PATHS.token, {status, json})
        for (const call of [refresh, exchange])
          expect(await thrown(call()), JSON.stringify(json)).to.include({code: 'bad_token_answer', exitCode: 75})
      }
    }
  })

  it('say that the grant has ended with any status of refusal, whatever else they have', async () => {
    for (const scripted of [
      {status: 400, json: {error: 'invalid_grant', error_description: null}},
      {status: 403, json: {error: 'invalid_grant', error_description: {a: 1}, error_uri: 5}},
      {status: 400, body: '\ufeff{"error":"invalid_grant"}', headers: {'content-type': 'text/plain'}},
    ]) {
      service.answer('POST', PATHS.token, scripted)
      expect(await thrown(refresh())).to.include({code: 'invalid_grant', exitCode: 4})
    }
  })

  it('say with a 400 that they can not now: that is no refusal', async () => {
    for (const error of ['temporarily_unavailable', 'server_error']) {
      service.answer('POST', PATHS.token, {status: 400, json: {error, error_description: 'later'}})
      const failure = await thrown(refresh())
      expect(failure).to.include({code: error, exitCode: 75, message: 'The service failed (HTTP 400): later.'})
      expect(failure.details).to.include({retryable: true})
    }
  })

  it('confirm a revocation with any status of success', async () => {
    const path = `${PATHS.issuer}/oauth2/revoke`
    for (const status of [200, 202, 204]) {
      service.answer('POST', path, {status})
      await revoke(base(), new URL(service.baseUrl + path), 'secret-refresh', {timeoutMs: 5000}, world)
    }
  })

  describe('with a code for another device', () => {
    const DEVICE = `${PATHS.issuer}/device`
    const offer = {device_code: 'd', user_code: 'ABCD', verification_uri: 'https://parix.example/d', expires_in: 600}
    const waits: number[] = []
    const start = async (changes: Record<string, unknown>) => {
      service.answer('POST', DEVICE, {json: {...offer, ...changes}})
      const sleep = async (milliseconds: number) => {
        waits.push(milliseconds / 1000)
      }
      return startDevice(base(), new URL(service.baseUrl + DEVICE), {...world, sleep})
    }

    it('say how often to ask as a number, as text, or not in a way that can be used', async () => {
      service.answer('POST', PATHS.token, {json: TOKENS})
      for (const [interval, expected] of [[2, 2], ['7', 7], ...[null, '', 0, -1, 'x', {}].map((odd) => [odd, 5])]) {
        await (await start({interval})).wait()
        expect(waits.pop(), JSON.stringify(interval)).to.equal(expected)
      }
    })

    it('say how long the code lives, or not; its page by the name of the RFC, or by the one before', async () => {
      expect(await start({expires_in: '90'})).to.include({expiresInSeconds: 90})
      for (const life of [null, undefined, 'x', -1])
        expect(await start({expires_in: life})).to.include({expiresInSeconds: 300})
      const {verificationUri} = await start({
        verification_uri: undefined,
        verification_url: 'https://parix.example/old',
      })
      expect(verificationUri.href).to.equal('https://parix.example/old')
      for (const none of [null, '', 5])
        expect((await start({verification_uri_complete: none})).verificationUriComplete).to.equal(undefined)
      expect(await start({user_code: 1234})).to.include({userCode: '1234'})
    })

    it('are asked again after a fault of the service that comes as a 400', async () => {
      service.answer(
        'POST',
        PATHS.token,
        {status: 400, json: {error: 'temporarily_unavailable'}},
        {status: 400, json: {error: 'server_error'}},
        {json: TOKENS},
      )
      expect(await (await start({})).wait()).to.include({accessToken: 'access'})
    })
  })
})
