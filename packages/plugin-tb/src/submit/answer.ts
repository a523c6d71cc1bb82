import type {Envelope} from '../results/envelope.js'

/** One row a created event, in order. */
export interface CreatedRow {
  index: number
  id: string
  /** `created`, `exists` (there before, with the same contents), or `stored`: one of both, the service did not say which. */
  result: string
  /** Nanoseconds since 1970. */
  timestamp?: string
}

/** What the creating commands print with `--json`: the service's own fields, and these. */
export interface CreateAnswer extends Envelope {
  ok: true
  operation: string
  databaseId: string
  databaseName: string
  responsePayload: (CreatedRow & Envelope)[]
  /** The most attempts that a request took. */
  attempts: number
  /** Whether an earlier attempt than the one that was answered may have made it. */
  retried: boolean
}
