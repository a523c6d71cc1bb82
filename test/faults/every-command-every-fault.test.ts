import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {idsOfKey} from '@parix/books/chains'
import {reversalId} from '@parix/books/corrections'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {BROWSER_PROGRAM, makeHome, type RunResident, type RunResult, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {built, resultOf} from '../tidy/built.js'
import {COMMAND_LINES, type CommandLine} from './command-lines.js'
import {type Lane, Lanes} from './lanes.js'
import {MISBEHAVIOURS, type Misbehaviour} from './misbehaviours.js'

/**
 * `npm run test:faults` runs every cell, some 15,000; with `-- -g 'tb (entry|sweep) '` those of some commands.
 * PARIX_TEST_FAULTS=7 every seventh of those that are not slow; `npm test` a sample in which every command and every quick
 * misbehaviour appears.
 */
const CHOICE = process.env.PARIX_TEST_FAULTS ?? 'sample'
const ALL = CHOICE === 'all'
/** `2/3`: of three processes that share the table, the second. */
const [PART, PARTS] = (process.env.PARIX_TEST_FAULTS_PART ?? '1/1').split('/').map(Number) as [number, number]
/** Most of a cell is waiting: for retries, and in a slow one for a time limit of half a minute. */
const LANES = {quick: ALL ? Math.ceil(32 / PARTS) : 4, slow: Math.ceil(40 / PARTS)}
/** Has no divisor in common with the number of misbehaviours, so that the sample meets all of them. */
const STEP = 31
/** By one path in every run: compiled code is kept by the options of Node. */
const PEAK_MEMORY = fileURLToPath(new URL('./peak-memory.cjs', import.meta.url))
/** Node with the bundle needs 60 MB or so; a response that is too large must not come in addition. */
const MEMORY_KIB_MAX = 400 * 1024

describe('every command, whatever happens to its requests', function () {
  this.timeout(ALL ? 600_000 : 60_000)
  const whole = cells()
  const table = whole.filter(({line}) => COMMAND_LINES.indexOf(line) % PARTS === PART - 1)
  let dataDir: string
  let service: RunningService
  let quick: Lanes
  let slow: Lanes | undefined
  let home: TestHome
  /** `session.json` of a session that stays, and of one that ends. */
  const sessions: string[] = []
  let direct: Record<string, string>

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-faults-'))
    service = await startService({port: 0, dataDir})
    quick = await Lanes.start(LANES.quick, service.baseUrl)
    if (ALL) slow = await Lanes.start(LANES.slow, service.baseUrl)
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
    for (let number = 0; number < 2; number++) {
      const login = await built(['auth', 'login', '--base-url', service.baseUrl], home, {BROWSER: BROWSER_PROGRAM})
      expect(login.code, login.stderr).to.equal(0)
      sessions.push(home.read('.config/parix/session.json'))
    }
    for (const cell of table) if (GREP.test(titleOf(cell))) void begin(cell)
  })
  after(async () => {
    await Promise.all([quick?.close(), slow?.close()])
    await service?.close()
    home?.remove()
    rmSync(dataDir, {recursive: true, force: true})
  })

  it('is held against at least 40 misbehaviours', () => {
    expect(MISBEHAVIOURS.length).to.be.at.least(40)
    expect(new Set(MISBEHAVIOURS.map(({name}) => name)).size).to.equal(MISBEHAVIOURS.length)
  })

  it('has every command and every quick misbehaviour in its table', () => {
    if (CHOICE !== 'sample' && !ALL) return
    expect(new Set(whole.map(({line}) => line))).to.have.property('size', COMMAND_LINES.length)
    const quick = MISBEHAVIOURS.filter(({slow}) => slow !== true).map(({name}) => name)
    expect(whole.map(({misbehaviour}) => misbehaviour.name)).to.include.members(quick)
  })

  const results = new Map<Cell, Promise<void>>()
  for (const cell of table) it(titleOf(cell), () => results.get(cell) ?? begin(cell))

  /** Runs a cell as soon as a lane is free. */
  function begin(cell: Cell): Promise<void> {
    const lanes = (cell.misbehaviour.slow && slow) || quick
    const result = lanes.with((lane) => check(cell, lane))
    // It is looked at when its test comes.
    result.catch(() => {})
    results.set(cell, result)
    return result
  }

  async function check(cell: Cell, {proxy, run}: Lane): Promise<void> {
    const {line, misbehaviour, from, json} = cell
    const id = String(10_000 + table.indexOf(cell))
    const own = makeHome()
    try {
      const env = {PARIX_BASE_URL: proxy.baseUrl, ...(line.session !== true && {PARIX_API_KEY: service.apiKey})}
      for (const [name, text] of Object.entries(line.files ?? {})) own.write(name, text.replaceAll('@', id))
      for (const words of line.prepare ?? []) {
        const {code, stderr} = await resident(run, withId(words, id), own, env)
        expect(code, stderr).to.equal(0)
      }
      const words = [...withId(line.words, id), ...(json ? ['--json'] : [])]
      if (words.includes('%')) words[words.indexOf('%')] = await preparedImport(run, own)
      const session = sessions[line.id === 'auth:logout' ? 1 : 0]!
      const before = session.replaceAll(service.baseUrl, proxy.baseUrl)
      if (line.session) own.write('.config/parix/session.json', before)
      proxy.misbehave(misbehaviour, from)
      const result = await measured(run, misbehaviour, words, own, env)
      const {spoilt} = proxy.behave()
      expectDecent(result, line, json)
      expectRightCode(result, misbehaviour, spoilt, line)
      if (line.session && line.id !== 'auth:logout' && misbehaviour.name !== '401') {
        expect(own.read('.config/parix/session.json')).to.equal(before)
      }
      if (line.write) await expectTrueAtTheService(line, id, words, result, run, own, env)
    } finally {
      proxy.behave()
      own.remove()
    }
  }

  async function preparedImport(run: RunResident, own: TestHome): Promise<string> {
    const {stdout} = await resident(run, ['tb', 'import', 'list', '--json'], own)
    return (JSON.parse(stdout) as {imports: {id: string}[]}).imports[0]!.id
  }

  /** In a process of its own where the response is large: in one that ran other commands before, its memory could hide in theirs. */
  async function measured(
    run: RunResident,
    {large}: Misbehaviour,
    words: string[],
    own: TestHome,
    env: Record<string, string>,
  ): Promise<RunResult> {
    const memory = own.write('memory', '0')
    const options = {NODE_OPTIONS: `--require ${JSON.stringify(PEAK_MEMORY)}`, MEMORY_FILE: memory}
    const result = await (large ? built(words, own, {...env, ...options}) : resident(run, words, own, env))
    const peak = 'peakMemoryKiB' in result ? result.peakMemoryKiB : Number(readFileSync(memory, 'utf8'))
    expect(peak, `peak memory in KiB; ${result.stdout}${result.stderr}`).to.be.below(MEMORY_KIB_MAX)
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
    for (const session of sessions) {
      const {accessToken, refreshToken} = JSON.parse(session) as {accessToken: string; refreshToken: string}
      for (const secret of [service.apiKey, accessToken, refreshToken]) expect(stdout + stderr).not.to.contain(secret)
    }
    if (code !== 0) expect(stderr + stdout, 'an error says something').not.to.equal('')
    if (!json || (id === 'api' && code === 0)) return
    for (const document of streams ? stdout.trimEnd().split('\n') : [stdout]) {
      expect(() => JSON.parse(document), stdout).not.to.throw()
    }
  }

  function expectRightCode(
    {code, stdout, stderr}: RunResult,
    {name, codes: always, sessionCodes}: Misbehaviour,
    spoilt: number,
    line: CommandLine,
  ): void {
    const normal = line.words.includes('--confirm') ? 2 : 0
    const codes = (line.session && sessionCodes) || always
    if (spoilt === 0 || codes === 'harmless') {
      expect(code, stdout + stderr).to.equal(normal)
      return
    }
    // Rows of --all are passed on as the service wrote them, as JSON: nothing of them reaches a terminal raw.
    if (line.words.includes('--all') && name === 'rows with text for numbers') return
    if (TOLERANT[line.id]?.({codes, name}) === true) return
    expect(codes, `${code}\n${stdout}${stderr}`).to.include(code)
  }

  /** A success is one at the service too, and the same command given again ends well and creates nothing twice. */
  async function expectTrueAtTheService(
    line: CommandLine,
    id: string,
    words: string[],
    first: RunResult,
    run: RunResident,
    own: TestHome,
    env: Record<string, string>,
  ): Promise<void> {
    const look = LOOKUPS[line.id]?.(id)
    if (look === undefined) return
    const found = await resident(run, look, own, direct)
    if (first.code === 0) expect(found.code, `reported as done: ${first.stdout}`).to.equal(0)
    if (first.code !== 75 || line.id === 'database:create') return
    // With the time to try that the command has by itself: the service has other commands to respond to.
    const patient = words.filter((word, at) => word !== '--retry-for' && words[at - 1] !== '--retry-for')
    const again = await resident(run, patient, own, env)
    expect(again.code, again.stdout + again.stderr).to.equal(0)
    expect((await resident(run, look, own, direct)).code).to.equal(0)
    const list = await resident(run, ['tb', 'outbox', 'list', '--json'], own, env)
    expect(JSON.parse(list.stdout)).to.have.property('entries').with.length(0)
  }
})

