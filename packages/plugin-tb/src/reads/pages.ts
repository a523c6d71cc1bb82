import type {Api} from '@parix/kit/api'
import type {Operation} from '@parix/kit/contract'
import type {FilterKind} from '../input/filter.js'
import {hasFlag} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'
import {TIMESTAMP_MAX} from '../records/times.js'
import {wireObject} from '../records/wire.js'
import {readRows} from './operate.js'
import {numberIn, type Row} from './rows.js'

/** A reading that pages. */
export interface PagedRead {
  api: Api
  databaseId: string
  operation: Operation
  kind: FilterKind
  /** Its limit is the size of a page. */
  filter: LedgerRecord
}

/**
 * Every page of a filter, until one isn't full. Timestamps are unique, so the next page begins right behind the last row:
 * none is left out, none comes twice, whatever is written meanwhile.
 */
export async function* readPages({api, databaseId, operation, kind, filter}: PagedRead): AsyncGenerator<Row[]> {
  const reversed = hasFlag(kind, filter.flags, 'reversed')
  for (let page: LedgerRecord | undefined = filter; page !== undefined; ) {
    const {responsePayload: rows} = await readRows(api, databaseId, operation, wireObject(kind, page))
    yield rows
    page = BigInt(rows.length) < filter.limit! ? undefined : nextPage(page, rows, reversed)
  }
}

/** Undefined where the range ends with the last row. */
export function nextPage(filter: LedgerRecord, rows: readonly Row[], reversed: boolean): LedgerRecord | undefined {
  const last = rows.at(-1)
  if (last === undefined) return undefined
  const timestamp = numberIn(last, 'timestamp')
  if (reversed) {
    const max = timestamp - 1n
    return max < 1n || max < (filter.timestamp_min ?? 0n) ? undefined : {...filter, timestamp_max: max}
  }
  const min = timestamp + 1n
  const max = filter.timestamp_max ?? 0n
  return min > TIMESTAMP_MAX || (max !== 0n && min > max) ? undefined : {...filter, timestamp_min: min}
}
