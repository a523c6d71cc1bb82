import type {Agent, ClientRequest, IncomingMessage} from 'node:http'
import type {Agent as HttpsAgent} from 'node:https'
import type {Socket} from 'node:net'
import type {Got, Request, RequestError} from 'got'
import {ParixError} from '../errors.js'
import {type HttpsProxy, proxyFor} from './proxy.js'
import {type Sent, TransportError, transportError} from './transport-error.js'

export interface ExchangeOptions {
  method: string
  url: URL
  headers: Record<string, string>
  body: string | Uint8Array | undefined
  /** Whether a compressed body is decompressed, and asked for where `headers` say nothing of it. */
  decompress: boolean
  connectTimeoutMs: number
  responseTimeoutMs: number
  signal: AbortSignal | undefined
  /** Called when the whole request is with the operating system. */
  onSent: (() => void) | undefined
  /** See `HttpRequest`. */
  lastByteAfter: Promise<void> | undefined
}

/** How long each part of a request took, in milliseconds; what did not happen (TLS on http, DNS on a reused socket) is absent. */
export interface Phases {
  dns?: number
  tcp?: number
  tls?: number
  firstByte?: number
}

/** A request whose response head has arrived. */
export interface Exchange {
  readonly response: IncomingMessage
  /** The body, still to be read. @throws what `explain` explains */
  readonly body: AsyncIterable<Buffer>
  phases(): Phases
  /** Starts the response timeout anew. */
  restartTimeout(): void
  /** Stops the clock of the response timeout while the caller, not the service, is the slow one; and lets it go on. */
  pauseTimeout(): void
  resumeTimeout(): void
  /** Why the connection was cut, if we cut it; else what the error means. */
  explain(error: unknown): TransportError
  /** Lifts all limits. `cut` closes the connection. */
  end(cut: boolean): void
}

/** Asked for once: `import()` of what is there takes as long as a small request where modules are found by another thread. */
let engine: Promise<typeof import('./engine.js')> | undefined

/**
 * One request by got, without its retries and redirects, observed so that one thing is always known: whether the request
 * may have reached the service. Settles in every case: each limit, signal and broken connection rejects by itself, whether
 * or not the socket reports it.
 *
 * @returns when the head of the response has arrived
 * @throws TransportError, ParixError BAD_INPUT (a header that HTTP can't carry)
 */
export async function exchange(options: ExchangeOptions): Promise<Exchange> {
  // Loaded where used: got brings TLS, which a command without a request can do without.
  engine ??= import('./engine.js')
  const [proxy, {got}] = await Promise.all([proxyFor(options.url), engine])
  const watch = new Watch(options, proxy)
  // No `await` from here to the listeners: got makes its request as soon as it can, and 'request' would be missed.
  const outgoing = startRequest(got, options, proxy?.agent)
  try {
    const response = await watch.response(outgoing)
    return {
      response,
      body: outgoing,
      phases: () => phasesOf(outgoing),
      restartTimeout: () => watch.limit(options.responseTimeoutMs),
      pauseTimeout: () => watch.pause(),
      resumeTimeout: () => watch.resume(),
      explain: (error) => watch.explain(error),
      end: (cut) => {
        watch.end()
        // A connection on which a request has not come to its end is of no use to the next.
        if (cut || watch.held) watch.close(outgoing)
      },
    }
  } catch (error) {
    watch.end()
    watch.close(outgoing)
    throw watch.notWritten() ? unwritable(error as RequestError) : watch.explain(error)
  }
}

/** What is known of one request while it runs. */
class Watch {
  /** The last byte of the body is still held back: there is no request yet that could be carried out (RFC 9112 §8). */
  held: boolean
  private connected = false
  private sent: Sent = 'no'
  private throughProxy: boolean
  private written = false
  private cutBy: TransportError | undefined
  private timer: NodeJS.Timeout | undefined
  private limitMs = 0
  private deadline = 0
  private leftMs = 0
  private cut: (reason: TransportError) => void = () => {}
  private readonly aborted = () =>
    this.cut(new TransportError('aborted', `The request to ${this.options.url.origin} was cancelled.`, this.sent))

