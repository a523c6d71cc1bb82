import type {Service} from '../service.js'
import {endGrant, findRefreshToken, startGrant} from './grants.js'

const BODY_BYTES_MAX = 64 * 1024

/** Runs token requests one after another, so that nobody rotates a refresh token between our look at it and its use. */
export function createTokenQueue(): (answer: () => Promise<Response>) => Promise<Response> {
  let last: Promise<unknown> = Promise.resolve()
  return (answer) => {
    const next = last.then(answer, answer)
    last = next.catch(() => undefined)
    return next
  }
}

/**
 * The token endpoint (RFC 6749 §3.2). A refresh token that comes back after its rotation ends its grant here, before
 * Better Auth sees it and ends more than that.
 */
export async function answerToken(service: Service, request: Request): Promise<Response> {
  const body = await request.text()
  if (body.length > BODY_BYTES_MAX) return invalidRequest('The request is too large.')
  const form = new URLSearchParams(body)
  for (const name of new Set(form.keys())) {
    if (name !== 'resource' && form.getAll(name).length > 1) return invalidRequest(`${name} is given twice.`)
  }
  if (form.get('grant_type') === 'refresh_token') {
    const row = findRefreshToken(service.database, form.get('refresh_token') ?? '')
    if (row?.revoked && row.clientId === form.get('client_id')) {
      endGrant(service.database, row)
      return tokenError('invalid_grant', 'The refresh token was used before: this sign-in has ended.')
    }
  }
  const answer = await service.provider.handler(
    new Request(request.url, {method: 'POST', headers: request.headers, body}),
  )
  return answer.ok ? noteGrant(service, answer) : answer
}

async function noteGrant(service: Service, answer: Response): Promise<Response> {
  const tokens = (await answer.clone().json()) as {refresh_token?: string}
  if (tokens.refresh_token) startGrant(service.database, tokens.refresh_token)
  return answer
}

function invalidRequest(description: string): Response {
  return tokenError('invalid_request', description)
}

/** RFC 6749 §5.2. */
export function tokenError(error: string, description: string, status = 400): Response {
  return Response.json({error, error_description: description}, {status, headers: {'cache-control': 'no-store'}})
}
