import {API_KEY_HEADER} from '../contract/index.js'
import {ParixError} from '../errors.js'
import {plainCommand} from '../next-command.js'
import {assertCredentialMayTravel, sameOrigin} from '../origin.js'
import {type Exchange, exchange, type Phases} from './exchange.js'
import {hide, hideInChunks, hideInHeaders, secretsInHeaders, withoutSecrets} from './secrets.js'
import {TransportError} from './transport-error.js'

/** What is sent along to prove who we are, and the service (its base URL) that it belongs to. */
export type Credential =
  | {kind: 'bearer'; token: string; issuer: URL}
  | {kind: 'apiKey'; key: string; issuer: URL}
  /** Headers that the user wrote, such as `-H 'authorization: …'`. Sent alone, to the same origin only. */
  | {kind: 'own'; headers: Record<string, string>; issuer: URL}
  /** The body holds the credential (a code, a refresh token). */
  | {kind: 'inBody'; issuer: URL}

/** Headers that prove who one is. They travel as a `Credential`, so that the rule is asked. */
export const CREDENTIAL_HEADERS: readonly string[] = ['authorization', API_KEY_HEADER, 'cookie', 'proxy-authorization']

/**
 * The only way to the network. Every credential passes `credentialHeaders`, which decides where it may travel; every wait
 * ends; redirects never lead to another origin.
 */
export interface HttpRequest {
  method: string
  url: URL
  /** Names in lower case. Headers that carry credentials are refused here: pass a `credential`. */
  headers?: Record<string, string>
  body?: string | Uint8Array
  credential?: Credential
  /** Until the connection (with TLS and proxy) is established; 10 s by default. */
  connectTimeoutMs?: number
  /** `send`: from then until the response is complete. `sendStreaming`: until its head, then for each KiB. 30 s by default. */
  responseTimeoutMs?: number
  /** After decompression. 4 MiB by default; not applied when streaming. */
  responseBytesMax?: number
  /**
   * `send`: memory of at least so many bytes for the body of a response that says how long it is, in place of new memory: many large
   * responses one after the other would be as much for the garbage collector as all else. Whoever lends it reads `body` before it is
   * lent again.
   */
  responseMemory?: (bytes: number) => Buffer
  signal?: AbortSignal
  /** Called when the whole request is with the operating system: work that keeps the processor busy delays it no longer. */
  onSent?: () => void
  /**
   * All of the body but its last byte goes out at once, the last one when this resolves: the next request of a row travels while
   * the service still works on the one before, and can't be carried out before its turn. Where it rejects, the request is cut, and
   * `send` throws `aborted`, sent `no`. The response timeout begins with the last byte.
   */
  lastByteAfter?: Promise<void>
  /** `none`: a 3xx is a response like any other. `same-origin-get`: GET and HEAD follow, at most 5; others throw. */
  redirects?: 'none' | 'same-origin-get'
}

interface ResponseHead {
  status: number
  /** Names in lower case; repeated headers joined by `, `. */
  headers: Record<string, string>
  /** Where the response came from, after redirects. */
  url: URL
  /** How long the parts of the last request took, in milliseconds. */
  phases?: Phases
}

export interface HttpResponse extends ResponseHead {
  /** Decompressed, where the service compressed it. */
  body: Buffer
}

export interface HttpStream extends ResponseHead {
  /** A text of the response without the credential that was sent, for a message. */
  conceal: (text: string) => string
  /** The bytes as they were sent, to be read once; leaving the loop early closes the connection. @throws TransportError */
  body: AsyncIterable<Buffer>
}

const CONNECT_TIMEOUT_MS = 10_000
const RESPONSE_TIMEOUT_MS = 30_000
const RESPONSE_BYTES_MAX = 4 * 1024 * 1024
const REDIRECTS_MAX = 5
/** A stream that delivers less than this per response timeout counts as stalled: a byte every few seconds never ends. */
const PROGRESS_BYTES = 1024

