import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {type RunResident, startResident, type TestHome, withHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {REPOSITORY} from './installed.js'

const PLAIN = fileURLToPath(new URL('./plain.cjs', import.meta.url))
const BUNDLED = join(REPOSITORY, 'bin/run.js')

/** Command lines that go through every turn of the runner: help, topics, hooks, errors, `--json`, aliases, flags and words. */
const LINES: string[][] = [
  ['--version'],
  ['-v'],
  [],
  ['--help'],
  ['-h'],
  ['help'],
  ['help', 'tb'],
  ['help', 'exit-codes'],
  ['help', 'help'],
  ['help', '--help'],
  ['help', 'nope'],
  ['help', 'nope', '--json'],
  ['help', 'database', 'list', '--json'],
  ['tb'],
  ['tb', '-h'],
  ['tb:lookup-accounts', '--help'],
  ['tb', 'lookup-accounts', 'books', '--id', '1', '-h'],
  ['tb', 'outbox'],
  ['db'],
  ['db', 'ls', '--help'],
  ['database', 'ls', '--json'],
  ['auth', 'status', '--', '--help'],
  ['auth', 'status'],
  ['auth', 'status', '--json'],
  ['auth', 'status', 'extra'],
  ['auth', 'status', 'extra', '--json'],
  ['auth', 'nope'],
  ['nope'],
  ['nope', '--json'],
  ['nope', '--help'],
  ['databse', 'list'],
  ['lookup-acounts'],
  ['--json', 'auth', 'status'],
  ['auth', 'list', '--nope'],
  ['auth', 'list', '--jsn', '--json'],
  ['auth', 'list', '--base-url'],
  ['auth', 'list', '--base-url', 'not a url', '--json'],
  ['database', 'list', '--limit', 'many'],
  ['database', 'list', '--limit', '1', '--json'],
  ['database', 'list'],
  ['database', 'info', 'books'],
  ['database', 'remove', 'books', '--json'],
  ['tb', 'explain', 'exceeds_credits'],
  ['tb', 'explain', '--for', 'nothing'],
  ['tb', 'create-transfers', 'books', '--json'],
  ['api', '/nope'],
  ['api'],
  ['commands'],
  ['commands', '--format', 'yaml'],
  ['version'],
  ['version', '--json'],
  ['completion', 'bash'],
  ['completion', 'nope', '--json'],
  ['plugins', 'inspect', 'tb', '--nope'],
  ['plugins', 'uninstall', 'nope', '--json'],
  ['local', 'status', '--json'],
]

describe('the bundle and plain oclif end alike', function () {
  this.timeout(60_000)
  // Each has a process that loads the CLI anew for a line. What modules of lib/ keep stays in that of plain oclif: were it to
  // change what a later line says, the bundle, which keeps nothing, would differ.
  const [bundled, plain] = [BUNDLED, PLAIN].map((program) => startResident(program))

  for (const words of LINES) {
    it(`parix ${words.join(' ')}`, () =>
      withService(async (service) => {
        service.answer('GET', /./, {
          status: 404,
          json: {type: 'about:blank', title: 'Not Found', status: 404, detail: 'nothing here'},
        })
        const env = {NODE_ENV: 'production', PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: 'px_key'}
        const both = await Promise.all(
          [bundled!, plain!].map((parix) => withHome((home) => resultOf(parix, home, words, env))),
        )
        expect(both[0]).to.deep.equal(both[1])
      }))
  }
})

/** What a run shows, with what names its home or its time taken out. */
async function resultOf(parix: RunResident, home: TestHome, words: string[], env: Record<string, string>) {
  const result = await parix(words, {home, cwd: home.path, env})
  const same = (text: string) => text.replaceAll(home.path, 'HOME')
  return {stdout: same(result.stdout), stderr: same(result.stderr), code: result.code}
}