function resident(run: RunResident, words: readonly string[], home: TestHome, env: Record<string, string> = {}) {
  return run(words, {home, env, cwd: home.path, timeoutMs: 540_000})
}

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
const TOLERANT: Record<string, (misbehaviour: {codes: readonly number[]; name: string}) => boolean> = {
  // The request is the user's: any JSON is a result.
  api: ({codes}) => codes.includes(75),
  // Two requests, and neither of them names an object that could be missing. The one for the organization may have none to
  // tell of: the other says whose the session is.
  'auth:status': ({codes, name}) =>
    codes.includes(3) || codes.includes(6) || codes.includes(2) || ['202 queued', '200 {}'].includes(name),
  // Signing out ends the session here whatever the service says.
  'auth:logout': () => true,
}

/** Mocha runs the tests of `-g` alone: only their cells are begun before their tests. It passes the flag on as `--grep=`. */
const GREP = new RegExp(process.argv.find((word) => word.startsWith('--grep='))?.slice('--grep='.length) ?? '')

function titleOf({line, misbehaviour, from, json}: Cell): string {
  return `parix ${line.words.join(' ')}${json ? ' --json' : ''}: ${misbehaviour.name}, from request ${from} on`
}

interface Cell {
  line: CommandLine
  misbehaviour: Misbehaviour
  from: number
  json: boolean
}

/**
 * Without those of `parix api`, which passes on what it is sent, and a body of 200 MB or without end, which it passes on until its
 * reader goes away: packages/plugin-api/test/commands/api.test.ts, rule 21, and limits.test.ts.
 */
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
  ).filter(({line, misbehaviour, json}) => !(line.id === 'api' && !json && misbehaviour.endless))
  const quick = all.filter(({misbehaviour}) => misbehaviour.slow !== true)
  // Last, as all of them have been begun long before.
  if (ALL) return [...quick, ...all.filter(({misbehaviour}) => misbehaviour.slow)]
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
