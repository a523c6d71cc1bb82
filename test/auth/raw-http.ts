import {connect, type Socket} from 'node:net'

/** What came back on one connection, as it was on the wire. */
export interface RawResponse {
  status: number
  headers: Record<string, string>
  body: string
  text: string
}

/** Sends `bytes` to 127.0.0.1:`port` and reads until the other side closes. */
export async function sendRaw(port: number, bytes: string): Promise<RawResponse> {
  const socket = await openSocket(port)
  socket.write(bytes)
  return readResponse(socket)
}

/** GET `target` with a correct Host, and with `headers` as given. */
export async function get(port: number, target: string, headers: Record<string, string> = {}): Promise<RawResponse> {
  const lines = Object.entries({host: `127.0.0.1:${port}`, ...headers}).map(([name, value]) => `${name}: ${value}\r\n`)
  return sendRaw(port, `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`)
}

export async function openSocket(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, host)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  return socket
}

export async function readResponse(socket: Socket): Promise<RawResponse> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve) => socket.once('close', resolve))
  const text = Buffer.concat(chunks).toString('latin1')
  const [head = '', body = ''] = text.split('\r\n\r\n', 2)
  const [statusLine = '', ...fields] = head.split('\r\n')
  const headers = Object.fromEntries(
    fields.map((field) => [field.split(':', 1)[0]!.toLowerCase(), field.replace(/^[^:]*:\s*/, '')]),
  )
  return {status: Number(statusLine.split(' ')[1] ?? 0), headers, body, text}
}
