import {createServer, type IncomingMessage, request, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

/**
 * What happens to a request on its way.
 * - `pass`: nothing
 * - `lose-request`: the connection breaks before the service sees it
 * - `lose-answer`: the service carries it out, and the connection breaks before the answer
 * - `cut-answer`: the same, in the middle of the answer
 * - `bad-gateway`: the service carries it out, and the proxy answers 502 with a web page
 * - `early-…`: the proxy answers with that status when it has the head of the request, and the service never sees it
 * - `hold-request`, `hold-answer`: as the two that lose, but the client is left waiting
 */
export type Fate =
  | 'pass'
  | 'lose-request'
  | 'lose-answer'
  | 'cut-answer'
  | 'bad-gateway'
  | `early-${401 | 413 | 429 | 503}`
  | 'hold-request'
  | 'hold-answer'

/** A real proxy on 127.0.0.1 in front of a service. */
export interface LossyProxy {
  readonly baseUrl: string
  /** How often each fate came. */
  readonly fates: Record<Fate, number>
  /** Of requests to `create_…`: the most that were whole and without a response at once, and how many began while one was. */
  readonly seen: {wholeMax: number; beganBeside: number}
  /** Decides for each request. */
  choose: (path: string) => Fate
  /** Resolves at the next request that is held. */
  held(): Promise<void>
  stop(): Promise<void>
}

export async function startLossyProxy(port: number): Promise<LossyProxy> {
  const waiting = new Set<() => void>()
  const fates = {
    pass: 0,
    'lose-request': 0,
    'lose-answer': 0,
    'cut-answer': 0,
    'bad-gateway': 0,
    'early-401': 0,
    'early-413': 0,
    'early-429': 0,
    'early-503': 0,
    'hold-request': 0,
    'hold-answer': 0,
  }
  const seen = {wholeMax: 0, beganBeside: 0}
  let whole = 0
  const watch = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (!incoming.url?.includes('/create_')) return
    if (whole > 0) seen.beganBeside++
    incoming.once('end', () => {
      // Answered before it was whole.
      if (outgoing.writableEnded) return
      whole++
      seen.wholeMax = Math.max(seen.wholeMax, whole)
      const ended = () => {
        outgoing.off('prefinish', ended).off('close', ended)
        whole--
      }
      // Before the client can have read the response to its end; or when the connection breaks.
      outgoing.once('prefinish', ended).once('close', ended)
    })
  }
  const proxy: LossyProxy = {
    baseUrl: '',
    fates,
    seen,
    choose: () => 'pass',
    held: () => new Promise((resolve) => waiting.add(resolve)),
    stop: () => closed(server),
  }
  const server: Server = createServer((incoming, outgoing) => {
    const fate = proxy.choose(incoming.url ?? '')
    fates[fate]++
    watch(incoming, outgoing)
    handle(port, fate, incoming, outgoing, () => {
      for (const resolve of waiting) resolve()
      waiting.clear()
    }).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(proxy, {baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`})
}

async function handle(
  port: number,
  fate: Fate,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  held: () => void,
): Promise<void> {
  if (fate.startsWith('early-')) {
    incoming.resume().on('error', () => {})
    outgoing.writeHead(Number(fate.slice(6)), {'content-type': 'application/json', 'retry-after': '0'}).end('{}')
    return
  }
  const body = await collect(incoming)
  if (fate === 'lose-request') {
    incoming.socket.destroy()
    return
  }
  if (fate === 'hold-request') return held()
  const {status, headers, bytes} = await forward(port, incoming, body)
  if (fate === 'hold-answer') return held()
  if (fate === 'lose-answer') {
    incoming.socket.destroy()
    return
  }
  if (fate === 'bad-gateway') {
    outgoing.writeHead(502, {'content-type': 'text/html'}).end('<html><h1>Bad gateway</h1></html>')
    return
  }
  outgoing.writeHead(status, {...headers, 'content-length': bytes.length})
  if (fate === 'pass') outgoing.end(bytes)
  else outgoing.write(bytes.subarray(0, bytes.length / 2), () => incoming.socket.destroy())
}

function forward(port: number, incoming: IncomingMessage, body: Buffer) {
  return new Promise<{status: number; headers: Record<string, string>; bytes: Buffer}>((resolve, reject) => {
    const headers = {...incoming.headers, host: `localhost:${port}`, connection: 'close', 'content-length': body.length}
    const call = request(
      {host: 'localhost', port, method: incoming.method, path: incoming.url, headers},
      async (result) => {
        const type = result.headers['content-type']
        resolve({
          status: result.statusCode ?? 502,
          headers: type === undefined ? {} : {'content-type': type},
          bytes: await collect(result),
        })
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}

async function collect(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