/**
 * One request and its complete response, bounded in time and size.
 *
 * @throws TransportError, ParixError NOT_SENT (credential to another origin), ParixError FAILED (a redirect that isn't followed)
 */
export async function send(request: HttpRequest): Promise<HttpResponse> {
  const {url, answered} = await follow(request, {decompress: true})
  const body = await readWhole(answered, url, request.responseBytesMax ?? RESPONSE_BYTES_MAX, request.responseMemory)
  const whole = {...head(answered, url), body}
  return withoutSecrets(whole, secretsIn(request.credential, whole.status))
}

/**
 * As `send`, for responses of any size, whose bytes are left as they are, but for a credential in a refusal: `parix api`. It asks
 * for no compression, and decompresses what comes compressed all the same; who asks by `accept-encoding` gets what was sent.
 */
export async function sendStreaming(request: HttpRequest): Promise<HttpStream> {
  const asked = Object.keys(request.headers ?? {}).some((name) => name.toLowerCase() === 'accept-encoding')
  const plain = {...request, headers: {'accept-encoding': 'identity', ...request.headers}}
  const {url, answered} = await follow(asked ? request : plain, {decompress: !asked})
  answered.restartTimeout()
  const {headers, ...rest} = head(answered, url)
  const secrets = secretsOf(request.credential)
  const conceal = (text: string) => hide(text, secrets)
  if (rest.status >= 200 && rest.status <= 299) return {...rest, headers, conceal, body: readChunks(answered)}
  return {...rest, headers: hideInHeaders(headers, secrets), conceal, body: hideInChunks(readChunks(answered), secrets)}
}

/** The texts by which `credential` proves who one is. */
function secretsOf(credential: Credential | undefined): string[] {
  return credential === undefined ? [] : secretsInHeaders(credentialHeaders(credential, credential.issuer))
}

/**
 * What to hide in a response that is read here. A success is data, which no text may be taken out of by chance: only what
 * we sent ourselves, and never what could be a number.
 */
function secretsIn(credential: Credential | undefined, status: number): string[] {
  if (status < 200 || status > 299) return secretsOf(credential)
  return credential?.kind === 'own' ? [] : secretsOf(credential).filter((secret) => /\D/.test(secret))
}

/** Follows redirects as the request allows. threats 3.5–3.8. */
async function follow(request: HttpRequest, how: {decompress: boolean}): Promise<{url: URL; answered: Exchange}> {
  let url = request.url
  for (let redirects = 0; ; redirects++) {
    const answered = await once(request, url, how)
    const target = request.redirects === 'same-origin-get' ? redirectTarget(answered, url) : undefined
    if (target === undefined) return {url, answered}
    answered.end(true)
    assertFollowed(request.method, url, target, redirects)
    url = target
  }
}

function once(request: HttpRequest, url: URL, {decompress}: {decompress: boolean}): Promise<Exchange> {
  if (url.username !== '' || url.password !== '') throw new ParixError('NOT_SENT', 'Not sent: a password in a URL.')
  for (const name of Object.keys(request.headers ?? {})) {
    if (CREDENTIAL_HEADERS.includes(name.toLowerCase())) throw new TypeError(`${name} must be passed as a credential`)
  }
  const {method, headers, body, credential, signal, onSent, lastByteAfter} = request
  return exchange({
    method,
    url,
    headers: {...headers, ...(credential && credentialHeaders(credential, url))},
    body,
    decompress,
    connectTimeoutMs: request.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    responseTimeoutMs: request.responseTimeoutMs ?? RESPONSE_TIMEOUT_MS,
    signal,
    onSent,
    lastByteAfter,
  })
}

/**
 * The headers that carry `credential` to `target`.
 *
 * @throws ParixError NOT_SENT
 */
function credentialHeaders(credential: Credential, target: URL): Record<string, string> {
  assertCredentialMayTravel(credential.issuer, target)
  switch (credential.kind) {
    case 'bearer':
      return {authorization: `Bearer ${credential.token}`}
    case 'apiKey':
      return {[API_KEY_HEADER]: credential.key}
    case 'own':
      return credential.headers
    case 'inBody':
      return {}
  }
}

