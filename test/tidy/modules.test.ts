import {cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RecordingService, run, start, startResident, type TestHome, withHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {bundleInto} from '../../scripts/build/bundle.js'
import {ROOT} from '../../scripts/build/workspaces.js'
import type {IndexedCommand} from '../../src/runner/bundled.js'
import {allCommands} from './built.js'
import {sources} from './sources.js'

/** Packages that cost more than most commands do: loaded only where they are used. */
const HEAVY =
  /^(openid-client|oauth4webapi|jose|hono|@hono\/.*|better-auth|@better-auth\/.*|libsql|zod|kysely|jq-wasm|packages\/ledger|packages\/console|https-proxy-agent|tigerbeetle-node|ejs|cli-spinners|typescript)$/

/** What every command stands on. */
const BASE = ['@oclif/core', 'lossless-json']

/** What a request loads besides. */
const REQUEST = ['@sindresorhus/is', 'byte-counter', 'got', 'lowercase-keys', 'p-cancelable']
const WITH_REQUEST = [...BASE, ...REQUEST].sort()

/**
 * Third-party packages that the most frequent commands load, all in all. A longer list is a slower start of every script
 * that uses parix: add to it knowingly.
 */
const LOADED: Record<string, string[]> = {
  '--help': [],
  version: BASE,
  'auth status': WITH_REQUEST,
  'database list': WITH_REQUEST,
  'tb lookup-accounts db_1 --id 1': WITH_REQUEST,
}

describe('what a command loads, in the bundle', function () {
  this.timeout(120_000)
  let dist: string
  let parix: ReturnType<typeof startResident>
  before(async () => {
    dist = mkdtempSync(join(tmpdir(), 'parix-recorded-'))
    await copyBundle(dist)
    parix = startResident(join(dist, 'bin/run.js'))
    const [directory] = readdirSync(join(dist, 'dist')).filter((name) => !name.endsWith('.cjs'))
    for (const file of ['parix.cjs', 'help.cjs']) {
      const path = join(dist, 'dist', directory!, file)
      writeFileSync(path, recording(readFileSync(path, 'utf8')))
    }
    for (const name of readdirSync(join(dist, 'dist', directory!))) {
      if (!name.endsWith('.cjs') || name === 'parix.cjs' || name === 'help.cjs') continue
      const path = join(dist, 'dist', directory!, name)
      writeFileSync(path, recordingPart(readFileSync(path, 'utf8'), name))
    }
  })
  after(() => rmSync(dist, {recursive: true, force: true}))

  /** Packages, and files of ours by workspace, that a run of `words` evaluated. */
  async function loaded(words: string[], home: TestHome, env: Record<string, string> = {}): Promise<string[]> {
    const record = home.write('modules.txt', '')
    await parix(words, {
      home,
      cwd: home.path,
      env: {PARIX_BASE_URL: 'http://127.0.0.1:9', PARIX_MODULES: record, ...env},
    })
    const names = home
      .read('modules.txt')
      .split('\n')
      .filter((line) => line !== '')
      .map(packageOf)
    return [...new Set(names)].sort()
  }

  for (const [words, expected] of Object.entries(LOADED)) {
    it(`parix ${words}: ${expected.join(', ')}`, () =>
      withHome((home) =>
        withService(async (service) => {
          const names = await loaded(words.split(' '), home, {
            PARIX_API_KEY: 'px_key',
            PARIX_BASE_URL: answering(service),
          })
          expect(names.filter((name) => !/^(src|packages\/.*)$/.test(name))).to.deep.equal(expected)
          expect(names.filter((name) => HEAVY.test(name))).to.deep.equal([])
        }),
      ))
  }

  for (const {id} of allCommands().filter(({id: name}) => name !== 'auth:login')) {
    it(`parix ${id.replaceAll(':', ' ')} loads nothing heavy before it has something to do`, () =>
      withHome(async (home) => {
        // Wrong use: the command itself is loaded, and its arguments are looked at.
        const names = await loaded([...id.split(':'), '--no-such-flag'], home)
        expect(names).to.include('@oclif/core')
        expect(
          names.filter((name) => HEAVY.test(name) || name.startsWith('file:')),
          'to be loaded inside run(), by await import()',
        ).to.deep.equal([])
      }))
  }
})

describe('what the local service loads of its identity provider, half of all that it has', function () {
  this.timeout(60_000)
  let dist: string
  let part: string
  before(async () => {
    dist = mkdtempSync(join(tmpdir(), 'parix-no-identity-'))
    await copyBundle(dist)
    // For libsql, which is not in the bundle.
    symlinkSync(join(ROOT, 'node_modules'), join(dist, 'node_modules'))
    const directory = readdirSync(join(dist, 'dist')).find((name) => !name.endsWith('.cjs'))!
    part = join(dist, 'dist', directory, 'local-identity.cjs')
    renameSync(part, `${part}.gone`)
  })
  after(() => rmSync(dist, {recursive: true, force: true}))

  it('nothing, where only its API key is used: at the first start, and at a later one', () =>
    withHome(async (home) => {
      const parix = (...words: string[]) =>
        run(process.execPath, [join(dist, 'bin/run.js'), ...words], {env: home.environment, cwd: home.path})
      const list = [process.execPath, join(dist, 'bin/run.js'), 'database', 'list', '--fields', 'name']
      const first = await parix('local', 'exec', '--keep', '--', ...list)
      expect([first.code, first.stdout.trim()], first.stderr).to.deep.equal([0, 'NAME\nmain'])
      const dataDir = /kept in (\S+)\.\s/.exec(first.stderr)![1]!
      try {
        const later = await parix('local', 'start', '--detach', '--port', '0', '--data-dir', dataDir)
        expect(later.code, later.stderr).to.equal(0)
        expect((await parix('local', 'status', '--data-dir', dataDir)).code).to.equal(0)
      } finally {
        await parix('local', 'stop', '--data-dir', dataDir)
        rmSync(dataDir, {recursive: true, force: true})
      }
    }))

  it('all, when somebody signs in; and again where that failed', () =>
    withHome(async (home) => {
      const words = [join(dist, 'bin/run.js'), 'local', 'start', '--ephemeral', '--port', '0', '--json']
      const running = start(process.execPath, words, {env: home.environment, cwd: home.path})
      try {
        const [, baseUrl] = await running.saw(/"baseUrl": "(.*?)"/)
        const discover = async () => (await fetch(`${baseUrl}/api/auth/.well-known/openid-configuration`)).status
        expect(await discover()).to.equal(500)
        renameSync(`${part}.gone`, part)
        expect(await discover()).to.equal(200)
      } finally {
        running.child.kill('SIGTERM')
        await running.result
      }
    }))
})

describe('what is read of the manifests, which grow with each command', function () {
  this.timeout(60_000)
  let dist: string
  let directory: string
  let whole: Buffer
  before(async () => {
    dist = mkdtempSync(join(tmpdir(), 'parix-manifests-'))
    await copyBundle(dist)
    directory = join(dist, 'dist', readdirSync(join(dist, 'dist')).find((name) => !name.endsWith('.cjs'))!)
    whole = readFileSync(join(directory, 'manifests.json'))
  })
  after(() => rmSync(dist, {recursive: true, force: true}))

  /** Everything but the entries of these commands becomes blanks. */
  function leave(ids: string[]): void {
    const {commands} = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as {commands: IndexedCommand[]}
    const rest = Buffer.alloc(whole.length, ' ')
    for (const {id, at} of commands) if (ids.includes(id)) whole.copy(rest, at[0], at[0], at[1])
    writeFileSync(join(directory, 'manifests.json'), rest)
  }

  for (const [words, ids] of [
    ['--help', []],
    ['auth --help', []],
    ['__complete tb look', []],
    ['tb id --help', ['tb:id']],
    ['tb id --count 2', ['tb:id']],
    ['db ls', ['database:list']],
    ['--base-url http://127.0.0.1:9 tb id', ['tb:id']],
  ] as const) {
    it(`parix ${words}: ${ids.length === 0 ? 'nothing' : `the entry of ${ids.join(' and ')}`}`, () =>
      withHome(async (home) => {
        const env = {...home.environment, PARIX_BASE_URL: 'http://127.0.0.1:9', PARIX_API_KEY: 'px_key'}
        leave([...ids])
        const {stdout, stderr, code} = await run(process.execPath, [join(dist, 'bin/run.js'), ...words.split(' ')], {
          env,
        })
        expect([code, stderr]).to.satisfy(() => (words === 'db ls' ? code === 75 : code === 0), stderr + stdout)
        expect(stderr).not.to.contain('JSON')
      }))
  }

  it('only what is about the CLI itself looks at other commands', () => {
    const looks = /\bconfig\.(commands|commandIDs|find\w+|getAll\w+|topics|plugins|getPluginsList|runCommand|runHook)\b/
    const others = sources().filter(({path, text}) => looks.test(text) && !/^src\/(plugins|runner|help)\//.test(path))
    expect(others.map(({path}) => path)).to.deep.equal([])
  })
})

/** The CLI as it is bundled from what is built now, once for all that change it. */
let bundled: Promise<string> | undefined
async function copyBundle(to: string): Promise<void> {
  bundled ??= copyOfBundle()
  cpSync(await bundled, to, {recursive: true})
}

async function copyOfBundle(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'parix-bundled-'))
  await bundleInto(join(directory, 'dist'))
  cpSync(join(ROOT, 'bin'), join(directory, 'bin'), {recursive: true})
  return directory
}

