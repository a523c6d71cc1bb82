import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, type RunResult, startAround, startOnTerminal, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'
import {resultOf} from '../tidy/built.js'

/** stderr alone is a pipe whose reader has gone before the command starts. */
const NO_READER = 'exec 3> >(:); wait $!; exec "$@" 2>&3 3>&-'
const TRANSFER = '--from 1 --to 2 --ledger 700 --code 1'

const LINES: readonly {words: string; code: number; files?: Record<string, unknown>}[] = [
  {words: 'database list', code: 0},
  {words: 'tb balance books 1', code: 0},
  {words: 'tb balance books 1 --debug', code: 0},
  {words: `tb create-transfers books --amount 1 ${TRANSFER}`, code: 0},
  {words: 'tb create-accounts books --ledger 700 --code 10', code: 0},
  {words: 'auth status --debug', code: 0},
  {words: 'no-such-command', code: 2},
  {words: 'tb balance books x', code: 2},
  {words: 'database info nope', code: 3},
  {words: 'api nope', code: 3},
  {words: 'api nope -i', code: 3},
  {words: 'tb balance books 999', code: 3},
  {words: `tb create-transfers books --amount 1 --from 1 --to 404 --ledger 700 --code 1`, code: 6},
  {words: 'plugins uninstall nope', code: 3},
  // What is said before a command is found.
  {words: 'version', code: 0, files: {'.local/share/parix/package.json': '{'}},
  {words: 'tb id', code: 0, files: {'.local/share/parix/package.json': '{'}},
  {
    words: 'tb id',
    code: 0,
    files: {
      '.local/share/parix/package.json': {oclif: {schema: 1, plugins: [{name: 'x', type: 'link', root: '/no/x'}]}},
    },
  },
  {words: 'tb balance --help', code: 0},
]

describe('where nobody reads stderr', function () {
  this.timeout(60_000)
  let directory: string
  let service: RunningService
  let env: Record<string, string>

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'parix-readers-'))
    service = await startService({port: 0, dataDir: directory, provisionDelayMs: 0})
    env = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey}
    const home = makeHome()
    for (const line of [
      'database create books --wait',
      'tb create-accounts books --id 1 --ledger 700 --code 10',
      'tb create-accounts books --id 2 --ledger 700 --code 10',
    ]) {
      const {code, stderr} = await resultOf(line.split(' '), home, env)
      expect(code, stderr).to.equal(0)
    }
    home.remove()
  })
  after(async () => {
    await service?.close()
    if (directory !== undefined) rmSync(directory, {recursive: true, force: true})
  })

  for (const {words, code, files = {}} of LINES) {
    it(`the command ends as it would, and its result is on stdout: ${code}, parix ${words}`, async () => {
      const home = makeHome()
      try {
        for (const [name, content] of Object.entries(files)) home.write(name, content)
        for (const json of words.includes('-i') ? [[]] : [[], ['--json']]) {
          const given = [...words.split(' '), ...json]
          const result = await unread(given, home)
          expect(result.code, `${given.join(' ')}: ${result.stdout}`).to.equal(code)
          if (json.length > 0) expect(() => JSON.parse(result.stdout), result.stdout).not.to.throw()
          else if (code === 0) expect(result.stdout).not.to.equal('')
        }
      } finally {
        home.remove()
      }
    })
  }

  function unread(words: string[], home: TestHome): Promise<RunResult> {
    const line = ['bash', '-c', NO_READER, 'bash', process.execPath, join(ROOT, 'bin/run.js'), ...words]
    return startAround(line, words, {cwd: home.path, home, env}).result
  }

  describe('Ctrl-D at a question', () => {
    const QUESTIONS: readonly {words: (home: TestHome) => string[]; asks: RegExp; key?: false}[] = [
      {words: () => ['database', 'remove', 'books'], asks: /Type its name/},
      {words: ({path}) => ['local', 'reset', '--data-dir', join(path, 'data')], asks: /Type the name of the directory/},
    ]
    for (const {words, asks} of QUESTIONS) {
      for (const [typed, code, says] of [
        ['\u0004', 2, 'Cancelled'],
        ['\u0003', 130, 'Interrupted'],
      ] as const) {
        it(`ends with ${code}, and the error begins on a line of its own (${says}): ${asks.source}`, async () => {
          const home = makeHome()
          try {
            mkdirSync(join(home.path, 'data'), {mode: 0o700})
            const running = startOnTerminal(words(home), {home, env, columns: 200})
            await running.saw(asks)
            running.child.stdin!.write(typed)
            const result = await running.result
            expect(result.code, result.stdout).to.equal(code)
            const plain = result.stdout.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r', '')
            expect(plain).to.match(new RegExp(`^Error: ${says}`, 'm'))
            expect(plain.split('\n').find((line) => asks.test(line))).not.to.contain('Error')
          } finally {
            home.remove()
          }
        })
      }
    }
  })
})
