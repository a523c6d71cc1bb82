import {writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import {createServer as createTlsServer} from 'node:https'
import {type AddressInfo, connect, type Socket} from 'node:net'
import {join} from 'node:path'
import {send} from '@parix/kit/http'
import {bundleScript, makeHome, run, type Script, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {thrown} from '../thrown.js'
import {TEST_CERTIFICATE, TEST_KEY} from './test-certificate.js'

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

interface Connect {
  target: string
  authorization: string | undefined
}

describe('TLS and proxies', () => {
  let script: Script
  let home: TestHome
  let tls: Server
  let tlsPort: number
  let proxy: Server
  let proxyPort: number
  let connects: Connect[]
  /** What the proxy answers to CONNECT; undefined: it connects to our TLS server, whatever was asked for. */
  let refusal: string | undefined
  const sockets = new Set<Socket>()

  before(async () => {
    script = await bundleScript(new URL('../scripts/send-request.ts', import.meta.url))
    home = makeHome()
    writeFileSync(join(home.path, 'ca.pem'), TEST_CERTIFICATE)
    tls = createTlsServer({key: TEST_KEY, cert: TEST_CERTIFICATE}, (_, response) => response.end('secure'))
    tlsPort = await listen(tls)
    proxy = createServer((_, response) => response.writeHead(500).end('only CONNECT'))
    proxy.on('connect', (request, socket: Socket) => {
      sockets.add(socket)
      connects.push({target: request.url ?? '', authorization: request.headers['proxy-authorization']})
      if (refusal !== undefined) {
        socket.end(refusal)
        return
      }
      const upstream = connect(tlsPort, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        upstream.pipe(socket).pipe(upstream)
      })
      sockets.add(upstream)
      for (const end of [upstream, socket]) end.on('error', () => end.destroy())
    })
    proxyPort = await listen(proxy)
  })
  after(() => {
    script.remove()
    home.remove()
    for (const socket of sockets) socket.destroy()
    tls.closeAllConnections()
    tls.close()
    proxy.close()
  })
  beforeEach(() => {
    connects = []
    refusal = undefined
  })

  const sendBy = async (url: string, env: Record<string, string>) => {
    const {stdout, stderr} = await run(process.execPath, [script.path, url], {env: {...home.environment, ...env}})
    return {response: JSON.parse(stdout) as Record<string, unknown>, output: stdout + stderr}
  }
  const trusted = () => ({NODE_EXTRA_CA_CERTS: join(home.path, 'ca.pem')})
  const proxyUrl = () => `http://ada:hunter%202@127.0.0.1:${proxyPort}`

  it('threat 3.17: a certificate that nobody trusts: nothing was sent, and NODE_EXTRA_CA_CERTS is named', async () => {
    const error = await thrown(send({method: 'GET', url: new URL(`https://127.0.0.1:${tlsPort}/`)}))
    expect(error).to.include({kind: 'UNAVAILABLE', code: 'tls_failed', sent: 'no'})
    expect(error.details.next).to.include('NODE_EXTRA_CA_CERTS')
    expect(error.details.next).not.to.match(/REJECT_UNAUTHORIZED|insecure/i)
  })

  it('threat 3.17: with it the service is reached', async () => {
    expect((await sendBy(`https://127.0.0.1:${tlsPort}/`, trusted())).response).to.deep.equal({status: 200})
  })

  it('threat 3.17: a certificate of another host: the host is wrong, so repeating does not help', async () => {
    const {response: reply} = await sendBy(`https://localhost.localdomain:${tlsPort}/`, {
      ...trusted(),
      HTTPS_PROXY: proxyUrl(),
    })
    expect(reply).to.include({kind: 'FAILED', code: 'tls_wrong_host', sent: 'no', retryable: false})
    expect(reply.message).to.include('its certificate is not for localhost.localdomain')
    expect(reply.next).not.to.include('NODE_EXTRA_CA_CERTS')
  })

  it('an https:// address of an http service: it does not speak TLS, and http:// is proposed', async () => {
    const error = await thrown(send({method: 'GET', url: new URL(`https://localhost:${proxyPort}/`)}))
    expect(error).to.include({kind: 'FAILED', exitCode: 1, code: 'not_tls', sent: 'no'})
    expect(error.message).to.equal(`https://localhost:${proxyPort} does not speak TLS: it may be an http:// address.`)
    expect(error.details.next).to.include(`--base-url http://localhost:${proxyPort}`)
  })

  it('a handshake that fails otherwise says why, in the words of TLS', async () => {
    const old = createTlsServer({key: TEST_KEY, cert: TEST_CERTIFICATE, maxVersion: 'TLSv1.1', minVersion: 'TLSv1'})
    const port = await listen(old)
    const error = await thrown(send({method: 'GET', url: new URL(`https://127.0.0.1:${port}/`)}))
    old.close()
    expect(error).to.include({kind: 'FAILED', code: 'tls_handshake_failed', sent: 'no'})
    expect(error.message).to.match(/the TLS handshake failed \([\w ]+\)\.$/)
  })

  for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY']) {
    it(`threat 3.16: ${name} is used for the service, and its password is never shown`, async () => {
      const {response: reply, output} = await sendBy('https://parix.test/x', {
        ...trusted(),
        [name]: proxyUrl(),
        DEBUG: '*',
      })
      expect(reply).to.deep.equal({status: 200})
      const authorization = `Basic ${Buffer.from('ada:hunter 2').toString('base64')}`
      expect(connects).to.deep.equal([{target: 'parix.test:443', authorization}])
      expect(output).not.to.match(/hunter|YWRhOmh1bnRlciAy|secret-token/)
    })
  }

  it('threat 3.16: a proxy without a scheme is an http one, as for curl', async () => {
    const {response: reply} = await sendBy('https://parix.test/x', {
      ...trusted(),
      HTTPS_PROXY: `127.0.0.1:${proxyPort}`,
    })
    expect(reply).to.deep.equal({status: 200})
  })

  it('threat 3.16: an address that is not valid is an error in words, without its password', async () => {
    for (const HTTPS_PROXY of ['http://ada:hunter%zz@127.0.0.1:9', 'http://ada:hunter@', 'hunter garbage']) {
      const {response: reply, output} = await sendBy('https://parix.test/x', {...trusted(), HTTPS_PROXY, DEBUG: '*'})
      expect(reply).to.include({code: 'bad_proxy'})
      expect(output).not.to.contain('hunter')
    }
    expect(connects).to.deep.equal([])
  })

  it('threat 3.16: NO_PROXY leaves hosts out', async () => {
    const env = {HTTPS_PROXY: proxyUrl(), NO_PROXY: 'other.test,.test'}
    const {response: reply} = await sendBy('https://parix.test/x', env)
    expect(reply).to.include({sent: 'no'})
    expect(connects).to.deep.equal([])
  })

  it('threat 3.16: loopback is never asked of a proxy', async () => {
    await withService(async (service) => {
      service.answer('GET', '/x', {json: 1})
      const env = {HTTP_PROXY: proxyUrl(), ALL_PROXY: proxyUrl(), HTTPS_PROXY: proxyUrl()}
      for (const host of ['127.0.0.1', 'localhost']) {
        const {response: reply} = await sendBy(`http://${host}:${service.port}/x`, env)
        expect(reply).to.deep.equal({status: 200})
      }
    })
    expect(connects).to.deep.equal([])
  })

  for (const status of [407, 502]) {
    it(`threat 3.18: a proxy that answers ${status} with a page: nothing was sent, the proxy is said to be at fault`, async () => {
      const html = '<html><body>Log in</body></html>'
      refusal = `HTTP/1.1 ${status} No\r\nContent-Type: text/html\r\nContent-Length: ${html.length}\r\n\r\n${html}`
      const {response: reply} = await sendBy('https://parix.test/x', {HTTPS_PROXY: proxyUrl()})
      expect(reply).to.include({code: 'proxy_refused', sent: 'no'})
      expect(reply.message).to.include(`HTTP ${status}`)
    })
  }

  it('a 407 names the missing login, or the one that was refused', async () => {
    refusal = 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'
    const without = await sendBy('https://parix.test/x', {HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`})
    expect(without.response.next).to.include('requires a user name and a password')
    const refused = await sendBy('https://parix.test/x', {HTTPS_PROXY: proxyUrl()})
    expect(refused.response.next).to.include('refused the user name and password')
    expect(refused.output).not.to.include('hunter')
  })

  it('a SOCKS proxy is refused before anything is sent, and the kinds that work are named', async () => {
    for (const scheme of ['socks5', 'socks5h', 'socks4', 'ftp']) {
      const {response: reply} = await sendBy('https://parix.test/x', {
        HTTPS_PROXY: `${scheme}://ada:hunter2@127.0.0.1:${proxyPort}`,
      })
      expect(reply).to.include({kind: 'BAD_INPUT', code: 'bad_proxy'})
      expect(reply.message).to.include(`is a ${scheme} proxy; only http and https proxies are supported`)
      expect(JSON.stringify(reply)).not.to.include('hunter')
    }
    expect(connects).to.deep.equal([])
  })

  it('a proxy that is not there was never reached, and its password is not shown', async () => {
    const {response: reply, output} = await sendBy('https://parix.test/x', {
      HTTPS_PROXY: 'http://ada:hunter2@127.0.0.1:9',
    })
    expect(reply).to.include({code: 'proxy_unreachable', sent: 'no'})
    expect(reply.message).to.equal("The proxy 127.0.0.1:9 can't be reached (ECONNREFUSED).")
    expect(output).not.to.include('hunter2')
  })
})