after(async () => {
  if (bundled !== undefined) rmSync(await bundled, {recursive: true, force: true})
})

/** The bundle, which writes the path of each module that it evaluates to the file PARIX_MODULES. */
function recording(text: string): string {
  const call = /\(0, ?(fn|cb)\[__getOwnPropNames\(\1\)\[0\]\]\)/g
  expect(text).to.match(call)
  const record = "require('node:fs').appendFileSync(process.env.PARIX_MODULES, __getOwnPropNames($1)[0] + '\\n')"
  return text.replace(call, `(${record}, $1[__getOwnPropNames($1)[0]])`)
}

/** A file of its own in the build, which writes its name there when it is evaluated. Worker threads and processes are not functions. */
function recordingPart(text: string, name: string): string {
  const record = `require('node:fs').appendFileSync(process.env.PARIX_MODULES, 'file:${name}\\n');`
  return text.replace(/^\(function \([\w, ]+\) \{/, (head) => head + record)
}

/**
 * `node_modules/@oclif/core/lib/x.js` is of `@oclif/core`, `packages/kit/lib/x.js` of `packages/kit`, `lib/x.js` of `src`.
 * The schema of the ledger is counted apart from the ledger: it is a few tables, made to be loaded by the command line.
 */
function packageOf(path: string): string {
  if (path.startsWith('packages/ledger/lib/schema/')) return 'packages/ledger/schema'
  const third = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)
  if (path.startsWith('file:')) return path
  if (/^(shim|lean-got|engine):/.test(path)) return 'src'
  return third?.[1] ?? /^packages\/[^/]+/.exec(path)?.[0] ?? 'src'
}

function answering(service: RecordingService): string {
  const user = {id: 'u', email: 'a@b.c', name: 'Ada'}
  const organization = {id: 'o', name: 'O', slug: 'o', memberRole: 'owner'}
  service.answer('GET', /session$/, {json: {ok: true, auth: {user, organization}}})
  service.answer('GET', /databases$/, {json: {ok: true, databases: []}})
  service.answer('GET', /databases\/db_1$/, {
    json: {ok: true, database: {id: 'db_1', name: 'books'}, profile: {status: 'READY'}},
  })
  service.answer('POST', /lookup_accounts$/, {json: {ok: true, mode: 'live', persisted: true, responsePayload: []}})
  return service.baseUrl
}
