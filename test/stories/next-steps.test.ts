import {chmodSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {commandLine} from '@parix/kit/shell-words'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {BROWSER_PROGRAM, makeHome, type RunResult, startAround, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'
import {resultOf} from '../tidy/built.js'

/** Names that a shell, or parix, could take for something else. */
const NAMES = ['my books', `it's "1"`, '--json', '-b x; $HOME']
/** Where the service is named. The other one is the session in use, but for `session`. */
const CHOICES = ['flag', 'variable', 'session'] as const
type Choice = (typeof CHOICES)[number]

interface Line {
  words: string
  /** After the name of the database, which is the first argument. */
  args?: string
  flags?: string
  code: number
  /** The service is away meanwhile. */
  away?: true
  /** Run before, while the service is away: it stays in the outbox. */
  lost?: string
  /** What one of the printed commands shows or says. */
  shows?: RegExp
}

const TRANSFER = '--ledger 700 --code 1 --from 1 --to'
/** Commands that print what to do next, in the order in which they run. `N`: a number of the line's own. */
const LINES: readonly Line[] = [
  {words: 'tb create-accounts', flags: '--id N --ledger 700 --code 10', code: 0, shows: /\bN\b/},
  {words: 'tb create-transfers', flags: `--id N ${TRANSFER} 2 --amount 0`, code: 0, shows: /\bN\b/},
  {words: 'tb create-transfers', flags: `--id N ${TRANSFER} 404 --amount 1`, code: 6, shows: /debit_account|account/},
  {words: 'tb create-transfers', flags: `--id 1000 ${TRANSFER} 2 --amount 6`, code: 6, shows: /\b1000\b/},
  {words: 'tb create-transfers', flags: `--id N ${TRANSFER} 2 --amount 99`, code: 6, shows: /\bSUM\b/},
  {
    words: 'tb create-transfers',
    flags: `--id N ${TRANSFER} 2 --amount 0 --retry-for 1ms`,
    code: 75,
    away: true,
    shows: /\bN\b/,
  },
  {words: 'tb outbox list', lost: `--id N ${TRANSFER} 2 --amount 0 --retry-for 1ms`, code: 0, shows: /\bN\b/},
  {words: 'tb get-account-balances', flags: '--account-id 1', code: 0, shows: /\bSUM\b/},
  {words: 'tb lookup-accounts', flags: '--id 404', code: 3, shows: /\b700\b/},
  {words: 'tb lookup-transfers', flags: '--id 404', code: 3, shows: /\b1000\b/},
  {words: 'tb balance', args: '404', code: 3},
  {words: 'tb pending', code: 0, shows: /N|created/},
  // Last: its next step removes the database.
  {words: 'database remove', code: 2, shows: /remov/},
]

describe('a printed next step, pasted into a shell', function () {
  this.timeout(60_000)
  let directory: string
  let right: RunningService
  let decoy: RunningService
  let away = false
  const asked = {right: [] as string[], decoy: [] as string[]}
  const ids = new Map<string, string>()
  const homes = new Map<Choice, TestHome>()
  let number = 5000

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'parix-next-'))
    const serve = (name: 'right' | 'decoy') =>
      startService({
        port: 0,
        dataDir: join(directory, name),
        provisionDelayMs: 0,
        removalDelayMs: 0,
        intercept: async (request, next) => {
          asked[name].push(new URL(request.url).pathname)
          if (away && request.method === 'POST') return new Response('', {status: 503})
          return next(request)
        },
      })
    right = await serve('right')
    decoy = await serve('decoy')
    await Promise.all([fill(right, 5), fill(decoy, 7)])
    for (const choice of CHOICES) {
      const home = makeHome()
      homes.set(choice, home)
      const [first, last] = choice === 'session' ? [decoy, right] : [right, decoy]
      for (const {baseUrl} of [first, last]) {
        const login = await resultOf(['auth', 'login', '--base-url', baseUrl], home, {BROWSER: BROWSER_PROGRAM})
        expect(login.code, login.stderr).to.equal(0)
      }
      home.write('bin/parix', `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin/run.js')}' "$@"\n`)
      chmodSync(join(home.path, 'bin/parix'), 0o755)
    }
  })
  after(async () => {
    for (const home of homes.values()) home.remove()
    await right?.close()
    await decoy?.close()
    if (directory !== undefined) rmSync(directory, {recursive: true, force: true})
  })

  for (const [at, name] of NAMES.entries()) {
    for (const [index, line] of LINES.entries()) {
      const choice = CHOICES[(at + index) % CHOICES.length]!
      const json = line.code !== 0 && (at + index) % 2 === 0
      const {words, args = '', flags = '', code} = line
      const title = `${words} ${name} ${args} ${flags}${json ? ' --json' : ''}, the service by ${choice}`
      it(title, async () => {
        const n = String(number++)
        if (line.lost !== undefined) {
          const lost = {words: 'tb create-transfers', flags: line.lost, code: 75, away: true} as const
          expect((await first(lost, name, choice, json, n)).code).to.equal(75)
        }
        const result = await first(line, name, choice, json, n)
        expect(result.code, result.stdout + result.stderr).to.equal(code)
        const steps = json ? nextOf(result) : printedIn(result.stderr)
        const shown = []
        for (const step of steps) shown.push(await pasted(step, name, choice))
        expect(steps, result.stdout + result.stderr).not.to.deep.equal([])
        const pattern = new RegExp((line.shows ?? /./).source.replaceAll('N', n).replaceAll('SUM', '5'))
        expect(shown.join('\n'), steps.join('\n')).to.match(pattern)
      })
    }
  }

  async function first(line: Line, name: string, choice: Choice, json: boolean, n: string): Promise<RunResult> {
    const split = (text = '') => text.replaceAll('N', n).split(' ').filter(Boolean)
    const given = [...split(line.words), ...split(line.flags), ...(json ? ['--json'] : [])]
    if (choice === 'flag') given.push('--base-url', right.baseUrl)
    const named = line.words === 'tb outbox list' ? [] : ['--', name, ...split(line.args)]
    away = line.away === true
    try {
      return await resultOf([...given, ...named], homes.get(choice)!, environment(choice))
    } finally {
      away = false
    }
  }

  /** Runs it through a shell, and looks at which service and which database was asked. */
  async function pasted(step: string, name: string, choice: Choice): Promise<string> {
    const home = homes.get(choice)!
    asked.right.length = 0
    asked.decoy.length = 0
    const path = [join(home.path, 'bin'), home.environment.PATH].join(delimiter)
    const env = {...environment(choice), PATH: path}
    const {code, stdout, stderr} = await startAround(['sh', '-c', step], step, {home, env, cwd: home.path}).result
    expect(code, `${step}\n${stdout}${stderr}`).not.to.be.oneOf([1, 2, 126, 127, null])
    expect(asked.decoy, step).to.deep.equal([])
    const databases = asked.right.flatMap((url) => url.match(/db_\w+/) ?? [])
    expect(new Set([...databases, ids.get(name)]), step).to.have.property('size', 1)
    return stdout + stderr
  }

  function environment(choice: Choice): Record<string, string> {
    return choice === 'variable' ? {PARIX_BASE_URL: right.baseUrl} : {}
  }

  async function fill({baseUrl, apiKey}: RunningService, amount: number): Promise<void> {
    const home = makeHome()
    for (const name of NAMES) {
      for (const words of [
        'database create --wait',
        'tb create-accounts --id 1 --ledger 700 --code 10 --flag debits_must_not_exceed_credits',
        'tb create-accounts --id 2 --ledger 700 --code 10',
        `tb create-transfers --id 1000 --from 2 --to 1 --amount ${amount} --ledger 700 --code 1`,
        'tb create-transfers --id 1001 --from 1 --to 2 --amount 0 --ledger 700 --code 1 --flag pending',
      ]) {
        const env = {PARIX_BASE_URL: baseUrl, PARIX_API_KEY: apiKey}
        const {code, stdout, stderr} = await resultOf([...words.split(' '), '--json', '--', name], home, env)
        expect(code, `${commandLine([name])} ${words}: ${stdout}${stderr}`).to.equal(0)
        if (baseUrl === right.baseUrl && words.startsWith('database')) ids.set(name, JSON.parse(stdout).database.id)
      }
    }
    home.remove()
  }
})

/** Commands in what was said for people: after a colon, or on a line of their own. */
function printedIn(text: string): string[] {
  return [...text.matchAll(/(?:^ *|: )(parix .+)$/gm)].map(([, step]) => step!)
}

function nextOf({stdout}: RunResult): string[] {
  return (JSON.parse(stdout) as {error: {next?: string[]}}).error.next ?? []
}
