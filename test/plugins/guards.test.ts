import {execFileSync, spawnSync} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {makeHome, program, type RunResult, residentParix, run, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {REPOSITORY} from '../platform/installed.js'
import {packDirectory, type Registry, startRegistry} from '../platform/registry.js'

const NO_REGISTRY = {npm_config_registry: 'http://127.0.0.1:9'}
const COMMAND = 'export default class X { static id = "x"; static async run() { console.log("it ran") } }'

describe('installing plugins, whatever they and npm are like', function () {
  this.timeout(240_000)
  let scratch: string
  let registry: Registry
  let home: TestHome

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'parix-guards-'))
    registry = await startRegistry(join(REPOSITORY, 'node_modules'))
  })
  after(async () => {
    await registry.stop()
    rmSync(scratch, {recursive: true, force: true})
  })
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const parix = (words: string[], env: Record<string, string> = {}, cwd = scratch): Promise<RunResult> =>
    residentParix(words, {home, cwd, timeoutMs: 120_000, env: {npm_config_registry: registry.url, ...env}})

  /** A plugin without dependencies: modules of commands by file name, and other files. */
  function plugin(name: string, more: Record<string, unknown> = {}, files: Record<string, string> = {}): string {
    const directory = mkdtempSync(join(scratch, 'plugin-'))
    chmodSync(directory, 0o755)
    mkdirSync(join(directory, 'commands'))
    const json = {name, version: '1.0.0', type: 'module', oclif: {commands: './commands', topicSeparator: ' '}, ...more}
    writeFileSync(join(directory, 'package.json'), JSON.stringify(json))
    const all = {[`commands/${name.split(/[-/]/).at(-1)}.js`]: COMMAND, ...files}
    for (const [file, text] of Object.entries(all)) {
      mkdirSync(dirname(join(directory, file)), {recursive: true})
      writeFileSync(join(directory, file), text)
    }
    return directory
  }

  const installedDirectories = () => {
    const directory = join(home.path, '.local/share/parix/plugins')
    return existsSync(directory) ? readdirSync(directory) : []
  }

  it('of the versions in a registry, the newest that runs on this Node is taken, and the newer one is named', async () => {
    for (const [version, node] of [
      ['1.0.0', '>=18'],
      ['1.1.0', '>=18'],
      ['2.0.0', '>=99'],
    ] as const) {
      registry.publish(
        packDirectory(plugin('parix-plugin-aged', {version, engines: {node}}), mkdtempSync(join(scratch, 'out-'))),
      )
    }
    const {stdout, stderr, code} = await parix(['plugins', 'install', 'parix-plugin-aged'])
    expect(code, stderr).to.equal(0)
    expect(stdout).to.match(/^Installed parix-plugin-aged 1\.1\.0\./)
    expect(stderr).to.contain('2.0.0 is newer, but needs Node >=99.')
    expect(installedDirectories()).to.have.length(1)
    const exact = await parix(['plugins', 'install', 'parix-plugin-aged@2.0.0'])
    expect([exact.code, exact.stderr]).to.satisfy(() => exact.code === 2 && exact.stderr.includes('needs Node >=99'))
    expect((await parix(['aged'])).stdout).to.equal('it ran\n')
  })

  it('a plugin for another Node is neither installed from a file nor linked', async () => {
    const directory = plugin('parix-plugin-later', {engines: {node: '>=99'}})
    for (const verb of ['install', 'link']) {
      const {code, stderr} = await parix(['plugins', verb, directory], NO_REGISTRY)
      expect(code).to.equal(2)
      expect(stderr).to.contain('needs Node >=99')
    }
    expect(installedDirectories()).to.deep.equal([])
  })

  it('npm settings that are not about where packages come from change nothing', async () => {
    const settings =
      'save=false\nsave-dev=true\ndry-run=true\nglobal=true\npackage-lock-only=true\nignore-scripts=false\nomit=prod\nworkspaces=true\nengine-strict=true\n'
    home.write('.npmrc', settings)
    for (const env of [
      {},
      {npm_config_save: 'false', NPM_CONFIG_DRY_RUN: 'true', npm_config_omit: 'prod', 'npm_config_save-dev': 'true'},
    ]) {
      const {code, stderr} = await parix(['plugins', 'install', plugin('parix-plugin-set')], {
        ...NO_REGISTRY,
        ...(env as Record<string, string>),
      })
      expect(code, stderr).to.equal(0)
      expect((await parix(['set'])).stdout).to.equal('it ran\n')
    }
  })

  it('settings about where packages come from are used', async () => {
    registry.publish(packDirectory(plugin('parix-plugin-where'), scratch))
    home.write('.npmrc', `registry=${registry.url}\n`)
    const {npm_config_registry: _none, ...rest} = home.environment as Record<string, string>
    const {code, stderr} = await run(process.execPath, [...program(), 'plugins', 'install', 'parix-plugin-where'], {
      env: rest,
      timeoutMs: 120_000,
    })
    expect(code, stderr).to.equal(0)
  })

  it('git runs nothing unless --allow-git is given, whatever program .npmrc names for it', async () => {
    const mark = join(scratch, 'git-ran')
    const evil = join(scratch, 'evil.sh')
    writeFileSync(evil, `#!/bin/sh\necho ran >> ${mark}\nexit 1\n`, {mode: 0o755})
    home.write('.npmrc', `git=${evil}\n`)
    const repository = plugin('parix-plugin-git', {scripts: {prepare: `echo ran >> ${mark}`}})
    const git = (...words: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words], {cwd: repository})
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'first')
    const address = `git+file://${repository}`
    const needs = plugin('parix-plugin-needs', {dependencies: {'parix-plugin-git': address}})
    for (const spec of [address, needs]) {
      const {code, stderr} = await parix(['plugins', 'install', spec])
      expect(code, stderr).to.equal(2)
      expect(stderr).to.contain('--allow-git')
      expect(existsSync(mark)).to.equal(false)
    }
    const allowed = await parix(['plugins', 'install', address, '--allow-git'])
    expect(allowed.code, allowed.stderr).to.equal(0)
    expect(existsSync(mark), 'its scripts do not run').to.equal(false)
    expect((await parix(['git'])).stdout).to.equal('it ran\n')
  })

  it('file: is read from the working directory', async () => {
    plugin('parix-plugin-near')
    const directory = plugin('parix-plugin-near')
    const {code, stderr} = await parix(
      ['plugins', 'install', `file:./${directory.slice(scratch.length + 1)}`],
      NO_REGISTRY,
    )
    expect(code, stderr).to.equal(0)
  })

  it('a hook of a plugin may refuse an installation, in its own words', async () => {
    const text =
      'export default async function ({plugin}) { if ((plugin.url ?? plugin.name).includes("unsigned")) this.error("not signed by us", {exit: 1}) }'
    const guard = plugin(
      'parix-plugin-guard',
      {oclif: {commands: './commands', hooks: {'plugins:preinstall': './guard.js'}}},
      {'guard.js': text},
    )
    expect((await parix(['plugins', 'install', guard], NO_REGISTRY)).code).to.equal(0)
    const unsigned = plugin('parix-plugin-unsigned')
    const packed = packDirectory(unsigned, scratch)
    const {code, stderr} = await parix(['plugins', 'install', packed], NO_REGISTRY)
    expect(code).to.equal(6)
    expect(stderr).to.contain('not signed by us')
    expect((await parix(['plugins', 'install', plugin('parix-plugin-other')], NO_REGISTRY)).code).to.equal(0)
  })

  it('a plugin that exits or hangs while it is loaded is an error in words, and leaves nothing behind', async () => {
    for (const text of ['process.exit(0)', 'process.exit(9)', 'throw new Error("at load")']) {
      const {code, stderr} = await parix(
        ['plugins', 'install', plugin('parix-plugin-odd', {}, {'commands/odd.js': text})],
        NO_REGISTRY,
      )
      expect(code, stderr).to.equal(2)
      expect(stderr).to.match(/^Error: .*can't be loaded/)
      expect(installedDirectories()).to.deep.equal([])
    }
  })

  it('no plugin has the name of the CLI, or of what it is made of', async () => {
    for (const name of ['@parix/cli', '@oclif/plugin-plugins', '@oclif/plugin-help']) {
      const directory = plugin(name, {}, {'commands/taken.js': COMMAND})
      for (const verb of ['install', 'link']) {
        const {code, stderr} = await parix(['plugins', verb, directory], NO_REGISTRY)
        expect(code, stderr).to.equal(2)
        expect(stderr).to.contain('part of parix')
      }
      // Of a tarball it is known once npm has unpacked it.
      if (name !== '@parix/cli') continue
      const {code, stderr} = await parix(['plugins', 'install', packDirectory(directory, scratch)], NO_REGISTRY)
      expect([code, stderr]).to.satisfy(() => code === 2 && stderr.includes('part of parix'), stderr)
    }
    expect(installedDirectories()).to.deep.equal([])
  })

  it('an installation has an overall time limit, and what it started is stopped', async () => {
    const slow = createServer((_request, response) => {
      response.writeHead(200, {'content-type': 'application/json'})
      const drip = setInterval(() => response.write(' '), 500)
      response.on('close', () => clearInterval(drip))
    })
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`
    const {code, stderr} = await parix(['plugins', 'install', 'parix-plugin-slow', '--timeout', '3s'], {
      npm_config_registry: url,
    })
    slow.closeAllConnections()
    slow.close()
    expect(code, stderr).to.equal(75)
    expect(stderr).to.contain('longer than 3 s')
    expect(installedDirectories()).to.deep.equal([])
  })

  it('what an interrupted installation left is removed by the next', async () => {
    const left = join(home.path, '.local/share/parix/plugins/abc-999999')
    mkdirSync(join(left, 'node_modules'), {recursive: true})
    expect((await parix(['plugins', 'install', plugin('parix-plugin-next')], NO_REGISTRY)).code).to.equal(0)
    expect(existsSync(left)).to.equal(false)
  })

  it('threats 4.3: link refuses a directory that others may write to, or that is of another user', async () => {
    for (const [mode, owner] of [
      [0o777, ''],
      [0o775, ''],
      [0o755, 'nobody'],
    ] as const) {
      const directory = plugin('parix-plugin-unlocked')
      chmodSync(directory, mode)
      if (owner !== '') {
        if (process.getuid?.() !== 0) continue
        spawnSync('chown', [owner, directory])
      }
      const {code, stderr} = await parix(['plugins', 'link', directory])
      expect(code).to.equal(2)
      expect(stderr).to.contain('Others may write to')
    }
    const directory = plugin('parix-plugin-unlocked')
    expect((await parix(['plugins', 'link', directory])).code).to.equal(0)
    chmodSync(directory, 0o777)
    expect((await parix(['unlocked'])).stderr).to.contain('is not loaded')
  })

  it('a list of plugins that can not be used is said, never waited for and never replaced', async () => {
    const path = join(home.path, '.local/share/parix/package.json')
    mkdirSync(join(home.path, '.local/share/parix'), {recursive: true, mode: 0o700})
    const spoilt: Record<string, () => void> = {
      'a FIFO': () => execFileSync('mkfifo', [path]),
      'a directory': () => mkdirSync(path),
      null: () => writeFileSync(path, 'null', {mode: 0o600}),
      'a list': () => writeFileSync(path, '[]', {mode: 0o600}),
      'plugins that are not a list': () => writeFileSync(path, '{"oclif": {"plugins": 3}}', {mode: 0o600}),
      'a file that the group may write': () => {
        writeFileSync(path, '{}')
        chmodSync(path, 0o660)
      },
    }
    for (const [what, spoil] of Object.entries(spoilt)) {
      rmSync(path, {recursive: true, force: true})
      spoil()
      const runs = await parix(['tb', 'id'])
      expect([what, runs.code, /list of plugins/.test(runs.stderr)]).to.deep.equal([what, 0, true])
      const link = await parix(['plugins', 'link', plugin('parix-plugin-x')])
      expect([what, link.code]).to.deep.equal([what, 1])
    }
    rmSync(path, {recursive: true, force: true})
    writeFileSync(path, '{"other": 1, "oclif": {"plugins": [null, 3, {"name": 4}]}}', {mode: 0o600})
    expect((await parix(['plugins', 'link', plugin('parix-plugin-x')])).code).to.equal(0)
    expect(JSON.parse(readFileSync(path, 'utf8'))).to.include({other: 1})
  })

  it("Flags.help() and loadHelpClass of a plugin draw parix's help", async () => {
    const module = `
      import {loadHelpClass} from '${join(REPOSITORY, 'node_modules/@oclif/core/lib/help/index.js')}'
      export default class X {
        static id = "drawn"; static strict = false
        static async run(argv, config) {
          const Help = await loadHelpClass(config)
          await new Help(config, {}).showHelp(argv)
        }
      }`
    expect(
      (
        await parix(
          ['plugins', 'install', plugin('parix-plugin-drawn', {}, {'commands/drawn.js': module})],
          NO_REGISTRY,
        )
      ).code,
    ).to.equal(0)
    const {stdout, stderr} = await parix(['drawn', 'tb'])
    expect(stdout, stderr).to.equal((await parix(['help', 'tb'])).stdout)
  })

  it('hooks init, prerun and command_not_found run as in plain oclif, Flags.help() and a topic draw our help, and this.exit() sets the exit code', async () => {
    const core = join(REPOSITORY, 'node_modules/@oclif/core/lib/index.js')
    const hook = (text: string, said: string) =>
      `export default async function (options) { console.error("${text} " + ${said}) }`
    const helped = `
      import {Command, Flags} from '${core}'
      export default class Helped extends Command {
        static summary = 'show help by itself'
        static flags = {help: Flags.help({char: 'h'})}
        async run() { await this.parse(Helped, process.env.ASK === '1' ? ['-h'] : [])
          this.log('it ran')
          if (process.env.EXIT) this.exit(Number(process.env.EXIT))
        }
      }`
    const hooks = {init: './init.js', prerun: './prerun.js', command_not_found: './not-found.js'}
    const directory = plugin(
      'parix-plugin-helped',
      {oclif: {commands: './commands', topicSeparator: ' ', hooks, topics: {zoo: {description: 'all about animals'}}}},
      {
        'commands/helped.js': helped,
        'commands/zoo/feed.js': COMMAND,
        'init.js': hook('init of', 'options.id'),
        'prerun.js': hook('prerun of', 'options.Command.id'),
        'not-found.js': hook('no', 'options.id'),
      },
    )
    expect((await parix(['plugins', 'install', directory], NO_REGISTRY)).code).to.equal(0)
    const ran = await parix(['helped'])
    expect([ran.code, ran.stdout, ran.stderr]).to.deep.equal([0, 'it ran\n', 'init of helped\nprerun of helped\n'])
    const asked = await parix(['helped'], {ASK: '1'})
    expect([asked.code, asked.stdout]).to.deep.equal([0, (await parix(['help', 'helped'])).stdout])
    const ended = await parix(['helped'], {EXIT: '3'})
    expect([ended.code, ended.stdout]).to.deep.equal([3, 'it ran\n'])
    const topic = await parix(['zoo'])
    expect(topic.stdout)
      .to.match(/^all about animals\n/)
      .and.to.match(/^ {2}zoo feed/m)
    expect((await parix(['--help'])).stdout).to.match(/^ {2}zoo +all about animals$/m)
    expect((await parix(['zoo', 'feed'])).stdout).to.equal('it ran\n')
    const unknown = await parix(['nothing-of-it'])
    expect(unknown.stderr).to.contain('no nothing-of-it\n')
    expect(unknown.code).to.equal(2)
  })
})