  constructor(
    private readonly options: ExchangeOptions,
    private readonly proxy: HttpsProxy | undefined,
  ) {
    this.throughProxy = proxy === undefined
    this.held = options.lastByteAfter !== undefined
  }

  /** Attaches all listeners at once, and settles with the head of the response or with what ended the request. */
  response(outgoing: Request): Promise<IncomingMessage> {
    const {signal, connectTimeoutMs} = this.options
    return new Promise((resolve, reject) => {
      // Rejecting here, and not by the 'error' of a destroyed stream: one without a socket emits none.
      this.cut = (reason) => {
        this.cutBy ??= reason
        reject(this.cutBy)
        this.close(outgoing)
        // A proxy that has not answered leaves the request without a socket: the one to the proxy is closed by itself.
        if (!this.throughProxy) this.proxy?.close()
      }
      outgoing.once('response', (response: IncomingMessage) => {
        if (isFinal(response)) resolve(response)
        else this.cut(switchedProtocol(this.options.url, response.statusCode))
      })
      outgoing.on('error', reject)
      outgoing.once('close', () => reject(Object.assign(new Error('closed'), {code: 'ECONNRESET'})))
      outgoing.once('request', (request: ClientRequest) => this.observe(request))
      this.limit(connectTimeoutMs)
      this.options.lastByteAfter?.then(() => this.letGo(outgoing), this.aborted)
      signal?.addEventListener('abort', this.aborted)
      if (signal?.aborted === true) this.aborted()
    })
  }

  private observe(request: ClientRequest): void {
    const {url, onSent} = this.options
    this.written = true
    if (onSent) request.once('finish', onSent)
    onConnected(request, () => {
      this.connected = true
      // How long the last byte is held back is the caller's to limit.
      if (this.held) clearTimeout(this.timer)
      else this.mayBeCarriedOut()
    })
    request.once('proxyConnect', ({statusCode}: {statusCode: number}) => {
      this.throughProxy = true
      if (statusCode !== 200) this.cut(proxyRefused(url, statusCode, this.proxy?.authorized === true))
    })
    // 101 hands the socket over and ends HTTP on it: there will be no response, no error and no close.
    request.once('upgrade', (response: IncomingMessage, socket: Socket) => {
      socket.destroy()
      this.cut(switchedProtocol(url, response.statusCode))
    })
  }

  private letGo(outgoing: Request): void {
    // It has failed, or was refused before: nobody would end the limit that begins here.
    if (outgoing.destroyed) return
    this.held = false
    if (this.connected) this.mayBeCarriedOut()
    outgoing.end(bytesOf(this.options.body).subarray(-1))
  }

  private mayBeCarriedOut(): void {
    this.sent = 'maybe'
    this.limit(this.options.responseTimeoutMs)
  }

  limit(milliseconds: number): void {
    this.limitMs = milliseconds
    this.leftMs = milliseconds
    this.resume()
  }

  pause(): void {
    clearTimeout(this.timer)
    this.leftMs = Math.max(0, this.deadline - performance.now())
  }

  resume(): void {
    clearTimeout(this.timer)
    this.deadline = performance.now() + this.leftMs
    this.timer = setTimeout(() => this.cut(timedOut(this.options.url, this.sent, this.limitMs)), this.leftMs)
  }

  end(): void {
    clearTimeout(this.timer)
    this.options.signal?.removeEventListener('abort', this.aborted)
  }

  close(outgoing: Request): void {
    outgoing.destroy(this.cutBy)
  }

  /** got refused to write the request: no socket was opened, and the fault is in what it was given. */
  notWritten(): boolean {
    return !this.written && this.cutBy === undefined
  }

  explain(error: unknown): TransportError {
    if (this.cutBy !== undefined) return this.cutBy
    const failure = error as NodeJS.ErrnoException
    if (!this.throughProxy) return proxyUnreachable(this.proxy?.host ?? '', failure)
    return transportError(failure, this.options.url, this.sent)
  }
}

