import {PATHS} from '../contract/index.js'
import {ParixError} from '../errors.js'
import {
  CREDENTIAL_HEADERS,
  type Credential,
  type HttpRequest,
  type HttpResponse,
  type HttpStream,
  send,
  sendStreaming,
} from '../http.js'
import {type Json, stringifyExact} from '../json.js'
import {type BaseUrl, serviceUrl} from '../origin.js'
import type {CredentialSource} from '../session/index.js'
import {loginCommand} from '../session/session-errors.js'
import {readChecked} from './json-response.js'
import {problemError} from './problem.js'
import {withRetries} from './retry.js'
import {type Reader, UnexpectedShape} from './shape.js'

export interface ApiOptions {
  base: BaseUrl
  credentials: CredentialSource
  /** `parix/VERSION`. */
  userAgent: string
  /** What a person should know while waiting, such as a retry; goes to stderr. */
  say: (text: string) => void
  /** One line per request for `--debug`: method, path, status, milliseconds in all and in parts; never a credential. */
  debug?: (text: string) => void
  /** Called before a request with what is waited for; its result is called when the wait is over. */
  waiting?: (text: string) => () => void
}

export interface ApiRequest {
  method: string
  /** Under `/api/v1`, beginning with `/`; or a whole URL of the base's origin (`resolveTarget`). */
  target: string | URL
  query?: Record<string, string | number | boolean | undefined>
  /** One of `authorization`, `x-api-key` and `cookie` takes the place of the credential. */
  headers?: Record<string, string>
  /** Sent as it is, byte for byte. */
  body?: string | Uint8Array
  /** Whether it may be sent again after a fault: GET and HEAD unless said otherwise, others only if `true`. */
  idempotent?: boolean
  /** `none`: sent once, except after a 401; for those who have a policy of their own. */
  retries?: 'none'
  responseTimeoutMs?: number
  responseBytesMax?: number
  /** Where a large response is put; see `HttpRequest`. */
  responseMemory?: (bytes: number) => Buffer
  signal?: AbortSignal
  /** Called when the whole request is with the operating system: work that keeps the processor busy delays it no longer. */
  onSent?: () => void
  /** The last byte of the body is held back until then; see `HttpRequest`. */
  lastByteAfter?: Promise<void>
}

export type ApiResponse = HttpResponse
export type ApiStream = HttpStream

export interface Api {
  readonly base: BaseUrl
  /**
   * The JSON of a response that is 2xx, as `read` gives it; numbers beyond 2^53 arrive as bigint.
   *
   * @throws ParixError by the status, or UNAVAILABLE when `read` finds a shape other than the contract's
   */
  json<T>(request: ApiRequest, read: Reader<T>): Promise<T>
  /** Without `read`, any JSON but null: then `T` is what the caller hopes for, and nothing checks it. */
  get<T>(path: string, query?: ApiRequest['query'], read?: Reader<T>): Promise<T>
  /** `body` is written by `stringifyExact`. Without `read`, any JSON; null for an empty body. */
  post<T>(path: string, body: unknown, options?: WriteOptions<T>): Promise<T>
  put<T>(path: string, body: unknown, options?: WriteOptions<T>): Promise<T>
  patch<T>(path: string, body: unknown, options?: WriteOptions<T>): Promise<T>
  delete<T>(path: string, options?: Omit<WriteOptions<T>, 'idempotent'>): Promise<T>
  /** The response as it came, whatever its status; a 401 has been followed by one refresh and one retry. @throws TransportError */
  request(request: ApiRequest): Promise<ApiResponse>
  /** As `request`, without a limit on its size, and with its bytes as they were sent. */
  stream(request: ApiRequest): Promise<ApiStream>
  /** What a response of `request` that isn't 2xx means: `problemError`, and for a refused credential, which one it was. */
  refusal(response: ApiResponse): ParixError
}

export interface WriteOptions<T> {
  /** A lookup, which may be sent again. */
  idempotent?: boolean
  signal?: AbortSignal
  read?: Reader<T>
}

/** Most responses are small; 10,000 rows of the list of databases are about 3 MiB. */
const RESPONSE_BYTES_MAX = 4 * 1024 * 1024
/** For `responseBytesMax`: a page of 8,190 transfers is about 5 MiB, and a service may repeat the request in its response. */
export const PAGE_BYTES_MAX = 32 * 1024 * 1024

export function createApi(options: ApiOptions): Api {
  const {base, waiting = () => () => {}} = options
  const whileWaiting = async <T>(work: () => Promise<T>): Promise<T> => {
    const done = waiting(`Waiting for ${base.url.host} …`)
    try {
      return await work()
    } finally {
      done()
    }
  }
  const request = (wanted: ApiRequest) => whileWaiting(() => exchangeSignedIn(options, wanted, send))
  const refusal = (response: ApiResponse) => refusalError(response, options.credentials, base)
  const json = async <T>(wanted: ApiRequest, read: Reader<T>): Promise<T> => {
    const response = await request({...wanted, headers: {accept: 'application/json', ...wanted.headers}})
    if (response.status < 200 || response.status > 299) throw refusal(response)
    return readChecked(response, read)
  }
  const write =
    (method: string) =>
    <T>(path: string, body: unknown, {read = anyJson, ...extra}: WriteOptions<T> = {}) => {
      const headers = {'content-type': 'application/json'}
      return json({method, target: path, body: stringifyExact(body), headers, ...extra}, read)
    }
  return {
    base,
    json,
    get: (path, query, read = notNull) => json({method: 'GET', target: path, ...(query && {query})}, read),
    post: write('POST'),
    put: write('PUT'),
    patch: write('PATCH'),
    delete: (path, {read = anyJson, ...extra} = {}) => json({method: 'DELETE', target: path, ...extra}, read),
    request,
    stream: (wanted) => whileWaiting(() => exchangeSignedIn(options, wanted, sendStreaming)),
    refusal,
  }
}

