import {request as httpRequest} from 'node:http'
import {type ServedConsole, serveConsole} from '@parix/console'
import {expect} from 'chai'
import {type SampleBooks, sampleBooks} from './support/sample-books.js'
import {LIMITS, visitorOf} from './support/visit.js'

interface Reply {
  status: number
  text: string
  cookie: string
}

/** A request with exactly these headers: fetch would not send another Host. */
function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {method, headers}, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          text: Buffer.concat(chunks).toString(),
          cookie: response.headers['set-cookie']?.[0] ?? '',
        }),
      )
    })
    request.once('error', reject)
    request.end()
  })
}

describe('a console on a port of its own', () => {
  let books: SampleBooks
  let served: ServedConsole
  before(async () => {
    books = await sampleBooks(20)
  })
  beforeEach(async () => {
    served = await serveConsole({
      visitor: visitorOf([books.database], 'parix.example'),
      path: '/shop',
      port: 0,
      idleMs: 60_000,
      limits: LIMITS,
      log: () => undefined,
    })
  })
  afterEach(() => served.close())
  after(() => books.ledger.close())

  const pageUrl = () => new URL('/console/shop', served.url).href
  const enter = async () => (await ask(served.url)).cookie.split(';')[0]!

  it('lets in who opens the address, once: the second time it is refused', async () => {
    const first = await ask(served.url)
    expect(first.status).to.equal(200)
    expect(first.text).to.contain('url=/console/shop')
    expect(first.cookie).to.match(/^parix_console_[0-9a-f]{8}=[\w-]{22}; Path=\/; HttpOnly; SameSite=Strict$/)
    const second = await ask(served.url)
    expect(second.status).to.equal(403)
    expect(second.cookie).to.equal('')
    expect((await ask(pageUrl(), {cookie: first.cookie.split(';')[0]!})).text).to.contain('Overview')
  })

  it('shows nothing without the cookie, or with another', async () => {
    const cookie = await enter()
    for (const wrong of ['', 'parix_console=x', `${cookie}x`, cookie.slice(0, -1), cookie.replace(/=.*/, '=')]) {
      const {status, text} = await ask(pageUrl(), wrong === '' ? {} : {cookie: wrong})
      expect(status, wrong).to.equal(403)
      expect(text, wrong).to.not.contain('Overview')
    }
  })

  it('is not entered by another token, nor by asking for the headers alone', async () => {
    const wrong = new URL(served.url)
    wrong.searchParams.set('token', 'A'.repeat(22))
    expect((await ask(wrong.href)).status).to.equal(403)
    expect((await ask(served.url, {}, 'HEAD')).cookie).to.equal('')
    expect((await ask(served.url)).status).to.equal(200)
  })

  it('answers to no other name than 127.0.0.1 with its port', async () => {
    const cookie = await enter()
    const {port} = new URL(served.url)
    for (const host of [
      'evil.example',
      `localhost:${port}`,
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${Number(port) + 1}`,
    ]) {
      const {status, text} = await ask(pageUrl(), {cookie, host})
      expect(status, host).to.equal(421)
      expect(text, host).to.not.contain('shop')
    }
  })

  it('refuses what another page asks for, even with the cookie: frames, scripts, fetches, forms', async () => {
    const cookie = await enter()
    const from = (site: string, mode: string, dest: string, method = 'GET') =>
      ask(pageUrl(), {cookie, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest}, method)
    for (const site of ['same-site', 'cross-site']) {
      expect((await from(site, 'no-cors', 'script')).status).to.equal(403)
      expect((await from(site, 'cors', 'empty')).status).to.equal(403)
      expect((await from(site, 'navigate', 'iframe')).status).to.equal(403)
      expect((await from(site, 'navigate', 'document', 'POST')).status).to.equal(403)
      // A link that somebody follows is nothing that the other page can read.
      expect((await from(site, 'navigate', 'document')).status).to.equal(200)
    }
    expect((await from('same-origin', 'cors', 'empty')).status).to.equal(200)
  })

  it('ends by itself when nobody asks for anything', async () => {
    const short = await serveConsole({
      visitor: visitorOf([books.database]),
      path: '/',
      port: 0,
      idleMs: 20,
      limits: LIMITS,
      log: () => undefined,
    })
    await short.idle
    await short.close()
  })

  it('has no page that takes a form', async () => {
    const cookie = await enter()
    for (const path of ['/console/', '/console/shop', '/console/shop/transfers', '/console/-/requests']) {
      const {status} = await ask(new URL(path, served.url).href, {cookie}, 'POST')
      expect(status, path).to.equal(404)
    }
  })
})
