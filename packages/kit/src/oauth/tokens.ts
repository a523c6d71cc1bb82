import {ParixError} from '../errors.js'

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
export interface TokenAnswer {
  access_token: string
  token_type: string
  expires_in?: number | undefined
  refresh_token?: string | undefined
  scope?: string | undefined
}

const ASSUMED_LIFE_SECONDS = 300
const LIFE_SECONDS_MAX = 366 * 86_400

/**
 * An answer without a life, or with an absurd one, gets a short one: the expiry is a hint, and a 401 does the rest
 * (threats 5.14).
 *
 * @throws ParixError UNAVAILABLE when a token could not be sent in a header
 */
export function readTokens(answer: TokenAnswer, now: number): Tokens {
  const {access_token: accessToken, refresh_token: refreshToken} = answer
  if (!isSendable(accessToken) || (refreshToken !== undefined && !isSendable(refreshToken))) {
    throw new ParixError('UNAVAILABLE', 'The service answered with a token that no header can carry.', {
      code: 'bad_token_answer',
    })
  }
  const life = answer.expires_in
  const usable = life !== undefined && life >= 0 && life <= LIFE_SECONDS_MAX
  const seconds = usable ? life : ASSUMED_LIFE_SECONDS
  return {
    accessToken,
    // Compared without regard to case (RFC 6749 §5.1); the contract's files say `Bearer`.
    tokenType: /^bearer$/i.test(answer.token_type) ? 'Bearer' : answer.token_type,
    accessTokenExpiresAt: new Date(now + seconds * 1000).toISOString(),
    refreshToken,
    scopes: answer.scope === undefined ? undefined : answer.scope.split(' ').filter((scope) => scope !== ''),
  }
}

/** RFC 6749 appendix A.12 and A.17: visible ASCII. */
function isSendable(token: unknown): token is string {
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)
}
