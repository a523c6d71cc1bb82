/// <reference path="./oidc-provider-types.d.ts" />
import {generateKeyPairSync} from 'node:crypto'
import {CLIENT_ID, PATHS, SCOPES} from '@parix/kit/contract'
import {listenAsPeer, type Peer} from './peer.js'

export interface OidcProviderOptions {
  accessTokenSeconds?: number
}

/**
 * oidc-provider: strict. Refresh tokens rotate without grace, and when an old one is presented again the whole grant dies,
 * the newest token too.
 */
export async function startOidcProvider(options: OidcProviderOptions = {}): Promise<Peer> {
  // A tenth of a second to load: not for tests that don't ask for it.
  const {default: Provider} = await import('oidc-provider')
  const listening = await listenAsPeer(async (baseUrl) => {
    const provider = new Provider(`${baseUrl}${PATHS.issuer}`, configuration(baseUrl, options))
    const serve = provider.callback()
    return {
      authorizationEndpoint: `${baseUrl}${PATHS.issuer}/oauth2/authorize`,
      scope: SCOPES.join(' '),
      handle: async (request, response, url) => {
        if (!url.pathname.startsWith(`${PATHS.issuer}/`)) return false
        // As if mounted under the path: it builds its own URLs from `originalUrl`.
        Object.assign(request, {originalUrl: request.url})
        request.url = (request.url ?? '').slice(PATHS.issuer.length)
        await serve(request, response)
        return true
      },
      session: async (accessToken) => {
        const token = await provider.AccessToken.find(accessToken)
        if (token === undefined) return undefined
        return {user: user(token.accountId), scopes: (token.scope ?? '').split(' ')}
      },
    }
  })
  return {
    name: 'oidc-provider',
    ...listening,
    approve: async (browser, url) => {
      let current = await browser.open(url)
      if (/login/.test(current.html)) {
        current = await current.press(/sign-?in/i, {fill: {login: 'ada', password: 'any'}})
      }
      return current.press(/continue/i)
    },
  }
}

function user(id: string): {id: string; email: string} {
  return {id, email: `${id}@peer.example`}
}

function configuration(baseUrl: string, {accessTokenSeconds = 3600}: OidcProviderOptions): Record<string, unknown> {
  return {
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
        redirect_uris: [`${baseUrl}${PATHS.callback}`],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    scopes: SCOPES,
    claims: {profile: ['name'], email: ['email', 'email_verified']},
    findAccount: async (_: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({sub: id, name: 'Ada Peer', email: user(id).email, email_verified: true}),
    }),
    pkce: {required: () => true},
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    ttl: {
      AccessToken: accessTokenSeconds,
      IdToken: 3600,
      RefreshToken: 86_400,
      Interaction: 600,
      Session: 86_400,
      Grant: 86_400,
    },
    features: {
      devInteractions: {enabled: true},
      revocation: {enabled: true, allowedPolicy: async () => true},
      deviceFlow: {enabled: true},
    },
    routes: {
      authorization: '/oauth2/authorize',
      token: '/oauth2/token',
      userinfo: '/oauth2/userinfo',
      revocation: '/oauth2/revoke',
      device_authorization: '/oauth2/device',
    },
    jwks: {keys: [signingKey()]},
    cookies: {keys: ['only for tests']},
  }
}

function signingKey(): Record<string, unknown> {
  const {privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  return {...privateKey.export({format: 'jwk'}), alg: 'ES256', use: 'sig', kid: 'test'}
}
