import type {BaseUrl} from '../origin.js'
import {prepareCall} from './call.js'
import {oauthFailure} from './failure.js'
import {readTokens, type Tokens} from './tokens.js'
import type {OAuthWorld} from './world.js'

/**
 * Sent once, never repeated here: the request may have been processed, and the same token a second time can end the session.
 *
 * @throws ParixError; code `invalid_grant` alone means that the session is over
 */
export async function refreshTokens(base: BaseUrl, refreshToken: string, world: OAuthWorld): Promise<Tokens> {
  const {client, config, wire} = await prepareCall(base, world, {adapt: withoutIdToken})
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
  try {
    const answer = JSON.parse(body.toString('utf8')) as Record<string, unknown>
    if (answer === null || typeof answer !== 'object' || !('id_token' in answer)) return body
    const {id_token: _, ...rest} = answer
    return Buffer.from(JSON.stringify(rest))
  } catch {
    return body
  }
}
