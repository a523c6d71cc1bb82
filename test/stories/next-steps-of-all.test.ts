import {chmodSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {BROWSER_PROGRAM, makeHome, type RunResult, residentParix, startAround, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'
import {allCommands, resultOf} from '../tidy/built.js'

/** A name that a shell, or parix, could take for something else. */
const NAMES = ['my "books"', "it's", '--json', '-b $HOME'] as const
const CHART =
  'version: 1\nledgers: {L: {id: 700, scale: 0}}\ncodes: {account: {c: 10}}\naccounts: {a: {id: 77, ledger: L, code: c}}\n'

interface Line {
  /** `NAME` is a database, `NEW` one that is not there yet; `DIR` a directory with a blank in its name. */
  words: string[]
  code: number
  files?: Record<string, string>
  /** By an API key in place of a session. */
  key?: true
  /** Nobody is signed in. */
  stranger?: true
  /** Prints no step, or none that is complete. */
  silent?: true
}

const line = (code: number, words: string, more: Partial<Line> = {}): Line => ({words: words.split(' '), code, ...more})

/** Commands of every topic, as they end well and badly; `parix tb` on one database is in next-steps.test.ts. */
const LINES: readonly Line[] = [
  line(2, 'databse list'),
  line(2, 'database lst'),
  line(2, 'tb --limit 3 balance'),
  line(2, 'database list extra'),
  line(2, 'help nope'),
  line(2, 'completion nope'),
  line(0, 'database list', {silent: true}),
  line(0, 'database list --search zzz'),
  line(0, 'database catalog', {silent: true}),
  line(0, 'database info -- NAME', {silent: true}),
  line(3, 'database info nope'),
  line(0, 'database create -- NEW'),
  line(6, 'database create -- NAME'),
  line(2, 'database create other --region nowhere'),
  line(0, 'database wait -- NAME'),
  line(3, 'database wait nope'),
  line(0, 'database use', {silent: true}),
  line(3, 'database use nope'),
  line(3, 'database remove nope --yes'),
  line(2, 'database remove --confirm wrong -- NAME', {silent: true}),
  line(0, 'auth status', {silent: true}),
  line(0, 'auth list', {silent: true}),
  line(4, 'auth status', {stranger: true}),
  line(4, 'auth token', {stranger: true}),
  line(0, 'auth list', {stranger: true, silent: true}),
  line(4, 'database list', {stranger: true}),
  line(0, 'auth api-key create -- NEW', {silent: true}),
  line(6, 'auth api-key create', {words: ['auth', 'api-key', 'create', 'parix local']}),
  line(2, 'auth api-key revoke', {words: ['auth', 'api-key', 'revoke', 'parix local']}),
  line(3, 'auth api-key revoke nope'),
  line(5, 'auth api-key list', {key: true, silent: true}),
  line(3, 'api nope', {silent: true}),
  line(3, 'api /databases', {silent: true}),
  line(2, 'api databases/x -X GET -d {}', {silent: true}),
  line(0, 'chart init'),
  line(2, 'chart check -- NAME'),
  line(6, 'chart check --json -- NAME', {files: {'parix.chart.yaml': CHART}}),
  line(2, 'tb statement -- NAME @nobody', {silent: true}),
  line(3, 'tb trace -- NAME 404', {silent: true}),
  line(3, 'tb import show nope'),
  line(0, 'tb import list', {silent: true}),
  line(3, 'tb outbox show nope'),
  line(2, 'tb explain nope'),
  line(3, 'history show nope'),
  line(2, 'history prune', {silent: true}),
  line(2, 'test nope.test.yaml', {silent: true}),
  line(2, 'tb create-transfers --payload [] -- NAME', {silent: true}),
  line(2, 'tb query-transfers --timestamp-min 1795759394 -- NAME', {silent: true}),
  line(3, 'plugins inspect nope'),
  line(3, 'plugins uninstall nope'),
  line(3, 'plugins link ./nope', {silent: true}),
  line(2, 'plugins link DIR', {files: {'my dir/x': ''}}),
  line(2, 'plugins install Bad!Name'),
  line(0, 'plugins create x --folder DIR'),
  line(3, 'local status --data-dir DIR'),
  line(3, 'local logs --data-dir DIR'),
  line(2, 'local reset --data-dir DIR --json', {files: {'my dir/secrets.json': '{}'}}),
  line(2, 'local start --fail-next nope --data-dir DIR'),
  line(2, 'local exec --data-dir DIR'),
  line(3, 'console nope'),
  line(4, 'console', {stranger: true}),
  line(75, 'console --base-url http://localhost:9', {key: true}),
  line(3, 'open nope'),
  line(4, 'open nope', {stranger: true}),
  line(2, 'tb balance 1', {stranger: true}),
  line(2, 'database info'),
  line(75, 'database list --base-url http://localhost:9', {key: true}),
  line(4, 'database list --base-url http://localhost:8'),
]

/** They wait for somebody, install, revoke the key of the next line, or never end: that their words are right is all that is tried. */
const NOT_RUN = /^parix (auth (login|api-key revoke)|local (start|exec)|plugins (install|link|create))\b|^npm |^cd /

describe('a step that any command prints under Next', function () {
  this.timeout(60_000)
  let directory: string
  let right: RunningService
  let decoy: RunningService
  const asked: string[] = []
  let home: TestHome
  let stranger: TestHome
  let made = 0

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'parix-steps-'))
    right = await startService({port: 0, dataDir: join(directory, 'right'), provisionDelayMs: 0})
    decoy = await startService({
      port: 0,
      dataDir: join(directory, 'decoy'),
      intercept: async (request, next) => {
        asked.push(new URL(request.url).pathname)
        return next(request)
      },
    })
    home = makeHome()
    stranger = makeHome()
    for (const {baseUrl} of [right, decoy]) {
      const login = await resultOf(['auth', 'login', '--base-url', baseUrl], home, {BROWSER: BROWSER_PROGRAM})
      expect(login.code, login.stderr).to.equal(0)
    }
    for (const own of [home, stranger]) {
      own.write('bin/parix', `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin/run.js')}' "$@"\n`)
      chmodSync(join(own.path, 'bin/parix'), 0o755)
    }
    for (const name of NAMES) {
      const words = ['database', 'create', '--wait', '--base-url', right.baseUrl, '--', name]
      const {code, stderr} = await residentParix(words, {home})
      expect(code, stderr).to.equal(0)
    }
  })
  after(async () => {
    home?.remove()
    stranger?.remove()
    await right?.close()
    await decoy?.close()
    if (directory !== undefined) rmSync(directory, {recursive: true, force: true})
  })

  it('is tried for every topic', () => {
    const topics = new Set(
      allCommands()
        .filter(({hidden}) => hidden !== true)
        .map(({id}) => id.split(':')[0]!),
    )
    const tried = new Set(LINES.map(({words}) => words[0]))
    // They say nothing to go on with.
    for (const topic of ['commands', 'version', 'help', 'completion']) topics.delete(topic)
    expect([...topics].filter((topic) => !tried.has(topic))).to.deep.equal([])
  })

  for (const [index, line] of LINES.entries()) {
    const {words, code} = line
    for (const json of words.includes('--json') ? [[]] : [[], ['--json']]) {
      const title = [...words, ...json].join(' ')
      it(`runs as it is, at the right service: ${code}, parix ${title}`, async () => {
        const own = line.stranger ? stranger : home
        const place = `place-${index}${json.length}`
        const cwd = join(own.path, place)
        for (const [path, content] of Object.entries({'.keep': '', ...line.files}))
          own.write(`${place}/${path}`, content)
        const [before, behind] = atEnd(words.map((word) => filled(word, index, cwd)))
        const byFlag = index % 2 === 0 && takesBaseUrl(words)
        const flags = [...(byFlag ? ['--base-url', right.baseUrl] : []), ...json]
        const env = {
          ...(!byFlag && takesBaseUrl(words) && {PARIX_BASE_URL: right.baseUrl}),
          ...(line.key && {PARIX_API_KEY: right.apiKey}),
        }
        const result = await inside(cwd, own, [...before, ...flags, ...behind], env)
        expect(result.code, result.stdout + result.stderr).to.equal(code)
        const steps = title.includes('--json') ? nextOf(result) : printedIn(result)
        if (line.silent !== true && code !== 0) expect(steps, result.stdout + result.stderr).not.to.deep.equal([])
        // What is suggested for an unknown word may want arguments.
        for (const step of steps)
          await pasted(step, cwd, own, env, /is not a command/.test(result.stderr + result.stdout))
      })
    }
  }

  function filled(word: string, index: number, cwd: string): string {
    const name = NAMES[index % NAMES.length]!
    if (word === 'NAME') return name
    if (word === 'NEW') return `${name} ${made++}`
    return word === 'DIR' ? join(cwd, 'my dir') : word
  }

  function inside(cwd: string, own: TestHome, words: string[], env: Record<string, string>): Promise<RunResult> {
    return residentParix(words, {cwd, home: own, env})
  }

  /** Runs it through a shell. Only usage errors and failures of ours are wrong: what it finds is its own affair. */
  async function pasted(
    step: string,
    cwd: string,
    own: TestHome,
    env: Record<string, string>,
    suggested: boolean,
  ): Promise<void> {
    asked.length = 0
    const path = [join(own.path, 'bin'), own.environment.PATH].join(delimiter)
    const command = NOT_RUN.test(step) ? `set -- ${step.replaceAll(' && ', ' ')}; test $# -gt 0` : step
    const options = {cwd, home: own, env: {...env, PATH: path}}
    const {code, stdout, stderr} = await startAround(['sh', '-c', command], command, options).result
    if (!(suggested && code === 2 && /^(Error: )?(Missing|Which database)/.test(stderr)))
      expect(code, `${step}\n${stdout}${stderr}`).not.to.be.oneOf([2, 126, 127, null])
    if (!/parix local (status|logs)/.test(step)) expect(code, `${step}\n${stdout}${stderr}`).not.to.equal(1)
    expect(asked, step).to.deep.equal([])
    if (NOT_RUN.test(step)) expectKnownWords(step)
  }
})

