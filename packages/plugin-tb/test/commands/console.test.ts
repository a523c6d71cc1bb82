import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {createServer, request, type Server} from 'node:http'
import {join} from 'node:path'
import {makeHome, parix, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {type LocalLedger, startLocalLedger} from '../support/local-ledger.js'

const CHART = `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes: {account: {bank: 10, customer: 20}, transfer: {deposit: 1}}
types: {bank: asset, customer: liability}
accounts:
  bank: {id: 1, ledger: USD, code: bank}
  alice: {id: 2, ledger: USD, code: customer}
`

describe('parix console and parix open', function () {
  this.timeout(60_000)
  let local: LocalLedger
  let hosted: {url: string; close(): Promise<void>}
  let home: TestHome
  before(async () => {
    local = await startLocalLedger()
    hosted = await apiAlone(local.baseUrl)
    home = makeHome()
    home.write('parix.chart.yaml', CHART)
    await local.operate('create_accounts', [
      {id: '1', ledger: 700, code: 10},
      {id: '2', ledger: 700, code: 20},
    ])
    await local.operate('create_transfers', [
      {id: '9', debit_account_id: '1', credit_account_id: '2', amount: '1250', ledger: 700, code: 1},
    ])
  })
  after(async () => {
    await hosted?.close()
    await local?.stop()
    home?.remove()
  })

  const env = (baseUrl: string) => ({PARIX_BASE_URL: baseUrl, PARIX_API_KEY: local.apiKey, BROWSER: 'none'})
  const run = (words: string) => parix(words, {home, cwd: home.path, env: env(local.baseUrl)})

  it('print the page of a database of the local service, which has the names of the chart from then on', async () => {
    for (const words of ['open books --print', 'console books']) {
      const {stdout, code} = await run(words)
      expect(code, words).to.equal(0)
      expect(stdout, words).to.equal(`${local.baseUrl}/console/books\n`)
    }
    const {stdout} = await run('open books --print --json')
    expect(JSON.parse(stdout)).to.deep.equal({
      url: `${local.baseUrl}/console/books`,
      service: local.baseUrl,
      served: false,
    })
    const {stdout: list} = await run('open --print')
    expect(list).to.equal(`${local.baseUrl}/console/\n`)
  })

  it('open says why no browser came up, and prints the address all the same', async () => {
    const {stdout, stderr, code} = await run('open books')
    expect([stdout, code]).to.deep.equal([`${local.baseUrl}/console/books\n`, 0])
    expect(stderr).to.contain('No browser is opened: BROWSER=none')
  })

  it('refuse a database that is not there, and a chart that is for another one', async () => {
    expect((await run('open nothing --print')).code).to.equal(3)
    home.write('other.yaml', `for: [other]\n${CHART}`)
    const {code, stderr} = await run('open books --print --chart other.yaml')
    expect(code).to.equal(2)
    expect(stderr).to.contain('for other')
  })

  it('console serves a hosted service: the address works once, the pages have the names of the chart', async () => {
    const served = await startConsole(home, env(hosted.url), 'books')
    try {
      expect(served.address).to.include({service: hosted.url.replace('127.0.0.1', 'localhost'), served: true})
      const entered = await fetch(served.address.url)
      const cookie = entered.headers.get('set-cookie')!.split(';')[0]!
      const page = await fetch(new URL('/console/books/accounts/2', served.address.url), {headers: {cookie}})
      const text = (await page.text()).replace(/<[^>]*>/g, '')
      expect(text).to.contain('@alice').and.contain('12.50 USD').and.contain('read-only')
      expect((await fetch(served.address.url)).status).to.equal(403)
      for (const path of [
        '/console/',
        '/console/books',
        '/console/books/transfers/9',
        '/console/books/holds',
        '/console/books/reports',
      ]) {
        const {status} = await fetch(new URL(path, served.address.url), {headers: {cookie}})
        expect(status, path).to.equal(200)
      }
    } finally {
      expect(await served.end()).to.equal(130)
    }
  })

  it('every command on the pages runs as it is pasted', async () => {
    const served = await startConsole(home, env(hosted.url), 'books')
    try {
      const cookie = (await fetch(served.address.url)).headers.get('set-cookie')!.split(';')[0]!
      const commands: string[] = []
      for (const path of ['accounts/2', 'transfers/9']) {
        const page = await fetch(new URL(`/console/books/${path}`, served.address.url), {headers: {cookie}})
        const text = await page.text()
        commands.push(...[...text.matchAll(/<pre class="cmd" data-copy="parix ([^"]*)"/g)].map(([, words]) => words!))
      }
      expect(commands).to.have.length(5)
      for (const words of commands) {
        const {code, stderr} = await parix(words, {home, cwd: home.path, env: env(hosted.url)})
        expect([words, code, stderr]).to.deep.equal([words, 0, stderr])
      }
    } finally {
      await served.end()
    }
  })
})

interface Running {
  address: {url: string; service: string; served: boolean}
  /** Sends the signal of Ctrl-C. @returns the exit code */
  end(): Promise<number | null>
}

async function startConsole(home: TestHome, env: Record<string, string>, database: string): Promise<Running> {
  const root = new URL('../../../../', import.meta.url).pathname
  const child: ChildProcess = spawn(process.execPath, [join(root, 'bin/run.js'), 'console', database, '--json'], {
    env: {...home.environment, ...env},
    cwd: home.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  let errors = ''
  child.stderr!.on('data', (chunk) => {
    errors += chunk
  })
  for await (const chunk of child.stdout!) {
    text += chunk
    if (text.trimEnd().endsWith('}')) break
  }
  if (text === '') throw new Error(errors)
  return {
    address: JSON.parse(text),
    async end() {
      const ended = once(child, 'exit')
      child.kill('SIGINT')
      return (await ended)[0] as number | null
    },
  }
}

/** A service that has the API and nothing else, as a hosted one: the local service behind a proxy. */
async function apiAlone(baseUrl: string): Promise<{url: string; close(): Promise<void>}> {
  const target = new URL(baseUrl)
  const server: Server = createServer((incoming, response) => {
    if (!incoming.url!.startsWith('/api/')) {
      response.writeHead(404).end('{}')
      return
    }
    const headers = {...incoming.headers, host: target.host}
    const passed = request(
      {host: '127.0.0.1', port: target.port, path: incoming.url, method: incoming.method, headers},
      (result) => {
        response.writeHead(result.statusCode!, result.headers)
        result.pipe(response)
      },
    )
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as {port: number}).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
