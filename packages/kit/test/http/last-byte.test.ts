import {once} from 'node:events'
import {createServer, type IncomingMessage, type RequestListener, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {send} from '@parix/kit/http'
import {expect} from 'chai'
import {thrown} from '../thrown.js'

/** A promise, and what settles it. */
function held(): {until: Promise<void>; letGo(): void; giveUp(): void} {
  let letGo = () => {}
  let giveUp = () => {}
  const until = new Promise<void>((resolve, reject) => {
    letGo = resolve
    giveUp = () => reject(new Error('not its turn'))
  })
  return {until, letGo, giveUp}
}

async function withServer<T>(listener: RequestListener, work: (url: URL) => Promise<T>): Promise<T> {
  const server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    return await work(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** Counts what arrives of a body. */
function received(request: IncomingMessage): {bytes: number; reached(bytes: number): Promise<void>} {
  const seen = {
    bytes: 0,
    reached: async (bytes: number) => {
      while (seen.bytes < bytes) await once(request, 'data')
    },
  }
  request.on('data', (chunk: Buffer) => {
    seen.bytes += chunk.length
  })
  return seen
}

describe('a request whose last byte is held back', () => {
  const BODY = Buffer.alloc(300_000, 'x')

  it('has all but that byte at the service, and is whole when it is let go', async () => {
    const turn = held()
    let whole = false
    let arrive = (_: IncomingMessage) => {}
    const arrived = new Promise<IncomingMessage>((resolve) => {
      arrive = resolve
    })
    await withServer(
      (request, response) => {
        request.once('end', () => {
          whole = true
          response.end('done')
        })
        arrive(request)
      },
      async (url) => {
        const sent = send({method: 'POST', url, body: BODY, lastByteAfter: turn.until})
        const request = await arrived
        await received(request).reached(BODY.length - 1)
        expect(request.headers['content-length']).to.equal(String(BODY.length))
        expect(whole).to.equal(false)
        turn.letGo()
        expect((await sent).body.toString()).to.equal('done')
        expect(whole).to.equal(true)
      },
    )
  })

  for (const [name, body] of Object.entries({text: 'äöü', 'one byte': 'x', nothing: ''})) {
    it(`sends a body of ${name} as it is`, async () => {
      const turn = held()
      const chunks: Buffer[] = []
      await withServer(
        (request, response) => {
          request.on('data', (chunk: Buffer) => chunks.push(chunk)).once('end', () => response.end())
        },
        async (url) => {
          const sent = send({method: 'POST', url, body, lastByteAfter: turn.until})
          turn.letGo()
          expect((await sent).status).to.equal(200)
        },
      )
      expect(Buffer.concat(chunks).toString()).to.equal(body)
    })
  }

  it('given up, was certainly not sent, and never is whole', async () => {
    const turn = held()
    let whole = false
    await withServer(
      (request) => {
        request
          .on('error', () => {})
          .once('end', () => {
            whole = true
          })
        received(request)
          .reached(BODY.length - 1)
          .then(turn.giveUp, () => {})
      },
      async (url) => {
        const error = await thrown(send({method: 'POST', url, body: BODY, lastByteAfter: turn.until}))
        expect(error).to.include({code: 'aborted', sent: 'no'})
      },
    )
    expect(whole).to.equal(false)
  })

  it('was certainly not sent, either, where the connection breaks before its turn', async () => {
    const turn = held()
    await withServer(
      (request) => {
        received(request)
          .reached(1)
          .then(
            () => request.socket.destroy(),
            () => {},
          )
      },
      async (url) => {
        const error = await thrown(send({method: 'POST', url, body: BODY, lastByteAfter: turn.until}))
        expect(error).to.include({kind: 'UNAVAILABLE', sent: 'no'})
      },
    )
  })

  it('is waited for as long as any other, from its last byte on', async () => {
    const turn = held()
    const LIMIT = {responseTimeoutMs: 100}
    await withServer(
      (request, response) => {
        if (request.url === '/held') request.resume().once('end', () => response.end('done'))
      },
      async (url) => {
        const sent = send({method: 'POST', url: new URL('/held', url), body: BODY, lastByteAfter: turn.until, ...LIMIT})
        // One that began later has waited too long before it is let go.
        const silent = await thrown(send({method: 'POST', url, body: 'x', ...LIMIT}))
        expect(silent).to.include({code: 'answer_timeout', sent: 'maybe'})
        turn.letGo()
        expect((await sent).body.toString()).to.equal('done')
        const late = held()
        const unanswered = send({method: 'POST', url, body: BODY, lastByteAfter: late.until, ...LIMIT})
        late.letGo()
        expect(await thrown(unanswered)).to.include({code: 'answer_timeout', sent: 'maybe'})
      },
    )
  })

  it('may be refused before it is whole: its connection then serves no other request', async () => {
    const turn = held()
    const ports = new Set<number | undefined>()
    await withServer(
      (request, response) => {
        ports.add(request.socket.remotePort)
        if (request.url === '/') response.writeHead(413).end('too much')
        else request.resume().once('end', () => response.end('done'))
      },
      async (url) => {
        const refused = await send({method: 'POST', url, body: BODY, lastByteAfter: turn.until})
        expect([refused.status, refused.body.toString()]).to.deep.equal([413, 'too much'])
        // How long a response took that came before all was sent is not a number, and is left out.
        expect(refused.phases).to.not.have.property('firstByte')
        turn.letGo()
        const next = await send({method: 'POST', url: new URL('/next', url), body: 'x'})
        expect(next.body.toString()).to.equal('done')
      },
    )
    expect(ports.size).to.equal(2)
  })

  for (const [what, respond] of Object.entries({
    'is refused': (_: IncomingMessage, response: ServerResponse) => response.writeHead(413).end(),
    'loses its connection': ({socket}: IncomingMessage) => socket.destroy(),
  })) {
    it(`that ${what} before its turn waits for nothing when that comes: no timer keeps the process`, async () => {
      const turn = held()
      const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
      await withServer(respond, async (url) => {
        const before = timers()
        await send({method: 'POST', url, body: BODY, lastByteAfter: turn.until}).catch(() => {})
        turn.letGo()
        await turn.until
        await new Promise(setImmediate)
        expect(timers()).to.be.at.most(before)
      })
    })
  }
})
