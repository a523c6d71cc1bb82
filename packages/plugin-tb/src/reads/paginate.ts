import type {Api, ApiResponse} from '@parix/kit/api'
import type {Operation} from '@parix/kit/contract'
import {isParixError, ParixError} from '@parix/kit/errors'
import {TIMESTAMP_MAX} from '@parix/ledger/schema'
import type {FilterKind} from '../input/filter.js'
import {hasFlag} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireObject} from '../records/wire.js'
import {type Page, ParsedPage, scanPage} from './page.js'
import {ROWS, readEnvelope, requestRows} from './query.js'
import {normalRows} from './rows.js'

/** A query that may match more rows than one response holds. */
export interface PagedRead {
  api: Api
  databaseId: string
  operation: Operation
  kind: FilterKind
  /** Its limit is the size of a page. */
  filter: LedgerRecord
}

/**
 * Every page of a query, until one isn't full. Timestamps are unique, so the next page begins right behind the last row:
 * none is left out, none comes twice, whatever is written meanwhile. While a page is worked on the next one is under way,
 * and no more than these two are held. What the service calls too large is asked for in halves.
 *
 * @param columns the fields that will be asked of the pages
 * @throws ParixError by the response; UNAVAILABLE where a page does not go on behind the one before
 */
export async function* paginate(read: PagedRead, columns: readonly string[] = []): AsyncGenerator<Page> {
  const reversed = hasFlag(read.kind, read.filter.flags, 'reversed')
  const withTimestamp = columns.includes('timestamp') ? columns : [...columns, 'timestamp']
  const leaving = new AbortController()
  const request = (filter: LedgerRecord) => {
    const page = readPage(read, filter, withTimestamp, leaving.signal)
    // It is awaited later, or never, where the reader has seen enough.
    page.catch(() => {})
    return page
  }
  try {
    let coming: Promise<FilteredPage> | undefined = request(read.filter)
    while (coming !== undefined) {
      const {page, filter}: FilteredPage = await coming
      coming = undefined
      if (page.count > 0 && BigInt(page.count) >= filter.limit!) {
        const next = nextPage(filter, page.bigint(page.count - 1, 'timestamp'), reversed)
        coming = next && request(next)
      }
      yield page
    }
  } finally {
    leaving.abort()
  }
}

interface FilteredPage {
  page: Page
  /** With the limit that the service accepted. */
  filter: LedgerRecord
}

async function readPage(
  {api, databaseId, operation, kind}: PagedRead,
  filter: LedgerRecord,
  columns: readonly string[],
  signal: AbortSignal,
): Promise<FilteredPage> {
  try {
    const response = await requestRows(api, databaseId, operation, wireObject(kind, filter), signal)
    return {page: pageOf(response, databaseId, operation, columns), filter}
  } catch (error) {
    if (!isTooLarge(error) || filter.limit! <= 1n) throw error
    const half = {...filter, limit: (filter.limit! + 1n) / 2n}
    return readPage({api, databaseId, operation, kind, filter}, half, columns, signal)
  }
}

function isTooLarge(error: unknown): boolean {
  return isParixError(error) && (error.details.status === 413 || error.code === 'answer_too_big')
}

const ROWS_KEY = '"responsePayload":'

/** The rows by the quick scanner where they are written as expected; the exact parser reads all else. */
function pageOf(response: ApiResponse, databaseId: string, operation: Operation, columns: readonly string[]): Page {
  const {body} = response
  const key = body.indexOf(ROWS_KEY)
  const kind = ROWS[operation]!
  if (key !== -1) {
    const start = key + ROWS_KEY.length
    const scanned = scanPage(kind, body, start, columns)
    const rest = scanned && Buffer.concat([body.subarray(0, start), Buffer.from('[]'), body.subarray(scanned.end)])
    const envelope = rest && tryEnvelope({...response, body: rest}, databaseId, operation)
    if (scanned && Array.isArray(envelope?.responsePayload) && envelope.responsePayload.length === 0)
      return scanned.page
  }
  const {responsePayload} = readEnvelope(response, databaseId, operation)
  return new ParsedPage(normalRows(kind, responsePayload))
}

function tryEnvelope(response: ApiResponse, databaseId: string, operation: Operation) {
  try {
    return readEnvelope(response, databaseId, operation)
  } catch {
    return undefined
  }
}

/**
 * The filter of the page behind `timestamp`; undefined where the range ends with it.
 *
 * @throws ParixError UNAVAILABLE where the page ended before the range that was asked for: it would be read for ever
 */
export function nextPage(filter: LedgerRecord, timestamp: bigint, reversed: boolean): LedgerRecord | undefined {
  const {timestamp_min: min = 0n, timestamp_max: max = 0n} = filter
  if (timestamp < min || (max !== 0n && timestamp > max)) {
    throw new ParixError(
      'FAILED',
      `The service returned rows outside the time range that was asked for (${timestamp}).`,
      {
        code: 'unreadable_answer',
      },
    )
  }
  if (reversed) {
    const before = timestamp - 1n
    return before < 1n || before < min ? undefined : {...filter, timestamp_max: before}
  }
  const after = timestamp + 1n
  return after > TIMESTAMP_MAX || (max !== 0n && after > max) ? undefined : {...filter, timestamp_min: after}
}