function anyJson<T>(body: Json): T {
  return body as T
}

function notNull<T>(body: Json): T {
  if (body === null) throw new UnexpectedShape('it is empty')
  return body as T
}

type Send<Reply> = (request: HttpRequest) => Promise<Reply>
type Answered = Pick<HttpResponse, 'status' | 'headers' | 'phases'>

/** One forced refresh and one retry after a 401: it was not processed, so that is safe for writes too (threats 5.16, 5.19). */
async function exchangeSignedIn<Reply extends Answered>(
  options: ApiOptions,
  wanted: ApiRequest,
  transport: Send<Reply>,
): Promise<Reply> {
  const {own, headers} = splitHeaders(wanted.headers ?? {})
  const plain = {...wanted, headers}
  if (Object.keys(own).length > 0) {
    return sendWanted(options, plain, {kind: 'own', headers: own, issuer: options.base.url}, transport)
  }
  const credential = await options.credentials.current()
  const response = await sendWanted(options, plain, credential, transport)
  if (response.status !== 401) return response
  const other = await options.credentials.afterRefusal(credential)
  if (other === undefined) return response
  await discard(response)
  return sendWanted(options, plain, other, transport)
}

function sendWanted<Reply extends Answered>(
  options: ApiOptions,
  wanted: ApiRequest,
  credential: Credential,
  transport: Send<Reply>,
): Promise<Reply> {
  const {method, responseMemory, signal, onSent, lastByteAfter} = wanted
  const url = targetUrl(options.base, wanted)
  const request: HttpRequest = {
    method,
    url,
    credential,
    headers: {'user-agent': options.userAgent, ...wanted.headers},
    redirects: 'same-origin-get',
    responseBytesMax: wanted.responseBytesMax ?? RESPONSE_BYTES_MAX,
    ...(wanted.body !== undefined && {body: wanted.body}),
    ...(wanted.responseTimeoutMs !== undefined && {responseTimeoutMs: wanted.responseTimeoutMs}),
    ...(responseMemory && {responseMemory}),
    ...(signal && {signal}),
    ...(onSent && {onSent}),
    ...(lastByteAfter && {lastByteAfter}),
  }
  const once = () => withDebug(options, request, transport(request))
  if (wanted.retries === 'none') return once()
  return withRetries(once, {
    idempotent: wanted.idempotent ?? (method === 'GET' || method === 'HEAD'),
    signal,
    onRetry: (reason, waitMs) =>
      options.say(`${reason.replace(/\.$/, '')}: trying again in ${Math.max(1, Math.round(waitMs / 1000))} s …`),
  })
}

/** The user's own credential is sent alone, not beside ours (threats 3.10). */
function splitHeaders(all: Record<string, string>): {own: Record<string, string>; headers: Record<string, string>} {
  const own: Record<string, string> = {}
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(all)) {
    if (CREDENTIAL_HEADERS.includes(name.toLowerCase())) own[name.toLowerCase()] = value
    else headers[name.toLowerCase()] = value
  }
  return {own, headers}
}

function targetUrl(base: BaseUrl, {target, query = {}}: ApiRequest): URL {
  const url = typeof target === 'string' ? serviceUrl(base, PATHS.api + target) : new URL(target)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.append(name, String(value))
  }
  return url
}

async function withDebug<Reply extends Answered>(
  {debug}: ApiOptions,
  {method, url, lastByteAfter}: HttpRequest,
  sent: Promise<Reply>,
): Promise<Reply> {
  let started = performance.now()
  const atLastByte = () => {
    started = performance.now()
  }
  lastByteAfter?.then(atLastByte, atLastByte)
  // The query is left out: names and filters of a ledger are nobody's business in a log.
  const line = (end: string, phases = '') =>
    debug?.(`${method} ${url.pathname} → ${end} (${Math.round(performance.now() - started)} ms${phases})`)
  try {
    const response = await sent
    line(String(response.status), phasesText(response.phases))
    return response
  } catch (error) {
    line(error instanceof ParixError ? error.code : 'failed')
    throw error
  }
}

/** `: dns 2, tcp 10, tls 24, first byte 80`. */
function phasesText(phases: HttpResponse['phases'] = {}): string {
  const {dns, tcp, tls, firstByte} = phases
  const parts = Object.entries({dns, tcp, tls, 'first byte': firstByte})
    .filter(([, milliseconds]) => milliseconds !== undefined)
    .map(([name, milliseconds]) => `${name} ${Math.round(milliseconds!)}`)
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`
}

/** A stream that nobody reads keeps its connection. */
async function discard(response: Answered & {body?: unknown}): Promise<void> {
  const body = response.body as AsyncIterable<Buffer> | Buffer
  if (Buffer.isBuffer(body)) return
  for await (const _ of body) break
}

/** What the table says, and for a refused credential, which one it was. */
function refusalError(response: ApiResponse, {kind}: CredentialSource, base: BaseUrl): ParixError {
  const error = problemError(response)
  if (error.kind !== 'CREDENTIAL_REFUSED') return error
  const what = kind === 'apiKey' ? 'the key in PARIX_API_KEY' : 'your session'
  return new ParixError('CREDENTIAL_REFUSED', `${base.url.origin} refuses ${what}: ${error.message}`, {
    ...error.details,
    ...(kind === 'apiKey'
      ? {hint: `Create a new key at ${serviceUrl(base, PATHS.apiKeys).href}, or unset PARIX_API_KEY.`}
      : {next: loginCommand(base.url.href)}),
  })
}
