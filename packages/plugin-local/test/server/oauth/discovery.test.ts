import {createServer} from 'node:http'
import {createBrowser, signInWithBrowser} from '@parix/testkit'
import {expect} from 'chai'
import * as client from 'openid-client'
import {packState} from '../../support/cli.js'
import {useLocalService} from '../../support/local.js'

describe('discovery, and a sign-in by a strict client', () => {
  const local = useLocalService()

  it('names what is served, and nothing else', async () => {
    const response = await fetch(local.url('/api/auth/.well-known/openid-configuration'))
    expect(response.status).to.equal(200)
    const issuer = local.url('/api/auth')
    const document = (await response.json()) as Record<string, unknown>
    expect(document).to.include({
      issuer,
      authorization_endpoint: `${issuer}/oauth2/authorize`,
      token_endpoint: `${issuer}/oauth2/token`,
      userinfo_endpoint: `${issuer}/oauth2/userinfo`,
      revocation_endpoint: `${issuer}/oauth2/revoke`,
      device_authorization_endpoint: `${issuer}/device/code`,
      jwks_uri: `${issuer}/jwks`,
      authorization_response_iss_parameter_supported: true,
    })
    expect(document.scopes_supported).to.deep.equal(
      'openid profile email offline_access org:read db:read db:write billing:read'.split(' '),
    )
    expect(document.code_challenge_methods_supported).to.deep.equal(['S256'])
    expect(document.token_endpoint_auth_methods_supported).to.deep.equal(['none'])
    expect(document).not.to.have.any.keys('introspection_endpoint', 'registration_endpoint', 'end_session_endpoint')
    for (const [name, value] of Object.entries(document)) {
      if (!name.endsWith('_endpoint') && name !== 'jwks_uri') continue
      const probe = await fetch(String(value), {method: name === 'jwks_uri' ? 'GET' : 'POST', redirect: 'manual'})
      expect(probe.status, name).not.to.be.oneOf(name === 'authorization_endpoint' ? [500] : [404, 500])
    }
  })

  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    it(`threat 2.20: openid-client signs in at ${host}, with discovery, iss and ID token checked`, async () => {
      const base = `http://${host}:${local.service.port}`
      const config = await client.discovery(new URL(`${base}/api/auth`), 'parix', undefined, client.None(), {
        execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
      })
      expect(config.serverMetadata().issuer).to.equal(`${base}/api/auth`)
      const verifier = client.randomPKCECodeVerifier()
      const listener = await listen()
      const state = packState({nonce: client.randomState(), redirectUri: listener.uri})
      const start = new URL(`${base}/api/oauth/cli/authorize`)
      start.search = new URLSearchParams({
        state,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).toString()
      await signInWithBrowser(start.href)
      const callback = new URL(`${base}/api/oauth/cli/callback`)
      callback.search = await listener.query
      const tokens = await client.authorizationCodeGrant(config, callback, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        idTokenExpected: true,
      })
      const user = await client.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub)
      expect(user).to.deep.include({
        email: 'you@parix.local',
        email_verified: true,
        name: 'You',
        organization_id: local.service.organization.id,
        organization_name: 'Local',
        organization_slug: 'local',
        member_role: 'owner',
      })
      const renewed = await client.refreshTokenGrant(config, tokens.refresh_token!)
      expect(renewed.refresh_token).not.to.equal(tokens.refresh_token)
      await client.tokenRevocation(config, renewed.refresh_token!)
    })
  }

  it('a sign-in by one loopback name is good at the others', async () => {
    const browser = createBrowser()
    const page = await browser.open(`http://127.0.0.1:${local.service.port}/sign-in`)
    await page.press(/sign in as/i)
    // Cookies belong to one name, tokens and keys to the service.
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      const response = await fetch(`http://${host}:${local.service.port}/api/v1/session`, {
        headers: {'x-api-key': local.service.apiKey},
      })
      expect(response.status, host).to.equal(200)
    }
  })
})

async function listen(): Promise<{uri: string; query: Promise<string>}> {
  let found: (query: string) => void = () => {}
  const query = new Promise<string>((resolve) => {
    found = resolve
  })
  const server = createServer((request, response) => {
    found(new URL(request.url!, 'http://127.0.0.1').search)
    response.writeHead(200, {connection: 'close'}).end('done')
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {uri: `http://127.0.0.1:${(server.address() as {port: number}).port}/callback`, query}
}
