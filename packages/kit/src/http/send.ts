import {ParixError} from '../errors.js'
import {sameOrigin} from '../origin.js'
import {CREDENTIAL_HEADERS, type Credential, credentialHeaders} from './credential.js'
import {type Exchange, exchange} from './exchange.js'
import {TransportError} from './transport-error.js'

/**
 * The one door to the network. Every credential goes through `credentialHeaders`, which asks where it may travel; every
 * wait has an end; redirects never lead to another origin.
 */
export interface HttpRequest {
  method: string
  url: URL
  /** Names in lower case. Headers that carry credentials are refused here: they come by `credential`. */
  headers?: Record<string, string>
  body?: string | Uint8Array
  credential?: Credential
  /** Until the connection (with TLS and proxy) stands; 10 s when left out. */
  connectTimeoutMs?: number
  /** `send`: from then until the whole answer is here. `sendStreaming`: until its head, then between two chunks. 30 s. */
  answerTimeoutMs?: number
  /** 4 MiB when left out; not applied when streaming. */
  answerBytesMax?: number
  signal?: AbortSignal
  /** `none`: a 3xx is an answer like any other. `same-origin-get`: GET and HEAD follow, at most 5; others throw. */
  redirects?: 'none' | 'same-origin-get'
}

export interface HttpAnswer {
  status: number
  /** Names in lower case; repeated headers joined by `, `. */
  headers: Record<string, string>
  body: Buffer
  /** Where the answer came from, after redirects. */
  url: URL
}

export interface HttpStream {
  status: number
  headers: Record<string, string>
  url: URL
  /** To be read once; leaving the loop early closes the connection. @throws TransportError while reading */
  body: AsyncIterable<Buffer>
}

const CONNECT_TIMEOUT_MS = 10_000
const ANSWER_TIMEOUT_MS = 30_000
const ANSWER_BYTES_MAX = 4 * 1024 * 1024
const REDIRECTS_MAX = 5

/**
 * One request and its whole answer, bounded in time and size.
 *
 * @throws TransportError, ParixError NOT_SENT (credential to another origin), ParixError FAILED (a redirect that isn't followed)
 */
export async function send(request: HttpRequest): Promise<HttpAnswer> {
  const {url, answering} = await follow(request)
  const body = await readWhole(answering, url, request.answerBytesMax ?? ANSWER_BYTES_MAX)
  return {...head(answering, url), body}
}

/** As `send`, for answers of any size: `parix api`. */
export async function sendStreaming(request: HttpRequest): Promise<HttpStream> {
  const {url, answering} = await follow(request)
  answering.stillComing()
  return {...head(answering, url), body: readChunks(answering)}
}

/** Follows redirects as the request allows. threats 3.5–3.8. */
async function follow(request: HttpRequest): Promise<{url: URL; answering: Exchange}> {
  let url = request.url
  for (let redirects = 0; ; redirects++) {
    const answering = await once(request, url)
    const target = request.redirects === 'same-origin-get' ? redirectTarget(answering, url) : undefined
    if (target === undefined) return {url, answering}
    answering.end(true)
    assertFollowed(request.method, url, target, redirects)
    url = target
  }
}

function once(request: HttpRequest, url: URL): Promise<Exchange> {
  if (url.username !== '' || url.password !== '') throw new ParixError('NOT_SENT', 'Not sent: a password in a URL.')
  for (const name of Object.keys(request.headers ?? {})) {
    if (CREDENTIAL_HEADERS.includes(name.toLowerCase())) throw new TypeError(`${name} must come as a credential`)
  }
  const {credential} = request
  return exchange({
    method: request.method,
    url,
    headers: {
      'accept-encoding': 'identity',
      ...request.headers,
      ...(credential && credentialHeaders(credential, url)),
    },
    body: request.body,
    connectTimeoutMs: request.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    answerTimeoutMs: request.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
    signal: request.signal,
  })
}

function redirectTarget({response}: Exchange, from: URL): URL | undefined {
  const {location} = response.headers
  const redirects = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0)
  if (!redirects || location === undefined || !URL.canParse(location, from.href)) return undefined
  return new URL(location, from)
}

function assertFollowed(method: string, from: URL, target: URL, redirects: number): void {
  const refuse = (why: string) => {
    throw new ParixError('FAILED', `${from.origin} redirects to ${where(target)}, which was not followed: ${why}.`, {
      code: 'redirect_not_followed',
      next: 'Check the base URL: parix auth status',
    })
  }
  if (!sameOrigin(from, target)) refuse('your credentials stay with the service that issued them')
  if (method !== 'GET' && method !== 'HEAD') refuse(`only GET follows redirects, not ${method}`)
  if (redirects >= REDIRECTS_MAX) refuse(`more than ${REDIRECTS_MAX} redirects in a row`)
}

function where(target: URL): string {
  return target.origin === 'null' ? target.protocol : target.origin
}

function head({response}: Exchange, url: URL): {status: number; headers: Record<string, string>; url: URL} {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return {status: response.statusCode ?? 0, headers, url}
}

async function readWhole(answering: Exchange, url: URL, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of answering.response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > bytesMax) throw tooBig(url, bytesMax)
      chunks.push(chunk)
    }
    answering.end(false)
    return Buffer.concat(chunks, bytes)
  } catch (error) {
    answering.end(true)
    throw error instanceof TransportError ? error : answering.explain(error)
  }
}

async function* readChunks(answering: Exchange): AsyncGenerator<Buffer> {
  let whole = false
  try {
    for await (const chunk of answering.response as AsyncIterable<Buffer>) {
      answering.stillComing()
      yield chunk
    }
    whole = true
  } catch (error) {
    throw answering.explain(error)
  } finally {
    answering.end(!whole)
  }
}

function tooBig(url: URL, bytesMax: number): TransportError {
  const mebibytes = Math.round(bytesMax / 1024 / 1024)
  return new TransportError('answer_too_big', `The answer of ${url.origin} is bigger than ${mebibytes} MiB.`, 'maybe')
}
