import {makeHome, type TestHome, withParix} from '@parix/testkit'
import {expect} from 'chai'
import {parse as parseYaml} from 'yaml'
import {allCommands, resultOf} from './built.js'

const FLAGS = ['fields', 'format', 'jq', 'no-pager']
/** Commands that need no service, no arguments, and change nothing. */
const OFFLINE = ['auth list', 'auth status', 'commands', 'plugins', 'tb explain', 'tb id', 'tb outbox list', 'version']

describe('the form of the output of every command', () => {
  let home: TestHome
  before(() => {
    home = makeHome()
  })
  after(() => home.remove())

  it('is chosen by the same flags', () => {
    for (const {id, flags} of allCommands()) {
      const names = Object.keys(flags ?? {})
      expect(
        FLAGS.filter((flag) => !names.includes(flag)),
        id,
      ).to.deep.equal([])
    }
  })

  for (const command of OFFLINE) {
    it(`parix ${command}: table, json, ndjson, csv, yaml, --fields and --jq give the same result and exit code`, async () => {
      const run = (...more: string[]) => resultOf([...command.split(' '), ...more], home)
      const human = await run()
      const json = await run('--json')
      expect(json.code).to.equal(human.code)
      const value = JSON.parse(json.stdout)
      const same = await run('--format', 'json')
      if (command !== 'tb id') expect(JSON.parse(same.stdout)).to.deep.equal(value)
      for (const [flags, read] of [
        [['--format', 'yaml'], parseYaml],
        [['--jq', '.'], JSON.parse],
        [
          ['--format', 'ndjson'],
          (text: string) =>
            text
              .trimEnd()
              .split('\n')
              .filter(Boolean)
              .map((line) => JSON.parse(line)),
        ],
        [['--format', 'csv'], (text: string) => expect(text).to.match(/^$|\r\n$/)],
        [['--format', 'table'], (text: string) => text],
      ] as const) {
        const {code, stdout, stderr} = await run(...flags)
        expect(code, `${flags} ${stderr}`).to.equal(human.code)
        const found = human.code === 0 ? read(stdout) : undefined
        if (human.code === 0 && command !== 'tb id' && (flags[1] === 'yaml' || flags[0] === '--jq')) {
          expect(found).to.deep.equal(value)
        }
      }
      const wrong = await run('--format', 'xml')
      expect(wrong.code).to.equal(2)
      expect(wrong.stderr).to.contain('--format').and.to.contain('ndjson')
      const both = await run('--json', '--format', 'csv')
      expect(both.code).to.equal(2)
    }).timeout(120_000)
  }

  it('errors are JSON on stdout with --format json, and text on stderr in any other form', () =>
    withParix(async ({parix}) => {
      for (const format of ['json', 'ndjson', 'csv', 'yaml', 'table']) {
        const {code, stdout, stderr} = await parix(['tb', 'explain', 'nothing_like_it', '--format', format])
        expect(code, format).to.equal(2)
        if (format === 'json') expect(JSON.parse(stdout).error.exitCode).to.equal(2)
        else expect({stdout, error: stderr.startsWith('Error: ')}, format).to.deep.equal({stdout: '', error: true})
      }
    }))

  it('a pager shows what does not fit on the terminal, and changes no exit code; never in a pipe', () =>
    withParix(async ({parix, onTerminal}) => {
      const env = {
        PARIX_PAGER: `${process.execPath} -e "process.stdin.on('data', (d) => process.stdout.write('PAGED ' + d.length))"`,
      }
      const long = ['tb', 'id', '--count', '100']
      const paged = await onTerminal(long, {env}).result
      expect(paged.stdout).to.match(/^PAGED 3\d\d\d/)
      expect(paged.code).to.equal(0)
      for (const [words, more] of [
        [[...long, '--no-pager'], env],
        [['tb', 'id', '--count', '3'], env],
        [long, {PARIX_PAGER: '', PAGER: env.PARIX_PAGER}],
        [long, {PARIX_PAGER: 'cat'}],
        [long, {PARIX_PAGER: 'no-such-pager-here'}],
        [long, {...env, CI: '1'}],
      ] as const) {
        const {code, stdout} = await onTerminal(words, {env: more}).result
        expect(code, words.join(' ')).to.equal(0)
        expect(stdout, words.join(' ')).not.to.contain('PAGED')
        expect(stdout, words.join(' ')).to.match(/\d{30,}\r\n$/)
      }
      expect((await onTerminal(long, {env: {PAGER: 'false'}}).result).code, 'a pager that fails').to.equal(0)
      expect((await onTerminal(long, {env: {PAGER: 'head -1'}}).result).code, 'a pager that is left early').to.equal(0)
      expect((await parix(long, {env})).stdout.trimEnd().split('\n')).to.have.length(100)
    })).timeout(60_000)
})