function redirectTarget({response}: Exchange, from: URL): URL | undefined {
  const {location} = response.headers
  const redirects = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0)
  if (!redirects || location === undefined || !URL.canParse(location, from.href)) return undefined
  return new URL(location, from)
}

function assertFollowed(method: string, from: URL, target: URL, redirects: number): void {
  const refuse = (why: string) => {
    const to = target.origin === 'null' ? target.protocol : target.origin
    throw new ParixError('FAILED', `${from.origin} redirects to ${to}, which was not followed: ${why}.`, {
      code: 'redirect_not_followed',
      next: plainCommand('auth status'),
    })
  }
  if (!sameOrigin(from, target)) refuse('your credentials stay with the service that issued them')
  if (method !== 'GET' && method !== 'HEAD') refuse(`only GET follows redirects, not ${method}`)
  if (redirects >= REDIRECTS_MAX) refuse(`more than ${REDIRECTS_MAX} redirects in a row`)
}

function head({response, phases}: Exchange, url: URL): ResponseHead {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return {status: response.statusCode ?? 0, headers, url, phases: phases()}
}

async function readWhole(
  answered: Exchange,
  url: URL,
  bytesMax: number,
  memory: HttpRequest['responseMemory'] = Buffer.allocUnsafe,
): Promise<Buffer> {
  const collected = new Collected(memory(announcedLength(answered.response, bytesMax)))
  let bytes = 0
  try {
    for await (const chunk of answered.body) {
      bytes += chunk.length
      // Of an error, its beginning is enough to say what it was: the status counts.
      if (bytes > bytesMax && (answered.response.statusCode ?? 0) >= 400) break
      if (bytes > bytesMax) throw tooBig(url, bytesMax)
      collected.add(chunk)
    }
    answered.end(bytes > bytesMax)
    return collected.all()
  } catch (error) {
    answered.end(true)
    throw error instanceof TransportError ? error : answered.explain(error)
  }
}

/** How long the body will be, where that is known; 0 where it is not, or is more than is read. */
function announcedLength({headers}: Exchange['response'], bytesMax: number): number {
  const length = Number(headers['content-length'])
  return headers['content-encoding'] === undefined && length <= bytesMax ? length : 0
}

/** Chunks one after the other, in `memory` of the announced length while they fit: the last one ends the body, without a copy of all. */
class Collected {
  #length = 0
  readonly #more: Buffer[] = []

  constructor(private readonly memory: Buffer) {}

  add(chunk: Buffer): void {
    if (this.#more.length > 0 || this.#length + chunk.length > this.memory.length) this.#more.push(chunk)
    else this.#length += chunk.copy(this.memory, this.#length)
  }

  all(): Buffer {
    const first = this.memory.subarray(0, this.#length)
    return this.#more.length === 0 ? first : Buffer.concat([first, ...this.#more])
  }
}

async function* readChunks(answered: Exchange): AsyncGenerator<Buffer> {
  let whole = false
  let progress = 0
  try {
    for await (const chunk of answered.body) {
      progress += chunk.length
      // A reader slower than the service, such as a pager, is not the service's silence.
      answered.pauseTimeout()
      yield chunk
      if (progress < PROGRESS_BYTES) answered.resumeTimeout()
      else {
        progress = 0
        answered.restartTimeout()
      }
    }
    whole = true
  } catch (error) {
    throw answered.explain(error)
  } finally {
    answered.end(!whole)
  }
}

function tooBig(url: URL, bytesMax: number): TransportError {
  const size =
    bytesMax < 1024 * 1024 ? `${Math.round(bytesMax / 1024)} KiB` : `${Math.round(bytesMax / 1024 / 1024)} MiB`
  return new TransportError('answer_too_big', `The response of ${url.origin} is larger than ${size}.`, 'maybe')
}
