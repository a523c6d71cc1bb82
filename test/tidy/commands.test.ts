import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {makeHome, type Running, start, type TestHome, withHome} from '@parix/testkit'
import {expect} from 'chai'
import {ROOT} from '../../scripts/build/workspaces.js'
import {type CommandEntry, typed} from '../../src/help/catalog.js'
import {examplesOf} from '../../src/help/examples.js'
import {COMMAND_LINES, NOT_HERE} from '../faults/command-lines.js'
import {allCommands, resultOf} from './built.js'

const ESCAPE = '\u001b'
/** flaw 18: four boxes for one fact. */
const BOX = /[\u2500-\u257f]/
const CODES = [0, 1, 2, 3, 4, 5, 6, 7, 75]
/** Nobody listens there, so a command that would ask the service ends at once. */
const NOWHERE = {PARIX_BASE_URL: 'http://127.0.0.1:9', PARIX_API_KEY: 'px_nobody'}

/** Commands that run until they are told to stop, or wait for a person, or create a file that a second run finds; each has tests of its own. */
const NOT_RUN = ['auth:login', 'local:start', 'local:exec', 'local:demo']
/** Commands whose `--json` is something other than one document, and says so in its help. */
const NOT_ONE_DOCUMENT = ['api', 'tb:watch']
/** Commands that change nothing: run twice, they end alike. */
const READS =
  /(^|:)(list|ls|info|catalog|status|lookup-.*|query-.*|get-.*|balance|pending|show|explain|version|commands|help|completion|inspect|plugins)$/

/** The commands as they are; one more is one more test. */
const commands = allCommands()
const name = ({id}: CommandEntry) => typed(id)
const words = ({id}: CommandEntry) => id.split(':')

describe('every command', () => {
  let home: TestHome
  before(() => {
    home = makeHome()
  })
  after(() => home.remove())

  it('has a summary and an example that runs it', () => {
    const catalog = {bin: 'parix', version: '', description: '', examples: [], commands, topics: []}
    for (const command of commands) {
      expect(command.summary, name(command)).to.be.a('string').and.not.equal('')
      const examples = examplesOf(catalog, command).map((example) => example.command)
      expect(
        examples.some((example) => example.includes(`parix ${name(command)}`)),
        `parix ${name(command)} needs an example, in its static examples, that runs it`,
      ).to.equal(true)
    }
  })

  it('is held against every fault of a service, or there is a reason why not', () => {
    const known = new Set([...COMMAND_LINES.map(({id}) => id), ...Object.keys(NOT_HERE)])
    const missing = commands.map(({id}) => id).filter((id) => !known.has(id))
    expect(
      missing,
      'add to test/faults/command-lines.ts: a line of COMMAND_LINES, or a reason in NOT_HERE',
    ).to.deep.equal([])
  })

  for (const command of commands) {
    it(`parix ${name(command)} --help leads with examples`, async () => {
      const {stdout, stderr, code} = await resultOf([...words(command), '--help'], home)
      expect([code, stderr]).to.deep.equal([0, ''])
      expect(stdout.split('\n')[0]).to.not.equal('')
      expect(stdout).to.match(/^EXAMPLES\n( {2}.*\n)*? {2}\$ .*parix /m)
      expect(stdout.indexOf('EXAMPLES')).to.be.below(stdout.indexOf('USAGE'))
      expect(stdout).not.to.contain(ESCAPE)
    })
  }

  for (const command of commands.filter(({id}) => !NOT_RUN.includes(id))) {
    it(`parix ${name(command)}, alone and with no service, ends alike with and without --json`, () =>
      withHome(async (own) => {
        const plain = await resultOf(words(command), own, NOWHERE)
        // What the first run wrote must not change how the second ends.
        const json = await withHome((other) => resultOf([...words(command), '--json'], other, NOWHERE))
        expect(json.code, `${plain.stdout}${plain.stderr}`).to.equal(plain.code)
        expect(CODES).to.include(plain.code)
        expect(plain.stdout + plain.stderr + json.stdout + json.stderr).not.to.contain(ESCAPE)
        expect(plain.stderr + json.stderr).not.to.match(/^ {4}at .*:\d+/m)
        expect(plain.stdout + plain.stderr).not.to.match(BOX)
        if (json.code !== 0 || !NOT_ONE_DOCUMENT.includes(command.id)) expectOneDocument(json.stdout, json.code)
      }))
  }

  for (const command of commands) {
    it(`parix ${name(command)} names a flag that does not exist, as JSON too`, async () => {
      const {stdout, code} = await resultOf([...words(command), '--no-such-flag', '--json'], home)
      expect(code).to.equal(2)
      expect(JSON.parse(stdout).error).to.include({exitCode: 2})
      expect(JSON.parse(stdout).error.message).to.contain('--no-such-flag')
    })
  }
})

