import {PATHS} from '@parix/kit/contract'
import {Hono} from 'hono'
import {bodyLimit} from 'hono/body-limit'
import {createQueue} from '../queue.js'
import type {Service} from '../service.js'
import {answerDiscovery} from './discovery.js'
import {consentPrompt} from './prompt.js'
import {answerRevocation} from './revoke.js'
import {answerToken, tokenError} from './token.js'

const BODY_BYTES_MAX = 64 * 1024

/**
 * What the world sees of the OpenID provider. Better Auth has some hundred endpoints; only what the contract and the
 * standards ask for is let through, the pages reach the rest from inside.
 */
export function oauthRoutes(service: Service): Hono {
  const routes = new Hono()
  const pass = (request: Request) => service.provider.handler(request)
  const queue = createQueue()
  routes.use(bodyLimit({maxSize: BODY_BYTES_MAX, onError: () => tokenError('invalid_request', 'Too large.', 413)}))
  routes.get('/.well-known/openid-configuration', (c) => answerDiscovery(service, c.req.raw))
  routes.get('/.well-known/oauth-authorization-server', (c) => answerDiscovery(service, c.req.raw))
  routes.get('/jwks', (c) => pass(c.req.raw))
  routes.get('/oauth2/authorize', (c) => pass(askConsent(c.req.raw)))
  routes.post('/oauth2/token', (c) => answerToken(service, queue, c.req.raw))
  routes.on(['GET', 'POST'], '/oauth2/userinfo', (c) => pass(c.req.raw))
  routes.post('/oauth2/revoke', (c) => answerRevocation(service, c.req.raw))
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
