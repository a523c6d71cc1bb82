import {CLIENT_ID, PATHS} from '@parix/kit/contract'
import {Hono} from 'hono'
import {bodyLimit} from 'hono/body-limit'
import {createQueue, type Queue} from '../queue.js'
import type {Service} from '../service.js'
import {endAccessToken, endGrant, findRefreshToken, startGrant} from './grants.js'

const BODY_BYTES_MAX = 64 * 1024

/**
 * The public endpoints of the OpenID provider. Better Auth has some hundred; only those that the contract and the standards
 * ask for are served, and the pages call others in this process.
 */
export function oauthRoutes(service: Service): Hono {
  const routes = new Hono()
  const pass = async (request: Request) => (await service.loadProvider()).handler(request)
  const queue = createQueue()
  routes.use(bodyLimit({maxSize: BODY_BYTES_MAX, onError: () => tokenError('invalid_request', 'Too large.', 413)}))
  routes.get('/.well-known/openid-configuration', (c) => handleDiscovery(service, c.req.raw))
  routes.get('/.well-known/oauth-authorization-server', (c) => handleDiscovery(service, c.req.raw))
  routes.get('/jwks', (c) => pass(c.req.raw))
  routes.get('/oauth2/authorize', (c) => pass(askConsent(c.req.raw)))
  routes.post('/oauth2/token', (c) => handleToken(service, queue, c.req.raw))
  routes.on(['GET', 'POST'], '/oauth2/userinfo', (c) => pass(c.req.raw))
  routes.post('/oauth2/revoke', (c) => handleRevocation(service, c.req.raw))
  routes.post('/device/code', (c) => pass(c.req.raw))
  return routes
}

/** The paths of `oauthRoutes` stand under this one. */
export const OAUTH_BASE = PATHS.issuer

/**
 * `request` with a `prompt` that always has `consent` in it; `none` stays, and is refused for want of a consent. It is
 * always answered by a redirect (RFC 6749 §4.1.1): to scripts Better Auth would answer with the address in JSON.
 */
function askConsent(request: Request): Request {
  const url = new URL(request.url)
  url.searchParams.set('prompt', consentPrompt(url.searchParams.get('prompt') ?? ''))
  const headers = new Headers(request.headers)
  headers.set('sec-fetch-mode', 'navigate')
  return new Request(url, {headers})
}

/** Endpoints that the provider announces and that are not served here. */
const NOT_SERVED = ['introspection', 'registration', 'end_session']

/** OpenID Connect Discovery §4.2 and RFC 8414 §2, less what isn't served here, and with the client that there is. */
export async function handleDiscovery(service: Service, request: Request): Promise<Response> {
  const provider = await service.loadProvider()
  const response = await provider.handler(request)
  if (!response.ok) return response
  const document = (await response.json()) as Record<string, unknown>
  const served = Object.entries(document).filter(([name]) => !NOT_SERVED.some((endpoint) => name.startsWith(endpoint)))
  return Response.json(
    {...Object.fromEntries(served), ...PUBLIC_CLIENTS},
    {headers: {'cache-control': 'no-store', 'access-control-allow-origin': '*'}},
  )
}

/** There is one client, and it has no secret. */
const PUBLIC_CLIENTS = {
  token_endpoint_auth_methods_supported: ['none'],
  revocation_endpoint_auth_methods_supported: ['none'],
  token_endpoint_auth_signing_alg_values_supported: undefined,
  revocation_endpoint_auth_signing_alg_values_supported: undefined,
  dpop_signing_alg_values_supported: undefined,
}

/**
 * Token revocation (RFC 7009 §2). A refresh token takes its whole grant with it, an access token goes alone, and a token
 * that nobody knows is as good as revoked: the response is 200 each time.
 */
export async function handleRevocation(service: Service, request: Request): Promise<Response> {
  const form = new URLSearchParams(await request.text())
  if (form.get('client_id') !== CLIENT_ID) return tokenError('invalid_client', 'There is no such client here.', 401)
  const token = form.get('token')
  if (!token) return tokenError('invalid_request', 'token is missing.')
  const row = findRefreshToken(service.database, token)
  if (row) endGrant(service.database, row)
  else endAccessToken(service.database, token)
  return new Response(null, {status: 200, headers: {'cache-control': 'no-store'}})
}

/**
 * The prompts that the provider gets for those that were asked for (OpenID Connect Core §3.1.2.1): consent is always among
 * them (threat 2.7). To choose an account and to make one are what the sign-in page offers anyway. `none` stays: it is
 * refused for want of a consent, since none is ever remembered.
 */
export function consentPrompt(prompt: string): string {
  const asked = new Set(prompt.split(' '))
  if (asked.has('none')) return 'none'
  return asked.has('login') || asked.has('select_account') || asked.has('create') ? 'login consent' : 'consent'
}

/**
 * The token endpoint (RFC 6749 §3.2). A refresh token that comes back after its rotation ends its grant here, before
 * Better Auth sees it and ends more than that.
 */
async function handleToken(service: Service, queue: Queue, request: Request): Promise<Response> {
  // Read before it is its turn: a slow sender keeps nobody else waiting.
  const body = await request.text()
  const form = new URLSearchParams(body)
  for (const name of new Set(form.keys())) {
    if (name !== 'resource' && form.getAll(name).length > 1) {
      return tokenError('invalid_request', `${name} is given twice.`)
    }
  }
  const {method, headers, url} = request
  // Nobody may rotate a refresh token between our look at it and its use.
  return queue('token', async () => {
    if (endReusedGrant(service, form)) return tokenError('invalid_grant', REUSED)
    const provider = await service.loadProvider()
    const response = await provider.handler(new Request(url, {method, headers, body}))
    return response.ok ? noteGrant(service, response) : response
  })
}

const REUSED = 'The refresh token was used before: this sign-in has ended.'

function endReusedGrant({database}: Service, form: URLSearchParams): boolean {
  if (form.get('grant_type') !== 'refresh_token') return false
  const row = findRefreshToken(database, form.get('refresh_token') ?? '')
  if (!row?.revoked || row.clientId !== form.get('client_id')) return false
  endGrant(database, row)
  return true
}

async function noteGrant(service: Service, response: Response): Promise<Response> {
  const tokens = (await response.clone().json()) as {refresh_token?: string}
  if (tokens.refresh_token) startGrant(service.database, tokens.refresh_token)
  return response
}

/** RFC 6749 §5.2. */
function tokenError(error: string, description: string, status = 400): Response {
  return Response.json({error, error_description: description}, {status, headers: {'cache-control': 'no-store'}})
}
