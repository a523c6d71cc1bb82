import type * as openid from 'openid-client'
import {CLIENT_ID, PATHS} from '../contract/index.js'
import {isParixError, type ParixError} from '../errors.js'
import {type Credential, type HttpResponse, send} from '../http.js'
import {type BaseUrl, isLoopback, serviceUrl} from '../origin.js'
import {issuerOf} from './issuer.js'
import type {OAuthWorld} from './world.js'

/**
 * openid-client over our own door to the network: bounded in time and size, no redirects, credentials to the base's origin
 * only. What went over the wire is kept beside it, because the library's errors hold codes and tokens in their causes and
 * must never be looked into (threats 8.3).
 */
export interface Call {
  /** Loaded here and not at the top: reading a profile or a discovery document needs nothing of it. */
  client: typeof openid
  config: openid.Configuration
  wire: Wire
}

export interface Wire {
  /** The last answer. */
  answer?: HttpResponse
  /** Why there was none. */
  failure?: ParixError
}

export interface CallOptions {
  /** Endpoints of the discovery document that are used. */
  endpoints?: {revocation_endpoint?: string; device_authorization_endpoint?: string}
  /** Changes an answer before the library sees it. */
  adapt?: (body: Buffer) => Buffer
  responseTimeoutMs?: number
}

const ANSWER_TIMEOUT_MS = 15_000
const ANSWER_BYTES_MAX = 1024 * 1024

/** The contract's fixed paths, not discovery: discovery is optional, and must not send tokens elsewhere. */
export async function prepareCall(base: BaseUrl, world: OAuthWorld, options: CallOptions = {}): Promise<Call> {
  const client = await import('openid-client')
  const metadata: openid.ServerMetadata = {
    issuer: issuerOf(base),
    authorization_endpoint: serviceUrl(base, PATHS.authorize).href,
    token_endpoint: serviceUrl(base, PATHS.token).href,
    userinfo_endpoint: serviceUrl(base, PATHS.userinfo).href,
    // Without it RS256 is assumed, and Better Auth signs with EdDSA.
    id_token_signing_alg_values_supported: ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256', 'ES384', 'ES512'],
    ...options.endpoints,
  }
  const config = new client.Configuration(metadata, CLIENT_ID, {[client.clockTolerance]: 60}, client.None())
  if (isLoopback(base.url)) client.allowInsecureRequests(config)
  // The door has its own limits; the library's comes after them.
  config.timeout = 60
  const wire: Wire = {}
  config[client.customFetch] = (url, request) => fetchThroughDoor(new URL(url), request, {base, world, options, wire})
  return {client, config, wire}
}

interface FetchContext {
  base: BaseUrl
  world: OAuthWorld
  options: CallOptions
  wire: Wire
}

async function fetchThroughDoor(
  url: URL,
  request: openid.CustomFetchOptions,
  {base, world, options, wire}: FetchContext,
): Promise<Response> {
  const {authorization, ...headers} = request.headers
  const credential: Credential =
    authorization === undefined
      ? {kind: 'inBody', issuer: base.url}
      : {kind: 'own', headers: {authorization}, issuer: base.url}
  try {
    const answer = await send({
      method: request.method,
      url,
      headers: {...headers, 'user-agent': world.userAgent},
      credential,
      responseTimeoutMs: options.responseTimeoutMs ?? ANSWER_TIMEOUT_MS,
      responseBytesMax: ANSWER_BYTES_MAX,
      ...(request.body != null && {body: String(request.body)}),
      ...(world.signal && {signal: world.signal}),
    })
    wire.answer = answer
    return toResponse(answer, options.adapt)
  } catch (error) {
    if (isParixError(error)) wire.failure = error
    throw error
  }
}

function toResponse({status, headers, body}: HttpResponse, adapt: (body: Buffer) => Buffer = (same) => same): Response {
  // These statuses may have no body, and Response insists on it.
  const empty = status === 204 || status === 205 || status === 304
  return new Response(empty ? null : new Uint8Array(adapt(body)), {status, headers})
}
