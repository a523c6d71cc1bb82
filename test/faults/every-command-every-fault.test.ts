import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {idsOfKey} from '@parix/books/chains'
import {reversalId} from '@parix/books/corrections'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {BROWSER_PROGRAM, makeHome, type RunResult, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {allCommands, built, resultOf} from '../tidy/built.js'
import {COMMAND_LINES, type CommandLine, NOT_HERE} from './command-lines.js'
import {type FaultyProxy, startFaultyProxy} from './faulty-proxy.js'
import {MISBEHAVIOURS, type Misbehaviour} from './misbehaviours.js'

/**
 * `npm run test:faults` runs every cell, some 15,000 that take hours on two processors; with `-g 'tb (entry|sweep) '`
 * those of some commands. PARIX_TEST_FAULTS=7 every seventh of those that are not slow; `npm test` a sample in
 * which every command and every quick misbehaviour appears.
 */
const CHOICE = process.env.PARIX_TEST_FAULTS ?? 'sample'
const ALL = CHOICE === 'all'
/** Most of a cell is waiting for retries: so many run at once, each with a proxy of its own. */
const LANES = 4
/** Has no divisor in common with the number of misbehaviours, so that the sample meets all of them. */
const STEP = 31
/** By one path in every run: compiled code is kept by the options of Node. */
const PEAK_MEMORY = fileURLToPath(new URL('./peak-memory.cjs', import.meta.url))
/** Node with the bundle needs 60 MB or so; a response that is too large must not come in addition. */
const MEMORY_KIB_MAX = 400 * 1024

describe('every command, whatever happens to its requests', function () {
  this.timeout(ALL ? 300_000 : 60_000)
  let dataDir: string
  let service: RunningService
  let proxies: FaultyProxy[]
  let home: TestHome
  let session: string
  let sessionUrl: string
  let direct: Record<string, string>

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-faults-'))
    service = await startService({port: 0, dataDir})
    proxies = await Promise.all(Array.from({length: LANES}, () => startFaultyProxy(service.baseUrl)))
    home = makeHome()
    direct = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey}
    for (const line of ['books', 'still'].flatMap((name) => [
      `database create ${name} --wait`,
      `tb create-accounts ${name} --id 1 --ledger 700 --code 10 --flag history`,
      `tb create-accounts ${name} --id 2 --ledger 700 --code 10`,
      `tb create-transfers ${name} --id 1000 --from 1 --to 2 --amount 5 --ledger 700 --code 1`,
      `tb create-transfers ${name} --id 2000 --from 1 --to 2 --amount 5 --ledger 700 --code 1 --flag pending`,
    ])) {
      const {code, stderr} = await resultOf(line.split(' '), home, direct)
      expect(code, stderr).to.equal(0)
    }
    const login = await built(['auth', 'login', '--base-url', service.baseUrl], home, {BROWSER: BROWSER_PROGRAM})
    expect(login.code, login.stderr).to.equal(0)
    session = home.read('.config/parix/session.json')
    sessionUrl = service.baseUrl
  })
  after(async () => {
    await Promise.all((proxies ?? []).map((proxy) => proxy.close()))
    await service?.close()
    home?.remove()
    rmSync(dataDir, {recursive: true, force: true})
  })

  it('has a line here, or a reason why not', () => {
    const known = new Set([...COMMAND_LINES.map(({id}) => id), ...Object.keys(NOT_HERE)])
    expect(
      allCommands()
        .map(({id}) => id)
        .filter((id) => !known.has(id)),
    ).to.deep.equal([])
  })

  it('is held against at least 40 misbehaviours', () => {
    expect(MISBEHAVIOURS.length).to.be.at.least(40)
    expect(new Set(MISBEHAVIOURS.map(({name}) => name)).size).to.equal(MISBEHAVIOURS.length)
  })

  const table = cells()

  it('has every command and every quick misbehaviour in its table', () => {
    if (CHOICE !== 'sample' && !ALL) return
    expect(new Set(table.map(({line}) => line))).to.have.property('size', COMMAND_LINES.length)
    const quick = MISBEHAVIOURS.filter(({slow}) => slow !== true).map(({name}) => name)
    expect(table.map(({misbehaviour}) => misbehaviour.name)).to.include.members(quick)
  })

  const results = new Map<number, Promise<void>>()
  /** Of each lane, the cell that was begun last: with `-g`, it may be one that no test waits for. */
  const lanes: Promise<unknown>[] = []
  for (const [index, {line, misbehaviour, from, json}] of table.entries()) {
    const title = `parix ${line.words.join(' ')}${json ? ' --json' : ''}: ${misbehaviour.name}, from request ${from} on`
    it(title, () => {
      for (let next = index; next < Math.min(index + LANES, table.length); next++) begin(next)
      return results.get(index)
    })
  }

  /** Runs a cell as soon as the one before it in its lane is over. */
  function begin(index: number): void {
    if (results.has(index)) return
    const before = lanes[index % LANES] ?? Promise.resolve()
    const result = before.catch(() => {}).then(() => check(table[index]!, index))
    lanes[index % LANES] = result
    // It is looked at when its test comes.
    result.catch(() => {})
    results.set(index, result)
  }

  async function check({line, misbehaviour, from, json}: Cell, index: number): Promise<void> {
    const proxy = proxies[index % LANES]!
    const id = String(10_000 + index)
    const own = makeHome()
    try {
      const env = {PARIX_BASE_URL: proxy.baseUrl, ...(line.session !== true && {PARIX_API_KEY: service.apiKey})}
      for (const [name, text] of Object.entries(line.files ?? {})) own.write(name, text.replaceAll('@', id))
      for (const words of line.prepare ?? []) {
        const {code, stderr} = await resultOf(withId(words, id), own, env)
        expect(code, stderr).to.equal(0)
      }
      const words = [...withId(line.words, id), ...(json ? ['--json'] : [])]
      if (words.includes('%')) words[words.indexOf('%')] = await preparedImport(own)
      const before = session.replaceAll(sessionUrl, proxy.baseUrl)
      if (line.session) own.write('.config/parix/session.json', before)
      proxy.misbehave(misbehaviour, from)
      const result = await measured(words, own, env)
      const {spoilt} = proxy.behave()
      expectDecent(result, line, json)
      expectRightCode(result, misbehaviour, spoilt, line)
      if (line.session && line.id !== 'auth:logout' && misbehaviour.name !== '401') {
        expect(own.read('.config/parix/session.json')).to.equal(before)
      }
      if (line.write) await expectTrueAtTheService(line, id, words, result, own, env)
    } finally {
      proxy.behave()
      own.remove()
    }
  }

  async function preparedImport(own: TestHome): Promise<string> {
    const {stdout} = await resultOf(['tb', 'import', 'list', '--json'], own)
    return (JSON.parse(stdout) as {imports: {id: string}[]}).imports[0]!.id
  }

  async function measured(words: string[], own: TestHome, env: Record<string, string>): Promise<RunResult> {
    const memory = own.write('memory', '0')
    const result = await built(words, own, {
      ...env,
      NODE_OPTIONS: `--require ${JSON.stringify(PEAK_MEMORY)}`,
      MEMORY_FILE: memory,
    })
    expect(Number(readFileSync(memory, 'utf8')), 'peak memory in KiB').to.be.below(MEMORY_KIB_MAX)
    return result
  }

  function expectDecent({stdout, stderr, code}: RunResult, {id, words}: CommandLine, json: boolean): void {
    const said = id === 'api' ? stderr : stdout + stderr
    const streams = words.includes('--all') || id === 'tb:watch'
    if (streams && code === 0 && stdout === '') return
    expect(code, said).to.be.a('number')
    expect(said).not.to.match(/^ {4}at .*:\d+/m)
    expect(said).not.to.match(
      /\[object \w+\]|\bundefined\b|TypeError|is not a function|Cannot read prop|Cannot destructure/,
    )
    expect(said).not.to.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    const {accessToken, refreshToken} = JSON.parse(session) as {accessToken: string; refreshToken: string}
    for (const secret of [service.apiKey, accessToken, refreshToken]) expect(stdout + stderr).not.to.contain(secret)
    if (code !== 0) expect(stderr + stdout, 'an error says something').not.to.equal('')
    if (!json || (id === 'api' && code === 0)) return
    for (const document of streams ? stdout.trimEnd().split('\n') : [stdout]) {
      expect(() => JSON.parse(document), stdout).not.to.throw()
    }
  }

  function expectRightCode(
    {code, stdout, stderr}: RunResult,
    {codes}: Misbehaviour,
    spoilt: number,
    line: CommandLine,
  ): void {
    const normal = line.words.includes('--confirm') ? 2 : 0
    if (spoilt === 0 || codes === 'harmless') {
      expect(code, stdout + stderr).to.equal(normal)
      return
    }
    if (TOLERANT[line.id]?.(codes) === true) return
    expect(codes, `${code}\n${stdout}${stderr}`).to.include(code)
  }

  /** A success is one at the service too, and the same command given again ends well and creates nothing twice. */
  async function expectTrueAtTheService(
    line: CommandLine,
    id: string,
    words: string[],
    first: RunResult,
    own: TestHome,
    env: Record<string, string>,
  ): Promise<void> {
    const look = LOOKUPS[line.id]?.(id)
    if (look === undefined) return
    const found = await resultOf(look, own, direct)
    if (first.code === 0) expect(found.code, `reported as done: ${first.stdout}`).to.equal(0)
    if (first.code !== 75 || line.id === 'database:create') return
    const again = await built(words, own, env)
    expect(again.code, again.stdout + again.stderr).to.equal(0)
    expect((await resultOf(look, own, direct)).code).to.equal(0)
    const list = await resultOf(['tb', 'outbox', 'list', '--json'], own, env)
    expect(JSON.parse(list.stdout)).to.have.property('entries').with.length(0)
  }
})

