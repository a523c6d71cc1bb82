import {existsSync, mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {TestParix} from '@parix/plugin-local/testing'
import {createBrowser, makeHome, run, start, type TestHome} from '@parix/testkit'
import {expect} from 'chai'

const EXAMPLE = fileURLToPath(new URL('../../../../examples/test-suite/books.test.ts', import.meta.url))
/** As it is built and shipped: from source, each process of it would compile the whole service first. */
const BUILT = new URL('../../lib/testing/start-parix.js', import.meta.url).href
const COMPILER = process.execArgv.filter((word) => /^--import=/.test(word))

describe('startParix', function () {
  this.timeout(120_000)
  let home: TestHome
  let temporary: string | undefined
  let startParix: typeof import('@parix/plugin-local/testing').startParix
  const {execArgv} = process

  before(async () => {
    process.execArgv = []
    startParix = ((await import(BUILT)) as typeof import('@parix/plugin-local/testing')).startParix
    home = makeHome()
    mkdirSync(join(home.path, 'tmp'))
    temporary = process.env.TMPDIR
    process.env.TMPDIR = join(home.path, 'tmp')
  })
  after(() => {
    process.execArgv = execArgv
    if (temporary === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = temporary
    home.remove()
  })

  const leftovers = () => readdirSync(join(home.path, 'tmp')).filter((name) => name.startsWith('parix-ephemeral-'))

  async function ask(parix: TestParix, operation: string, body: unknown): Promise<{id: string}[]> {
    const response = await fetch(`${parix.baseUrl}/api/v1/databases/${parix.database.id}/tb/${operation}`, {
      method: 'POST',
      headers: {'x-api-key': parix.apiKey, 'content-type': 'application/json'},
      body: JSON.stringify(body),
    })
    const {responsePayload, detail} = (await response.json()) as {responsePayload: {id: string}[]; detail?: string}
    expect(detail).to.equal(undefined)
    return responsePayload
  }

  it('starts a service with a database, goes back to snapshots, and leaves nothing behind', async () => {
    const parix = await startParix({database: 'books'})
    expect(parix.env).to.deep.equal({
      ...{PARIX_BASE_URL: parix.baseUrl, PARIX_API_KEY: parix.apiKey, PARIX_DATABASE: 'books'},
    })
    expect(leftovers()).to.have.length(1)
    const account = (id: number) => ({id: String(id), ledger: 700, code: 10})
    await ask(parix, 'create_accounts', [account(1), account(2)])
    await parix.snapshot('empty')
    const transfer = {id: '7', debit_account_id: '1', credit_account_id: '2', amount: '5', ledger: 700, code: 1}
    for (let round = 0; round < 3; round++) {
      await ask(parix, 'create_transfers', [transfer])
      expect((await ask(parix, 'query_transfers', {})).map(({id}) => id)).to.deep.equal(['7'])
      await parix.restore('empty')
      expect(await ask(parix, 'query_transfers', {})).to.deep.equal([])
    }
    await parix.close()
    await parix.close()
    expect(leftovers()).to.deep.equal([])
  })

  it('fills the database with demo books, or with a file', async () => {
    const file = home.write(
      'seed.ndjson',
      '{"id": 1, "ledger": 700, "code": 10}\n{"id": 2, "ledger": 700, "code": 10}\n{"id": 340282366920938463463374607431768211453, "debit_account_id": 1, "credit_account_id": 2, "amount": 5, "ledger": 700, "code": 1}\n',
    )
    const [demo, seeded] = await Promise.all([startParix({demo: 'cards', demoSize: 500}), startParix({seed: file})])
    expect(existsSync(demo.env.PARIX_CHART!)).to.equal(true)
    expect((await ask(demo, 'query_transfers', {})).length).to.be.greaterThan(300)
    expect((await ask(seeded, 'query_transfers', {})).map(({id}) => id)).to.deep.equal([
      '340282366920938463463374607431768211453',
    ])
    await Promise.all([demo.close(), seeded.close()])
    expect(leftovers()).to.deep.equal([])
  })

  it('serves sign-ins and the console, whose parts load when they are asked for', async () => {
    const parix = await startParix()
    const discovery = await fetch(`${parix.baseUrl}/api/auth/.well-known/openid-configuration`)
    expect((await discovery.json()) as object).to.include({issuer: `${parix.baseUrl}/api/auth`})
    const page = await createBrowser().open(`${parix.baseUrl}/console/`)
    expect((await page.press(/sign in as you/i)).text).to.contain('main')
    await parix.close()
  })

  it('says why it could not start', async () => {
    const failure = await startParix({seed: '/no/such/file'}).catch((error: Error) => error)
    expect(failure).to.be.instanceOf(Error).with.property('message').that.contains('/no/such/file')
    expect(leftovers()).to.deep.equal([])
  })

  it('ends with the process that started it, however that ends', async () => {
    const program = `import('@parix/plugin-local/testing').then(async ({startParix}) => {
      const {baseUrl} = await startParix(); console.log(baseUrl); setInterval(() => {}, 1000)})`
    const env = {...home.environment, TMPDIR: process.env.TMPDIR}
    const suite = start(process.execPath, ['--eval', program], {
      env,
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    })
    const [baseUrl] = await suite.saw(/http:\S+/)
    suite.child.kill('SIGKILL')
    await suite.result
    for (;;) {
      const responses = await fetch(`${baseUrl}/health`).then(
        () => true,
        () => false,
      )
      if (!responses && leftovers().length === 0) break
    }
  })

  it('the example of a test suite passes', async () => {
    const env = {...home.environment, TMPDIR: process.env.TMPDIR}
    const {code, stdout, stderr} = await run(process.execPath, [...COMPILER, '--test', EXAMPLE], {
      env,
      timeoutMs: 110_000,
    })
    expect(code, stdout + stderr).to.equal(0)
    expect(stdout).to.match(/pass 3/)
  })
})