/** The words up to `--`, and the rest. */
function atEnd(words: string[]): [string[], string[]] {
  const end = words.indexOf('--')
  return end === -1 ? [words, []] : [words.slice(0, end), words.slice(end)]
}

function takesBaseUrl(words: string[]): boolean {
  return (
    !words.includes('--base-url') &&
    ['database', 'databse', 'auth', 'api', 'tb', 'chart', 'console', 'open'].includes(words[0]!)
  )
}

/** Every `Next:` block, each line of which has to be a command, and commands after a colon. */
function printedIn({stdout, stderr}: RunResult): string[] {
  const lines = `${stderr}\n${stdout}`.split('\n')
  const blocks = lines.flatMap((text, index) => {
    if (text !== 'Next:') return text.startsWith('Next: ') ? [text.slice('Next: '.length)] : []
    const end = lines.findIndex((later, at) => at > index && !later.startsWith('  '))
    return lines.slice(index + 1, end).map((step) => step.trim())
  })
  for (const step of blocks)
    expect(step, 'under Next').to.match(/^(parix|chmod|chown|mv|npm|kill|df|cd|jq|iconv|gunzip) /)
  const behind = lines.flatMap((text) => /(?<!^Next): (parix .+?)( \(.*\))?$/.exec(text)?.[1] ?? [])
  return [...blocks, ...behind].filter((step) => !/ [A-Z]{2,}( |$)/.test(step))
}

function nextOf({stdout}: RunResult): string[] {
  if (stdout === '') return []
  const {error} = JSON.parse(stdout) as {error?: {next?: string[]}}
  return error?.next ?? []
}

/** Each flag is one of the command. */
function expectKnownWords(step: string): void {
  if (!step.startsWith('parix ')) return
  const words = step.split(' ').slice(1)
  const command = allCommands().find(({id}) => words.join(' ').startsWith(id.replaceAll(':', ' ')))
  expect(command, step).not.to.equal(undefined)
  const flags = (step.split(' -- ')[0]!.match(/(?<= )--[a-z-]+/g) ?? []).map((flag) => flag.slice(2))
  expect(Object.keys({...command!.flags, help: {}}), step).to.include.members(flags)
}
