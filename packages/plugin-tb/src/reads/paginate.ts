import type {Api, ApiRequest, ApiResponse} from '@parix/kit/api'
import type {Operation} from '@parix/kit/contract'
import {deferred} from '@parix/kit/deferred'
import {isParixError, ParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {TIMESTAMP_MAX} from '@parix/ledger/schema'
import type {FilterKind} from '../input/filter.js'
import {hasFlag} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireObject} from '../records/wire.js'
import {lookUpAccount} from './lookup.js'
import {type Page, ParsedPage} from './page.js'
import {ROWS, readEnvelope, readRows, requestRows} from './query.js'
import {normalRows, numberIn, type ReadResult} from './rows.js'
import {PageScanner} from './scan-page.js'

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
 * Every page of a query, until one isn't full. Timestamps are unique, so the next page begins right after the last row:
 * none is left out, none comes twice, whatever is written meanwhile. While a page is worked on the next one is under way,
 * and no more than these two are held: of a large page its end says what to ask for next, before its rows are read. What
 * the service calls too large is asked for in halves.
 *
 * @param columns the fields that will be asked of the pages
 * @returns each page, and the bytes that it gave, are to be read before the next is asked for: then their memory is used again
 * @throws ParixError by the response; UNAVAILABLE where a page does not go on after the one before
 */
export async function* paginate(read: PagedRead, columns: readonly string[] = []): AsyncGenerator<Page> {
  const reversed = hasFlag(read.kind, read.filter.flags, 'reversed')
  const withTimestamp = columns.includes('timestamp') ? columns : [...columns, 'timestamp']
  const scanner = new PageScanner(ROWS[read.operation]!, withTimestamp)
  const memory = new PageMemory()
  const leaving = new AbortController()
  const askFor = (filter: LedgerRecord) => ask(read, filter, memory, leaving.signal)
  try {
    let asked: Asked | undefined = askFor(read.filter)
    while (asked !== undefined) {
      const {response, filter}: Answered = await asked.answered
      const guess = guessNext(response.body, filter, reversed)
      asked = guess && askFor(guess)
      await asked?.sent
      const page = pageOf(response, read, scanner)
      const isFull: boolean = page.count > 0 && BigInt(page.count) >= filter.limit!
      const next: LedgerRecord | undefined = isFull
        ? nextPage(filter, page.bigint(page.count - 1, 'timestamp'), reversed)
        : undefined
      if (guess === undefined || next === undefined || !isSameRange(guess, next)) {
        asked = next && askFor(next)
        await asked?.sent
      }
      yield page
      memory.give(response.body)
    }
  } finally {
    leaving.abort()
  }
}

interface Answered {
  response: ApiResponse
  /** With the limit that the service accepted. */
  filter: LedgerRecord
}

/** A page that is under way. */
interface Asked {
  answered: Promise<Answered>
  /** When the request has left, or there will be none: before that, work on another page would hold it back. */
  sent: Promise<void>
}

function ask(read: PagedRead, filter: LedgerRecord, memory: PageMemory, signal: AbortSignal): Asked {
  const left = deferred()
  const answered = requestPage(read, filter, {
    responseMemory: (bytes) => memory.take(bytes),
    signal,
    onSent: left.resolve,
  })
  // It is awaited later, or never, where the reader has seen enough.
  const settled = answered.then(
    () => {},
    () => {},
  )
  return {answered, sent: Promise.race([left.promise, settled])}
}

async function requestPage(
  read: PagedRead,
  filter: LedgerRecord,
  how: Pick<ApiRequest, 'responseMemory' | 'signal' | 'onSent'>,
): Promise<Answered> {
  const {api, databaseId, operation, kind} = read
  try {
    const response = await requestRows(api, databaseId, operation, wireObject(kind, filter), how)
    return {response, filter}
  } catch (error) {
    if (!isTooLarge(error) || filter.limit! <= 1n) throw error
    return requestPage(read, {...filter, limit: (filter.limit! + 1n) / 2n}, how)
  }
}

/**
 * Memory of pages that have been read, for those to come: two megabytes of new memory for each are what the garbage collector
 * would be busy with most.
 */
class PageMemory {
  #free: Buffer[] = []

  take(bytes: number): Buffer {
    const fit = this.#free.findIndex(({length}) => length >= bytes)
    // Pages differ by a few digits.
    return fit === -1 ? Buffer.allocUnsafe(bytes + (bytes >>> 4)) : this.#free.splice(fit, 1)[0]!
  }

  /** @param body of which nothing is read any more */
  give(body: Buffer): void {
    // Smaller ones share their memory with others.
    if (body.length >= PAGE_BYTES_MIN)
      this.#free = [Buffer.from(body.buffer, body.byteOffset), ...this.#free.slice(0, 1)]
  }
}

const PAGE_BYTES_MIN = 1 << 16

/** Finding the rows of a smaller page takes no time. */
const GUESS_BYTES_MIN = 1 << 18
const LAST_TIMESTAMP = '"timestamp":"'

