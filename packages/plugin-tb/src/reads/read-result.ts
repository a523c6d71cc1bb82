import type {OperationResponse} from '@parix/kit/contract'
import type {Row} from './rows.js'

/** What lookups and queries print with `--json`: the service's own fields; `responsePayload` holds the rows, exact. */
export interface ReadResult extends OperationResponse<Row> {
  /** Of a lookup: ids that the ledger doesn't know. */
  missing?: string[]
  /** Of a query that was cut at its limit: what the next one begins with. */
  next?: {timestamp_min: string} | {timestamp_max: string}
  /** Why there are no rows, where that isn't plain. */
  note?: string
}
