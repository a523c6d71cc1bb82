import type {Queue} from '../queue.js'
import type {Service} from '../service.js'
import {endGrant, findRefreshToken, startGrant} from './grants.js'

/**
 * The token endpoint (RFC 6749 §3.2). A refresh token that comes back after its rotation ends its grant here, before
 * Better Auth sees it and ends more than that.
 */
export async function answerToken(service: Service, queue: Queue, request: Request): Promise<Response> {
  // Read before it is its turn: a slow sender keeps nobody else waiting.
  const body = await request.text()
  const form = new URLSearchParams(body)
  for (const name of new Set(form.keys())) {
    if (name !== 'resource' && form.getAll(name).length > 1) {
      return tokenError('invalid_request', `${name} is given twice.`)
    }
  }
  const {method, headers, url} = request
  // Nobody may rotate a refresh token between our look at it and its use.
  return queue('token', async () => {
    if (endReusedGrant(service, form)) return tokenError('invalid_grant', REUSED)
    const answer = await service.provider.handler(new Request(url, {method, headers, body}))
    return answer.ok ? noteGrant(service, answer) : answer
  })
}

const REUSED = 'The refresh token was used before: this sign-in has ended.'

function endReusedGrant({database}: Service, form: URLSearchParams): boolean {
  if (form.get('grant_type') !== 'refresh_token') return false
  const row = findRefreshToken(database, form.get('refresh_token') ?? '')
  if (!row?.revoked || row.clientId !== form.get('client_id')) return false
  endGrant(database, row)
  return true
}

async function noteGrant(service: Service, answer: Response): Promise<Response> {
  const tokens = (await answer.clone().json()) as {refresh_token?: string}
  if (tokens.refresh_token) startGrant(service.database, tokens.refresh_token)
  return answer
}

/** RFC 6749 §5.2. */
export function tokenError(error: string, description: string, status = 400): Response {
  return Response.json({error, error_description: description}, {status, headers: {'cache-control': 'no-store'}})
}
