import {mkdtempSync, rmSync} from 'node:fs'
import {connect, createServer, type Server} from 'node:net'
import {networkInterfaces, tmpdir} from 'node:os'
import {join} from 'node:path'
import {startService} from '@parix/plugin-local/server'
import {expect} from 'chai'
import {useLocalService} from '../support/local.js'

describe('the port of the local service', () => {
  const local = useLocalService()

  /** What the service answers to these bytes, until it hangs up. */
  function raw(text: string, host = '127.0.0.1'): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(local.service.port, host, () => socket.write(text))
      let reply = ''
      socket.on('data', (chunk) => {
        reply += chunk.toString('latin1')
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(reply))
    })
  }

  const request = (lines: string[]) =>
    raw(`${['GET /health HTTP/1.1', 'Connection: close', ...lines].join('\r\n')}\r\n\r\n`)

  it('answers to its three names, whatever their case', async () => {
    for (const name of ['localhost', '127.0.0.1', '[::1]', 'LOCALHOST']) {
      expect(await request([`Host: ${name}:${local.service.port}`])).to.match(/^HTTP\/1\.1 200 /)
    }
  })

  it('threat 1.10, 2.13: refuses any other Host: a name of another site may lead to this machine', async () => {
    const {port} = local.service
    for (const host of [
      `evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `localhost.:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `127.0.0.2:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `0.0.0.0:${port}`,
      `localhost:${port + 1}`,
      'localhost',
      '127.0.0.1',
      `user@localhost:${port}`,
      `localhost:${port}/x`,
      `localhost:${port} evil`,
    ]) {
      expect(await request([`Host: ${host}`]), host).to.match(/^HTTP\/1\.1 4(21|00) /)
    }
  })

  it('keeps a connection open for longer than a command takes to prepare its next request', async () => {
    const response = await fetch(`${local.service.baseUrl}/health`)
    expect(Number(/timeout=(\d+)/.exec(response.headers.get('keep-alive') ?? '')?.[1])).to.be.at.least(60)
  })

  it('threat 1.10: refuses no Host, an empty one, and two', async () => {
    const own = `Host: localhost:${local.service.port}`
    expect(await request([])).to.match(/^HTTP\/1\.1 400 /)
    expect(await request(['Host:'])).to.match(/^HTTP\/1\.1 4(21|00) /)
    expect(await request([own, own])).to.match(/^HTTP\/1\.1 4(21|00) /)
    expect(await request([own, 'Host: evil.example'])).to.match(/^HTTP\/1\.1 4(21|00) /)
  })

  it('threat 1.10: refuses an absolute address in the request line, and HTTP/1.0 without Host', async () => {
    const own = `Host: localhost:${local.service.port}`
    const absolute = `GET http://evil.example/health HTTP/1.1\r\n${own}\r\nConnection: close\r\n\r\n`
    expect(await raw(absolute)).to.match(/^HTTP\/1\.1 421 /)
    expect(await raw('GET /health HTTP/1.0\r\n\r\n')).to.match(/^HTTP\/1\.1 421 /)
  })

  it('forwarded names count for nothing', async () => {
    const reply = await fetch(local.url('/api/auth/.well-known/openid-configuration'), {
      headers: {'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example'},
    })
    expect(((await reply.json()) as {issuer: string}).issuer).to.equal(local.url('/api/auth'))
  })

  it('threat 2.13: listens on loopback and nowhere else', async () => {
    expect(await reachable('127.0.0.1', local.service.port)).to.equal(true)
    for (const address of otherAddresses()) {
      expect(await reachable(address, local.service.port), address).to.equal(false)
    }
  })

  it('listens on ::1 too, where there is one: `localhost` may be either', async function () {
    if (!hasIpv6Loopback()) this.skip()
    expect(await reachable('::1', local.service.port)).to.equal(true)
  })

  it('answers 413 to a form that is too large', async () => {
    const body = `grant_type=${'x'.repeat(100_000)}`
    const headers = {'content-type': 'application/x-www-form-urlencoded', origin: local.service.baseUrl}
    for (const path of ['/api/auth/oauth2/token', '/api/auth/oauth2/revoke', '/consent', '/sign-in']) {
      const reply = await fetch(local.url(path), {method: 'POST', headers, body})
      expect(reply.status, path).to.equal(413)
    }
  })

  describe('when the port can’t be had', () => {
    for (const address of ['127.0.0.1', '::1']) {
      it(`says so when ${address} is taken, and leaves nothing open`, async function () {
        if (address === '::1' && !hasIpv6Loopback()) this.skip()
        const dataDir = mkdtempSync(join(tmpdir(), 'parix-local-'))
        const holder = await hold(address)
        const {port} = holder.address() as {port: number}
        try {
          const failure = await startService({port, dataDir}).catch((error: unknown) => error)
          expect(failure).to.include({name: 'ServiceFault', code: 'PORT_IN_USE'})
          // The data directory is free again at once.
          await (await startService({port: 0, dataDir})).close()
        } finally {
          holder.close()
          rmSync(dataDir, {recursive: true, force: true})
        }
      })
    }
  })
})

function hold(address: string): Promise<Server> {
  const server = createServer()
  return new Promise((resolve) => server.listen(0, address, () => resolve(server)))
}

function reachable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({host, port, timeout: 3000}, () => end(true))
    const end = (response: boolean) => {
      socket.destroy()
      resolve(response)
    }
    socket.on('error', () => end(false))
    socket.on('timeout', () => end(false))
  })
}

function otherAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return all.filter(({internal, family}) => !internal && family === 'IPv4').map(({address}) => address)
}

function hasIpv6Loopback(): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({address}) => address === '::1'))
}
