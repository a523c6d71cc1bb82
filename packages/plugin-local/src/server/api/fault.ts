import type {Problem} from '@parix/kit/contract'

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
  'name-taken': 'The organization has a database with this name.',
  'ledger-unavailable':
    'The ledger can not be read or written, or the cluster does not answer. Whether the request was carried out is not known: repeat it with the same ids.',
  'storage-unavailable': 'The disk of the service is full, or can not be written. Nothing was changed.',
  'not-signed-in': 'The credential is missing, unknown, or has ended.',
  'scope-missing': 'The credential lacks the scope that the route needs.',
  'key-of-another-database': 'The API key is good for one database only, and this is not it.',
  'not-found': 'There is no such route or object.',
  'method-not-allowed': 'The route exists, with other methods: see `Allow`.',
  'internal-error': 'The service failed.',
} as const

export type ProblemKind = keyof typeof PROBLEM_KINDS

/** Where the problem types are named. The part behind it is a key of `PROBLEM_KINDS`. */
export const PROBLEM_TYPE_BASE = 'https://parix.io/problems/'

/** Thrown by a route that refuses; `renderFault` alone turns it into an answer. */
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
