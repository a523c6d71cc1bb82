import type * as openid from 'openid-client'
import {CLIENT_ID, PATHS} from '../contract/index.js'
import {isParixError, type ParixError} from '../errors.js'
import {type Credential, type HttpResponse, send} from '../http.js'
import {type BaseUrl, isLoopback, serviceUrl} from '../origin.js'

/** What every call here takes besides its own arguments. */
export interface OAuthOptions {
  userAgent: string
  now?: () => number
  signal?: AbortSignal
  /** How polling waits; a timer when left out. Rejects when `signal` is aborted. */
  sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>
}

/**
 * openid-client on our own HTTP client: bounded in time and size, no redirects, credentials to the base's origin only. What
 * went over the wire is kept beside it, because the library's errors hold codes and tokens in their causes and
 * must never be looked into (threats 8.3).
 */
export interface Call {
  /** Loaded here and not at the top: reading a profile or a discovery document needs nothing of it. */
  client: typeof openid
  config: openid.Configuration
  wire: Wire
}

export interface Wire {
  /** The last response. */
  response?: HttpResponse
  /** Why there was none. */
  failure?: ParixError
}

export interface CallOptions {
  /** Endpoints of the discovery document that are used. */
  endpoints?: {revocation_endpoint?: string; device_authorization_endpoint?: string}
  /** Changes a response before the library sees it. */
  adapt?: (body: Buffer) => Buffer
  responseTimeoutMs?: number
}

const RESPONSE_TIMEOUT_MS = 15_000
const RESPONSE_BYTES_MAX = 1024 * 1024

/** By the contract's fixed paths, not discovery: discovery is optional, and must not send tokens elsewhere. */
export async function prepareCall(base: BaseUrl, world: OAuthOptions, options: CallOptions = {}): Promise<Call> {
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
  // Our client has its own limits; the library's comes after them.
  config.timeout = 60
  const wire: Wire = {}
  config[client.customFetch] = (url, request) => fetchByOurClient(new URL(url), request, {base, world, options, wire})
  return {client, config, wire}
}

interface FetchContext {
  base: BaseUrl
  world: OAuthOptions
  options: CallOptions
  wire: Wire
}

async function fetchByOurClient(
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
    const response = await send({
      method: request.method,
      url,
      headers: {...headers, 'user-agent': world.userAgent},
      credential,
      responseTimeoutMs: options.responseTimeoutMs ?? RESPONSE_TIMEOUT_MS,
      responseBytesMax: RESPONSE_BYTES_MAX,
      ...(request.body != null && {body: String(request.body)}),
      ...(world.signal && {signal: world.signal}),
    })
    wire.response = response
    return toResponse(response, options.adapt)
  } catch (error) {
    if (isParixError(error)) wire.failure = error
    throw error
  }
}

function toResponse({status, headers, body}: HttpResponse, adapt: (body: Buffer) => Buffer = (same) => same): Response {
  // Frameworks answer a POST with 201, and a revocation with 204; the library knows 200 only.
  const isDone = status >= 200 && status <= 299
  // This status may have no body, and Response insists on it.
  return new Response(status === 304 ? null : new Uint8Array(adapt(body)), {status: isDone ? 200 : status, headers})
}

/**
 * One service spells its issuer in more than one way: with or without `/api/auth` (Better Auth 1.6), by any of the
 * loopback names (threats 2.20). A spelling of the base's own origin is ours; any other origin is refused.
 */
export function issuerOf(base: BaseUrl): string {
  return serviceUrl(base, PATHS.issuer).href
}
