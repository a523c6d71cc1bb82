import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {BROWSER_PROGRAM, makeHome, type RunResult, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {allCommands, built} from '../tidy/built.js'
import {COMMAND_LINES, type CommandLine, NOT_HERE} from './command-lines.js'
import {type FaultyProxy, startFaultyProxy} from './faulty-proxy.js'
import {MISBEHAVIOURS, type Misbehaviour} from './misbehaviours.js'

/** `npm run test:faults` runs every cell; `npm test` a sample in which every command and every misbehaviour appears. */
const ALL = process.env.PARIX_TEST_FAULTS === 'all'
/** Every nth cell of the table, of those that are not slow. */
const SAMPLE = 61
/** Node with the bundle needs 60 MB or so; a response that is too large must not come in addition. */
const MEMORY_KIB_MAX = 400 * 1024

describe('every command, whatever happens to its requests', function () {
  this.timeout(ALL ? 300_000 : 60_000)
  let dataDir: string
  let service: RunningService
  let proxy: FaultyProxy
  let home: TestHome
  let session: string
  let direct: Record<string, string>
  let nextId = 10_000

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-faults-'))
    service = await startService({port: 0, dataDir})
    proxy = await startFaultyProxy(service.baseUrl)
    home = makeHome()
    direct = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey}
    for (const line of [
      'database create books --wait',
      'tb create-accounts books --id 1 --ledger 700 --code 10 --flag history',
      'tb create-accounts books --id 2 --ledger 700 --code 10',
      'tb create-transfers books --id 1000 --from 1 --to 2 --amount 5 --ledger 700 --code 1',
      'tb create-transfers books --id 2000 --from 1 --to 2 --amount 5 --ledger 700 --code 1 --flag pending',
      'tb create-transfers books --id 2001 --from 1 --to 2 --amount 5 --ledger 700 --code 1 --flag pending',
    ]) {
      const {code, stderr} = await built(line.split(' '), home, direct)
      expect(code, stderr).to.equal(0)
    }
    const login = await built(['auth', 'login', '--base-url', service.baseUrl], home, {BROWSER: BROWSER_PROGRAM})
    expect(login.code, login.stderr).to.equal(0)
    session = home.read('.config/parix/session.json').replaceAll(service.baseUrl, proxy.baseUrl)
  })
  after(async () => {
    await proxy?.close()
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

  for (const {line, misbehaviour, from, json} of cells()) {
    const title = `parix ${line.words.join(' ')}${json ? ' --json' : ''}: ${misbehaviour.name}, from request ${from} on`
    it(title, async () => {
      const id = String(nextId++)
      const words = [...line.words.map((word) => word.replaceAll('@', id)), ...(json ? ['--json'] : [])]
      const own = makeHome()
      try {
        for (const prepared of line.prepare ?? []) {
          expect(
            (
              await built(
                prepared.map((word) => word.replaceAll('@', id)),
                own,
                direct,
              )
            ).code,
          ).to.equal(0)
        }
        if (line.session) own.write('.config/parix/session.json', session)
        const env = line.session ? {PARIX_BASE_URL: proxy.baseUrl} : {...direct, PARIX_BASE_URL: proxy.baseUrl}
        proxy.misbehave(misbehaviour, from)
        const result = await measured(words, own, env)
        const {spoilt} = proxy.behave()
        expectDecent(result, line, json)
        expectRightCode(result, misbehaviour, spoilt, line)
        if (line.session && line.id !== 'auth:logout' && misbehaviour.name !== '401') {
          expect(own.read('.config/parix/session.json')).to.equal(session)
        }
        if (line.write) await expectTrueAtTheService(line, id, words, result, own, env)
      } finally {
        proxy.behave()
        own.remove()
      }
    })
  }

  async function measured(words: string[], own: TestHome, env: Record<string, string>): Promise<RunResult> {
    const memory = own.write('memory', '0')
    const preload = own.write(
      'memory.cjs',
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS)))`,
    )
    const result = await built(words, own, {...env, NODE_OPTIONS: `--require ${preload}`})
    expect(Number(readFileSync(memory, 'utf8')), 'peak memory in KiB').to.be.below(MEMORY_KIB_MAX)
    return result
  }

  function expectDecent({stdout, stderr, code}: RunResult, {id, words}: CommandLine, json: boolean): void {
    const said = id === 'api' ? stderr : stdout + stderr
    const streams = words.includes('--all')
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
    const normal = line.id === 'database:remove' ? 2 : 0
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
    const lookup = LOOKUPS[line.id]?.(id)
    if (lookup === undefined) return
    const found = await built(lookup, own, direct)
    if (first.code === 0) expect(found.code, `reported as done: ${first.stdout}`).to.equal(0)
    if (line.id !== 'tb:create-transfers' && line.id !== 'tb:create-accounts') return
    if (first.code !== 75) return
    const again = await built(words, own, env)
    expect(again.code, again.stdout + again.stderr).to.equal(0)
    expect((await built(lookup, own, direct)).code).to.equal(0)
    const list = await built(['tb', 'outbox', 'list', '--json'], own, env)
    expect(JSON.parse(list.stdout)).to.have.property('entries').with.length(0)
  }
})

const LOOKUPS: Record<string, (id: string) => string[]> = {
  'tb:create-transfers': (id) => ['tb', 'lookup-transfers', 'books', '--id', id],
  'tb:create-accounts': (id) => ['tb', 'lookup-accounts', 'books', '--id', id],
  'tb:post': (id) => ['tb', 'lookup-transfers', 'books', '--id', id],
  'tb:void': (id) => ['tb', 'lookup-transfers', 'books', '--id', id],
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
  return quick.filter((_, index) => index % SAMPLE === 7)
}
