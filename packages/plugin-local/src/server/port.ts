import {createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse} from 'node:http'
import type {Socket} from 'node:net'
import {ServiceFault} from './faults.js'

/** Both loopback addresses: `localhost` may be either, as the system likes. Never any other (threat 2.13). */
const ADDRESSES = ['127.0.0.1', '::1'] as const

/** How long a connection may stay, in milliseconds. */
export interface ConnectionLimits {
  /** For a whole request to arrive: 16 MiB over a slow disk or a stopped debugger. */
  requestMs: number
  /** From the first byte of a request to the end of its headers. */
  headersMs: number
  /** Between requests: longer than a client pauses to read a large file. */
  keepAliveMs: number
  /** Without its first byte. */
  silentMs: number
}

const LIMITS: ConnectionLimits = {requestMs: 120_000, headersMs: 20_000, keepAliveMs: 75_000, silentMs: 30_000}

/** Tries to find a port that is free on both addresses, when any will do. */
const FREE_PORT_TRIES = 10

export interface Port {
  readonly number: number
  /** `localhost:PORT`, `127.0.0.1:PORT`, `[::1]:PORT`. */
  readonly hosts: readonly string[]
  close(): Promise<void>
}

/**
 * Listens on loopback, on `wanted` or any free port (0), and passes requests whose Host is one of ours to `listener`.
 *
 * @throws ServiceFault PORT_IN_USE, PORT_NOT_ALLOWED
 */
export async function openPort(wanted: number, listener: RequestListener, limits = LIMITS): Promise<Port> {
  for (let tries = 1; ; tries++) {
    try {
      return await listenOnLoopback(wanted, listener, limits)
    } catch (error) {
      const inUse = error instanceof ServiceFault && error.code === 'PORT_IN_USE'
      if (!inUse || wanted !== 0 || tries === FREE_PORT_TRIES) throw error
    }
  }
}

async function listenOnLoopback(wanted: number, listener: RequestListener, limits: ConnectionLimits): Promise<Port> {
  const hosts: string[] = []
  const guarded = ownHostOnly(hosts, listener)
  const first = await listen(ADDRESSES[0], wanted, guarded, limits)
  const {port: number} = first.address() as {port: number}
  hosts.push(`localhost:${number}`, `127.0.0.1:${number}`, `[::1]:${number}`)
  const servers = [first]
  try {
    const second = await listen(ADDRESSES[1], number, guarded, limits)
    servers.push(second)
  } catch (error) {
    // A machine without IPv6 has no ::1. Anything else: `localhost` could lead to somebody else's server.
    if (!isNoSuchAddress(error)) {
      await closeAll(servers)
      throw error
    }
  }
  return {number, hosts, close: () => closeAll(servers)}
}

function listen(
  address: string,
  port: number,
  listener: RequestListener,
  {requestMs, headersMs, keepAliveMs, silentMs}: ConnectionLimits,
): Promise<Server> {
  const server = createServer(
    {
      requestTimeout: requestMs,
      headersTimeout: headersMs,
      keepAliveTimeout: keepAliveMs,
      // Node looks for connections beyond the first two limits so often.
      connectionsCheckingInterval: Math.min(headersMs, 10_000),
    },
    listener,
  )
  server.on('connection', (socket) => endIfSilent(socket, silentMs))
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port)))
    server.listen({host: address, port, ipv6Only: address === '::1'}, () => resolve(server))
  })
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') return new ServiceFault('PORT_IN_USE', `Port ${port} is in use.`, {cause: error})
  if (error.code === 'EACCES')
    return new ServiceFault('PORT_NOT_ALLOWED', `Port ${port} is not ours to use.`, {cause: error})
  return error
}

function isNoSuchAddress(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(String((error as NodeJS.ErrnoException).code))
}

/** Node's own timeouts begin with the first byte of a request. */
function endIfSilent(socket: Socket, silentMs: number): void {
  const timer = setTimeout(() => {
    if (socket.bytesRead === 0) socket.destroy()
  }, silentMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

/**
 * A page of another site can have its own name lead to 127.0.0.1 (DNS rebinding) and then read what this service answers.
 * Its name is in Host, so nothing is answered but to our own names, given once, and never for an absolute address in
 * the request line, which would count for more than Host.
 */
function ownHostOnly(hosts: readonly string[], listener: RequestListener): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    // No response may be read as a type other than it says, whoever writes it.
    response.setHeader('x-content-type-options', 'nosniff')
    const named = request.rawHeaders.filter((_, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === 'host')
    if (named.length === 1 && hosts.includes(named[0]!.toLowerCase()) && request.url?.startsWith('/')) {
      listener(request, response)
      return
    }
    response.writeHead(421, {
      'content-type': 'text/plain; charset=utf-8',
      connection: 'close',
      'cache-control': 'no-store',
    })
    response.end('This service answers to localhost only.\n')
  }
}

async function closeAll(servers: Server[]): Promise<void> {
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      setTimeout(() => server.closeAllConnections(), 1_000).unref()
      return closed
    }),
  )
}
