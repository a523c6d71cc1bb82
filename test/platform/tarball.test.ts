import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync, statSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {startService} from '@parix/plugin-local/server'
import {type TestHome, withHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {installedCli, installedParix} from './installed.js'

const MEGABYTE = 1e6

/** Loaded before the CLI: a line on stderr for each request that got makes. */
const COUNT_GOT = `
  require('node:diagnostics_channel').channel('got:request:create')
    .subscribe(({method, url}) => process.stderr.write('got: ' + method + ' ' + new URL(url).pathname + '\\n'))
`
/** A hook that writes down, beside itself, which classes called it. */
const SAY_CALLERS = `
  module.exports = async () => {
    Error.stackTraceLimit = 50
    require('node:fs').writeFileSync(__filename + '.txt', new Error('callers').stack)
  }`

describe('the tarball, installed offline into an empty directory', function () {
  this.timeout(180_000)
  before(() => installedCli())

  const inHome = (name: string, work: (home: TestHome) => Promise<void>) => it(name, () => withHome(work))

  inHome('tells its version', async (home) => {
    const {stdout, code} = await installedParix('--version', {home})
    expect(code).to.equal(0)
    expect(stdout).to.match(/^@parix\/cli\/\d+\.\d+\.\d+ \S+ node-v\d+\.\d+\.\d+\n$/)
  })

  for (const words of [
    'auth list',
    'database --help',
    'tb --help',
    'api --help',
    'local status',
    'plugins',
    'commands',
    'help environment',
  ]) {
    inHome(`runs "parix ${words}"`, async (home) => {
      const {stderr, code} = await installedParix(words, {home})
      expect([0, 3], stderr).to.include(code)
      expect(stderr).not.to.match(/Cannot find|at .*\.cjs/)
    })
  }

  inHome('talks to a service', (home) =>
    withService(async (service) => {
      service.answer('GET', '/api/v1/databases', {json: {ok: true, databases: []}})
      const env = {PARIX_API_KEY: 'px_key', PARIX_BASE_URL: service.baseUrl}
      const {stdout, code, stderr} = await installedParix('database list --json', {home, env})
      expect(code, stderr).to.equal(0)
      expect(JSON.parse(stdout)).to.deep.equal({ok: true, databases: []})
    }),
  )

  inHome('checks, imports, exports and verifies files, and creates what comes by stdin', async (home) => {
    const service = await startService({port: 0, dataDir: join(home.path, 'service'), provisionDelayMs: 1})
    const env = {PARIX_API_KEY: service.apiKey, PARIX_BASE_URL: service.baseUrl}
    const run = (words: string, stdin?: string) =>
      installedParix(words, {home, env, cwd: home.path, ...(stdin !== undefined && {stdin})})
    const ok = async (words: string, stdin?: string) => {
      const {code, stdout, stderr} = await run(words, stdin)
      expect(code, `${words}: ${stderr}${stdout}`).to.equal(0)
      return stdout
    }
    try {
      await ok('database create books --wait')
      home.write('accounts.csv', 'id,ledger,code\n1,700,10\n2,700,20\n')
      await ok('tb import accounts accounts.csv books')
      const rows = (to: number) =>
        Array.from({length: 500}, (_, i) => `${i + 1},1,${i === 300 ? to : 2},${i + 1},700,1\n`)
      const csv = (to: number) => ['id,from,to,amount,ledger,code\n', ...rows(to)].join('')
      home.write('rows.csv', csv(99))
      const checked = await run('tb import transfers rows.csv books --check')
      expect(checked.code).to.equal(6)
      expect(checked.stderr).to.match(/line 302: credit_account_not_found/)
      home.write('rows.csv', csv(2))
      await ok('tb import transfers rows.csv books --check')
      const imported = JSON.parse(await ok('tb import transfers rows.csv books --batch-size 100 --json'))
      expect(imported).to.include({rows: 500, created: 500, refused: 0, complete: true})
      expect(JSON.parse(await ok(`tb import verify ${imported.job} --json`))).to.deep.include({rows: 500, findings: []})
      await ok('tb export transfers books --format csv --fields id,amount -o out.csv')
      const exported = ['id,amount', ...Array.from({length: 500}, (_, i) => `${i + 1},${i + 1}`), '']
      expect(home.read('out.csv')).to.equal(exported.join('\r\n'))
      const more = Array.from({length: 12_000}, (_, i) => ({
        ...{id: String(1000 + i), debit_account_id: '1', credit_account_id: '2'},
        ...{amount: '1', ledger: 700, code: 1},
      }))
      expect(await ok('tb create-transfers books --file -', JSON.stringify(more))).to.match(/created +12,000 transfers/)
    } finally {
      await service.close()
    }
  })

  inHome('makes each request with got', (home) =>
    withService(async (service) => {
      const user = {id: 'u', email: 'a@b.c', name: 'Ada'}
      const organization = {id: 'o', name: 'O', slug: 'o', memberRole: 'owner'}
      service.answer('GET', '/api/v1/session', {json: {ok: true, auth: {user, organization}}})
      service.answer('GET', '/api/v1/databases', {json: {ok: true, databases: []}})
      const probe = home.write('count-got.cjs', COUNT_GOT)
      const env = {PARIX_API_KEY: 'px_key', PARIX_BASE_URL: service.baseUrl, NODE_OPTIONS: `--require=${probe}`}
      for (const words of ['database list', 'api databases', 'auth status']) {
        const before = service.requests.length
        const {stderr, code} = await installedParix(words, {home, env})
        expect(code, stderr).to.equal(0)
        const made = stderr.split('\n').filter((line) => line.startsWith('got: '))
        const received = service.requests.slice(before).map(({method, path}) => `got: ${method} ${path}`)
        expect(received).to.not.deep.equal([])
        expect(made).to.deep.equal(received)
      }
    }),
  )

  inHome('installs plugins with @oclif/plugin-plugins', async (home) => {
    const plugin = (name: string, hooks: Record<string, string>) => {
      const json = {name, version: '1.0.0', oclif: {commands: './commands', hooks}}
      const directory = dirname(home.write(`${name}/package.json`, json))
      chmodSync(directory, 0o755)
      mkdirSync(join(directory, 'commands'))
      home.write(`${name}/hook.js`, SAY_CALLERS)
      home.write(`${name}/commands/${name}.js`, 'module.exports = class { static id = "x"; static async run() {} }')
      return directory
    }
    const env = {npm_config_registry: 'http://127.0.0.1:9'}
    const watching = plugin('watching', {'plugins:preinstall': './hook.js'})
    expect((await installedParix(['plugins', 'link', watching], {home, env})).code).to.equal(0)
    const {stderr, code} = await installedParix(['plugins', 'install', plugin('second', {})], {home, env})
    expect(code, stderr).to.equal(0)
    expect(home.read('watching/hook.js.txt')).to.match(/at async _?PluginsInstall\.run .*plugin-engine\.cjs/)
  })

  it('holds nothing but the bundle, its one native library for parix local, and the example', async () => {
    const {tarball} = await installedCli()
    const files = execFileSync('tar', ['tzf', tarball], {encoding: 'utf8'}).trim().split('\n')
    const unexpected = files.filter(
      (file) =>
        !/^package\/(bin\/(run\.js|package\.json)|dist\/|examples\/plugin-hello\/|package\.json|README\.md|LICENSE|THIRD-PARTY-LICENSES\.txt)/.test(
          file,
        ) && !/^package\/node_modules\/(libsql|@libsql|@neon-rs\/load|detect-libc)\//.test(file),
    )
    expect(unexpected).to.deep.equal([])
  })

  it('is at most 12 MB without parix local, installed', async () => {
    const {root} = await installedCli()
    const bytes = execFileSync('find', [root, '-type', 'f'], {encoding: 'utf8'})
      .trim()
      .split('\n')
      .filter((file) => !file.includes(join(root, 'node_modules')) && !file.endsWith('local-server.cjs'))
      .reduce((sum, file) => sum + statSync(file).size, 0)
    expect(bytes).to.be.below(12 * MEGABYTE)
  })
})
