import type {Api, ApiStream} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import {isJsonObject, type Json, type JsonObject, parseJson, stringifyExact} from '@parix/kit/json'
import {resolveTarget} from '@parix/kit/origin'
import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import type {WrittenRequest} from './request.js'
import {beginning, collect, textOf} from './response.js'
import {isLedgerQuery} from './target.js'

/** One page: the body as the service wrote it, and the rows in it. */
export interface Page {
  body: string
  rows: Json[]
}

/**
 * Every page of a response. Queries of the ledger page by their filter's timestamps, which are unique, so that nothing is
 * missed and nothing comes twice. Lists page by a `Link: <…>; rel="next"` header or a `next` address in the body.
 *
 * @throws ParixError USAGE for what can't page; FAILED when the response says that there is more in a way we can't follow
 */
export async function* pages(api: Api, first: WrittenRequest): AsyncGenerator<Page> {
  const asked = new Set<string>()
  let count = Number(first.target.searchParams.get('offset') ?? 0)
  let before = ''
  for (let request: WrittenRequest | undefined = first; request !== undefined; ) {
    const key = `${request.target.href} ${String(request.body ?? '')}`
    if (asked.has(key))
      throw new ParixError('FAILED', 'The service names a page as its own next page.', {code: 'page_loop'})
    asked.add(key)
    const response = await api.stream(request)
    if (response.status < 200 || response.status > 299)
      throw api.refusal({...response, body: await beginning(response.body)})
    const body = await collect(response.body, '--paginate')
    const text = textOf(body)
    if (request !== first && text === before) throw samePage(request.target)
    before = text
    const document = parsePage(text)
    const rows = rowsOf(document)
    yield {body: text, rows}
    count += rows.length
    request = isLedgerQuery(request.target)
      ? nextQuery(request, rows)
      : (nextInList(api, request, response, document) ?? behind(request, rows, totalOf(response, document), count))
  }
}

/** @throws ParixError USAGE */
export function assertPages(request: WrittenRequest): void {
  if (request.method === 'GET') return
  if (request.method === 'POST' && isLedgerQuery(request.target)) {
    if (isJsonObject(parseJson(String(request.body ?? 'null')))) return
    throw new ParixError('USAGE', '--paginate needs a filter object as the body.')
  }
  throw new ParixError('USAGE', '--paginate is for GET, and for the query operations of a database.')
}

function parsePage(text: string): Json {
  try {
    return parseJson(text)
  } catch (error) {
    throw new ParixError('FAILED', 'The service responded with something other than JSON.', {
      code: 'not_json',
      cause: error,
    })
  }
}

/** `responsePayload` of an operation, the body itself if it is a list, else the one list in it. */
function rowsOf(document: Json): Json[] {
  if (Array.isArray(document)) return document
  if (!isJsonObject(document)) return [document]
  if (Array.isArray(document.responsePayload)) return document.responsePayload
  const lists = Object.values(document).filter((value) => Array.isArray(value))
  return lists.length === 1 ? lists[0]! : [document]
}

/** The filter of the next page: from the last row's timestamp on, or down from it when the filter is reversed. */
function nextQuery(request: WrittenRequest, rows: Json[]): WrittenRequest | undefined {
  const filter = parseJson(String(request.body)) as JsonObject
  const limit = typeof filter.limit === 'number' || typeof filter.limit === 'string' ? Number(filter.limit) : undefined
  const last = rows.at(-1)
  // A page of a bounded size may be short of a larger limit, and then says nothing of the end.
  if (last === undefined || (limit !== undefined && limit <= BATCH_EVENTS_MAX && rows.length < limit)) return undefined
  if (!isJsonObject(last) || !/^\d+$/.test(String(last.timestamp))) {
    throw new ParixError('FAILED', 'The last row has no timestamp, so there is no way to ask for the next page.')
  }
  const at = BigInt(String(last.timestamp))
  const reversedBit = /\/tb\/get_[a-z_]+$/.test(request.target.pathname) ? 4 : 1
  const bounds =
    (Number(filter.flags ?? 0) & reversedBit) !== 0
      ? {timestamp_max: String(at - 1n)}
      : {timestamp_min: String(at + 1n)}
  const next = {...filter, ...bounds}
  const max = BigInt(String(next.timestamp_max ?? 0))
  // TigerBeetle answers an empty range with nothing, and takes a maximum of 0 for 'no maximum'.
  if (bounds.timestamp_max === '0' || (max > 0n && BigInt(String(next.timestamp_min ?? 0)) > max)) return undefined
  return {...request, body: stringifyExact(next)}
}

function nextInList(
  api: Api,
  request: WrittenRequest,
  response: ApiStream,
  document: Json,
): WrittenRequest | undefined {
  const inBody = isJsonObject(document) ? document.next : undefined
  const linked = /<([^<>]*)>\s*;[^,<]*\brel="?next"?(?![\w-])/i.exec(response.headers.link ?? '')?.[1]
  const next = linked ?? (typeof inBody === 'string' && /^(https?:|\/|\?)/.test(inBody) ? inBody : undefined)
  if (next !== undefined) {
    // Where a page says it continues is as little to be trusted as a redirect: the rule of origins is asked again.
    const href = URL.canParse(next, response.url.href) ? new URL(next, response.url.href).href : next
    return {...request, target: resolveTarget(api.base, href)}
  }
  const unknown = isJsonObject(document) ? unknownMore(document) : undefined
  if (unknown !== undefined) {
    throw new ParixError(
      'FAILED',
      `There are more pages, but ${JSON.stringify(unknown)} is not an address to request next.`,
      {
        code: 'unknown_paging',
        next: 'Ask for them by hand, as the documentation of the route says.',
      },
    )
  }
  return undefined
}

/** It would be taken for further rows. */
function samePage({pathname}: URL): ParixError {
  return new ParixError(
    'FAILED',
    `The service gives the same page again when it is asked for the next (${pathname}).`,
    {
      code: 'page_loop',
    },
  )
}

/** How many rows there are in all, where the service says so. */
function totalOf({headers}: ApiStream, document: Json): number | undefined {
  const total = (isJsonObject(document) ? document.total : undefined) ?? headers['x-total-count']
  return /^\d{1,9}$/.test(String(total)) ? Number(total) : undefined
}

/** The rows after the first `count`, while there are more and the last page had some. */
function behind(
  request: WrittenRequest,
  rows: Json[],
  total: number | undefined,
  count: number,
): WrittenRequest | undefined {
  if (total === undefined || rows.length === 0 || count >= total) return undefined
  const target = new URL(request.target)
  target.searchParams.set('offset', String(count))
  return {...request, target}
}

function unknownMore(document: JsonObject): string | undefined {
  return ['next', 'nextCursor', 'next_cursor', 'nextPageToken', 'hasMore', 'has_more'].find((key) => {
    const value = document[key]
    return value === true || (typeof value === 'string' && value !== '')
  })
}
