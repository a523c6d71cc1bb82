import {subscribe, unsubscribe} from 'node:diagnostics_channel'
import {createServer as createHttpServer, type RequestListener} from 'node:http'
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net'
import {send, sendStreaming} from '@parix/kit/http'
import {bundleScript, makeHome, run, withService} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'

/** A TCP server on a free port that speaks by hand, for what no HTTP library would send. */
async function withSocketServer<T>(talk: (socket: Socket) => void, work: (origin: string) => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    talk(socket)
  })
  return whileListening(server, sockets, work)
}

async function withHttpServer<T>(listener: RequestListener, work: (origin: string) => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>()
  const server = createHttpServer(listener)
  server.on('connection', (socket) => sockets.add(socket))
  return whileListening(server, sockets, work)
}

async function whileListening<T>(
  server: Server,
  sockets: Set<Socket>,
  work: (origin: string) => Promise<T>,
): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

/** Says `text` to whoever has sent something, and then does nothing. */
const saying = (text: string) => (socket: Socket) => void socket.once('data', () => socket.write(text))

const UNTIL = {connectTimeoutMs: 300, responseTimeoutMs: 300}

describe('every request settles', () => {
  const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
  const BARE = 'HTTP/1.1 101 Switching Protocols\r\n\r\n'
  for (const [name, text] of Object.entries({'with an upgrade': SWITCHED, 'without one': BARE})) {
    it(`a response of 101 ${name} is not a response: the outcome is unknown`, () =>
      withSocketServer(saying(text), async (origin) => {
        for (const transport of [send, sendStreaming]) {
          const error = await thrown(transport({method: 'POST', url: new URL(origin), body: '{}', ...UNTIL}))
          expect(error).to.include({kind: 'UNAVAILABLE', exitCode: 75, sent: 'maybe'})
        }
      }))
  }

  const MISBEHAVIOUR: Record<string, (socket: Socket) => void> = {
    'informational responses without end': (socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    },
    'headers without end': (socket) => {
      const timer = setInterval(() => socket.write('x-a: b\r\n'), 20)
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n'))
      socket.on('close', () => clearInterval(timer))
    },
    'half a head, then the end': (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncont')),
    'nothing, then the end': (socket) => void socket.once('data', () => socket.end()),
    'a reset': (socket) => void socket.once('data', () => socket.resetAndDestroy()),
    'a chunk that never comes': saying('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf'),
    'a body that is cut off': (socket) =>
      void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf')),
    'two lengths': saying('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
  }
  for (const [name, talk] of Object.entries(MISBEHAVIOUR)) {
    it(`${name}: an error in words, with 75`, () =>
      withSocketServer(talk, async (origin) => {
        const error = await thrown(send({method: 'POST', url: new URL(origin), body: '{}', ...UNTIL}))
        expect(error).to.include({kind: 'UNAVAILABLE', exitCode: 75, sent: 'maybe'})
        const streamed = thrown(async () => {
          const {body} = await sendStreaming({method: 'GET', url: new URL(origin), ...UNTIL})
          for await (const _ of body);
        })
        expect((await streamed).exitCode).to.equal(75)
      }))
  }

  it('a body that comes a byte at a time is not waited for without end', () =>
    withHttpServer(
      (_, response) => {
        const timer = setInterval(() => response.write('.'), 20)
        response.on('close', () => clearInterval(timer))
      },
      async (origin) => {
        expect(await thrown(send({method: 'GET', url: new URL(origin), ...UNTIL}))).to.include({code: 'answer_timeout'})
        const {body} = await sendStreaming({method: 'GET', url: new URL(origin), ...UNTIL})
        const reading = async () => {
          for await (const chunk of body) expect(chunk.toString()).to.match(/^\.+$/)
        }
        expect(await thrown(reading)).to.include({code: 'answer_timeout', exitCode: 75})
      },
    ))

  it('a reader that is slower than the limit is not taken for a silent service', () =>
    withHttpServer(
      (_, response) => void response.end('0123456789'.repeat(50)),
      async (origin) => {
        const {body} = await sendStreaming({
          method: 'GET',
          url: new URL(origin),
          connectTimeoutMs: 300,
          responseTimeoutMs: 100,
        })
        let bytes = 0
        for await (const chunk of body) {
          bytes += chunk.length
          await new Promise((resolve) => setTimeout(resolve, 200))
        }
        expect(bytes).to.equal(500)
      },
    ))

  it('a proxy that accepts and stays silent ends the request, and the process with it', () =>
    withSocketServer(
      () => {},
      async (origin) => {
        const script = await bundleScript(new URL('../scripts/send-request.ts', import.meta.url))
        const home = makeHome()
        try {
          const env = {...home.environment, HTTPS_PROXY: origin}
          const {stdout} = await run(process.execPath, [script.path, 'https://parix.test/', '300'], {
            env,
            timeoutMs: 60_000,
          })
          expect(JSON.parse(stdout)).to.include({code: 'connect_timeout', sent: 'no', kind: 'UNAVAILABLE'})
        } finally {
          script.remove()
          home.remove()
        }
      },
    ))
})

describe('got is the engine of the client', () => {
  it('every request, and every hop of a redirect, is made by got', () =>
    withService(async (service) => {
      service.answer('GET', '/x', {status: 302, headers: {location: '/y'}})
      service.answer('GET', '/y', {body: 'here'})
      service.answer('POST', '/z', {body: 'made'})
      const made: string[] = []
      const listener = (message: unknown) => {
        const {method, url} = message as {method: string; url: string}
        made.push(`${method} ${new URL(url).pathname}`)
      }
      subscribe('got:request:start', listener)
      try {
        await send({method: 'GET', url: new URL('/x', service.baseUrl), redirects: 'same-origin-get'})
        await sendStreaming({method: 'POST', url: new URL('/z', service.baseUrl), body: 'x'})
      } finally {
        unsubscribe('got:request:start', listener)
      }
      expect(made).to.deep.equal(['GET /x', 'GET /y', 'POST /z'])
      expect(made).to.have.length(service.requests.length)
    }))

  it('a compressed response is decompressed; a stream too, unless its caller asked for the encoding', () =>
    withService(async (service) => {
      const {gzipSync, brotliCompressSync, deflateSync} = await import('node:zlib')
      const encoders = {gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync}
      for (const [encoding, compress] of Object.entries(encoders)) {
        const body = compress('{"a":1}')
        service.answer('GET', '/x', {headers: {'content-encoding': encoding}, body})
        const url = new URL(`${service.baseUrl}/x`)
        expect((await send({method: 'GET', url})).body.toString()).to.equal('{"a":1}')
        expect(service.requests.at(-1)!.headers['accept-encoding']).to.include(encoding)
        const streamed = async (headers: Record<string, string>) => {
          const chunks: Buffer[] = []
          for await (const chunk of (await sendStreaming({method: 'GET', url, headers})).body) chunks.push(chunk)
          return [Buffer.concat(chunks), service.requests.at(-1)!.headers['accept-encoding']]
        }
        expect(await streamed({})).to.deep.equal([Buffer.from('{"a":1}'), 'identity'])
        expect(await streamed({'Accept-Encoding': encoding})).to.deep.equal([body, encoding])
      }
    }))

  it('threat 7.11: a small compressed response that becomes a huge one is cut off at the limit', () =>
    withService(async (service) => {
      const {gzipSync} = await import('node:zlib')
      const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024))
      service.answer('GET', '/x', {headers: {'content-encoding': 'gzip'}, body: bomb})
      const before = process.memoryUsage().rss
      const error = await thrown(send({method: 'GET', url: new URL(`${service.baseUrl}/x`), responseBytesMax: 100_000}))
      expect(error).to.include({code: 'answer_too_big', exitCode: 75})
      expect(error.message).to.match(/larger than 98 KiB\.$/)
      expect(process.memoryUsage().rss - before).to.be.lessThan(40 * 1024 * 1024)
    }))

  it('a response that only claims to be compressed is an error in words', () =>
    withService(async (service) => {
      service.answer('GET', '/x', {headers: {'content-encoding': 'gzip'}, body: '{"a":1}'})
      const error = await thrown(send({method: 'GET', url: new URL(`${service.baseUrl}/x`)}))
      expect(error).to.include({code: 'bad_encoding', exitCode: 75})
      expect(error.message).to.include("can't be decompressed")
    }))

  it('says how long the parts of a request took', () =>
    withService(async (service) => {
      service.answer('GET', '/x', {body: 'ok'})
      const {phases} = await send({method: 'GET', url: new URL(`${service.baseUrl}/x`)})
      expect(phases).to.have.property('firstByte').that.is.at.least(0)
      expect(phases).not.to.have.property('tls')
    }))

  it("no error carries got's options, which hold the token", async () => {
    const token = 'tok_very_secret'
    await withService(async (service) => {
      service.answer('GET', '/drop', {drop: true})
      service.answer('GET', '/big', {body: Buffer.alloc(5000)})
      const issuer = new URL(service.baseUrl)
      const credential = {kind: 'bearer', token, issuer} as const
      const unwritable = {kind: 'own', headers: {authorization: `${token}\n`}, issuer} as const
      for (const request of [
        {url: new URL('/drop', issuer), credential},
        {url: new URL('/big', issuer), credential, responseBytesMax: 10},
        {url: new URL('/drop', issuer), credential: unwritable},
        {url: new URL('/drop', issuer), credential, signal: AbortSignal.abort()},
      ]) {
        const error = await thrown(send({method: 'GET', ...request}))
        const {inspect} = await import('node:util')
        expect(inspect(error, {depth: 20, showHidden: true})).not.to.include(token)
        expect(error.cause).to.equal(undefined)
      }
    })
  })
})
