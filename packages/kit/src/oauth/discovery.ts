import {problemError, readChecked} from '../api/index.js'
import {readObject} from '../api/shape.js'
import {PATHS} from '../contract/index.js'
import {isParixError, ParixError} from '../errors.js'
import {send} from '../http.js'
import {type BaseUrl, isLoopback, sameOrigin, serviceUrl} from '../origin.js'
import {excerpt} from '../text.js'
import type {OAuthOptions} from './call.js'

/** Optional endpoints, only those on the base's own origin (threats 2.14, 2.15). */
export interface Discovered {
  revocationEndpoint?: URL
  deviceAuthorizationEndpoint?: URL
  /** Sentences about what was left out, such as an endpoint on another origin. */
  ignored: string[]
  /** Why the document could not be read, unless there is none: it is not known what the service offers. */
  failure?: ParixError
}

/**
 * The discovery document (OpenID Connect Discovery §4), for what is optional. Never throws for a missing or unusable one:
 * then nothing optional is offered, and the contract's fixed paths are used.
 */
export async function discover(base: BaseUrl, world: OAuthOptions): Promise<Discovered> {
  const discovered: Discovered = {ignored: []}
  const document = await fetchDocument(base, world).catch((error: unknown) => {
    // Whoever gave up knows why.
    if (!isParixError(error) || error.code === 'aborted') return undefined
    discovered.failure = error
    return undefined
  })
  if (document === undefined) return discovered
  if (!isOwn(base, document.issuer)) {
    const what = document.issuer === undefined ? 'names no issuer' : `names another issuer: ${shown(document.issuer)}`
    discovered.ignored.push(`The discovery document of ${base.url.origin} ${what}.`)
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

/** Undefined where the service has none. @throws ParixError where that can't be known */
async function fetchDocument(base: BaseUrl, world: OAuthOptions): Promise<Record<string, unknown> | undefined> {
  const response = await send({
    method: 'GET',
    url: serviceUrl(base, PATHS.discovery),
    headers: {accept: 'application/json', 'user-agent': world.userAgent},
    connectTimeoutMs: 5000,
    responseTimeoutMs: 5000,
    responseBytesMax: 256 * 1024,
    ...(world.signal && {signal: world.signal}),
  })
  const {status, url} = response
  if (status === 200) return readChecked(response, (body) => readObject(body, 'the body'))
  if (status >= 300 && status <= 399) {
    throw new ParixError('UNAVAILABLE', `${url.origin} redirects, which was not followed (HTTP ${status}).`, {status})
  }
  if (status === 429 || status === 408 || status >= 500) throw problemError(response)
  return undefined
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
  if (typeof value !== 'string')
    return value === null
      ? 'null'
      : `not a text, but ${Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`}`
  if (!URL.canParse(value)) return JSON.stringify(excerpt(value, 60))
  const {origin, protocol} = new URL(value)
  return origin === 'null' ? protocol : origin
}
