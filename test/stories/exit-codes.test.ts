import {once} from 'node:events'
import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {EXIT_CODE_MEANINGS} from '@parix/kit/errors'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, type RunResult, startAround, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'
import {resultOf} from '../tidy/built.js'

/** Where the output goes. A reader is gone before the command starts: nothing depends on who is faster. */
const STREAMS = {
  'a pipe': 'exec "$@"',
  'a pipe whose reader is gone': 'exec 3> >(:); wait $!; exec "$@" >&3 2>&3 3>&-',
  '/dev/full': 'exec "$@" > /dev/full',
} as const
type Streams = keyof typeof STREAMS

/** Who is asked: the service, one that has to be paid, one that forbids everything, one whose databases are never ready, one that never answers, nobody. */
type Service = 'service' | 'unpaid' | 'forbidden' | 'unready' | 'silent' | 'nobody'

/** At least two commands for each exit code; none of them changes anything where it succeeds. */
const CASES: readonly {code: number; words: string; at?: Service; key?: false; files?: Record<string, string>}[] = [
  {code: 0, words: 'version'},
  {code: 0, words: 'database list'},
  {code: 0, words: 'tb balance books 1'},
  {code: 1, words: 'tb outbox list', files: {'.local/state/parix/outbox': ''}},
  {code: 1, words: 'tb import list', files: {'.local/state/parix/import': ''}},
  {code: 1, words: 'chart init -o no-such-directory/chart.yaml'},
  {code: 2, words: 'no-such-command'},
  {code: 2, words: 'tb balance books x'},
  {code: 2, words: 'database remove books --confirm other'},
  {code: 3, words: 'database info nope'},
  {code: 3, words: 'tb lookup-accounts books --id 999'},
  {code: 4, words: 'database list', key: false},
  {code: 4, words: 'auth status', key: false},
  {code: 5, words: 'database create another', at: 'unpaid'},
  {code: 5, words: 'tb balance books 1', at: 'forbidden'},
  {code: 6, words: 'tb create-transfers books --id 9 --from 1 --to 404 --amount 5 --ledger 700 --code 1'},
  {code: 6, words: 'tb create-accounts books --id 1 --ledger 700 --code 99'},
  {code: 7, words: 'database wait slow --timeout 1s', at: 'unready'},
  {code: 7, words: 'database create slow-@ --wait --timeout 1s', at: 'unready'},
  {code: 75, words: 'database list', at: 'nobody'},
  {
    code: 75,
    words: 'tb create-transfers books --from 1 --to 2 --amount 5 --ledger 700 --code 1 --retry-for 1ms',
    at: 'nobody',
  },
  {code: 130, words: 'database list', at: 'silent'},
  {code: 130, words: 'tb balance books 1', at: 'silent'},
]

const PROBLEM = {'content-type': 'application/problem+json'}

describe('exit codes, whoever reads the output', function () {
  this.timeout(60_000)
  let directory: string
  let services: RunningService[]
  let silent: Server
  let asked: () => void
  const env = new Map<Service, Record<string, string>>()
  let made = 0

  before(async function () {
    if (!existsSync('/dev/full')) this.skip()
    directory = mkdtempSync(join(tmpdir(), 'parix-exit-codes-'))
    services = await Promise.all(
      [
        {},
        {switches: {billingBlocked: true}},
        {intercept: () => new Response('{"title":"Forbidden"}', {status: 403, headers: PROBLEM})},
        {provisionDelayMs: 3_600_000},
      ].map((options, index) => startService({port: 0, dataDir: join(directory, String(index)), ...options})),
    )
    for (const [index, name] of (['service', 'unpaid', 'forbidden', 'unready'] as const).entries()) {
      env.set(name, {PARIX_BASE_URL: services[index]!.baseUrl, PARIX_API_KEY: services[index]!.apiKey})
    }
    silent = createServer(() => asked())
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const {port} = silent.address() as AddressInfo
    env.set('silent', {PARIX_BASE_URL: `http://127.0.0.1:${port}`, PARIX_API_KEY: 'px_key'})
    env.set('nobody', {PARIX_BASE_URL: 'http://127.0.0.1:9', PARIX_API_KEY: 'px_key'})
    const home = makeHome()
    for (const [at, line] of [
      ['service', 'database create books --wait'],
      ['service', 'tb create-accounts books --id 1 --ledger 700 --code 10'],
      ['service', 'tb create-accounts books --id 2 --ledger 700 --code 10'],
      ['unready', 'database create slow'],
    ] as const) {
      const {code, stderr} = await resultOf(line.split(' '), home, env.get(at))
      expect(code, stderr).to.equal(0)
    }
    home.remove()
  })
  after(async () => {
    silent?.close()
    silent?.closeAllConnections()
    await Promise.all((services ?? []).map((service) => service.close()))
    if (directory !== undefined) rmSync(directory, {recursive: true, force: true})
  })

  it('each has at least two commands here', () => {
    for (const [code] of EXIT_CODE_MEANINGS) {
      expect(new Set(CASES.filter((each) => each.code === code).map(({words}) => words)).size, `${code}`).to.be.least(2)
    }
  })

  for (const {code, words, at = 'service', key, files = {}} of CASES) {
    it(`${code}: parix ${words}`, async () => {
      const home = makeHome()
      try {
        for (const [name, text] of Object.entries(files)) home.write(name, text)
        const runs = [[], ['--json']].flatMap((json) =>
          (Object.keys(STREAMS) as Streams[]).map((streams) => async () => {
            const line = [...words.replace('@', String(made++)).split(' '), ...json]
            const {PARIX_API_KEY, ...rest} = env.get(at)!
            const own = key === false ? rest : {PARIX_API_KEY: PARIX_API_KEY!, ...rest}
            const result = await into(streams, line, home, own, code === 130)
            const title = `${line.join(' ')} into ${streams}: ${result.stdout}${result.stderr}`
            // Where a success is what can't be shown, nothing else is left to say.
            expect(result.code, title).to.equal(code === 0 && streams === '/dev/full' ? 1 : code)
            expect(result.stdout + result.stderr, title).not.to.match(/EPIPE|ENOSPC|^ {4}at /m)
            if (streams === '/dev/full' && code !== 130) expect(result.stderr, title).to.match(/^Error: /m)
            if (streams === 'a pipe' && json.length > 0) expectJson(result, code)
          }),
        )
        // Most of them wait for something; the ones that are interrupted are told apart by when they ask.
        if (code === 130) for (const one of runs) await one()
        else await allOf(runs.map((one) => one()))
      } finally {
        home.remove()
      }
    })
  }

  /** @param interrupted Ctrl-C as soon as the service was asked */
  async function into(
    streams: Streams,
    words: readonly string[],
    home: TestHome,
    own: Record<string, string>,
    interrupted: boolean,
  ): Promise<RunResult> {
    const line = ['bash', '-c', STREAMS[streams], 'bash', process.execPath, join(ROOT, 'bin/run.js'), ...words]
    const running = startAround(line, words, {cwd: home.path, home, env: own})
    asked = () => void (interrupted && running.child.kill('SIGINT'))
    return running.result
  }
})

/** Ends when the last has ended, so that the home isn't removed under one of them; then throws what the first threw. */
async function allOf(running: readonly Promise<void>[]): Promise<void> {
  for (const each of await Promise.allSettled(running)) if (each.status === 'rejected') throw each.reason
}

function expectJson({stdout}: RunResult, code: number): void {
  const value = JSON.parse(stdout) as {error?: {exitCode: number}}
  if (code !== 0) expect(value.error?.exitCode, stdout).to.equal(code)
}
