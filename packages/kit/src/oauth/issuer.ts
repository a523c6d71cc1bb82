import {PATHS} from '../contract/index.js'
import {type BaseUrl, sameOrigin, serviceUrl} from '../origin.js'

/**
 * One service spells its issuer in more than one way: with or without `/api/auth` (Better Auth 1.6), by any of the
 * loopback names (threats 2.20). A spelling of the base's own origin is ours; any other origin is refused.
 */
export function issuerOf(base: BaseUrl): string {
  return serviceUrl(base, PATHS.issuer).href
}

/** The callback's `iss` (RFC 9207) in our spelling if it is of our origin; a foreign one stays, for the library to refuse. */
export function spellIssuer(base: BaseUrl, query: URLSearchParams): void {
  const [iss, ...more] = query.getAll('iss')
  if (iss !== undefined && more.length === 0 && isOwn(base, iss)) query.set('iss', issuerOf(base))
}

/**
 * Leaves an `id_token` out of the answer if its issuer is ours in another spelling: who is signed in is asked at userinfo
 * anyway. One of a foreign issuer stays, for the library to refuse.
 */
export function forgiveSpelling(base: BaseUrl): (body: Buffer) => Buffer {
  return (body) => {
    const answer = readObject(body.toString('utf8'))
    const iss = typeof answer?.id_token === 'string' ? claims(answer.id_token)?.iss : undefined
    if (answer === undefined || typeof iss !== 'string' || iss === issuerOf(base) || !isOwn(base, iss)) return body
    const {id_token: _, ...rest} = answer
    return Buffer.from(JSON.stringify(rest))
  }
}

function isOwn(base: BaseUrl, issuer: string): boolean {
  return URL.canParse(issuer) && sameOrigin(base.url, new URL(issuer))
}

function claims(token: string): Record<string, unknown> | undefined {
  return readObject(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
