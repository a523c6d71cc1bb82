import type {BaseUrl} from '../origin.js'
import {prepareCall} from './call.js'
import {oauthFailure} from './failure.js'
import type {OAuthWorld} from './world.js'

/** Token revocation (RFC 7009) of a refresh token. @throws ParixError when the service did not confirm within `timeoutMs` */
export async function revoke(
  base: BaseUrl,
  endpoint: URL,
  refreshToken: string,
  options: {timeoutMs: number},
  world: OAuthWorld,
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
