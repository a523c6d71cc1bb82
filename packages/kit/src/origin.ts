import {ParixError} from './errors.js'
import type {ServiceInPrint} from './next-command.js'
import {cleanLine} from './text.js'

/**
 * Where a credential may travel. A token or key belongs to the origin that issued it: not to a prefix of its text, not to
 * what a redirect names, not to what a user pastes. Everything here works on the parsed URL (threats 2.16–2.20, 3.1–3.6).
 */

/** A checked base URL. `url` keeps the path of the base without its trailing slash; `origin` is the key of sessions. */
export interface BaseUrl {
  readonly url: URL
  /** `scheme://host[:port]`; the loopback names `localhost`, `127.0.0.1` and `[::1]` are all written `localhost`. */
  readonly origin: string
  /** What commands that are printed have to name in order to reach it; of the base of a connection. */
  readonly inPrint?: ServiceInPrint
}

/**
 * @param text what a flag, PARIX_BASE_URL or a session file gave
 * @param from the variable that it came from, named in errors
 * @throws ParixError BAD_INPUT when it isn't a plain http(s) URL; NOT_SENT when it is http and not loopback. The message
 *   never repeats user info: there may be a password in it.
 */
export function parseBaseUrl(text: string, from?: 'PARIX_BASE_URL'): BaseUrl {
  const bad = (reason: string) => badBase(reason, from)
  const url = parseUrl(text, bad)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw bad(`must begin with https:// (or http:// for this machine), not ${url.protocol}//`)
  }
  if (url.username !== '' || url.password !== '') throw bad('must not contain a user name or password')
  if (url.search !== '' || url.href.includes('?')) throw bad('must not contain a query (?…)')
  if (url.hash !== '' || url.href.includes('#')) throw bad('must not contain a fragment (#…)')
  assertEncrypted(url)
  url.pathname = url.pathname.replace(/\/+$/, '')
  return {url, origin: originKey(url)}
}

/** The base as it is named to people and in commands: the loopback names folded, the path kept, without a trailing slash. */
export function baseUrlText({url, origin}: BaseUrl): string {
  return origin + url.pathname.replace(/\/+$/, '')
}

/** For people: `localhost:5173`, or `localhost:5173 (organization Acme)` where it is known which one. */
export function placeText({url, inPrint}: BaseUrl): string {
  const organization = inPrint?.organization
  return organization === undefined ? url.host : `${url.host} (organization ${cleanLine(organization)})`
}

/** `path` (which begins with `/`) under the base, after the base's own path. */
export function serviceUrl(base: BaseUrl, path: string): URL {
  return new URL(base.url.origin + base.url.pathname.replace(/\/+$/, '') + path)
}

/**
 * What a person wrote for a target: an absolute URL, a path from the root (`/x`), or a path under the base (`x`).
 *
 * @throws ParixError NOT_SENT when it leads to another origin, however it is spelled; BAD_INPUT when it can't be parsed
 */
export function resolveTarget(base: BaseUrl, text: string): URL {
  const directory = `${base.url.origin}${base.url.pathname.replace(/\/+$/, '')}/`
  if (!URL.canParse(text, directory))
    throw new ParixError('BAD_INPUT', `${JSON.stringify(text)} is not a path or a URL.`)
  const target = new URL(text, directory)
  if (target.username !== '' || target.password !== '' || !sameOrigin(base.url, target)) {
    throw new ParixError(
      'NOT_SENT',
      `Not sent: ${displayOrigin(target)} is a different origin from ${base.url.origin}.`,
      {
        code: 'other_origin',
        next: 'Give a path, such as /api/v1/session. Your credentials go to the service that issued them, and nowhere else.',
      },
    )
  }
  target.hash = ''
  return target
}

/** Whether two URLs are of one origin; the three loopback names with one port and scheme are one. */
export function sameOrigin(a: URL, b: URL): boolean {
  return isWeb(a) && isWeb(b) && originKey(a) === originKey(b)
}

/** The key under which sessions of this URL's origin are kept. */
export function originKey(url: URL): string {
  const port = url.port === '' ? '' : `:${url.port}`
  const folded = url.hostname === '127.0.0.1' || url.hostname === '[::1]'
  return `${url.protocol}//${folded ? 'localhost' : url.hostname}${port}`
}

/**
 * Whether the URL's host is this machine for certain: exactly `localhost`, 127.0.0.0/8 or `[::1]`, decided on the parsed
 * host (`127.1` and `2130706433` have become 127.0.0.1 by then). `localhost.`, `0.0.0.0` and `[::ffff:127.0.0.1]` are not.
 */
export function isLoopback(url: URL): boolean {
  const {hostname} = url
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
}

/**
 * The one rule for credentials: to the issuer's own origin, encrypted unless it never leaves this machine.
 *
 * @throws ParixError NOT_SENT
 */
export function assertCredentialMayTravel(issuer: URL, target: URL): void {
  if (target.username !== '' || target.password !== '' || !sameOrigin(issuer, target)) {
    throw new ParixError(
      'NOT_SENT',
      `Not sent: your credentials belong to ${displayOrigin(issuer)}, not to ${displayOrigin(target)}.`,
      {code: 'other_origin'},
    )
  }
  assertEncrypted(target)
}

function assertEncrypted(url: URL): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return
  throw new ParixError('NOT_SENT', `Not sent: ${displayOrigin(url)} would send your credentials unencrypted.`, {
    code: 'unencrypted',
    next: 'Use an https:// address. http:// is only for this machine (localhost, 127.0.0.1, [::1]).',
  })
}

function parseUrl(text: string, bad: (reason: string) => ParixError): URL {
  const trimmed = text.trim()
  if (trimmed === '') throw bad('must not be empty')
  const meant = withScheme(trimmed)
  if (meant !== undefined) throw bad(`has no scheme; did you mean ${meant}`)
  if (!URL.canParse(trimmed)) throw bad('is not a URL')
  return new URL(trimmed)
}

/**
 * What was meant by `localhost:5173` or `parix.example/app`, whose first part would parse as a scheme or not at all;
 * undefined where the text has a scheme, or is not a host. Text with user info is never repeated.
 */
function withScheme(text: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || text.includes('@')) return undefined
  const plain = text.replace(/^\/\//, '')
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?(\/[\w./~-]*)?$/i.test(plain)) return undefined
  const scheme = URL.canParse(`http://${plain}`) && isLoopback(new URL(`http://${plain}`)) ? 'http' : 'https'
  return URL.canParse(`${scheme}://${plain}`) ? `${scheme}://${plain}` : undefined
}

function badBase(reason: string, from: string | undefined): ParixError {
  return new ParixError(
    'BAD_INPUT',
    `${from ?? 'The base URL'} ${reason}${reason.includes('did you mean') ? '?' : '.'}`,
    {
      code: 'bad_base_url',
      hint: from === undefined ? 'For example: --base-url https://parix.io' : `For example: ${from}=https://parix.io`,
    },
  )
}

function isWeb(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:'
}

/** `url.origin` is 'null' for schemes such as file: and data:; then the scheme is all there is to show. */
function displayOrigin(url: URL): string {
  return isWeb(url) ? url.origin : url.protocol
}
