import {CLIENT_ID} from '@parix/kit/contract'
import type {Service} from '../service.js'
import {endAccessToken, endGrant, findRefreshToken} from './grants.js'
import {tokenError} from './token.js'

/**
 * Token revocation (RFC 7009 §2). A refresh token takes its whole grant with it, an access token goes alone, and a token
 * that nobody knows is as good as revoked: the answer is 200 each time.
 */
export async function answerRevocation(service: Service, request: Request): Promise<Response> {
  const form = new URLSearchParams(await request.text())
  if (form.get('client_id') !== CLIENT_ID) return tokenError('invalid_client', 'There is no such client here.', 401)
  const token = form.get('token')
  if (!token) return tokenError('invalid_request', 'token is missing.')
  const row = findRefreshToken(service.database, token)
  if (row) endGrant(service.database, row)
  else endAccessToken(service.database, token)
  return new Response(null, {status: 200, headers: {'cache-control': 'no-store'}})
}
