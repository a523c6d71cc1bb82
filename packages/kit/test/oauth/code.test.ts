import {inspect} from 'node:util'
import {fetchProfileByToken} from '@parix/kit/api'
import {PATHS, SCOPES} from '@parix/kit/contract'
import {authorizationRequest, discover, exchangeCode, refreshTokens, revoke} from '@parix/kit/oauth'
import {parseBaseUrl} from '@parix/kit/origin'
import {
  type Peer,
  type RecordingService,
  type ScriptedResponse,
  startBetterAuth16,
  startOidcProvider,
  startRecordingService,
} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'
import {callbackFrom, WORLD} from './sign-in-at.js'

describe('signing in by a code', () => {
  for (const start of [startOidcProvider, startBetterAuth16]) {
    describe(`at ${start === startOidcProvider ? 'oidc-provider' : 'better-auth 1.6'}`, () => {
      let peer: Peer
      before(async () => {
        peer = await start()
      })
      after(() => peer.stop())
      const base = () => parseBaseUrl(peer.baseUrl)

      it('signs in, reads who it is, and refreshes', async () => {
        const tokens = await exchangeCode(base(), await callbackFrom(peer), WORLD)
        expect(tokens.tokenType).to.equal('Bearer')
        expect(tokens.scopes).to.have.members([...SCOPES])
        const renewed = await refreshTokens(base(), tokens.refreshToken ?? '', WORLD)
        expect(renewed.accessToken).not.to.equal(tokens.accessToken)
        const {user, organization} = await fetchProfileByToken(base(), renewed.accessToken, WORLD)
        expect(user).to.include({email: 'ada@peer.example', name: 'Ada Peer'})
        expect(organization).to.deep.equal({id: 'org_1', name: 'Peer', slug: 'peer', memberRole: 'owner'})
      })

      it('threat 1.4: the code of another attempt: its verifier does not fit', async () => {
        const theirs = await callbackFrom(peer)
        const ours = await authorizationRequest(base(), {redirectUri: 'http://127.0.0.1:9/callback'})
        theirs.callback.searchParams.set('state', ours.state)
        const error = await thrown(exchangeCode(base(), {...ours, callback: theirs.callback}, WORLD))
        // Better Auth 1.6 says invalid_request where the standard says invalid_grant.
        expect(error.kind).to.equal('FAILED')
        expect(error.code).to.be.oneOf(['invalid_grant', 'invalid_request'])
      })

      it('threat 2.8: a code is good for one exchange', async () => {
        const response = await callbackFrom(peer)
        await exchangeCode(base(), response, WORLD)
        expect((await thrown(exchangeCode(base(), response, WORLD))).kind).to.equal('FAILED')
      })

      it('threat 2.20: the same server by another loopback name', async () => {
        const other = parseBaseUrl(peer.baseUrl.replace('127.0.0.1', 'localhost'))
        // The server listens on 127.0.0.1 alone; the name `localhost` leads there too.
        const tokens = await exchangeCode(base(), await callbackFrom(peer), WORLD)
        expect((await refreshTokens(other, tokens.refreshToken ?? '', WORLD)).accessToken).to.be.a('string')
      })
    })
  }

  it('threat 6.1: a revoked refresh token is refused afterwards', async () => {
    const peer = await startOidcProvider()
    const base = parseBaseUrl(peer.baseUrl)
    const {refreshToken = ''} = await exchangeCode(base, await callbackFrom(peer), WORLD)
    const {revocationEndpoint} = await discover(base, WORLD)
    await revoke(base, revocationEndpoint!, refreshToken, {timeoutMs: 10_000}, WORLD)
    expect(await thrown(refreshTokens(base, refreshToken, WORLD))).to.include({code: 'invalid_grant'})
    await peer.stop()
  })

  describe('the request', () => {
    const base = parseBaseUrl('https://example.com/parix')
    const request = () => authorizationRequest(base, {redirectUri: 'http://127.0.0.1:4321/callback'})

    it('threat 2.1, 8.7: goes to the bounce with state, an S256 challenge and prompt, and nothing else', async () => {
      const {url, state, codeVerifier} = await request()
      expect(url.origin + url.pathname).to.equal(`https://example.com/parix${PATHS.authorize}`)
      expect([...url.searchParams.keys()]).to.deep.equal(['state', 'code_challenge', 'code_challenge_method', 'prompt'])
      expect(url.searchParams.get('code_challenge_method')).to.equal('S256')
      expect(url.searchParams.get('prompt')).to.equal('consent')
      expect(url.href).not.to.include(codeVerifier)
      const {nonce, redirectUri} = JSON.parse(Buffer.from(state, 'base64url').toString())
      expect(redirectUri).to.equal('http://127.0.0.1:4321/callback')
      expect(Buffer.from(nonce, 'base64url')).to.have.length(32)
    })

    it('threat 2.3: verifier and nonce are new for each attempt', async () => {
      const [a, b] = [await request(), await request()]
      expect(a.codeVerifier).not.to.equal(b.codeVerifier)
      expect(a.codeVerifier.length).to.be.at.least(43)
      expect(a.state).not.to.equal(b.state)
    })
  })

  describe('the exchange', () => {
    let service: RecordingService
    beforeEach(async () => {
      service = await startRecordingService()
    })
    afterEach(() => service.stop())
    const TOKENS = {
      access_token: 'secret-access',
      token_type: 'Bearer',
      expires_in: 60,
      refresh_token: 'secret-refresh',
    }
    const base = () => parseBaseUrl(service.baseUrl)
    const exchange = (query: Record<string, string> | string, state = 'the-state') => {
      const callback = new URL('http://127.0.0.1:4321/callback')
      callback.search = typeof query === 'string' ? query : new URLSearchParams(query).toString()
      return exchangeCode(base(), {callback, state, codeVerifier: 'v'.repeat(43)}, WORLD)
    }
    const good = {code: 'secret-code', state: 'the-state'}
    const response = (scripted: ScriptedResponse) => service.answer('POST', PATHS.token, scripted)

    it('contract: form-encoded, with the verifier and the redirect URI of the service', async () => {
      response({json: TOKENS})
      await exchange(good)
      expect(Object.fromEntries(new URLSearchParams(service.requests[0]!.body))).to.deep.equal({
        grant_type: 'authorization_code',
        client_id: 'parix',
        code: 'secret-code',
        code_verifier: 'v'.repeat(43),
        redirect_uri: `${service.baseUrl}${PATHS.callback}`,
      })
    })

    const bad: [string, Record<string, string> | string][] = [
      ['1.1: a wrong state', {...good, state: 'other'}],
      ['1.2: no state', {code: 'secret-code'}],
      ['1.2: the state twice', 'code=secret-code&state=the-state&state=the-state'],
      ['1.3: no code', {state: 'the-state'}],
      ['1.3: an empty code', {...good, code: ''}],
      ['1.3: the code twice', 'code=secret-code&code=x&state=the-state'],
      ['1.6: an error beside the code', {...good, error: 'server_error', error_description: 'a\u001b[2Jb'}],
      ['1.21: a foreign iss', {...good, iss: 'https://evil.example'}],
      ['1.21: iss twice', `code=secret-code&state=the-state&iss=https://evil.example&iss=https://evil.example`],
    ]
    for (const [what, query] of bad) {
      it(`threat ${what}: no token request, and the code is in no message`, async () => {
        const error = await thrown(exchange(query))
        expect(error.exitCode).to.equal(1)
        expect(inspect(error, {depth: null})).not.to.match(/secret|\u001b/)
        expect(service.requests).to.have.length(0)
      })
    }

    it('threat 1.5: access_denied is one sentence', async () => {
      const error = await thrown(exchange({state: 'the-state', error: 'access_denied'}))
      expect(error.message).to.equal('You refused access in the browser.')
    })

    for (const iss of ['/api/auth', '', '/']) {
      it(`threat 1.22, 2.20: iss ${JSON.stringify(iss)} of our own origin, by another loopback name, is ours`, async () => {
        response({json: TOKENS})
        const other = service.baseUrl.replace('127.0.0.1', 'localhost')
        expect((await exchange({...good, iss: `${other}${iss}`})).accessToken).to.equal('secret-access')
      })
    }

    const jwt = (claims: Record<string, unknown>) => {
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
      return `${part({alg: 'ES256'})}.${part(claims)}.${Buffer.alloc(64).toString('base64url')}`
    }
    const claims = (overrides: Record<string, unknown> = {}) => {
      const now = Math.floor(Date.now() / 1000)
      return {iss: `${service.baseUrl}${PATHS.issuer}`, aud: 'parix', sub: 'a', iat: now, exp: now + 60, ...overrides}
    }

    it('threat 5.21: an id_token that is expired by our clock: the message gives the difference', async () => {
      const past = Math.floor(Date.now() / 1000) - 3 * 3600
      const date = new Date(past * 1000).toUTCString()
      response({json: {...TOKENS, id_token: jwt(claims({iat: past, exp: past + 60}))}, headers: {date}})
      const error = await thrown(exchange(good))
      expect(error).to.include({code: 'clock_wrong'})
      expect(error.message).to.include('is 180 min ahead of')
    })

    it('an id_token of another issuer, or for another client, is refused', async () => {
      for (const overrides of [{iss: 'https://evil.example'}, {aud: 'other'}]) {
        response({json: {...TOKENS, id_token: jwt(claims(overrides))}})
        const error = await thrown(exchange(good))
        expect(error.code).to.equal('bad_token_answer')
        expect(inspect(error, {depth: null})).not.to.include('secret')
      }
    })

    const leaks: [string, ScriptedResponse][] = [
      ['an unknown token_type', {json: {...TOKENS, token_type: 'secret-magic'}}],
      ['a negative life', {json: {...TOKENS, expires_in: -5}}],
      ['an empty token', {json: {...TOKENS, access_token: ''}}],
      [
        'an error that repeats the code',
        {status: 400, json: {error: 'invalid_grant', error_description: 'bad secret-code'}},
      ],
      ['an error that is the code', {status: 400, json: {error: 'secret-code'}}],
      [
        '401 with a challenge',
        {status: 401, headers: {'www-authenticate': 'Bearer realm="x"'}, json: {error: 'invalid_client'}},
      ],
      [
        'a page that repeats the code',
        {status: 502, body: '<html>secret-code</html>', headers: {'content-type': 'text/html'}},
      ],
      ['a redirect with it', {status: 302, headers: {location: 'https://evil.example/?code=secret-code'}}],
      ['half an answer', {body: '{"access_token":"secret-access"', headers: {'content-type': 'application/json'}}],
    ]
    for (const [what, scripted] of leaks) {
      it(`threat 8.3: ${what}: our own error, in which nothing is secret, whole and inspected`, async () => {
        response(scripted)
        const error = await thrown(exchange(good))
        expect(inspect(error, {depth: null, showHidden: true})).not.to.include('secret-')
        expect(service.requests).to.have.length(1)
      })
    }

    it('threat 7.11: a token answer of 50 MB is cut off', async () => {
      response({body: Buffer.alloc(50_000_000, ' '), headers: {'content-type': 'application/json'}})
      expect((await thrown(exchange(good))).code).to.equal('answer_too_big')
    })
  })
})
