import {once} from 'node:events'
import {createServer as createHttpServer, type ServerResponse} from 'node:http'
import {type AddressInfo, createServer, type Socket} from 'node:net'
import {gzipSync} from 'node:zlib'
import {isParixError, type ParixError} from '@parix/kit/errors'
import {type Credential, isTransportError, send, sendStreaming, type TransportError} from '@parix/kit/http'
import {withService} from '@parix/testkit'
import {expect} from 'chai'

async function failure(work: Promise<unknown>): Promise<ParixError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isParixError(error)) throw new Error(`expected a ParixError, got ${String(error)}`)
  return error
}

async function transportFailure(work: Promise<unknown>): Promise<TransportError> {
  const error = await failure(work)
  if (!isTransportError(error)) throw error
  return error
}

function bearer(issuer: string): Credential {
  return {kind: 'bearer', token: 'secret-token', issuer: new URL(issuer)}
}

/** A TCP port that takes connections and never says a word. */
async function silentPort(): Promise<{port: number; close: () => void}> {
  const sockets: Socket[] = []
  const server = createServer((socket) => void sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

describe('the door to the network', () => {
  it('sends method, headers, body and credential, and gives the whole answer', async () => {
    await withService(async (service) => {
      service.answer('POST', '/x', {status: 201, headers: {'x-note': 'a'}, body: 'made'})
      const url = new URL(`${service.baseUrl}/x`)
      const headers = {'user-agent': 'parix/1'}
      const reply = await send({method: 'POST', url, headers, body: 'bytes', credential: bearer(service.baseUrl)})
      expect(reply).to.include({status: 201})
      expect(reply.headers['x-note']).to.equal('a')
      expect(reply.body.toString()).to.equal('made')
      expect(service.requests[0]!.headers).to.include({authorization: 'Bearer secret-token', 'user-agent': 'parix/1'})
      expect(service.requests[0]!.body).to.equal('bytes')
    })
  })

  it('threat 3.4: a credential for another origin: refused before anything is sent', async () => {
    await withService(async (service) => {
      const url = new URL(`${service.baseUrl}/x`)
      for (const kind of [bearer('https://parix.io'), {kind: 'inBody', issuer: new URL('https://parix.io')} as const]) {
        expect((await failure(send({method: 'GET', url, credential: kind}))).kind).to.equal('NOT_SENT')
      }
      expect(service.requests).to.deep.equal([])
    })
  })

  it('a credential that a refusal repeats is hidden, in the body and in headers; all else is as it came', async () => {
    await withService(async (service) => {
      const issuer = new URL(service.baseUrl)
      const credentials: [Credential, string][] = [
        [{kind: 'bearer', token: 'aaaa-bbbb-cccc', issuer}, 'aaaa-bbbb-cccc'],
        [{kind: 'apiKey', key: 'px_0123456789', issuer}, 'px_0123456789'],
        [{kind: 'own', headers: {cookie: 'session=0123456789ab; a=b'}, issuer}, '0123456789ab'],
      ]
      for (const [credential, secret] of credentials) {
        service.answer('GET', '/x', {status: 400, headers: {'x-request-id': secret}, body: `got a=${secret} of ü`})
        const {headers, body} = await send({method: 'GET', url: new URL(`${service.baseUrl}/x`), credential})
        expect([headers['x-request-id'], body.toString()]).to.deep.equal(['[hidden]', 'got a=[hidden] of ü'])
      }
    })
  })

  it('a credential that a streamed refusal repeats is hidden wherever it is cut; bytes that are not text stay', async () => {
    await withService(async (service) => {
      const issuer = new URL(service.baseUrl)
      const secret = 'px_0123456789'
      const binary = Buffer.from([0xff, 0x00, 0xfe, 0x70, 0x78])
      const wanted = Buffer.concat([Buffer.from('got [hidden] and px_01, [hidden]'), binary])
      for (let cut = 1; cut < secret.length; cut++) {
        const pieces = ['got px', secret.slice(2, cut), secret.slice(Math.max(2, cut)), ' and px_01, ', secret]
        const chunks = [...pieces.map((piece) => Buffer.from(piece)), binary]
        // Each is written when the one before it has left, so that the reader meets them apart.
        const raw = async (_: unknown, response: ServerResponse) => {
          response.writeHead(500, {'x-request-id': secret})
          for (const chunk of chunks) await new Promise((written) => response.write(chunk, written))
          response.end()
        }
        service.answer('GET', '/x', {raw})
        const credential: Credential = {kind: 'apiKey', key: secret, issuer}
        const {headers, body} = await sendStreaming({method: 'GET', url: new URL(`${service.baseUrl}/x`), credential})
        const got: Buffer[] = []
        for await (const chunk of body) got.push(chunk)
        expect([headers['x-request-id'], Buffer.concat(got).equals(wanted)]).to.deep.equal(['[hidden]', true])
      }
    })
  })

  it('a success is data: nothing is taken out of a stream, and of a whole response only what cannot be a number', async () => {
    await withService(async (service) => {
      const url = new URL(`${service.baseUrl}/x`)
      for (const [key, left] of [
        ['123456789012', 'key 123456789012'],
        ['px_0123456789', 'key [hidden]'],
      ] as const) {
        service.answer('GET', '/x', {body: `key ${key}`}, {body: `key ${key}`})
        const credential: Credential = {kind: 'apiKey', key, issuer: url}
        expect((await send({method: 'GET', url, credential})).body.toString()).to.equal(left)
        const {body, conceal} = await sendStreaming({method: 'GET', url, credential})
        const got: Buffer[] = []
        for await (const chunk of body) got.push(chunk)
        expect(Buffer.concat(got).toString()).to.equal(`key ${key}`)
        expect(conceal(`a ${key}`)).to.equal('a [hidden]')
      }
    })
  })

  it('a credential never goes in by a plain header: there is one way only', async () => {
    const url = new URL('http://127.0.0.1:9/')
    for (const name of ['Authorization', 'x-api-key', 'cookie']) {
      const thrown = await send({method: 'GET', url, headers: {[name]: 'x'}}).catch((error: Error) => error)
      expect(thrown).to.be.instanceOf(TypeError)
    }
  })

  for (const status of [301, 302, 303, 307, 308]) {
    for (const method of ['GET', 'POST']) {
      it(`threat 3.5: ${status} of a ${method} to another origin is not followed, and its origin is named`, async () => {
        await withService(async (other) => {
          await withService(async (service) => {
            service.answer(method, '/x', {status, headers: {location: `${other.baseUrl}/steal`}})
            const error = await failure(
              send({
                method,
                url: new URL(`${service.baseUrl}/x`),
                credential: {kind: 'apiKey', key: 'px_1', issuer: new URL(service.baseUrl)},
                redirects: 'same-origin-get',
                ...(method === 'POST' && {body: 'body'}),
              }),
            )
            expect(error).to.include({kind: 'FAILED', code: 'redirect_not_followed'})
            expect(error.message).to.include(other.baseUrl)
          })
          expect(other.requests).to.deep.equal([])
        })
      })
    }
  }

  it('threat 3.6: a redirect to another scheme of the same host is not followed', async () => {
    await withService(async (service) => {
      service.answer('GET', '/x', {status: 302, headers: {location: service.baseUrl.replace('http:', 'https:')}})
      const url = new URL(`${service.baseUrl}/x`)
      const request = {method: 'GET', url, credential: bearer(service.baseUrl), redirects: 'same-origin-get'} as const
      expect((await failure(send(request))).code).to.equal('redirect_not_followed')
      expect(service.requests).to.have.length(1)
    })
  })

  it('threat 3.7: GET follows a redirect of the same origin with its credential; POST does not', async () => {
    await withService(async (service) => {
      service.answer('GET', '/x', {status: 307, headers: {location: '/y'}})
      service.answer('POST', '/x', {status: 307, headers: {location: '/y'}})
      service.answer('GET', '/y', {body: 'here'})
      const common = {url: new URL(`${service.baseUrl}/x`), credential: bearer(service.baseUrl)}
      const reply = await send({method: 'GET', ...common, redirects: 'same-origin-get'})
      expect(reply.body.toString()).to.equal('here')
      expect(reply.url.pathname).to.equal('/y')
      expect(service.to('GET', '/y')[0]!.headers.authorization).to.equal('Bearer secret-token')
      const error = await failure(send({method: 'POST', ...common, redirects: 'same-origin-get'}))
      expect(error.message).to.include('only GET follows redirects')
    })
  })

  it('threat 3.8: a redirect loop stops after 5', async () => {
    await withService(async (service) => {
      service.answer('GET', '/x', {status: 302, headers: {location: '/x'}})
      const error = await failure(
        send({method: 'GET', url: new URL(`${service.baseUrl}/x`), redirects: 'same-origin-get'}),
      )
      expect(error.code).to.equal('redirect_not_followed')
      expect(service.requests).to.have.length(6)
    })
  })

  it('puts a response of known length into memory that is lent, and leaves it alone where it does not fit', async () => {
    await withService(async (service) => {
      const lent = Buffer.alloc(100_000)
      const asked: number[] = []
      const get = async (body: Buffer, headers?: Record<string, string>) => {
        service.answer('GET', '/x', {body, ...(headers && {headers})})
        const responseMemory = (bytes: number) => {
          asked.push(bytes)
          return lent
        }
        return (await send({method: 'GET', url: new URL(`${service.baseUrl}/x`), responseMemory})).body
      }
      const small = await get(Buffer.alloc(90_000, 'a'), {'content-length': '90000'})
      expect(small.equals(Buffer.alloc(90_000, 'a'))).to.equal(true)
      expect(small.buffer).to.equal(lent.buffer)
      // What is said to be compressed has another length.
      const compressed = await get(gzipSync(Buffer.alloc(300_000, 'b')), {'content-encoding': 'gzip'})
      expect(compressed.equals(Buffer.alloc(300_000, 'b'))).to.equal(true)
      expect(asked).to.deep.equal([90_000, 0])
    })
  })

  it('threat 7.11: an answer bigger than its bound is cut off', async () => {
    await withService(async (service) => {
      service.answer('GET', '/x', {body: Buffer.alloc(300_000)})
      const error = await transportFailure(
        send({method: 'GET', url: new URL(`${service.baseUrl}/x`), responseBytesMax: 200_000}),
      )
      expect(error).to.include({code: 'answer_too_big', exitCode: 75})
      expect(error.details.retryable).to.equal(false)
    })
  })

  it('threat 7.11: of an error its beginning is read: the status counts, whatever the size of the body', async () => {
    await withService(async (service) => {
      service.answer('GET', '/x', {status: 404, body: Buffer.alloc(30_000_000)})
      const {status, body} = await send({
        method: 'GET',
        url: new URL(`${service.baseUrl}/x`),
        responseBytesMax: 200_000,
      })
      expect(status).to.equal(404)
      expect(body.length).to.be.lessThan(400_000)
    })
  })

  it('threat 7.11: an endless answer ends at its bound', async () => {
    await withService(async (service) => {
      let cut = false
      service.answer('GET', '/x', {
        raw: (_, response) => {
          const pump = () => {
            while (!cut && response.write(Buffer.alloc(65_536)));
          }
          response.on('drain', pump)
          response.on('close', () => {
            cut = true
          })
          pump()
        },
      })
      const error = await transportFailure(
        send({method: 'GET', url: new URL(`${service.baseUrl}/x`), responseBytesMax: 1_000_000}),
      )
      expect(error.code).to.equal('answer_too_big')
    })
  })

  it('threat 7.12: a service that takes the request and is silent', async () => {
    const {port, close} = await silentPort()
    const error = await transportFailure(
      send({method: 'GET', url: new URL(`http://127.0.0.1:${port}/`), responseTimeoutMs: 80}),
    )
    close()
    expect(error).to.include({code: 'answer_timeout', sent: 'maybe', exitCode: 75})
  })

  it('threat 7.12: a TLS service that never shakes hands: nothing was sent', async () => {
    const {port, close} = await silentPort()
    const error = await transportFailure(
      send({method: 'GET', url: new URL(`https://127.0.0.1:${port}/`), connectTimeoutMs: 80}),
    )
    close()
    expect(error).to.include({code: 'connect_timeout', sent: 'no'})
  })

  it('threat 7.12: a head that comes and a body that does not', async () => {
    await withService(async (service) => {
      service.answer('GET', '/x', {raw: (_, response) => void response.writeHead(200).write('half')})
      const url = new URL(`${service.baseUrl}/x`)
      expect(await transportFailure(send({method: 'GET', url, responseTimeoutMs: 80}))).to.include({
        code: 'answer_timeout',
      })
      const {body} = await sendStreaming({method: 'GET', url, responseTimeoutMs: 80})
      const read = (async () => {
        for await (const chunk of body) expect(chunk.toString()).to.equal('half')
      })()
      expect((await transportFailure(read)).code).to.equal('answer_timeout')
    })
  })

  it('threat 5.11: a refused connection was never sent, and says what to do', async () => {
    const {port, close} = await silentPort()
    close()
    const error = await transportFailure(send({method: 'GET', url: new URL(`http://127.0.0.1:${port}/`)}))
    expect(error).to.include({code: 'connection_refused', sent: 'no', exitCode: 75})
    expect(error.details.next).to.include('parix local start')
  })

  it('threat 5.11: a name that does not exist was never sent', async () => {
    const error = await transportFailure(send({method: 'GET', url: new URL('https://parix.invalid/')}))
    expect(error.sent).to.equal('no')
  })

  it('threat 5.12: a connection that breaks after sending may have been processed', async () => {
    await withService(async (service) => {
      service.answer('POST', '/x', {drop: true})
      service.answer('POST', '/half', {
        raw: (request, response) => {
          response.writeHead(200, {'content-length': '100'})
          response.write('half', () => request.socket.destroy())
        },
      })
      for (const path of ['/x', '/half']) {
        const error = await transportFailure(send({method: 'POST', url: new URL(service.baseUrl + path), body: 'x'}))
        expect(error, path).to.include({code: 'connection_lost', sent: 'maybe'})
      }
    })
  })

  it('an answer that is not HTTP', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as AddressInfo
    const error = await transportFailure(send({method: 'GET', url: new URL(`http://127.0.0.1:${port}/`)}))
    server.close()
    expect(error.code).to.equal('not_http')
  })

  it('giving up closes the connection at once', async () => {
    await withService(async (service) => {
      service.answer('GET', '/x', {hang: true})
      const stop = new AbortController()
      const pending = transportFailure(send({method: 'GET', url: new URL(`${service.baseUrl}/x`), signal: stop.signal}))
      await service.received('GET', '/x')
      stop.abort()
      expect(await pending).to.include({code: 'aborted', sent: 'maybe'})
      const late = send({method: 'GET', url: new URL(`${service.baseUrl}/x`), signal: stop.signal})
      expect(await transportFailure(late)).to.include({code: 'aborted', sent: 'no'})
      expect(service.requests).to.have.length(1)
    })
  })

  it('says when all of a request has left, before there is a response', async () => {
    const body = Buffer.alloc(3_000_000, 'x')
    let reply = () => {}
    const server = createHttpServer((request, response) => {
      request.resume().once('end', () => {
        reply = () => response.end('done')
        if (left) reply()
      })
    })
    let left = false
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    // The response is held back until then: without the call there would be none.
    const onSent = () => {
      left = true
      reply()
    }
    expect((await send({method: 'POST', url, body, onSent})).body.toString()).to.equal('done')
    server.close()
  })

  it('threat 3.11: a header that HTTP can not carry is one sentence, without its value', async () => {
    const url = new URL('http://127.0.0.1:9/')
    const issuer = url
    for (const value of ['a\r\nx-evil: 1', 'a\u0000b', 'ключ']) {
      const error = await failure(
        send({method: 'GET', url, credential: {kind: 'own', headers: {authorization: value}, issuer}}),
      )
      expect(error).to.include({kind: 'BAD_INPUT'})
      expect(error.message).not.to.include(value)
    }
  })
})
