import {once} from 'node:events'
import {createServer} from 'node:net'
import {networkInterfaces} from 'node:os'
import {expect} from 'chai'
import {type ExpectedCallback, expectCallback} from '../../src/auth/callback.js'
import {type Loopback, type LoopbackOptions, openLoopback} from '../../src/auth/loopback.js'
import {get, openSocket, readResponse, sendRaw} from './raw-http.js'

const STATE = 'c3RhdGUtb2YtdGhpcy1hdHRlbXB0'
const GRANTED = new URL('https://parix.example/base/cli-oauth-consent-granted')
const SECRET_CODE = 'code-that-must-not-be-shown'

describe('the loopback listener', () => {
  let loopback: Loopback
  let callback: ExpectedCallback
  let foreign: number

  beforeEach(async () => start({port: 0}))
  afterEach(async () => loopback.close())

  async function start(options: LoopbackOptions): Promise<void> {
    foreign = 0
    loopback = await openLoopback({
      ...options,
      onForeign: () => {
        foreign += 1
      },
    })
    callback = expectCallback(STATE)
    loopback.expect(callback)
  }

  const right = (more = '') => `/callback?code=${SECRET_CODE}&state=${STATE}${more}`

  /** The login as it should go: the code arrives, the exchange is done, the browser is sent on. */
  async function succeeds(): Promise<void> {
    const browser = get(loopback.port, right())
    const response = await callback.response
    expect(response.kind).to.equal('code')
    callback.settle({kind: 'granted', redirect: GRANTED})
    const {status, headers} = await browser
    expect([status, headers.location]).to.deep.equal([303, GRANTED.href])
  }

  describe('what is not our answer', () => {
    const cases: [row: string, what: string, target: string][] = [
      ['1.1', 'a wrong state', '/callback?code=x&state=other'],
      ['1.1', 'our state with one letter more', `/callback?code=x&state=${STATE}A`],
      ['1.2', 'no state', '/callback?code=x'],
      ['1.2', 'an empty state', '/callback?code=x&state='],
      ['1.2', 'our state twice', `/callback?code=x&state=${STATE}&state=${STATE}`],
      ['1.2', 'our state and another one', `/callback?code=x&state=${STATE}&state=other`],
      ['1.7', 'an error with a wrong state', '/callback?error=access_denied&state=other'],
    ]
    for (const [row, what, target] of cases) {
      it(`threat ${row}, flaw 15: ${what} is refused, and the login continues`, async () => {
        const {status, body} = await get(loopback.port, target)
        expect(status).to.equal(400)
        expect(body).to.contain('is still waiting')
        expect(foreign).to.equal(1)
        await succeeds()
      })
    }

    it('threat 1.1: nothing is accepted before an attempt is expected', async () => {
      const other = await openLoopback({port: 0})
      expect((await get(other.port, right())).status).to.equal(400)
      await other.close()
    })
  })

  describe('what our answer may hold', () => {
    const unusable: [what: string, query: string][] = [
      ['no code', `state=${STATE}`],
      ['an empty code', `code=&state=${STATE}`],
      ['two codes', `code=a&code=b&state=${STATE}`],
    ]
    for (const [what, query] of unusable) {
      it(`threat 1.3: ${what} with the right state is an unusable answer`, async () => {
        const browser = get(loopback.port, `/callback?${query}`)
        expect((await callback.response).kind).to.equal('unusable')
        callback.settle({kind: 'failed'})
        expect((await browser).status).to.equal(502)
      })
    }

    it('threat 1.5: a refusal gets a page, not a hanging connection', async () => {
      const browser = get(loopback.port, `/callback?error=access_denied&state=${STATE}`)
      expect(await callback.response).to.deep.equal({kind: 'error', error: 'access_denied', description: undefined})
      callback.settle({kind: 'refused'})
      const {status, body} = await browser
      expect(status).to.equal(200)
      expect(body).to.contain('You refused access')
    })

    it('threat 1.6: an error wins over a code', async () => {
      const browser = get(loopback.port, right('&error=server_error&error_description=busy'))
      expect(await callback.response).to.deep.equal({kind: 'error', error: 'server_error', description: 'busy'})
      callback.settle({kind: 'failed'})
      expect((await browser).status).to.equal(502)
    })
  })

  it('threat 1.8: the same callback twice at once is taken once, the other gets an idle page', async () => {
    const both = [get(loopback.port, right()), get(loopback.port, right())]
    await callback.response
    const idle = await Promise.race(both)
    expect(idle.status).to.equal(200)
    expect(idle.body).to.contain('already answered')
    callback.settle({kind: 'granted', redirect: GRANTED})
    const statuses = (await Promise.all(both)).map(({status}) => status)
    expect(statuses.sort()).to.deep.equal([200, 303])
  })

  describe('threat 1.9: a callback from inside another page', () => {
    const refused: [what: string, headers: Record<string, string>][] = [
      ['an image', {'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image'}],
      ['a fetch', {'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty'}],
      ['a fetch of the same site', {'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors'}],
      ['a frame', {'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe'}],
      ['no mode at all', {'sec-fetch-site': 'cross-site'}],
      [
        'a prerender',
        {
          'sec-fetch-site': 'cross-site',
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
          'sec-purpose': 'prefetch;prerender',
        },
      ],
    ]
    for (const [what, headers] of refused) {
      it(`is refused even with our state: ${what}`, async () => {
        expect((await get(loopback.port, right(), headers)).status).to.equal(403)
        await succeeds()
      })
    }

    const accepted: [what: string, headers: Record<string, string>][] = [
      ['curl, which sends no such header', {}],
      [
        'a real navigation',
        {'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document'},
      ],
      [
        'an address typed by hand',
        {'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document'},
      ],
      ['a script that sends a mode and no site', {'sec-fetch-mode': 'cors'}],
    ]
    for (const [what, headers] of accepted) {
      it(`passes: ${what}`, async () => {
        const browser = get(loopback.port, right(), headers)
        await callback.response
        callback.settle({kind: 'granted', redirect: GRANTED})
        expect((await browser).status).to.equal(303)
      })
    }
  })

  describe('threat 1.10: DNS rebinding', () => {
    const hosts: [what: string, lines: (port: number) => string][] = [
      ['a foreign host', (port) => `Host: evil.example:${port}\r\n`],
      ['the right host without the port', () => 'Host: 127.0.0.1\r\n'],
      ['a name that begins with localhost', (port) => `Host: localhost.evil.example:${port}\r\n`],
      ['localhost without the port', () => 'Host: localhost\r\n'],
      ['another port', (port) => `Host: 127.0.0.1:${port + 1}\r\n`],
      ['a name that begins like ours', (port) => `Host: 127.0.0.1.evil.example:${port}\r\n`],
      ['another loopback spelling', (port) => `Host: [::1]:${port}\r\n`],
      ['no host', () => ''],
      ['two hosts', (port) => `Host: 127.0.0.1:${port}\r\nHost: evil.example:${port}\r\n`],
      ['our host twice', (port) => `Host: 127.0.0.1:${port}\r\nHost: 127.0.0.1:${port}\r\n`],
    ]
    for (const [what, lines] of hosts) {
      it(`refuses ${what}`, async () => {
        const response = await sendRaw(loopback.port, `GET ${right()} HTTP/1.1\r\n${lines(loopback.port)}\r\n`)
        expect(response.status).to.be.oneOf([400, 421])
        expect(foreign).to.equal(0)
        await succeeds()
      })
    }

    it('accepts localhost with our port', async () => {
      const browser = get(loopback.port, right(), {host: `localhost:${loopback.port}`})
      await callback.response
      callback.settle({kind: 'granted', redirect: GRANTED})
      expect((await browser).status).to.equal(303)
    })
  })

  for (const method of ['HEAD', 'POST', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'PATCH']) {
    it(`threat 1.11: ${method} gets 405 without CORS headers, and does not use up the code`, async () => {
      const request = `${method} ${right()} HTTP/1.1\r\nHost: 127.0.0.1:${loopback.port}\r\nOrigin: https://evil.example\r\n\r\n`
      const {status, headers} = await sendRaw(loopback.port, request)
      expect(status).to.equal(405)
      expect(headers.allow).to.equal('GET')
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).to.deep.equal([])
      await succeeds()
    })
  }

  for (const path of [
    '/',
    '/favicon.ico',
    '/callback/x',
    '/callback/',
    '//callback',
    '/callbackevil',
    '/Callback',
    '/%63allback',
  ]) {
    it(`threat 1.12: ${path} is not the callback`, async () => {
      expect((await get(loopback.port, `${path}?code=x&state=${STATE}`)).status).to.equal(404)
      await succeeds()
    })
  }

  it('threat 1.12: an absolute request target is not the callback', async () => {
    expect((await get(loopback.port, `http://127.0.0.1:${loopback.port}${right()}`)).status).to.equal(404)
    await succeeds()
  })

  describe('threat 1.13: too much, too many, too slow', () => {
    it('a query of 64 KiB is cut off', async () => {
      const {status} = await get(loopback.port, `${right()}&x=${'x'.repeat(64 * 1024)}`)
      expect(status).to.equal(431)
      await succeeds()
    })

    it('200 idle connections do not keep the answer out', async () => {
      const idle = await Promise.all(Array.from({length: 200}, () => openSocket(loopback.port)))
      await succeeds()
      for (const socket of idle) socket.destroy()
    })

    it('of 200 idle connections it keeps no more than 128', async () => {
      const idle = await Promise.all(Array.from({length: 200}, () => openSocket(loopback.port)))
      const closed = idle.slice(0, 200 - 128).map((socket) => once(socket, 'close'))
      await Promise.all(closed)
      await succeeds()
      for (const socket of idle) socket.destroy()
    })

    it('a request that arrives byte by byte is ended after some seconds', async () => {
      const socket = await openSocket(loopback.port)
      const bytes = `GET ${right()} HTTP/1.1\r\nHost: 127.0.0.1:${loopback.port}\r\nX: `
      const dripping = setInterval(() => socket.write('x'), 1000)
      socket.write(bytes)
      try {
        expect((await readResponse(socket)).status).to.equal(408)
      } finally {
        clearInterval(dripping)
      }
      await succeeds()
    })
  })

  it('threat 1.14: a silent connection does not hold the listener open', async () => {
    const silent = await openSocket(loopback.port)
    const ended = once(silent, 'close')
    await succeeds()
    const before = performance.now()
    await loopback.close()
    await ended
    expect(performance.now() - before).to.be.lessThan(30_000)
  })

  it('threat 1.15: every answer ends its connection', async () => {
    const responses = [
      await get(loopback.port, '/favicon.ico', {connection: 'keep-alive'}),
      await get(loopback.port, '/callback?state=x', {connection: 'keep-alive'}),
    ]
    const browser = get(loopback.port, right(), {connection: 'keep-alive'})
    await callback.response
    callback.settle({kind: 'granted', redirect: GRANTED})
    responses.push(await browser)
    expect(responses.map(({headers}) => headers.connection)).to.deep.equal(['close', 'close', 'close'])
  })

  it('threat 1.16: nothing in the query changes where the browser is sent', async () => {
    const evil = encodeURIComponent('//evil.example')
    const names = ['redirect', 'next', 'redirect_uri', 'return_to', 'url', 'baseUrl', 'iss', 'error_uri']
    const browser = get(loopback.port, right(names.map((name) => `&${name}=${evil}`).join('')))
    await callback.response
    callback.settle({kind: 'granted', redirect: GRANTED})
    expect((await browser).headers.location).to.equal(GRANTED.href)
  })

  describe('threat 1.17: the browser learns how the exchange ended', () => {
    it('a failed exchange ends on an error page, not on the redirect', async () => {
      const browser = get(loopback.port, right())
      await callback.response
      callback.settle({kind: 'failed'})
      const {status, headers, body} = await browser
      expect([status, headers.location]).to.deep.equal([502, undefined])
      expect(body).to.contain('You are not signed in')
    })

    it('an exchange that hangs keeps the browser waiting for a bounded time', async () => {
      await loopback.close()
      await start({port: 0, exchangeWaitMsMax: 50})
      const {status, body} = await get(loopback.port, right())
      expect(status).to.equal(202)
      expect(body).to.contain('Still working')
    })

    it('closing lets the browser have its answer first', async () => {
      const browser = get(loopback.port, right())
      await callback.response
      callback.settle({kind: 'granted', redirect: GRANTED})
      await loopback.close()
      expect((await browser).headers.location).to.equal(GRANTED.href)
    })
  })

  describe('threat 1.18: text from the query never comes back', () => {
    const attacks = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', 'javascript:alert(1)']
    for (const attack of attacks) {
      it(attack, async () => {
        const text = encodeURIComponent(attack)
        const responses = [
          await get(loopback.port, `/callback?state=${text}&error=${text}&error_description=${text}&code=${text}`),
          await get(loopback.port, `/${text}?${text}=${text}`),
        ]
        const browser = get(loopback.port, `/callback?error=${text}&error_description=${text}&state=${STATE}`)
        await callback.response
        callback.settle({kind: 'failed'})
        responses.push(await browser)
        for (const {text: whole, headers} of responses) {
          expect(whole).to.not.contain(attack).and.not.contain(text)
          expect(headers['content-security-policy']).to.match(/^default-src 'none'; style-src 'sha256-[\w+/=]+';/)
          expect(headers['x-content-type-options']).to.equal('nosniff')
          expect(headers['referrer-policy']).to.equal('no-referrer')
          expect(headers['cache-control']).to.equal('no-store')
        }
      })
    }
  })

  it('threat 1.19: the redirect carries no referrer, no code, and is not stored', async () => {
    const browser = get(loopback.port, right())
    await callback.response
    callback.settle({kind: 'granted', redirect: GRANTED})
    const {headers, text} = await browser
    expect(headers['referrer-policy']).to.equal('no-referrer')
    expect(headers['cache-control']).to.equal('no-store')
    expect(text).to.not.contain(SECRET_CODE)
  })

  it('threat 1.20: CR and LF in parameters add no header', async () => {
    const split = '%0d%0aSet-Cookie:%20a=b'
    const responses = [
      await get(loopback.port, `/callback?state=${split}&code=${split}&x=${split}`),
      await get(loopback.port, `/${split}`),
    ]
    const browser = get(loopback.port, right(`&redirect=${split}&iss=${split}`))
    await callback.response
    callback.settle({kind: 'granted', redirect: GRANTED})
    responses.push(await browser)
    for (const {headers} of responses) expect(headers).to.not.have.property('set-cookie')
  })

  describe('threat 1.23: only this machine', () => {
    it('another address of this machine is refused', async () => {
      const others = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
      const outer = others.find(({family, internal}) => family === 'IPv4' && !internal)
      const targets = ['127.0.0.2', ...(outer ? [outer.address] : [])]
      for (const host of targets) {
        const outcome = await openSocket(loopback.port, host).then(
          (socket) => {
            socket.destroy()
            return 'connected'
          },
          (error: NodeJS.ErrnoException) => error.code,
        )
        expect(outcome, host).to.equal('ECONNREFUSED')
      }
    })

    it('the redirect URI names the literal address', () => {
      expect(loopback.redirectUri).to.equal(`http://127.0.0.1:${loopback.port}/callback`)
    })
  })

  it('threat 1.24: a port in use is said so, with what to do', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const {port} = holder.address() as {port: number}
    const error = await openLoopback({port}).then(
      () => undefined,
      (reason: Error) => reason,
    )
    holder.close()
    expect(error?.message).to.equal(`Port ${port} is in use by another program.`)
    expect(error).to.have.nested.property('details.hint', 'Leave --port out to use any free port.')
  })

  it('threat 1.26: closing frees the port', async () => {
    await loopback.close()
    const again = await openLoopback({port: loopback.port})
    expect(again.port).to.equal(loopback.port)
    await again.close()
  })
})
