import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'
import {LOOPBACK_CALLBACK_PATH} from '@parix/kit/contract'
import type {CallbackOutcome, ExpectedCallback} from './callback.js'
import {isBlockedByBrowsers, listenError} from './login-options.js'
import {type PageName, sendPage, sendRedirect} from './loopback-pages.js'

/**
 * The listener that the browser brings the service's answer to. It is on 127.0.0.1 for a minute, and everything that runs
 * on this machine, every open web page included, can talk to it: it says little, bounds what it reads, and lets nobody but
 * the holder of our `state` end the login.
 */
export interface Loopback {
  readonly port: number
  /** `http://127.0.0.1:PORT/callback`, the address that the service sends the browser to. */
  readonly redirectUri: string
  /** From now on the answer to this attempt is accepted; before, every callback is foreign. */
  expect(callback: ExpectedCallback): void
  /** Lets the waiting browser have its answer (at most a second), then frees the port and ends every connection. */
  close(): Promise<void>
}

export interface LoopbackOptions {
  /** 0 picks a free one. */
  port: number
  /** Called for each callback that was not for us. */
  onForeign?: () => void
  /** How long the browser is kept waiting for the token exchange. */
  exchangeWaitMsMax?: number
}

const HEADER_BYTES_MAX = 16 * 1024
const HEADERS_TIMEOUT_MS = 5_000
const TIMEOUT_CHECK_MS = 1_000
const EXCHANGE_WAIT_MS_MAX = 30_000
const CLOSE_WAIT_MS_MAX = 1_000
/** With more than this many open, the oldest idle one is dropped: a flood must not keep the real answer out (1.13). */
const SOCKETS_MAX = 128
const FREE_PORT_TRIES = 10

/**
 * Opens the listener.
 * @throws ParixError when the port can't be had
 */
export async function openLoopback(options: LoopbackOptions): Promise<Loopback> {
  const loopback = new LoopbackServer(options)
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      // A missing Host is answered by our own rule, like a wrong one.
      requireHostHeader: false,
    },
    (request, response) => loopback.respond(request, response),
  )
  server.on('connection', (socket) => loopback.admit(socket))
  const port = await listen(server, options.port)
  loopback.port = port
  return {
    port,
    redirectUri: `http://127.0.0.1:${port}${LOOPBACK_CALLBACK_PATH}`,
    expect: (callback) => {
      loopback.callback = callback
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await settledWithin(loopback.answering, CLOSE_WAIT_MS_MAX)
      server.closeAllConnections()
      for (const socket of loopback.sockets) socket.destroy()
      await closed
    },
  }
}

/** What one listener knows while it is open. */
class LoopbackServer {
  port = 0
  callback: ExpectedCallback | undefined
  /** Ends when the browser that brought the answer has been answered itself. */
  answering: Promise<void> = Promise.resolve()
  readonly sockets = new Set<Socket>()
  private holder: Socket | undefined

  constructor(private readonly options: LoopbackOptions) {}

  admit(socket: Socket): void {
    this.sockets.add(socket)
    socket.once('close', () => this.sockets.delete(socket))
    if (this.sockets.size <= SOCKETS_MAX) return
    for (const oldest of this.sockets) {
      if (oldest === this.holder) continue
      oldest.destroy()
      return
    }
  }

  respond(request: IncomingMessage, response: ServerResponse): void {
    const read = readRequest(request, this.port)
    if ('refuse' in read) {
      sendPage(response, read.refuse)
      return
    }
    const verdict = this.callback?.accept(read.query) ?? 'foreign'
    if (verdict === 'taken') {
      this.holder = request.socket
      this.answering = this.respondWhenOver(this.callback!, response)
      return
    }
    if (verdict === 'foreign') this.options.onForeign?.()
    sendPage(response, verdict)
  }

  /** The browser is told 'done' only when the tokens are there, not when the code is (1.17). */
  private async respondWhenOver(callback: ExpectedCallback, response: ServerResponse): Promise<void> {
    const sent = new Promise<void>((resolve) => response.once('close', resolve))
    const waitMsMax = this.options.exchangeWaitMsMax ?? EXCHANGE_WAIT_MS_MAX
    const outcome = await settledWithin<CallbackOutcome>(callback.outcome, waitMsMax)
    if (outcome === undefined) sendPage(response, 'slow')
    else if (outcome.kind === 'granted') sendRedirect(response, outcome.redirect)
    else sendPage(response, outcome.kind)
    await sent
  }
}

/** Binds to 127.0.0.1 and nothing else (1.23). Tries again when the system picks a port that browsers block. */
async function listen(server: Server, wanted: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    await new Promise<void>((resolve, reject) => {
      const onError = (error: Error) => reject(listenError(error, wanted))
      server.once('error', onError)
      server.listen({host: '127.0.0.1', port: wanted, exclusive: true}, () => {
        server.off('error', onError)
        resolve()
      })
    })
    const {port} = server.address() as AddressInfo
    if (wanted !== 0 || !isBlockedByBrowsers(port) || attempt === FREE_PORT_TRIES) return port
    await new Promise((resolve) => server.close(resolve))
  }
}

/** What `promise` resolves with, or undefined when that takes longer than `msMax`. */
async function settledWithin<T>(promise: Promise<T>, msMax: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, msMax, undefined)
  })
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer))
}

/**
 * Which requests to the loopback listener are looked at all. Returns the page that says no, or the callback's query. Decided
 * on the raw request line and headers: a parsed URL would already have repaired what must be refused.
 */
export function readRequest(request: IncomingMessage, port: number): {refuse: PageName} | {query: URLSearchParams} {
  if (!isOurHost(request, port)) return {refuse: 'host'}
  if (request.method !== 'GET') return {refuse: 'method'}
  const [path, query = ''] = splitOnce(request.url ?? '', '?')
  if (path !== LOOPBACK_CALLBACK_PATH) return {refuse: 'notFound'}
  if (!isPlainNavigation(request)) return {refuse: 'embedded'}
  return {query: new URLSearchParams(query)}
}

/** DNS rebinding brings a foreign name along (threats 1.10). Exactly one Host header, with exactly our address. */
function isOurHost(request: IncomingMessage, port: number): boolean {
  const hosts = request.rawHeaders.filter(
    (_, index, all) => index % 2 === 1 && all[index - 1]!.toLowerCase() === 'host',
  )
  return hosts.length === 1 && (hosts[0] === `127.0.0.1:${port}` || hosts[0] === `localhost:${port}`)
}

/**
 * The real answer is a page opened in a tab. An image, a script, a frame or a prefetch that a page makes the browser send
 * is not (1.9); a browser tells the two apart in the Fetch Metadata headers. curl and scripts send none, and pass.
 */
function isPlainNavigation({headers}: IncomingMessage): boolean {
  if (/prefetch|prerender/i.test(`${headers['sec-purpose'] ?? ''} ${headers.purpose ?? ''}`)) return false
  if (headers['sec-fetch-site'] === undefined) return true
  const destination = headers['sec-fetch-dest']
  return headers['sec-fetch-mode'] === 'navigate' && (destination === undefined || destination === 'document')
}

function splitOnce(text: string, separator: string): [string, string?] {
  const index = text.indexOf(separator)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + separator.length)]
}
