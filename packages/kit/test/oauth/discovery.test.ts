import {fetchProfileByToken} from '@parix/kit/api'
import {PATHS} from '@parix/kit/contract'
import {discover, revoke} from '@parix/kit/oauth'
import {parseBaseUrl} from '@parix/kit/origin'
import {type RecordingService, type ScriptedResponse, startRecordingService} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'
import {WORLD} from './sign-in-at.js'

describe('what a service offers beyond the contract', () => {
  let service: RecordingService
  beforeEach(async () => {
    service = await startRecordingService()
  })
  afterEach(() => service.stop())
  const base = () => parseBaseUrl(service.baseUrl)
  const issuer = () => `${service.baseUrl}${PATHS.issuer}`
  const discovered = (scripted: ScriptedResponse) => {
    service.answer('GET', PATHS.discovery, scripted)
    return discover(base(), WORLD)
  }

  it('is taken from the discovery document', async () => {
    const found = await discovered({
      json: {
        issuer: issuer(),
        revocation_endpoint: `${issuer()}/oauth2/revoke`,
        device_authorization_endpoint: `${issuer()}/device`,
      },
    })
    expect(found.revocationEndpoint?.href).to.equal(`${issuer()}/oauth2/revoke`)
    expect(found.deviceAuthorizationEndpoint?.href).to.equal(`${issuer()}/device`)
    expect(found.ignored).to.deep.equal([])
  })

  it('threat 2.20: a document that names another loopback name is ours, and is called by the name that we use', async () => {
    const other = issuer().replace('127.0.0.1', 'localhost')
    const found = await discovered({json: {issuer: other, revocation_endpoint: `${other}/oauth2/revoke`}})
    expect(found.revocationEndpoint?.href).to.equal(`${issuer()}/oauth2/revoke`)
  })

  for (const endpoint of [
    'https://evil.example/revoke',
    'http://127.0.0.1:1/revoke',
    'http://127.0.0.1.evil.example/revoke',
    'file:///revoke',
    7,
  ]) {
    it(`threat 2.14: an endpoint at ${endpoint} is not used, and named`, async () => {
      const found = await discovered({json: {issuer: issuer(), revocation_endpoint: endpoint}})
      expect(found).not.to.have.property('revocationEndpoint')
      expect(found.ignored).to.have.length(1)
      if (endpoint === 'https://evil.example/revoke') expect(found.ignored[0]).to.include('https://evil.example')
    })
  }

  it('threat 2.14: a document of another issuer is not used at all', async () => {
    const found = await discovered({json: {issuer: 'https://evil.example', revocation_endpoint: `${issuer()}/revoke`}})
    expect(found).not.to.have.property('revocationEndpoint')
    expect(found.ignored[0]).to.include('https://evil.example')
  })

  const unusable: [string, ScriptedResponse][] = [
    ['404', {status: 404, body: 'no'}],
    ['500', {status: 500}],
    ['a web page', {body: '<html>', headers: {'content-type': 'text/html'}}],
    ['broken JSON', {body: '{"issuer":'}],
    ['a list', {json: []}],
    ['null', {json: null}],
    ['a document without an issuer', {json: {revocation_endpoint: 'http://127.0.0.1/'}}],
    ['a redirect', {status: 302, headers: {location: '/elsewhere'}}],
    ['a broken connection', {drop: true}],
    ['a document without end', {body: Buffer.alloc(2_000_000, ' ')}],
  ]
  for (const [what, scripted] of unusable) {
    it(`threat 2.15: ${what}: nothing optional is offered, and nothing fails`, async () => {
      const found = await discovered(scripted)
      expect(found).not.to.have.any.keys('revocationEndpoint', 'deviceAuthorizationEndpoint')
    })
  }

  const unknown: [string, ScriptedResponse, string | undefined][] = [
    ['404: not offered', {status: 404, body: 'no'}, undefined],
    ['403: not offered', {status: 403, json: {}}, undefined],
    ['500', {status: 500}, 'responded with HTTP 500'],
    ['429', {status: 429, json: {detail: 'Slow down.'}}, 'Slow down.'],
    ['a web page', {body: '<html>Log in', headers: {'content-type': 'text/html'}}, 'web page instead of JSON'],
    ['broken JSON', {body: '{"issuer":'}, 'broken JSON'],
    ['null', {json: null}, 'is not what its contract says'],
    ['an empty body', {body: ''}, 'is not what its contract says'],
    ['a broken connection', {drop: true}, 'The connection to'],
    ['a redirect', {status: 302, headers: {location: '/elsewhere'}}, 'redirects, which was not followed'],
  ]
  for (const [what, scripted, words] of unknown) {
    it(`${what}: whether it is known what the service offers, and if not, why, with 75`, async () => {
      const {failure} = await discovered(scripted)
      expect(failure?.message ?? '').to.include(words ?? '')
      expect(failure?.exitCode).to.equal(words === undefined ? undefined : 75)
    })
  }

  for (const [issuer, words] of [
    [undefined, 'names no issuer.'],
    [null, 'names another issuer: null.'],
    [{a: 1}, 'names another issuer: not a text, but an object.'],
    [[1], 'names another issuer: not a text, but a list.'],
    [7, 'names another issuer: not a text, but a number.'],
    ['nonsense', 'names another issuer: "nonsense".'],
  ] as const) {
    it(`an issuer that is ${JSON.stringify(issuer)} is named as what it is`, async () => {
      expect((await discovered({json: {issuer}})).ignored[0]!.endsWith(words)).to.equal(true)
    })
  }

  it('threat 2.15: a slow one is given up when told to', async () => {
    service.answer('GET', PATHS.discovery, {hang: true})
    const found = await discover(base(), {...WORLD, signal: AbortSignal.timeout(50)})
    expect(found).to.deep.equal({ignored: []})
  })

  describe('revoking', () => {
    const endpoint = () => new URL(`${issuer()}/oauth2/revoke`)
    it('sends the refresh token to the service alone, in the body', async () => {
      service.answer('POST', `${PATHS.issuer}/oauth2/revoke`, {status: 200})
      await revoke(base(), endpoint(), 'secret-refresh', {timeoutMs: 5000}, WORLD)
      const [request] = service.requests
      expect(Object.fromEntries(new URLSearchParams(request!.body))).to.deep.equal({
        client_id: 'parix',
        token: 'secret-refresh',
        token_type_hint: 'refresh_token',
      })
    })

    it('never goes to another origin', async () => {
      const elsewhere = new URL('https://evil.example/revoke')
      const error = await thrown(revoke(base(), elsewhere, 'secret-refresh', {timeoutMs: 5000}, WORLD))
      expect(error.kind).to.equal('NOT_SENT')
    })

    const faults: [string, ScriptedResponse][] = [
      [
        '400 of a token that is not found',
        {status: 400, json: {error: 'invalid_request', error_description: 'token not found'}},
      ],
      ['500', {status: 500}],
      ['a broken connection', {drop: true}],
      ['silence', {hang: true}],
    ]
    for (const [what, scripted] of faults) {
      it(`threat 6.2: ${what} is an error for the caller to weigh, within its time`, async () => {
        service.answer('POST', `${PATHS.issuer}/oauth2/revoke`, scripted)
        const error = await thrown(revoke(base(), endpoint(), 'secret-refresh', {timeoutMs: 100}, WORLD))
        expect(JSON.stringify([error.message, error.details])).not.to.include('secret')
      })
    }
  })

  describe('the profile', () => {
    const session = (scripted: ScriptedResponse) => service.answer('GET', `${PATHS.api}/session`, scripted)
    const userinfo = (scripted: ScriptedResponse) => service.answer('GET', PATHS.userinfo, scripted)
    const profile = () => fetchProfileByToken(base(), 'access-token', WORLD)

    it('takes the organization in use from the session, and from userinfo where it is missing there', async () => {
      userinfo({
        json: {sub: 'u', email: 'a@b.c', organization_id: 'o1', organization_name: 'One', member_role: 'owner'},
      })
      session({json: {auth: {organization: {id: 'o2', name: 'Two'}}}})
      expect(await profile()).to.deep.equal({
        user: {id: 'u', email: 'a@b.c', emailVerified: null, name: null, image: null},
        organization: {id: 'o2', name: 'Two', slug: null, memberRole: 'owner'},
      })
    })

    it('takes answers with wrong types and without an organization', async () => {
      userinfo({json: {sub: 'u', email: 7, name: null, email_verified: 'yes'}})
      session({json: {auth: null}})
      expect((await profile()).organization).to.deep.equal({id: null, name: null, slug: null, memberRole: null})
    })

    const faults: [string, ScriptedResponse, string][] = [
      ['401', {status: 401, json: {}}, 'CREDENTIAL_REFUSED'],
      ['500', {status: 500}, 'UNAVAILABLE'],
      ['a web page', {body: '<html><body>Log in</body></html>', headers: {'content-type': 'text/html'}}, 'UNAVAILABLE'],
      ['broken JSON', {body: '{'}, 'UNAVAILABLE'],
      ['no sub', {json: {}}, 'UNAVAILABLE'],
      ['a redirect', {status: 302, headers: {location: 'https://evil.example'}}, 'UNAVAILABLE'],
    ]
    for (const [what, scripted, kind] of faults) {
      it(`threat 3.9, 3.18: ${what} at userinfo is ${kind}`, async () => {
        userinfo(scripted)
        session({json: {}})
        expect(await thrown(profile())).to.include({kind})
      })
    }
  })
})
