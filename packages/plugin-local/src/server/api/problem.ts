import {randomUUID} from 'node:crypto'
import {API_KEY_HEADER, type Problem} from '@parix/kit/contract'
import {stringifyJson} from '@parix/kit/json'
import type {MiddlewareHandler} from 'hono'

/** The kinds of problem that have a page of their own in `/docs`; each is the last part of a problem's `type`. */
export const PROBLEM_KINDS = {
  'malformed-json': 'The body is not JSON.',
  'invalid-request': 'The body or the query is not what this route takes; `fieldErrors` says where.',
  'unsupported-media-type': 'The body is not declared as JSON.',
  'body-too-large': 'The body is larger than this route takes.',
  'too-much-data':
    'More than TigerBeetle takes in one request: 8,189 events or ids, or a `limit` above 8,189. Nothing was done. Send less at once.',
  'events-refused': 'TigerBeetle refused events of the batch; `tbResults` says which.',
  'database-not-ready': 'The database is still being provisioned. Repeat the same request after `Retry-After` seconds.',
  'database-failed': 'The database could not be provisioned. Remove it and make another.',
  'database-being-removed': 'The database is being removed and takes no more operations.',
  'history-refused': 'Rows are not by the rules of the ledger, or are older than what it has; `errors` says which.',
  'snapshot-unfit': 'The snapshot is of a database that is gone, or its files are damaged.',
  'no-own-ledger': 'The databases are kept in a cluster: only ledgers of this service can be copied and set back.',
  'name-taken': 'The organization has a database with this name, or the caller an API key.',
  'ledger-unavailable':
    'The ledger cannot be read or written, or the cluster does not respond. It is unknown whether the request was carried out: repeat it with the same ids.',
  'storage-unavailable': 'The disk of the service is full, or can not be written. Nothing was changed.',
  'not-signed-in': 'The credential is missing, unknown, or has ended.',
  'scope-missing': 'The credential lacks the scope that the route needs.',
  'key-of-another-database': 'The API key is good for one database only, and this is not it.',
  'sign-in-needed': 'An API key can not manage API keys: sign in, and send the access token.',
  'not-found': 'There is no such route or object.',
  'method-not-allowed': 'The route exists, with other methods: see `Allow`.',
  'internal-error': 'The service failed.',
} as const

export type ProblemKind = keyof typeof PROBLEM_KINDS

/** Where the problem types are named. The part after it is a key of `PROBLEM_KINDS`. */
export const PROBLEM_TYPE_BASE = 'https://parix.io/problems/'

/** Thrown by a route that refuses; `renderFault` alone turns it into a response. */
export class ApiFault extends Error {
  override readonly name = 'ApiFault'

  constructor(
    readonly status: number,
    readonly kind: ProblemKind,
    detail: string,
    readonly more: Pick<Problem, 'errors' | 'fieldErrors' | 'tbResults'> = {},
    readonly headers: Record<string, string> = {},
  ) {
    super(detail)
  }
}

/** 422 whose `fieldErrors` and `errors` say the same, the one by field, the other as sentences. */
export function invalid(detail: string, fieldErrors: Record<string, string[]>): ApiFault {
  const errors = Object.entries(fieldErrors).flatMap(([field, messages]) => messages.map((text) => `${field}: ${text}`))
  return new ApiFault(422, 'invalid-request', detail, {fieldErrors, errors})
}

export function notFound(detail: string): ApiFault {
  return new ApiFault(404, 'not-found', detail)
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  402: 'Payment required',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Not JSON',
  421: 'Misdirected request',
  422: 'Invalid',
  429: 'Too many requests',
  500: 'Internal error',
  502: 'Bad gateway',
  503: 'Not available',
  504: 'No response in time',
}

/**
 * Problem details (RFC 9457). `message` says the same as `detail`: older clients read that.
 */
export function problem(
  status: number,
  detail: string,
  more: Partial<Problem> = {},
  headers: Record<string, string> = {},
): Response {
  const all = {...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store'}
  const body: Problem = {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    message: detail,
    ...more,
  }
  return new Response(stringifyJson(body, 0), {status, headers: all})
}

/** Any error as a response: an `ApiFault` as it says, everything else as a 500 that tells nothing of the inside. */
export function renderFault(error: unknown, requestId: string): Response {
  const fault = error instanceof ApiFault ? error : (storageFault(error) ?? internalError(requestId))
  const more = {type: PROBLEM_TYPE_BASE + fault.kind, instance: `urn:uuid:${requestId}`, ...fault.more}
  return problem(fault.status, fault.message, more, fault.headers)
}

/** The SQL store can't be written or read at the moment: nothing was changed. */
function storageFault(error: unknown): ApiFault | undefined {
  if (!/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN)/.test(String((error as {code?: unknown} | null)?.code))) return undefined
  const detail = "The service's disk is full, or can't be written: nothing was changed."
  return new ApiFault(503, 'storage-unavailable', detail, {}, {'retry-after': '5'})
}

function internalError(requestId: string): ApiFault {
  return new ApiFault(500, 'internal-error', `The service failed. Its log says more, under request ${requestId}.`)
}

/** 401 with the challenge that RFC 6750 §3 asks for: it says `invalid_token` only where there was a credential. */
export function notSignedIn(headers: Headers): ApiFault {
  const given = headers.has('authorization') || headers.has(API_KEY_HEADER)
  const detail = given
    ? 'The credential is unknown, or has ended: sign in again, or send another API key.'
    : 'Sign in, or send an API key: there is no credential in this request.'
  const challenge = `Bearer realm="parix"${given ? ', error="invalid_token"' : ''}`
  return new ApiFault(401, 'not-signed-in', detail, {}, {'www-authenticate': challenge})
}

/** What `requestId` leaves in the context. */
export interface RequestIdVariables {
  requestId: string
}

/** Gives each request an id: it is in the response's `x-request-id`, in a problem's `instance` and in the log. */
export const requestId: MiddlewareHandler<{Variables: RequestIdVariables}> = async (c, next) => {
  const id = randomUUID()
  c.set('requestId', id)
  await next()
  // Answers that a redirect or another server made have headers that can't be changed.
  try {
    c.res.headers.set('x-request-id', id)
  } catch {
    c.res = new Response(c.res.body, c.res)
    c.res.headers.set('x-request-id', id)
  }
}