/**
 * The filter after a page as its bytes suggest: it is about as long as if it were full, and its last timestamp is the last in it. The
 * rows, when they are read, confirm it or not.
 */
function guessNext(body: Buffer, filter: LedgerRecord, reversed: boolean): LedgerRecord | undefined {
  if (body.length < GUESS_BYTES_MIN) return undefined
  const start = body.indexOf(ROWS_KEY) + ROWS_KEY.length
  const last = body.lastIndexOf(LAST_TIMESTAMP)
  const full = Number(filter.limit) * (body.indexOf('}', start) - start)
  if (Math.abs(last - start - full) > full / 4) return undefined
  const digits = /^\d{1,19}(?=")/.exec(body.toString('latin1', last + LAST_TIMESTAMP.length, last + 40))?.[0]
  const timestamp = BigInt(digits ?? 0)
  return timestamp === 0n || isOutside(filter, timestamp) ? undefined : nextPage(filter, timestamp, reversed)
}

function isSameRange(one: LedgerRecord, other: LedgerRecord): boolean {
  return one.timestamp_min === other.timestamp_min && one.timestamp_max === other.timestamp_max
}

function isTooLarge(error: unknown): boolean {
  return isParixError(error) && (error.details.status === 413 || error.code === 'answer_too_big')
}

const ROWS_KEY = '"responsePayload":'

/** The rows by the quick scanner where they are written as expected; the exact parser reads all else. */
function pageOf(response: ApiResponse, {databaseId, operation}: PagedRead, scanner: PageScanner): Page {
  const {body} = response
  const key = body.indexOf(ROWS_KEY)
  if (key !== -1) {
    const start = key + ROWS_KEY.length
    const scanned = scanner.scan(body, start)
    const rest = scanned && Buffer.concat([body.subarray(0, start), Buffer.from('[]'), body.subarray(scanned.end)])
    const envelope = rest && tryEnvelope({...response, body: rest}, databaseId, operation)
    if (scanned && Array.isArray(envelope?.responsePayload) && envelope.responsePayload.length === 0)
      return scanned.page
  }
  const {responsePayload} = readEnvelope(response, databaseId, operation)
  return new ParsedPage(normalRows(ROWS[operation]!, responsePayload))
}

function tryEnvelope(response: ApiResponse, databaseId: string, operation: Operation) {
  try {
    return readEnvelope(response, databaseId, operation)
  } catch {
    return undefined
  }
}

/**
 * The filter of the page after `timestamp`; undefined where the range ends with it.
 *
 * @throws ParixError UNAVAILABLE where the page ended before the range that was asked for: it would be read for ever
 */
export function nextPage(filter: LedgerRecord, timestamp: bigint, reversed: boolean): LedgerRecord | undefined {
  const {timestamp_min: min = 0n, timestamp_max: max = 0n} = filter
  if (isOutside(filter, timestamp)) {
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

function isOutside({timestamp_min: min = 0n, timestamp_max: max = 0n}: LedgerRecord, timestamp: bigint): boolean {
  return timestamp < min || (max !== 0n && timestamp > max)
}

/** One page, where the next one would begin, and for balances why there are none. */
export async function readOnce(read: PagedRead, databaseName: string): Promise<ReadResult> {
  const {api, databaseId, operation, kind, filter} = read
  const response: ReadResult = await readRows(api, databaseId, operation, wireObject(kind, filter))
  const rows = response.responsePayload
  const reversed = hasFlag(kind, filter.flags, 'reversed')
  const page =
    rows.length === 0 || BigInt(rows.length) < filter.limit!
      ? undefined
      : nextPage(filter, numberIn(rows.at(-1)!, 'timestamp'), reversed)
  if (page) {
    response.next = reversed ? {timestamp_max: String(page.timestamp_max)} : {timestamp_min: String(page.timestamp_min)}
  }
  if (rows.length === 0 && kind === 'account_filter') {
    const note = await whyEmpty(read, databaseName)
    if (note !== undefined) response.note = note
  }
  return response
}

/**
 * Why an account filter found nothing: TigerBeetle returns no rows for an account that does not exist, or that keeps no
 * history, as it does for one without transfers.
 *
 * @returns a sentence, or undefined where there are simply no transfers
 * @throws ParixError NOT_FOUND when there is no such account
 */
export async function whyEmpty(
  {api, databaseId, operation, filter}: PagedRead,
  name: string,
): Promise<string | undefined> {
  const id = filter.account_id!
  const account = await lookUpAccount(api, databaseId, name, id)
  if (operation !== 'get_account_balances' || hasFlag('account', numberIn(account, 'flags'), 'history'))
    return undefined
  return `Account ${id} was created without the flag history, so the ledger keeps no balance for each of its transfers. Its balance now: ${renderCommand(nextCommand('tb balance', {args: [name, String(id)]}), api.base)}`
}
