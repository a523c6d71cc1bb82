import {PATHS} from '../contract/index.js'
import {send} from '../http.js'
import {type BaseUrl, isLoopback, sameOrigin, serviceUrl} from '../origin.js'
import {excerpt} from '../text.js'
import type {OAuthWorld} from './world.js'

/** Optional endpoints, only those on the base's own origin (threats 2.14, 2.15). */
export interface Discovered {
  revocationEndpoint?: URL
  deviceAuthorizationEndpoint?: URL
  /** Sentences about what was left out, such as an endpoint on another origin. */
  ignored: string[]
}

/**
 * The discovery document (OpenID Connect Discovery §4), for what is optional. Never throws for a missing or unusable one:
 * then nothing optional is offered, and the contract's fixed paths do.
 */
export async function discover(base: BaseUrl, world: OAuthWorld): Promise<Discovered> {
  const document = await fetchDocument(base, world)
  const discovered: Discovered = {ignored: []}
  if (document === undefined) return discovered
  if (!isOwn(base, document.issuer)) {
    discovered.ignored.push(
      `The discovery document of ${base.url.origin} names another issuer: ${shown(document.issuer)}.`,
    )
    return discovered
  }
  const take = (name: 'revocation_endpoint' | 'device_authorization_endpoint'): URL | undefined => {
    const value = document[name]
    if (value === undefined) return undefined
    if (isOwn(base, value)) return asCalled(base, new URL(value as string))
    discovered.ignored.push(`The ${name} of ${base.url.origin} is not used: it is at ${shown(value)}.`)
    return undefined
  }
  const revocationEndpoint = take('revocation_endpoint')
  const deviceAuthorizationEndpoint = take('device_authorization_endpoint')
  return {
    ...discovered,
    ...(revocationEndpoint && {revocationEndpoint}),
    ...(deviceAuthorizationEndpoint && {deviceAuthorizationEndpoint}),
  }
}

async function fetchDocument(base: BaseUrl, world: OAuthWorld): Promise<Record<string, unknown> | undefined> {
  try {
    const {status, body} = await send({
      method: 'GET',
      url: serviceUrl(base, PATHS.discovery),
      headers: {accept: 'application/json', 'user-agent': world.userAgent},
      connectTimeoutMs: 5000,
      responseTimeoutMs: 5000,
      responseBytesMax: 256 * 1024,
      ...(world.signal && {signal: world.signal}),
    })
    const document: unknown = status === 200 ? JSON.parse(body.toString('utf8')) : undefined
    return typeof document === 'object' && document !== null ? (document as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isOwn(base: BaseUrl, value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const url = new URL(value)
  return url.username === '' && url.password === '' && sameOrigin(base.url, url)
}

/** A service started as 127.0.0.1 and called as localhost: the name that we use is the one that it answers to. */
function asCalled(base: BaseUrl, endpoint: URL): URL {
  if (isLoopback(endpoint)) endpoint.hostname = base.url.hostname
  return endpoint
}

function shown(value: unknown): string {
  if (typeof value !== 'string' || !URL.canParse(value)) return excerpt(String(value), 60)
  const {origin, protocol} = new URL(value)
  return origin === 'null' ? protocol : origin
}