function withId(words: readonly string[], id: string): string[] {
  return words.map((word) => word.replaceAll('@', id))
}

const lookup =
  (object: 'accounts' | 'transfers') =>
  (id: string): string[] => ['tb', `lookup-${object}`, 'books', '--id', id]

const byKey =
  (kind: string) =>
  (key: string): string[] => ['tb', 'lookup-transfers', 'books', '--id', String(idsOfKey(kind, key)(0))]

const LOOKUPS: Record<string, (id: string) => string[]> = {
  'chart:apply': lookup('accounts'),
  'tb:create-transfers': lookup('transfers'),
  'tb:create-accounts': lookup('accounts'),
  'tb:entry': byKey('entry'),
  'tb:exchange': byKey('exchange'),
  'tb:reserve': byKey('reserve'),
  'tb:sweep': byKey('sweep'),
  'tb:reverse': (id) => ['tb', 'lookup-transfers', 'books', '--id', String(reversalId(BigInt(`5${id}`), 0))],
  'tb:import:accounts': lookup('accounts'),
  'tb:import:transfers': lookup('transfers'),
  'tb:post': lookup('transfers'),
  'tb:void': lookup('transfers'),
  'database:create': (id) => ['database', 'info', `made-${id}`],
}

/** Commands that show what they were sent, or that may end otherwise for a reason of their own. */
const TOLERANT: Record<string, (codes: readonly number[]) => boolean> = {
  // The request is the user's: any JSON is a result.
  api: (codes) => codes.includes(75),
  // Two requests, and neither of them names an object that could be missing.
  'auth:status': (codes) => codes.includes(3) || codes.includes(6) || codes.includes(2),
  // Signing out ends the session here whatever the service says.
  'auth:logout': () => true,
}

