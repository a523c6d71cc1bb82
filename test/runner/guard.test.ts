import {spawnSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {type RunResult, residentParix, startProgram, type TestHome, withHome} from '@parix/testkit'
import {expect} from 'chai'
import {REPOSITORY} from '../platform/installed.js'

const BIN = join(REPOSITORY, 'bin/run.js')

function parix(
  home: TestHome,
  words: string[],
  env: Record<string, string> = {},
  node: string[] = [],
): Promise<RunResult> {
  return startProgram([...node, BIN], words, {home, env}).result
}

/** Writes a plugin whose parts are the texts of modules, and lists it as linked. */
function link(
  home: TestHome,
  parts: {command?: string; hooks?: Record<string, string>; oclif?: object},
  name = 'parix-plugin-bad',
): void {
  const root = join(home.path, 'plugins', name)
  mkdirSync(join(root, 'commands'), {recursive: true, mode: 0o755})
  const hooks = Object.fromEntries(Object.keys(parts.hooks ?? {}).map((event) => [event, `./${event}.js`]))
  const json = {
    name,
    version: '1.0.0',
    type: 'module',
    oclif: {commands: './commands', topicSeparator: ' ', hooks, ...parts.oclif},
  }
  writeFileSync(join(root, 'package.json'), JSON.stringify(json))
  const command =
    parts.command ?? 'export default class X {static id = "bad"; static async run() {console.log("bad ran")}}'
  writeFileSync(join(root, 'commands', 'bad.js'), command)
  for (const [event, text] of Object.entries(parts.hooks ?? {})) writeFileSync(join(root, `${event}.js`), text)
  home.write(
    '.local/share/parix/package.json',
    JSON.stringify({oclif: {schema: 1, plugins: [{name, type: 'link', root}]}}),
  )
  spawnSync('chmod', ['-R', 'go-w', home.path])
}

const EXITS = 'export default async function () { process.exit(0) }'
const HANGS = 'export default async function () { await new Promise(() => {}) }'

describe('how the process ends', function () {
  this.timeout(120_000)

  for (const [what, parts] of Object.entries({
    'an init hook that exits with 0': {hooks: {init: EXITS}},
    'a prerun hook that exits with 0': {hooks: {prerun: EXITS}},
    'a prerun hook that never ends': {hooks: {prerun: HANGS}},
    'a command module that exits with 0 at load': {command: 'process.exit(0)'},
    'a hook module that exits with 0 at load': {hooks: {init: 'process.exit(0)'}},
  })) {
    it(`${what} makes no command a success: 75, and a sentence`, () =>
      withHome(async (home) => {
        link(home, parts)
        const plain = await parix(home, ['tb', 'id'])
        expect(plain.code, plain.stderr).to.equal(75)
        expect(plain.stderr).to.match(/^Error: The process ended while .* the outcome is unknown\.\n/)
        const json = await parix(home, ['tb', 'id', '--json'])
        expect(json.code).to.equal(75)
        expect(JSON.parse(json.stdout).error).to.include({code: 'unfinished', exitCode: 75})
      }))

    it(`${what} is not run by plugins, help and version, nor with PARIX_NO_PLUGINS`, () =>
      withHome(async (home) => {
        link(home, parts)
        // In one process for all: a part that ran would end it, or say so.
        const said = (words: string[], env = {}) => residentParix(words, {home, env})
        for (const words of [
          ['plugins', '--json'],
          ['--help'],
          ['help', 'tb'],
          ['tb', '--help'],
          ['version'],
          ['--version'],
        ]) {
          const {code, stdout} = await said(words)
          expect([words, code]).to.deep.equal([words, 0])
          expect(stdout).not.to.equal('')
        }
        expect((await said(['tb', 'id'], {PARIX_NO_PLUGINS: '1'})).code).to.equal(0)
        expect((await said(['plugins', 'uninstall', 'parix-plugin-bad'])).code).to.equal(0)
        expect((await said(['tb', 'id'])).code).to.equal(0)
      }))
  }

  it('an init hook that never ends is given up on, and the command runs', () =>
    withHome(async (home) => {
      link(home, {hooks: {init: 'export default () => new Promise((done) => setTimeout(done, 600_000))'}})
      const {code, stdout, stderr} = await parix(home, ['tb', 'id'])
      expect(stdout).to.match(/^\d+\n$/)
      expect(code).to.equal(0)
      expect(stderr).to.contain('its init hook did not end')
    }))

  it('a command that never settles ends with 75', () =>
    withHome(async (home) => {
      link(home, {
        command: 'export default class X {static id = "bad"; static async run() {await new Promise(() => {})}}',
      })
      const {code, stderr} = await parix(home, ['bad'])
      expect([code, stderr]).to.deep.equal([
        75,
        'Error: The process ended while "bad" was still running: the outcome is unknown.\n',
      ])
    }))

  it('hooks after a command do not change its exit code', () =>
    withHome(async (home) => {
      for (const hooks of [
        {finally: 'export default async () => {process.exitCode = 0}'},
        {finally: EXITS},
        {postrun: 'export default async () => {process.exit(9)}'},
      ]) {
        link(home, {hooks: hooks as Record<string, string>})
        expect((await parix(home, ['auth', 'status'])).code).to.equal(4)
        expect((await parix(home, ['tb', 'id'])).code).to.equal(0)
      }
    }))

  it('a plugin takes no command, no topic and no name of the CLI', () =>
    withHome(async (home) => {
      for (const name of ['@parix/cli', '@oclif/plugin-plugins', '@oclif/plugin-help']) {
        link(home, {hooks: {init: EXITS}}, name)
        const {code, stderr} = await parix(home, ['tb', 'id'])
        expect([code, stderr]).to.satisfy(() => code === 0 && stderr.includes('has the name of a part of parix'))
      }
      const command =
        'export default class X {static id = "bad"; static aliases = ["plugins:uninstall", "auth:status", "help"]; static async run() {console.log("taken")}}'
      link(home, {command, oclif: {topics: {auth: {hidden: true, description: 'taken'}, tb: {description: 'taken'}}}})
      expect((await parix(home, ['auth', 'status'])).code).to.equal(4)
      const help = await parix(home, ['--help'])
      expect(help.stdout)
        .to.match(/\n {2}auth {2,}sign in/)
        .and.not.to.contain('taken')
      expect((await parix(home, ['plugins', 'uninstall', 'parix-plugin-bad'])).stdout).to.contain('Unl')
    }))

  it('an error that nobody caught is one line, without stack or secret (threats 8.4)', () =>
    withHome(async (home) => {
      const secret = 'px_live_secret'
      const thrown = `throw Object.assign(new Error("lost: Bearer abc.def ${secret} access_token=tok123"), {headers: {}})`
      for (const text of [`setImmediate(() => {${thrown}})`, `process.nextTick(async () => {${thrown}})`]) {
        const preload = home.write('preload.cjs', text)
        const env = {PARIX_API_KEY: secret}
        const {stdout, stderr, code} = await parix(home, ['database', 'list', '-b', 'http://127.0.0.1:9'], env, [
          '-r',
          preload,
        ])
        expect(code).to.be.oneOf([1, 75])
        expect(stderr).to.match(/Error: Unexpected error: lost: .*\n/)
        expect(stdout + stderr).not.to.match(/secret|abc\.def|tok123| at /)
      }
    }))

  it('DEBUG shows neither the arguments nor a key (threats 8.2)', () =>
    withHome(async (home) => {
      for (const DEBUG of ['*', 'oclif*', 'oclif:*,parix:*', 'parix*', 'o*']) {
        const words = ['api', '/x', '-H', 'authorization: Bearer hush', '-b', 'http://127.0.0.1:9']
        const {stdout, stderr} = await parix(home, words, {DEBUG, PARIX_API_KEY: 'px_hush'})
        expect(stdout + stderr).not.to.match(/hush|argv/)
      }
    }))
})
