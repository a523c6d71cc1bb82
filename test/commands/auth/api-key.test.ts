import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {
  BROWSER_PROGRAM,
  createBrowser,
  makeHome,
  type RunResult,
  residentParix,
  signInWithBrowser,
  startAround,
  startOnTerminal,
  type TestHome,
  withParix,
} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../../scripts/build/workspaces.js'
import {driveLogin} from './driven-login.js'

type Intercept = NonNullable<NonNullable<Parameters<typeof startService>[0]>['intercept']>

const KEY = /px_[A-Za-z]{64}/

describe('parix auth api-key', function () {
  this.timeout(120_000)
  let dataDir: string
  let service: RunningService
  let home: TestHome
  let made = 0
  /** What the service is to do with the next request to its routes for keys. */
  let instead: Intercept | undefined

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-api-key-'))
    service = await startService({
      port: 0,
      dataDir,
      provisionDelayMs: 0,
      intercept: (request, next) => {
        const meet = new URL(request.url).pathname.startsWith('/api/v1/api-keys') ? instead : undefined
        return meet === undefined ? next(request) : meet(request, next)
      },
    })
    home = makeHome()
    await succeeds(`auth login --base-url ${service.baseUrl}`, {BROWSER: BROWSER_PROGRAM})
    for (const name of ['books', 'other']) await succeeds(`database create ${name} --wait`)
    await succeeds('tb create-accounts books --id 1 --ledger 700 --code 10')
  })
  beforeEach(() => {
    instead = undefined
  })
  after(async () => {
    await service?.close()
    home?.remove()
    rmSync(dataDir, {recursive: true, force: true})
  })

  const go = (words: string | string[], env: Record<string, string> = {}) => residentParix(words, {home, env})
  const succeeds = async (words: string, env: Record<string, string> = {}): Promise<RunResult> => {
    const result = await go(words, env)
    expect(result.code, words + result.stderr).to.equal(0)
    return result
  }
  const fresh = () => `key-${made++}`
  const create = async (flags = '', name = fresh()) => {
    const {stdout} = await succeeds(`auth api-key create ${name} ${flags} --json`)
    return JSON.parse(stdout) as {key: string; apiKey: Record<string, unknown> & {id: string; name: string}}
  }
  const list = async () =>
    (JSON.parse((await succeeds('auth api-key list --json')).stdout) as {apiKeys: Record<string, unknown>[]}).apiKeys
  /** As a machine with this key. */
  const withKey = (words: string, key: string) => go(words, {PARIX_API_KEY: key, PARIX_BASE_URL: service.baseUrl})

  it('create prints the key alone on stdout, what it is for on stderr, and the key works', async () => {
    const name = fresh()
    const {stdout, stderr} = await succeeds(`auth api-key create ${name}`)
    expect(stdout.trimEnd()).to.match(new RegExp(`^${KEY.source}$`))
    expect(stderr)
      .to.contain(`Created ${name}`)
      .and.to.contain('(organization Local): read, all databases, until it is revoked.')
    expect(stderr).to.contain('not shown again').and.not.to.match(KEY)
    expect((await withKey('database list', stdout.trim())).code).to.equal(0)
  })

  it('a key to read one database reads that one, writes nothing and sees no other', async () => {
    const {key, apiKey} = await create('--database books')
    expect(apiKey).to.include({access: 'read', databaseName: 'books'})
    expect((await withKey('tb lookup-accounts books --id 1', key)).code).to.equal(0)
    const write = await withKey('tb create-accounts books --id 2 --ledger 700 --code 10', key)
    expect([write.code, write.stdout]).to.deep.equal([5, ''])
    expect(write.stderr).to.contain('db:write')
    expect((await withKey('tb query-accounts other', key)).code).to.equal(5)
    expect((await withKey('database create third', key)).code).to.equal(5)
    expect((await go('tb lookup-accounts books --id 2')).code, 'nothing was written').to.equal(3)
  })

  it('a key to write one database writes that one only', async () => {
    const {key} = await create('--database books --write')
    const books = await withKey('tb create-accounts books --id 3 --ledger 700 --code 10', key)
    expect(books.code, books.stderr).to.equal(0)
    const other = await withKey('tb create-accounts other --id 3 --ledger 700 --code 10', key)
    expect([other.code, other.stdout]).to.deep.equal([5, ''])
  })

  it('--expires is a number of days, in the key and in the list; other spans are refused before anything is sent', async () => {
    const {apiKey} = await create('--expires 90d')
    const days = (Date.parse(apiKey.expiresAt as string) - Date.now()) / 86_400_000
    expect(days).to.be.within(89.9, 90.1)
    const before = (await list()).length
    for (const wrong of ['90', '0d', '366d', '12h', '1y', '-1d', '1.5d', 'soon']) {
      const {code, stderr, stdout} = await go(['auth', 'api-key', 'create', fresh(), `--expires=${wrong}`])
      expect({code, stdout}, wrong).to.deep.equal({code: 2, stdout: ''})
      expect(stderr, wrong).to.contain('--expires')
    }
    expect(await list()).to.have.length(before)
  })

  it('list shows name, start, scope, created, last used and expiry, and no key', async () => {
    const {key, apiKey} = await create('--database other --write --expires 7d')
    await withKey('database list', key)
    const row = (await list()).find(({id}) => id === apiKey.id)!
    expect(row).to.include({name: apiKey.name, access: 'write', databaseName: 'other', start: key.slice(0, 6)})
    expect(Date.parse(row.lastUsedAt as string)).to.be.within(Date.now() - 60_000, Date.now())
    expect(Date.parse(row.createdAt as string)).to.be.within(Date.now() - 60_000, Date.now())
    const {stdout} = await succeeds('auth api-keys list')
    expect(stdout).to.match(/^NAME +ID +KEY +ACCESS +DATABASE +CREATED +LAST USED +EXPIRES\n/)
    expect(stdout).to.match(new RegExp(`${apiKey.name} +${apiKey.id} +${key.slice(0, 6)}… +read and write +other +20`))
    expect(stdout).not.to.match(KEY)
  })

  it('revoke works by name and by id, at once; what was revoked is not found again', async () => {
    for (const by of ['name', 'id'] as const) {
      const {key, apiKey} = await create()
      const {stdout} = await succeeds(`auth api-key revoke ${apiKey[by]} --confirm ${apiKey[by]}`)
      expect(stdout).to.contain(`Revoked ${apiKey.name} (${apiKey.id}) at localhost`)
      expect((await withKey('database list', key)).code).to.equal(4)
      const again = await go(`auth api-key revoke ${apiKey[by]} --yes`)
      expect(again.code).to.equal(3)
      expect(again.stderr).to.contain('parix auth api-key list')
    }
  })

  it('revoke asks for the name; without a terminal it names the flag, and nothing is revoked', async () => {
    const {key, apiKey} = await create()
    const silent = await go(`auth api-key revoke ${apiKey.name}`)
    expect([silent.code, silent.stdout]).to.deep.equal([2, ''])
    expect(silent.stderr).to.contain(`parix auth api-key revoke ${apiKey.name} --confirm ${apiKey.name}`)
    const wrong = await go(`auth api-key revoke ${apiKey.name} --confirm other`)
    expect([wrong.code, wrong.stderr]).to.satisfy(([code, text]: [number, string]) => code === 2 && /other/.test(text))
    for (const [reply, code] of [
      ['something else', 2],
      [apiKey.name, 0],
    ] as const) {
      expect((await withKey('database list', key)).code, 'it still works').to.equal(0)
      const asked = startOnTerminal(['auth', 'api-key', 'revoke', apiKey.name], {home})
      await asked.saw(/Type its name to revoke it:/)
      asked.child.stdin!.write(`${reply}\n`)
      const result = await asked.result
      expect(result.code, result.stdout).to.equal(code)
      expect(result.stdout).to.contain('read, all databases').and.to.contain(apiKey.id)
    }
    expect((await withKey('database list', key)).code).to.equal(4)
  })

  it('a name that several keys have is refused with their ids', async () => {
    const page = await createBrowser().open(`${service.baseUrl}/settings/api-keys`)
    let keys = await page.press(/Sign in as you@/)
    for (let turn = 0; turn < 2; turn++) keys = await keys.press(/Create key/, {fill: {name: 'twin'}})
    const {code, stderr} = await go('auth api-key revoke twin --yes')
    expect(code).to.equal(2)
    const twins = (await list()).filter(({name}) => name === 'twin').map(({id}) => id as string)
    expect(twins).to.have.length(2)
    for (const id of twins) expect(stderr).to.contain(id)
    expect((await go(`auth api-key revoke ${twins[0]} --yes`)).code).to.equal(0)
  })

  it('a name that is taken is refused, also by two creates at once: no key is replaced', async () => {
    const name = fresh()
    const results = await Promise.all([1, 2, 3].map(() => go(`auth api-key create ${name}`)))
    expect(results.map(({code}) => code).sort()).to.deep.equal([0, 6, 6])
    const refused = results.find(({code}) => code === 6)!
    expect(refused.stderr).to.contain(`You have an API key called ${name}`).and.to.contain('parix auth api-key list')
    expect((await list()).filter((key) => key.name === name)).to.have.length(1)
  })

  it('an API key creates, lists and revokes no keys: 5, in words', async () => {
    const {key, apiKey} = await create('--write')
    for (const words of ['list', `create ${fresh()}`, `revoke ${apiKey.id} --yes`]) {
      const {code, stderr, stdout} = await withKey(`auth api-key ${words}`, key)
      expect({code, stdout}, words).to.deep.equal({code: 5, stdout: ''})
      expect(stderr, words).to.contain("An API key can't create, list or revoke API keys")
      expect(stderr, words).to.contain('PARIX_API_KEY is set')
    }
    expect((await withKey('database list', key)).code, 'it was not revoked').to.equal(0)
  })

  it('a session without db:write lists keys, and creates and revokes none', async () => {
    const own = makeHome()
    try {
      const login = await driveLogin({home: own, baseUrl: service.baseUrl})
      await signInWithBrowser(login.page.href, {browser: createBrowser(), untick: ['db:write']})
      expect((await login.result).code).to.equal(0)
      const {apiKey} = await create()
      expect((await residentParix('auth api-key list', {home: own})).code).to.equal(0)
      for (const words of [`create ${fresh()}`, `revoke ${apiKey.id} --yes`]) {
        const {code, stderr} = await residentParix(`auth api-key ${words}`, {home: own})
        expect(code, words).to.equal(5)
        expect(stderr, words).to.contain('needs the scope db:write')
      }
    } finally {
      own.remove()
    }
  })

  it('no file of this machine holds a key, and --debug prints none', async () => {
    const {stdout, stderr} = await succeeds(`auth api-key create ${fresh()} --debug`)
    expect(stderr).not.to.match(KEY)
    for (const name of readdirSync(home.path, {recursive: true, encoding: 'utf8'})) {
      const path = join(home.path, name)
      const text = (() => {
        try {
          return readFileSync(path, 'latin1')
        } catch {
          return ''
        }
      })()
      expect(text.includes(stdout.trim()), name).to.equal(false)
    }
  })

  it('a key that could not be shown ends with 75 and the command that revokes it', async function () {
    if (!existsSync('/dev/full')) this.skip()
    const name = fresh()
    const words = ['auth', 'api-key', 'create', name]
    const line = ['bash', '-c', 'exec "$@" > /dev/full', 'bash', process.execPath, join(ROOT, 'bin/run.js'), ...words]
    const {code, stderr} = await startAround(line, words, {cwd: home.path, home}).result
    expect(code, stderr).to.equal(75)
    const {id} = (await list()).find((key) => key.name === name)!
    expect(stderr).to.contain(`parix auth api-key revoke ${id} --confirm ${id}`)
  })

  it('a create whose response is lost ends with 75, and again creates no second key', async () => {
    const name = fresh()
    instead = async (request, next) => {
      if (request.method !== 'POST') return next(request)
      await next(request)
      return new Response('', {status: 502})
    }
    const lost = await go(`auth api-key create ${name}`)
    expect(lost.code, lost.stderr).to.equal(75)
    expect(lost.stderr).to.contain(`There may be a key called "${name}"`).and.to.contain('parix auth api-key list')
    instead = undefined
    expect((await go(`auth api-key create ${name}`)).code).to.equal(6)
  })

  it('a revocation whose response is lost is done where the list says so', async () => {
    const {key, apiKey} = await create()
    instead = async (request, next) => {
      const response = await next(request)
      return request.method === 'DELETE' ? new Response('', {status: 502}) : response
    }
    expect((await go(`auth api-key revoke ${apiKey.name} --yes`)).code).to.equal(0)
    expect((await withKey('database list', key)).code).to.equal(4)
  })

  it('a service without these routes ends in words that name its page, whatever it sends', () =>
    withParix(async ({service: other, parix: at}) => {
      const page = `${other.baseUrl}/settings/api-keys`
      const html = {'content-type': 'text/html'}
      for (const [method, words] of [
        ['GET', 'list'],
        ['POST', 'create ci'],
        ['GET', 'revoke ci --yes'],
      ] as const) {
        for (const [reply, code] of [
          [{status: 404, json: {message: 'Not Found'}}, 3],
          [{status: 404, body: '<!doctype html><title>Nothing</title>', headers: html}, 3],
          [{status: 200, body: '<!doctype html><title>App</title>', headers: html}, 75],
        ] as const) {
          other.answer(method, /api-keys$/, reply)
          other.answer('GET', /api-keys$/, reply)
          const {code: is, stderr} = await at(`auth api-key ${words}`)
          expect(is, `${words} ${reply.status} ${stderr}`).to.equal(code)
          expect(stderr).to.contain(page)
        }
      }
    }))
})
