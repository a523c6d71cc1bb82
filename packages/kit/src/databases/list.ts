import {type Api, type ApiRequest, type ApiResponse, type Reader, readChecked} from '../api/index.js'
import {readBody} from '../api/shape.js'
import type {DatabaseRow} from '../contract/index.js'
import {isParixError, type ParixError} from '../errors.js'
import {isJsonObject, type Json, type JsonObject} from '../json.js'
import {resolveTarget} from '../origin.js'

/** What of the list of databases is wanted. */
export interface ListQuery {
  search?: string | undefined
  /** The most rows of one page; the service's own number when left out. */
  limit?: number | undefined
}

/** A part of the list: the rows that no page before had. */
export interface ListPage {
  rows: DatabaseRow[]
  /** The body as it came. */
  body: JsonObject
  /**
   * Whether the list ends here: `yes`, the service said so or had no row left; `no`; `unknown`, the service gives the same rows
   * whatever it is asked for, so that there may be more which it does not show.
   */
  ended: 'yes' | 'no' | 'unknown'
}

interface ListOptions {
  read: Reader<DatabaseRow[]>
  /** The least number of rows that may be one page of several, where the service says nothing of further ones; 10 when left out. */
  pageRowsMin?: number
  limits?: Pick<ApiRequest, 'responseTimeoutMs' | 'retries'>
}

/** No organization has more; a service that invents rows without end is left here. */
const ROWS_MAX = 100_000
/** Limits that are asked for in turn: a service may take a page for full that it cut itself. */
const LIMITS = [100, 1000, 10_000, ROWS_MAX]

/**
 * The list of databases, page by page. The contract has no pages, so every way in which a service may say that there is more is
 * understood: `Link: rel="next"`, `next`, a cursor, `hasMore`, a total. Where it says nothing, a page of `pageRowsMin` rows or
 * more is followed by a request for the rows after it, with a higher limit. A page without a new row ends the list, so
 * that it ends whatever the service does.
 *
 * @throws ParixError by the status, UNAVAILABLE for another shape
 */
export async function* databasePages(api: Api, query: ListQuery, options: ListOptions): AsyncGenerator<ListPage> {
  const seen = new Set<string>()
  let mayRaise = query.limit !== undefined
  let request: ApiRequest | undefined = {method: 'GET', target: '/databases', query: {...query}}
  for (let first = true; request !== undefined; first = false) {
    const response: DatabasePage | ParixError = await ask(api, request, options)
    if (isParixError(response)) {
      if (first) throw response
      if (mayRaise) {
        // The limit may be beyond the service's own; the lower one was accepted.
        mayRaise = false
        request = behind(query, query.limit, seen.size)
        continue
      }
      // A service that does not know how to be asked for more has said what it had to say.
      yield {rows: [], body: {}, ended: 'unknown'}
      return
    }
    const rows = response.rows.filter(({id}) => !seen.has(id))
    for (const {id} of rows) seen.add(id)
    const more = moreOf(response, seen.size)
    const ended = endOf(response, {more, fresh: rows.length, count: seen.size, first}, options.pageRowsMin ?? 10)
    yield {rows, body: response.body, ended}
    if (ended !== 'no') return
    const limit = mayRaise ? LIMITS.find((one) => one > seen.size) : query.limit
    request = nextPage(api, query, more) ?? behind(query, limit, seen.size)
  }
}

interface DatabasePage {
  rows: DatabaseRow[]
  body: JsonObject
  headers: ApiResponse['headers']
  url: URL
}

async function ask(api: Api, request: ApiRequest, {read, limits}: ListOptions): Promise<DatabasePage | ParixError> {
  const response = await api.request({...request, headers: {accept: 'application/json'}, ...limits})
  if (response.status < 200 || response.status > 299) {
    const error = api.refusal(response)
    if (error.kind === 'BAD_INPUT') return error
    throw error
  }
  const {headers, url} = response
  return readChecked(response, (json) => ({rows: read(json), body: readBody(json), headers, url}))
}

/** What a page says of further ones: where the next is, that there is one, that there is none; undefined: nothing. */
type More = {href: string} | {parameter: string; cursor: string} | boolean | undefined

function moreOf({body, headers, url}: DatabasePage, count: number): More {
  const linked = /<([^<>]*)>\s*;[^,<]*\brel="?next"?(?![\w-])/i.exec(headers.link ?? '')?.[1]
  if (linked !== undefined && URL.canParse(linked, url.href)) return {href: new URL(linked, url).href}
  const fields = {...partOf(body.pagination), ...partOf(body.meta), ...partOf(body.pageInfo), ...body}
  const flag = boolean(fields.hasMore ?? fields.has_more ?? fields.hasNextPage)
  const place = flag === false ? undefined : placeOf(fields, url)
  if (place !== undefined) return place
  const total = number(fields.total ?? fields.totalCount ?? fields.total_count ?? headers['x-total-count'])
  if (total !== undefined) return total > count
  if (flag !== undefined) return flag
  return CURSORS.some((name) => fields[name] === null || fields[name] === '') ? false : undefined
}

const CURSORS = ['next', 'nextCursor', 'next_cursor', 'endCursor', 'cursor', 'nextPageToken', 'next_page_token']

function placeOf(fields: JsonObject, url: URL): More {
  for (const name of CURSORS) {
    const value = fields[name]
    if (typeof value !== 'string' || value === '') continue
    if (name === 'next' && /^(https?:|\/|\?)/.test(value)) {
      return URL.canParse(value, url.href) ? {href: new URL(value, url).href} : true
    }
    const token = /token/i.test(name)
    return {parameter: token ? (name.includes('_') ? 'page_token' : 'pageToken') : 'cursor', cursor: value}
  }
  return undefined
}

function endOf(
  {rows}: DatabasePage,
  {more, fresh, count, first}: {more: More; fresh: number; count: number; first: boolean},
  pageRowsMin: number,
): ListPage['ended'] {
  if (more === false || rows.length === 0) return 'yes'
  if (fresh === 0 || count >= ROWS_MAX) return 'unknown'
  if (more === undefined && first && rows.length < pageRowsMin) return 'yes'
  return 'no'
}

/** The page that the service names. */
function nextPage(api: Api, query: ListQuery, more: More): ApiRequest | undefined {
  if (typeof more !== 'object') return undefined
  if ('href' in more) {
    // Where a page says it continues is as little to be trusted as a redirect: the rule of origins is asked again.
    return {method: 'GET', target: resolveTarget(api.base, more.href)}
  }
  return {method: 'GET', target: '/databases', query: {...query, [more.parameter]: more.cursor}}
}

/** The rows after the first `offset`, or more rows from the start where a service knows no offset. */
function behind(query: ListQuery, limit: number | undefined, offset: number): ApiRequest {
  return {method: 'GET', target: '/databases', query: {...query, limit, offset}}
}

function partOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function boolean(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

function number(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined
}

/** What a page says of further ones is not true of the whole list. */
export function withoutPaging(body: JsonObject): JsonObject {
  const paging = new Set([...CURSORS, 'hasMore', 'has_more', 'hasNextPage', 'pagination', 'pageInfo'])
  return Object.fromEntries(Object.entries(body).filter(([name]) => !paging.has(name)))
}

/** Whether so many rows may be a page that the service cut, rather than all there are: nobody has just so many. */
export function looksCut(rows: number): boolean {
  return rows >= 20 && (rows % 10 === 0 || rows % 25 === 0)
}
