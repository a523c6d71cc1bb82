import type {Agent, ClientRequest, IncomingMessage} from 'node:http'
import type {Socket} from 'node:net'
import {ParixError} from '../errors.js'
import {proxyFor} from './proxy.js'
import {type Sent, TransportError, transportError} from './transport-error.js'

/** Node's own client, driven so that one thing is always known: whether the request can have reached the service. */
export interface ExchangeOptions {
  method: string
  url: URL
  headers: Record<string, string>
  body: string | Uint8Array | undefined
  connectTimeoutMs: number
  answerTimeoutMs: number
  signal: AbortSignal | undefined
}

export interface Exchange {
  /** Its head has come; the body is still to be read. */
  readonly response: IncomingMessage
  /** Gives the answer another `answerTimeoutMs`. */
  stillComing(): void
  /** Why the connection was cut, if we did it; else what the error means. */
  explain(error: unknown): TransportError
  /** No more limits: the answer is over. `cut` closes the connection. */
  end(cut: boolean): void
}

/** Resolves when the head of the answer is here. @throws TransportError, ParixError BAD_INPUT (a header that HTTP can't carry) */
export async function exchange(options: ExchangeOptions): Promise<Exchange> {
  const {url, connectTimeoutMs, answerTimeoutMs, signal} = options
  const proxy = await proxyFor(url)
  const outgoing = prepare(options, proxy?.agent)
  let throughProxy = proxy === undefined
  let sent: Sent = 'no'
  let cutBy: TransportError | undefined
  let timer: NodeJS.Timeout | undefined

  const cut = (reason: TransportError) => {
    cutBy ??= reason
    outgoing.destroy(cutBy)
  }
  const limit = (milliseconds: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => cut(timeout(url, sent, milliseconds)), milliseconds)
  }
  const aborted = () => cut(new TransportError('aborted', `The request to ${url.origin} was given up.`, sent))
  const end = () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', aborted)
  }
  const explain = (error: unknown) => {
    if (cutBy !== undefined) return cutBy
    const fault = error as NodeJS.ErrnoException
    return throughProxy ? transportError(fault, url, sent) : proxyUnreachable(proxy?.host ?? '', fault)
  }

  limit(connectTimeoutMs)
  onConnected(outgoing, () => {
    sent = 'maybe'
    limit(answerTimeoutMs)
  })
  onProxyAnswer(outgoing, (status) => {
    throughProxy = true
    if (status !== 200) cut(proxyRefused(url, status))
  })
  signal?.addEventListener('abort', aborted)
  if (signal?.aborted === true) aborted()

  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve)
      outgoing.on('error', reject)
      outgoing.end(options.body)
    })
    return {
      response,
      stillComing: () => limit(answerTimeoutMs),
      explain,
      end: (close) => {
        end()
        if (close) outgoing.destroy()
      },
    }
  } catch (error) {
    end()
    throw explain(error)
  }
}

function prepare({method, url, headers: given, body}: ExchangeOptions, agent: Agent | undefined): ClientRequest {
  // Node sends the body of a DELETE without its length, and a service takes it for the next request.
  const headers = body === undefined ? given : {...given, 'content-length': String(Buffer.byteLength(body))}
  // Loaded where used: TLS parses the root certificates, and `import` of node:http reads getters that load undici on Node 22.
  const client =
    url.protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http')
  try {
    return client.request(url, {method, headers, ...(agent && {agent})})
  } catch (error) {
    // Node's message repeats the header's value, which may be a secret.
    const {code} = error as NodeJS.ErrnoException
    throw new ParixError('BAD_INPUT', `The request can't be written as HTTP (${code}).`, {code: 'bad_request'})
  }
}

/** Until TLS stands nothing of the request has left; a kept-alive socket is ready at once. */
function onConnected(outgoing: ClientRequest, connected: () => void): void {
  outgoing.once('socket', (socket: Socket & {secureConnecting?: boolean; encrypted?: boolean}) => {
    const ready = !socket.connecting && socket.secureConnecting !== true
    if (ready) connected()
    else socket.once(socket.encrypted === true ? 'secureConnect' : 'connect', connected)
  })
}

function onProxyAnswer(outgoing: ClientRequest, answered: (status: number) => void): void {
  outgoing.once('proxyConnect', ({statusCode}: {statusCode: number}) => answered(statusCode))
}

function timeout(url: URL, sent: Sent, milliseconds: number): TransportError {
  const seconds = Math.round(milliseconds / 100) / 10
  return sent === 'no'
    ? new TransportError('connect_timeout', `No connection to ${url.origin} within ${seconds} s.`, sent)
    : new TransportError('answer_timeout', `${url.origin} did not answer within ${seconds} s.`, sent)
}

function proxyRefused(url: URL, status: number): TransportError {
  return new TransportError(
    'proxy_refused',
    `The proxy did not connect to ${url.origin} (HTTP ${status}).`,
    'no',
    status === 407 ? 'The proxy wants a user name and password: https://USER:PASSWORD@… in HTTPS_PROXY.' : undefined,
  )
}

function proxyUnreachable(host: string, {code = 'no connection'}: NodeJS.ErrnoException): TransportError {
  return new TransportError(
    'proxy_unreachable',
    `The proxy ${host} can't be reached (${code}).`,
    'no',
    'It is named by HTTPS_PROXY or ALL_PROXY; NO_PROXY names the hosts that are reached without it.',
  )
}
