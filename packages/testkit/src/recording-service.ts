import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'

/** A request as it came over the wire. */
export interface RecordedRequest {
  method: string
  /** The path without its query. */
  path: string
  query: Record<string, string>
  /** The request target exactly as sent. */
  target: string
  headers: Record<string, string>
  /** Names and values in turn, as sent: shows repeated headers. */
  rawHeaders: string[]
  body: string
  bytes: Buffer
}

/** What to answer. `json` sets the content type; `drop` cuts the connection after the request was read; `hang` never answers. */
export interface ScriptedResponse {
  status?: number
  headers?: Record<string, string>
  json?: unknown
  body?: string | Buffer
  drop?: boolean
  hang?: boolean
  /** The response waits for this. */
  after?: Promise<unknown>
  /** Writes the response by hand. */
  raw?: (request: IncomingMessage, response: ServerResponse) => void
}

export type Script = ScriptedResponse | ((request: RecordedRequest) => ScriptedResponse | Promise<ScriptedResponse>)

/**
 * A real HTTP service on 127.0.0.1 that records every request and answers as scripted. A request that nobody scripted
 * gets a 501 and makes `stop()` throw: a response nobody asked for fails the test.
 */
export interface RecordingService {
  /** `http://127.0.0.1:PORT` */
  readonly baseUrl: string
  readonly port: number
  readonly requests: RecordedRequest[]
  /** Scripts are used in their order, and the last one stays. Called again for the same route: replaces them. */
  answer(method: string, path: string | RegExp, ...scripts: [Script, ...Script[]]): RecordingService
  /** The requests to a route, in their order. */
  to(method: string, path: string | RegExp): RecordedRequest[]
  /** Resolves when the route has had `count` requests. */
  received(method: string, path: string | RegExp, count?: number): Promise<RecordedRequest>
  /** Also cuts open connections. @throws Error when a request came that nobody scripted */
  stop(): Promise<void>
}

interface Route {
  method: string
  path: string | RegExp
  scripts: Script[]
}

export async function startRecordingService(): Promise<RecordingService> {
  const routes: Route[] = []
  const requests: RecordedRequest[] = []
  const unscripted: string[] = []
  const watchers = new Set<() => void>()
  const {server, cut} = listening(async (incoming, response) => {
    const request = await record(incoming)
    requests.push(request)
    const route = routes.find((one) => one.method === request.method && matches(one.path, request.path))
    for (const watch of watchers) watch()
    if (route === undefined) {
      unscripted.push(`${request.method} ${request.target}`)
      response.writeHead(501).end('not scripted')
      return
    }
    const script = route.scripts.length > 1 ? route.scripts.shift()! : route.scripts[0]!
    await reply(typeof script === 'function' ? await script(request) : script, incoming, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  const to = (method: string, path: string | RegExp) =>
    requests.filter((request) => request.method === method && matches(path, request.path))

  const service: RecordingService = {
    baseUrl: `http://127.0.0.1:${port}`,
    port,
    requests,
    answer(method, path, ...scripts) {
      const same = routes.findIndex((route) => route.method === method && String(route.path) === String(path))
      routes.splice(same === -1 ? 0 : same, same === -1 ? 0 : 1, {method, path, scripts: [...scripts]})
      return service
    },
    to,
    received: (method, path, count = 1) =>
      new Promise((resolve) => {
        const look = () => {
          const found = to(method, path)[count - 1]
          if (found === undefined) return
          watchers.delete(look)
          resolve(found)
        }
        watchers.add(look)
        look()
      }),
    async stop() {
      cut()
      await new Promise((resolve) => server.close(resolve))
      if (unscripted.length > 0) throw new Error(`Requests that nobody scripted: ${unscripted.join(', ')}`)
    },
  }
  return service
}

/** Runs `work` with a service that is stopped, and checked, afterwards. */
export async function withService<T>(work: (service: RecordingService) => Promise<T>): Promise<T> {
  const service = await startRecordingService()
  let result: T
  try {
    result = await work(service)
  } catch (error) {
    await service.stop().catch(() => {})
    throw error
  }
  await service.stop()
  return result
}

function listening(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): {
  server: Server
  cut: () => void
} {
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    // A client that went away in the middle is a thing that tests do; anything else is a fault of the script.
    handle(request, response).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(`the script failed: ${error.message}`)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return {
    server,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const target = incoming.url ?? ''
  const [path = '', query = ''] = target.split(/\?(.*)/s)
  return {
    method: incoming.method ?? '',
    path,
    query: Object.fromEntries(new URLSearchParams(query)),
    target,
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    rawHeaders: incoming.rawHeaders,
    body: bytes.toString('utf8'),
    bytes,
  }
}

async function reply(scripted: ScriptedResponse, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  await scripted.after
  if (scripted.hang === true) return
  if (scripted.drop === true) {
    incoming.socket.destroy()
    return
  }
  if (scripted.raw !== undefined) {
    scripted.raw(incoming, response)
    return
  }
  const json = scripted.json !== undefined
  response.writeHead(scripted.status ?? 200, {...(json && {'content-type': 'application/json'}), ...scripted.headers})
  response.end(json ? JSON.stringify(scripted.json) : scripted.body)
}

function matches(pattern: string | RegExp, path: string): boolean {
  return typeof pattern === 'string' ? pattern === path : pattern.test(path)
}