interface Cell {
  line: CommandLine
  misbehaviour: Misbehaviour
  from: number
  json: boolean
}

function cells(): Cell[] {
  const all = COMMAND_LINES.flatMap((line) =>
    MISBEHAVIOURS.flatMap((misbehaviour) =>
      // --include is for people: --json refuses it.
      [1, 2].flatMap((from) =>
        (line.words.includes('--include') ? [false] : [false, true]).map(
          (json): Cell => ({line, misbehaviour, from, json}),
        ),
      ),
    ),
  )
  if (ALL) return all
  const quick = all.filter(({misbehaviour}) => misbehaviour.slow !== true)
  if (CHOICE !== 'sample') return quick.filter((_, index) => index % Number(CHOICE) === 0)
  return sample(quick)
}

/** Three misbehaviours for each line, never the ones of the line before; first and second requests, with and without --json. */
function sample(quick: readonly Cell[]): Cell[] {
  const misbehaviours = [...new Set(quick.map(({misbehaviour}) => misbehaviour))]
  return COMMAND_LINES.flatMap((line, at) =>
    [0, 1, 2].map((turn) => {
      const misbehaviour = misbehaviours[((at * 3 + turn) * STEP) % misbehaviours.length]!
      const json = !line.words.includes('--include') && (at + turn) % 2 === 0
      return {line, misbehaviour, from: 1 + ((at + turn + Number(at % 4 > 1)) % 2), json}
    }),
  )
}