/** Without `parix local`, there is no service to run the examples against. */
const local = existsSync(join(ROOT, 'packages/plugin-local/lib/commands/local/start.js')) ? describe : describe.skip

local('every example of a command, against parix local', function () {
  this.timeout(120_000)
  let home: TestHome
  let service: Running
  let env: Record<string, string>

  before(async () => {
    home = makeHome()
    const run = join(ROOT, 'bin/run.js')
    const data = join(home.path, 'data')
    service = start(process.execPath, [run, 'local', 'start', '--port', '0', '--data-dir', data, '--json'], {
      env: home.environment,
      timeoutMs: 900_000,
    })
    await service.saw(/^\}/m)
    const {baseUrl, apiKey} = JSON.parse(service.stdout()) as {baseUrl: string; apiKey: string}
    env = {PARIX_BASE_URL: baseUrl, PARIX_API_KEY: apiKey}
    for (const line of [
      'database create books --wait',
      'tb create-accounts books --id 1 --ledger 700 --code 10 --flag history',
      'tb create-accounts books --id 2 --ledger 700 --code 10',
      'tb create-transfers books --from 1 --to 2 --amount 5 --ledger 700 --code 1 --id 2000 --flag pending',
    ]) {
      const {code, stderr} = await resultOf(line.split(' '), home, env)
      expect(code, stderr).to.equal(0)
    }
    home.write('ids.txt', '1\n2\n')
  })
  after(async () => {
    service.child.kill('SIGTERM')
    await service.result
    home.remove()
  })

  const catalog = {bin: 'parix', version: '', description: '', examples: [], commands, topics: []}
  for (const command of commands.filter(({id}) => !NOT_RUN.includes(id))) {
    for (const {command: line} of examplesOf(catalog, command).filter((example) => isPlain(example.command))) {
      it(line, async () => {
        const given = line.split(' ').slice(1)
        const json = given.includes('--json') ? given : [...given, '--json']
        const response = await resultOf(json, home, env)
        expect(CODES).to.include(response.code)
        expect(response.stdout + response.stderr).not.to.contain(ESCAPE)
        expect(response.stderr).not.to.match(/^ {4}at .*:\d+/m)
        if (response.code !== 0 || !isStream(command, line)) expectOneDocument(response.stdout, response.code)
        if (!READS.test(command.id)) return
        const plain = await resultOf(
          given.filter((word) => word !== '--json'),
          home,
          env,
        )
        expect(plain.code, plain.stderr).to.equal(response.code)
        expect(plain.stdout + plain.stderr).not.to.contain(ESCAPE)
        expect(plain.stdout + plain.stderr).not.to.match(BOX)
      })
    }
  }

  it('flaw 18: a fact is a line or two on stdout, without a box', async () => {
    await resultOf('database create boxes --wait'.split(' '), home, env)
    await resultOf('tb create-accounts boxes --id 1 --ledger 700 --code 10'.split(' '), home, env)
    const {stdout} = await resultOf('tb lookup-accounts boxes --ids 1'.split(' '), home, env)
    expect(stdout.trimEnd().split('\n')).to.have.length(2)
    expect(stdout).not.to.match(BOX)
  })
})

/** What a shell would take apart, or what means a file of the reader's. */
function isPlain(line: string): boolean {
  return (
    line.startsWith('parix ') &&
    !/[|<>$"'&;()]/.test(line) &&
    !/\b(plugins (install|link|create|update|uninstall)|local (reset|stop))\b/.test(line)
  )
}

function isStream({id}: CommandEntry, line: string): boolean {
  return NOT_ONE_DOCUMENT.includes(id) || line.includes('--all')
}

function expectOneDocument(stdout: string, code: number | null): void {
  expect(() => JSON.parse(stdout), stdout).not.to.throw()
  expect(stdout.endsWith('\n')).to.equal(true)
  const document = JSON.parse(stdout) as {error?: {exitCode: number; message: string; code: string}}
  if (code === 0) return
  // A command that reports a state by its exit code may print that state; anything else is an error object.
  if (document.error === undefined) return
  expect(document.error).to.include({exitCode: code})
  expect(document.error.message).to.not.equal('')
  expect(document.error.code).to.match(/^[a-z0-9_]+$/)
}
