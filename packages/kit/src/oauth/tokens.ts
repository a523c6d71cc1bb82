import {ParixError} from '../errors.js'
import type {BaseUrl} from '../origin.js'
import {type OAuthOptions, prepareCall} from './call.js'
import {oauthFailure} from './failure.js'
import {forgiveTokens, readMembers} from './forgive.js'

/** Tokens as the service gave them. */
export interface Tokens {
  accessToken: string
  tokenType: string
  /** ISO 8601, UTC; five minutes from now where the service did not say. */
  accessTokenExpiresAt: string
  /** Undefined: the service gave none (on a refresh the old one stays). */
  refreshToken: string | undefined
  /** Undefined: not said. */
  scopes: string[] | undefined
}

/** What the OAuth library gives; its types are looser than what a service may send. */
export interface TokenResponse {
  access_token: string
  token_type: string
  expires_in?: number | undefined
  refresh_token?: string | undefined
  scope?: string | undefined
}

const ASSUMED_LIFE_SECONDS = 300
const LIFE_SECONDS_MAX = 366 * 86_400

/**
 * A response without a life, or with an absurd one, gets a short one: the expiry is a hint, and a 401 does the rest
 * (threats 5.14).
 *
 * @throws ParixError UNAVAILABLE when a token could not be sent in a header
 */
export function readTokens(response: TokenResponse, now: number): Tokens {
  const {access_token: accessToken, refresh_token: refreshToken} = response
  if (!isSendable(accessToken) || (refreshToken !== undefined && !isSendable(refreshToken))) {
    throw new ParixError(
      'UNAVAILABLE',
      'The access token contains characters that are not allowed in an HTTP header.',
      {
        code: 'bad_token_answer',
      },
    )
  }
  const life = response.expires_in
  const usable = life !== undefined && life >= 0 && life <= LIFE_SECONDS_MAX
  const seconds = usable ? life : ASSUMED_LIFE_SECONDS
  return {
    accessToken,
    // Compared without regard to case (RFC 6749 §5.1); the contract's files say `Bearer`.
    tokenType: /^bearer$/i.test(response.token_type) ? 'Bearer' : response.token_type,
    accessTokenExpiresAt: new Date(now + seconds * 1000).toISOString(),
    refreshToken,
    scopes: response.scope === undefined ? undefined : response.scope.split(' ').filter((scope) => scope !== ''),
  }
}

/** RFC 6749 appendix A.12 and A.17: visible ASCII. */
function isSendable(token: unknown): token is string {
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)
}

/**
 * Sent once, never repeated here: the request may have been processed, and the same token a second time can end the session.
 *
 * @throws ParixError; code `invalid_grant` alone means that the session is over
 */
export async function refreshTokens(base: BaseUrl, refreshToken: string, world: OAuthOptions): Promise<Tokens> {
  const {client, config, wire} = await prepareCall(base, world, {adapt: (body) => withoutIdToken(forgiveTokens(body))})
  try {
    return readTokens(await client.refreshTokenGrant(config, refreshToken), (world.now ?? Date.now)())
  } catch (error) {
    throw oauthFailure(error, wire, [refreshToken])
  }
}

/**
 * A refresh may answer with an `id_token`, which we don't use. Were it checked, a wrong clock or an unknown algorithm would
 * throw away the new tokens, and the old one is dead by then.
 */
function withoutIdToken(body: Buffer): Buffer {
  const {id_token: idToken, ...rest} = readMembers(body) ?? {}
  return idToken === undefined ? body : Buffer.from(JSON.stringify(rest))
}

/** Token revocation (RFC 7009) of a refresh token. @throws ParixError when the service did not confirm within `timeoutMs` */
export async function revoke(
  base: BaseUrl,
  endpoint: URL,
  refreshToken: string,
  options: {timeoutMs: number},
  world: OAuthOptions,
): Promise<void> {
  const timeUp = AbortSignal.timeout(options.timeoutMs)
  const signal = world.signal === undefined ? timeUp : AbortSignal.any([world.signal, timeUp])
  const endpoints = {revocation_endpoint: endpoint.href}
  const {client, config, wire} = await prepareCall(base, {...world, signal}, {endpoints})
  try {
    await client.tokenRevocation(config, refreshToken, {token_type_hint: 'refresh_token'})
  } catch (error) {
    throw oauthFailure(error, wire, [refreshToken])
  }
}