/** Everything that got would do by itself is off: nothing is sent twice, and nothing follows to another address. */
function startRequest(got: Got, options: ExchangeOptions, agent: Agent | undefined): Request {
  const {method, url, headers, decompress, lastByteAfter} = options
  const held = lastByteAfter === undefined ? undefined : bytesOf(options.body)
  const body = held === undefined ? options.body : undefined
  const outgoing = got.stream(url, {
    method: method as 'GET',
    // Without `user-agent` got would send its own.
    headers: {'user-agent': undefined, ...headers, ...(held && {'content-length': String(held.length)})},
    ...(body !== undefined && {body}),
    allowGetBody: true,
    decompress,
    followRedirect: false,
    retry: {limit: 0},
    throwHttpErrors: false,
    // The default, looked up when there is TLS: got would load TLS to name it.
    https: {
      checkServerIdentity: (host, certificate) =>
        process.getBuiltinModule('node:tls').checkServerIdentity(host, certificate),
    },
    ...(agent && {agent: {http: agent, https: agent as HttpsAgent}}),
  })
  if (held !== undefined) outgoing.write(held.subarray(0, -1))
  else if (body === undefined) outgoing.end()
  return outgoing
}

const bytesOf = (body: ExchangeOptions['body']): Uint8Array =>
  typeof body === 'string' ? Buffer.from(body) : (body ?? new Uint8Array(0))

/** Until TLS is established nothing of the request has left; a kept-alive socket is ready at once. */
function onConnected(request: ClientRequest, connected: () => void): void {
  request.once('socket', (socket: Socket & {secureConnecting?: boolean; encrypted?: boolean}) => {
    const ready = !socket.connecting && socket.secureConnecting !== true
    if (ready) connected()
    else socket.once(socket.encrypted === true ? 'secureConnect' : 'connect', connected)
  })
}

/** 101 without the headers of an upgrade arrives as if it were a response. */
function isFinal({statusCode = 0}: IncomingMessage): boolean {
  return statusCode >= 200
}

function phasesOf({timings}: Request): Phases {
  const {dns, tcp, tls, firstByte} = timings?.phases ?? {}
  return {
    ...(dns !== undefined && {dns}),
    ...(tcp !== undefined && {tcp}),
    ...(tls !== undefined && {tls}),
    // NaN where the response came before all was sent.
    ...(firstByte !== undefined && !Number.isNaN(firstByte) && {firstByte}),
  }
}

/** Without got's message, which repeats the header's value, and without its `options`, which hold the token. */
function unwritable({code}: RequestError): ParixError {
  return new ParixError('BAD_INPUT', `The request can't be written as HTTP (${code}).`, {code: 'bad_request'})
}

function timedOut(url: URL, sent: Sent, milliseconds: number): TransportError {
  const seconds = Math.round(milliseconds / 100) / 10
  return sent === 'no'
    ? new TransportError('connect_timeout', `No connection to ${url.origin} within ${seconds} s.`, sent)
    : new TransportError('answer_timeout', `${url.origin} did not respond within ${seconds} s.`, sent)
}

function switchedProtocol(url: URL, status: number | undefined): TransportError {
  const message = `${url.origin} switched to another protocol (HTTP ${status}) instead of sending a response.`
  return new TransportError('not_http', message, 'maybe')
}

function proxyRefused(url: URL, status: number, authorized: boolean): TransportError {
  const login = authorized
    ? 'The proxy refused the user name and password in HTTPS_PROXY or ALL_PROXY. Check them.'
    : 'The proxy requires a user name and a password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT'
  const message = `The proxy did not connect to ${url.origin} (HTTP ${status}).`
  return new TransportError('proxy_refused', message, 'no', status === 407 ? {next: login} : {})
}

function proxyUnreachable(host: string, {code = 'no connection'}: NodeJS.ErrnoException): TransportError {
  return new TransportError('proxy_unreachable', `The proxy ${host} can't be reached (${code}).`, 'no', {
    next: 'It is set by HTTPS_PROXY or ALL_PROXY; NO_PROXY lists hosts that are reached without it.',
  })
}
