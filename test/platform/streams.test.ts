import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {run, startProgram, withHome} from '@parix/testkit'
import {expect} from 'chai'
import {REPOSITORY} from './installed.js'

const BIN = join(REPOSITORY, 'bin/run.js')
const LINES = ['--version', '--help', 'tb --help', 'help exit-codes', 'commands', 'version', 'nope', 'completion bash']

describe('streams', function () {
  this.timeout(60_000)
  const shell = (line: string, env: Record<string, string>) => run('bash', ['-o', 'pipefail', '-c', line], {env})

  for (const words of LINES) {
    it(`parix ${words}: a reader that goes away at once is not an error`, () =>
      withHome(async (home) => {
        const expected = words === 'nope' ? 2 : 0
        const {stderr, code} = await shell(`"${process.execPath}" "${BIN}" ${words} | true`, home.environment)
        expect(stderr).not.to.match(/EPIPE|^ {4}at /m)
        expect(code).to.equal(expected)
      }))

    // A wrong command says nothing on stdout.
    if (words === 'nope') continue
    it(`parix ${words}: a full disk is an error in words`, function () {
      if (!existsSync('/dev/full')) this.skip()
      return withHome(async (home) => {
        const {stderr, code} = await shell(`"${process.execPath}" "${BIN}" ${words} > /dev/full`, home.environment)
        expect(code).to.equal(1)
        expect(stderr).to.match(/^Error: The output could not be written/m)
        expect(stderr).not.to.match(/^ {4}at /m)
      })
    })
  }

  for (const [what, env, colour] of [
    ['a pipe', {}, false],
    ['a pipe with FORCE_COLOR', {FORCE_COLOR: '1'}, true],
    ['a pipe with FORCE_COLOR and NO_COLOR', {FORCE_COLOR: '1', NO_COLOR: '1'}, false],
  ] as const) {
    it(`help in ${what} has ${colour ? '' : 'no '}colour`, () =>
      withHome(async (home) => {
        for (const words of [['--help'], ['tb'], ['auth', 'status', '-h'], ['help', 'environment']]) {
          const {stdout} = await startProgram([BIN], words, {home, env}).result
          expect(stdout.includes('\u001b['), words.join(' ')).to.equal(colour)
        }
      }))
  }

  it('--no-color is heard by help as well', () =>
    withHome(async (home) => {
      const env = {...home.environment, FORCE_COLOR: '1'}
      const {stdout} = await run(process.execPath, [BIN, 'auth', 'status', '--no-color', '--help'], {env})
      expect(stdout).not.to.contain('\u001b[')
    }))
})
