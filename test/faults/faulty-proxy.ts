import {once} from 'node:events'
import {createServer, request as send} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'
import type {Meeting, Misbehaviour} from './misbehaviours.js'

/** A proxy in front of a real service that misbehaves as it is told to. */
export interface FaultyProxy {
  readonly baseUrl: string
  /** From its nth request on (counted from 1, from now), the proxy misbehaves. */
  misbehave(misbehaviour: Misbehaviour, from: number): void
  /** Passes everything on again. Returns how many requests came and how many of them it spoilt. */
  behave(): {requests: number; spoilt: number}
  close(): Promise<void>
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let current: {misbehaviour: Misbehaviour; from: number} | undefined
  let requests = 0
  let spoilt = 0
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    requests++
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    response.on('error', () => {})
    request.on('end', () => {
      const forward = () =>
        passOn(new URL(request.url ?? '/', target), request.method ?? 'GET', request.headers, Buffer.concat(chunks))
      const meeting: Meeting = {request, response, forward}
      if (current !== undefined && requests >= current.from) {
        spoilt++
        Promise.resolve(current.misbehaviour.meet(meeting)).then(
          (spoils) => {
            if (spoils === false) spoilt--
          },
          () => request.socket.destroy(),
        )
        return
      }
      forward().then(
        ({status, headers, body}) => {
          delete headers['transfer-encoding']
          response.writeHead(status, headers)
          response.end(body)
        },
        () => request.socket.destroy(),
      )
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    baseUrl: `http://localhost:${(server.address() as AddressInfo).port}`,
    misbehave(misbehaviour, from) {
      current = {misbehaviour, from}
      requests = 0
      spoilt = 0
    },
    behave() {
      current = undefined
      for (const socket of sockets) socket.destroy()
      return {requests, spoilt}
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function passOn(
  url: URL,
  method: string,
  headers: Record<string, string | string[] | undefined>,
  body: Buffer,
): ReturnType<Meeting['forward']> {
  return new Promise((resolve, reject) => {
    const outgoing = send(
      url,
      {method, headers: {...headers, host: url.host, connection: 'close', 'accept-encoding': 'identity'}},
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () =>
          resolve({status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks)}),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
