import {API_KEY_HEADER, type Problem} from '@parix/kit/contract'
import {stringifyJson} from '@parix/kit/json'
import {ApiFault, PROBLEM_TYPE_BASE} from './fault.js'

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
  504: 'No answer in time',
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

/** Any error as an answer: an `ApiFault` as it says, everything else as a 500 that tells nothing of the inside. */
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
