import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {makeHome, type TestHome} from '@parix/testkit'
import {expect} from 'chai'
import {npmPack} from '../../scripts/pack/npm.js'
import {packPlugin} from '../../scripts/pack/plugin.js'
import {installedCli, installedParix, REPOSITORY} from './installed.js'
import {packDirectory, type Registry, startRegistry} from './registry.js'

const DATABASE = '@parix/plugin-database'
/** The version that is the package of this repository, whose dependencies take npm four times as long as all else. */
const RUNS = '9.0.0'
/** Nobody listens there. */
const NO_REGISTRY = {npm_config_registry: 'http://127.0.0.1:9'}

interface PluginRow {
  name: string
  version: string
  origin: string
  commands: string[]
  outdated?: boolean
  shadowed?: string[]
}

describe('plugins, by the installed CLI', function () {
  this.timeout(240_000)
  let scratch: string
  let registry: Registry
  let home: TestHome

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'parix-plugins-'))
    registry = await startRegistry(join(REPOSITORY, 'node_modules'))
    await installedCli()
    registry.publish(
      await packPlugin({
        directory: join(REPOSITORY, 'packages/files'),
        out: scratch,
        selfContained: false,
        pack: packDirectory,
      }),
    )
    registry.publish(
      await packPlugin({
        directory: join(REPOSITORY, 'packages/kit'),
        out: scratch,
        selfContained: false,
        pack: packDirectory,
      }),
    )
    const directory = join(REPOSITORY, 'packages/plugin-database')
    const options = {directory, out: scratch, selfContained: false}
    registry.publish(await packPlugin({...options, version: RUNS, pack: packDirectory}))
    for (const version of ['0.1.0', '9.1.0', '9.2.0']) {
      const list = `export default class X {
        static summary = 'list the databases, by ${version}'
        static async run() {}
      }`
      registry.publish(packDirectory(plugin(DATABASE, {'database/list.js': list}, {version}), scratch))
    }
  })
  after(async () => {
    await registry.stop()
    rmSync(scratch, {recursive: true, force: true})
  })
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  const parix = (words: string[], env: Record<string, string> = {}, cwd?: string) =>
    installedParix(words, {home, env: {npm_config_registry: registry.url, ...env}, ...(cwd !== undefined && {cwd})})

  async function json<T>(words: string[], env?: Record<string, string>): Promise<T> {
    const {stdout, stderr, code} = await parix([...words, '--json'], env)
    expect(code, stdout + stderr).to.equal(0)
    return JSON.parse(stdout) as T
  }

  /** What npm has fetched for one it has for the next. Not for those that must do without a registry: npm would take it from here. */
  const fetchedBefore = () => ({npm_config_cache: join(scratch, 'npm-cache')})

  const inForce = async (name: string) =>
    (await json<{plugins: PluginRow[]}>(['plugins'])).plugins.find((plugin) => plugin.name === name)

  /** A plugin without dependencies: `files` by path, packed to a tarball. */
  function plugin(name: string, commands: Record<string, string>, more: Record<string, unknown> = {}): string {
    const directory = mkdtempSync(join(scratch, 'plugin-'))
    mkdirSync(join(directory, 'commands'), {recursive: true})
    const json = {name, version: '1.0.0', type: 'module', oclif: {commands: './commands', topicSeparator: ' '}, ...more}
    writeFileSync(join(directory, 'package.json'), JSON.stringify(json))
    for (const [file, text] of Object.entries(commands)) {
      mkdirSync(dirname(join(directory, 'commands', file)), {recursive: true})
      writeFileSync(join(directory, 'commands', file), text)
    }
    return directory
  }
  const COMMAND = 'export default class X { static id = "x"; static async run() { console.log("it ran") } }'

  it('a newer copy from a registry takes the place of the bundled one, and uninstalling brings that back', async () => {
    const bundled = await inForce(DATABASE)
    expect(bundled?.origin).to.equal('bundled')

    const installed = await parix(['plugins', 'install', 'database'])
    expect(installed.code, installed.stderr).to.equal(0)
    expect(installed.stdout).to.match(/^Installed @parix\/plugin-database 9\.2\.0\.\nIt adds:\n/)
    expect(installed.stdout).to.contain('  parix database list\n')
    expect(await inForce(DATABASE)).to.include({version: '9.2.0', origin: 'installed', outdated: false})
    const version = await parix(['version', '--verbose'])
    expect(version.stdout).to.match(/@parix\/plugin-database 9\.2\.0 \(installed\) .*\.local\/share\/parix/)
    const help = await parix(['database', 'list', '--help'])
    expect(help.stdout).to.match(/^list the databases, by 9\.2\.0/)

    const uninstalled = await parix(['plugins', 'uninstall', 'database'])
    expect(uninstalled.stdout).to.equal(`Uninstalled ${DATABASE}.\nThe bundled ${bundled?.version} is used again.\n`)
    expect((await inForce(DATABASE))?.origin).to.equal('bundled')
    expect(readdirSync(join(home.path, '.local/share/parix/plugins'))).to.deep.equal([])
  })

  it('an installed copy runs its own code against the service', async () => {
    await json(['plugins', 'install', `${DATABASE}@${RUNS}`], fetchedBefore())
    const {stdout, code} = await parix(['database', 'list', '--json'], {
      PARIX_API_KEY: 'px_k',
      PARIX_BASE_URL: 'http://127.0.0.1:9',
    })
    expect(code).to.equal(75)
    expect(JSON.parse(stdout).error.exitCode).to.equal(75)
  })

  it('an older copy is pointed out', async () => {
    const {stderr} = await parix(['plugins', 'install', `${DATABASE}@0.1.0`])
    expect(stderr).to.match(/older than the bundled/)
    expect(await inForce(DATABASE)).to.include({version: '0.1.0', outdated: true})
    expect((await parix(['plugins'])).stderr).to.match(
      /@parix\/plugin-database 0\.1\.0 \(installed\) is older than the \S+ that comes with parix/,
    )
  })

  it('update moves a tag to the newest, and leaves an exact version where it is', async () => {
    await json(['plugins', 'install', `${DATABASE}@9.1.0`])
    expect(await json(['plugins', 'update'])).to.deep.equal({updated: [{name: DATABASE, from: '9.1.0', to: '9.1.0'}]})
    await json(['plugins', 'install', `${DATABASE}@^9.0.0`])
    expect(await json(['plugins', 'update', 'database'])).to.deep.equal({
      updated: [{name: DATABASE, from: '9.2.0', to: '9.2.0'}],
    })
  })

  it('a self-contained tarball installs by a relative path, without any registry', async () => {
    const directory = join(REPOSITORY, 'packages/plugin-database')
    const pack = (staging: string, out: string) => packDirectory(staging, out, {modules: true})
    const tarball = await packPlugin({directory, out: scratch, selfContained: true, version: '9.9.9', pack})
    const file = `./${tarball.slice(scratch.length + 1)}`
    const {stdout, code, stderr} = await parix(['plugins', 'install', file], NO_REGISTRY, scratch)
    expect(code, stderr).to.equal(0)
    expect(stdout).to.match(/^Installed @parix\/plugin-database 9\.9\.9\./)
  })

  it('installs a directory by copying it, and links one by using it', async () => {
    const directory = plugin('parix-plugin-copied', {'copied.js': COMMAND})
    expect((await parix(['plugins', 'install', directory], NO_REGISTRY)).code).to.equal(0)
    writeFileSync(join(directory, 'commands', 'later.js'), COMMAND)
    expect((await inForce('parix-plugin-copied'))?.commands).to.deep.equal(['copied'])
    expect((await parix(['copied'])).stdout).to.equal('it ran\n')

    expect((await parix(['plugins', 'link', directory])).stdout).to.match(/^Linked parix-plugin-copied 1\.0\.0 in /)
    expect(await inForce('parix-plugin-copied')).to.deep.include({origin: 'linked', commands: ['copied', 'later']})
    expect((await parix(['plugins', 'uninstall', directory])).stdout).to.equal('Unlinked parix-plugin-copied.\n')
    expect(existsSync(directory)).to.equal(true)
  })

  it('a registry that does not answer is reported at once, with exit code 75, and nothing is changed', async () => {
    const started = Date.now()
    const {stdout, code} = await parix(['plugins', 'install', 'parix-plugin-any', '--json'], NO_REGISTRY)
    expect(Date.now() - started).to.be.below(30_000)
    expect(code).to.equal(75)
    expect(JSON.parse(stdout).error).to.include({code: 'registry_unreachable', exitCode: 75})
    expect(JSON.parse(stdout).error.message).to.contain('http://127.0.0.1:9')
  })

  it('a registry that takes the connection and says nothing is given up on', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const {port} = silent.address() as {port: number}
    const {code} = await parix(['plugins', 'install', 'parix-plugin-any'], {
      npm_config_registry: `http://127.0.0.1:${port}`,
    })
    silent.close()
    expect(code).to.equal(75)
  })

  it('says which of name and version is missing', async () => {
    const noName = await parix(['plugins', 'install', 'parix-plugin-nowhere'])
    expect(noName.code).to.equal(3)
    expect(noName.stderr).to.contain('parix-plugin-nowhere@latest is not in the registry')
    const noVersion = await parix(['plugins', 'install', `${DATABASE}@77.0.0`])
    expect(noVersion.code).to.equal(3)
    expect(noVersion.stderr).to.contain('no such version')
  })

  it('runs no install scripts, names who has some, and runs them with --allow-scripts', async () => {
    const mark = join(scratch, 'script-ran')
    const scripts = {postinstall: `node -e "require('fs').writeFileSync('${mark}', '')"`}
    const tarball = packDirectory(plugin('parix-plugin-scripts', {'scripted.js': COMMAND}, {scripts}), scratch)
    const {stderr} = await parix(['plugins', 'install', tarball], NO_REGISTRY)
    expect(stderr).to.contain('Install scripts were not run: parix-plugin-scripts.')
    expect(existsSync(mark)).to.equal(false)
    await parix(['plugins', 'install', tarball, '--allow-scripts'], NO_REGISTRY)
    expect(existsSync(mark)).to.equal(true)
  })

  it('threat 8.1: install scripts are not given the API key', async () => {
    const mark = join(scratch, 'environment')
    const scripts = {postinstall: `node -e "require('fs').writeFileSync('${mark}', JSON.stringify(process.env))"`}
    const tarball = packDirectory(plugin('parix-plugin-curious', {'curious.js': COMMAND}, {scripts}), scratch)
    await parix(['plugins', 'install', tarball, '--allow-scripts'], {...NO_REGISTRY, PARIX_API_KEY: 'px_secret'})
    expect(readFileSync(mark, 'utf8')).to.contain('PATH').and.not.to.contain('px_secret')
  })

  it('threat 8.1: what npm would take for an option of its own is not an address', async () => {
    const {stderr, code} = await parix(['plugins', 'install', '--', '--prefix=/tmp/elsewhere:'], NO_REGISTRY)
    expect([code, stderr]).to.satisfy(() => code === 2 && stderr.includes('is neither a package name'))
  })

  it('what is not a plugin, or can not be loaded, is not installed, and what was there stays', async () => {
    const good = plugin('parix-plugin-same', {'same.js': COMMAND})
    await json(['plugins', 'install', good])
    for (const [directory, text] of [
      [plugin('parix-plugin-same', {}, {oclif: undefined}), 'is not a plugin'],
      [plugin('parix-plugin-same', {'same.js': 'throw new Error("at load")'}), 'at load'],
    ] as const) {
      const {code, stderr} = await parix(['plugins', 'install', directory])
      expect(code).to.equal(2)
      expect(stderr).to.contain(text)
    }
    expect((await parix(['same'])).stdout).to.equal('it ran\n')
  })

  it('a plugin that throws at load, or whose manifest is broken, is named, and the others go on', async () => {
    const throwing = plugin('parix-plugin-throwing', {'throwing.js': COMMAND})
    const broken = plugin('parix-plugin-broken', {'broken.js': COMMAND})
    const fine = plugin('parix-plugin-fine', {'fine.js': COMMAND})
    for (const directory of [throwing, broken, fine]) await json(['plugins', 'link', directory])
    writeFileSync(join(throwing, 'commands', 'throwing.js'), 'throw new Error("at load")')
    writeFileSync(join(broken, 'oclif.manifest.json'), '{"commands": ')

    const {stdout, stderr, code} = await parix(['fine'])
    expect([stdout, code]).to.deep.equal(['it ran\n', 0])
    expect(stderr).to.match(
      /Plugin parix-plugin-throwing can't be loaded: at load\n {2}parix plugins uninstall parix-plugin-throwing\n/,
    )
    expect(stderr).to.match(/Plugin parix-plugin-broken can't be loaded: /)
    expect(JSON.parse((await parix(['version', '--json'])).stdout)).to.have.property('parix')
    expect((await parix(['plugins', 'uninstall', 'parix-plugin-throwing'])).code).to.equal(0)
  })

  it('a command that throws at load names its plugin, when the manifest promised it', async () => {
    const directory = plugin('parix-plugin-promise', {'promise.js': 'throw new Error("not today")'})
    const command = {
      id: 'promise',
      isESM: true,
      relativePath: ['commands', 'promise.js'],
      pluginName: 'parix-plugin-promise',
    }
    writeFileSync(
      join(directory, 'oclif.manifest.json'),
      JSON.stringify({
        version: '1.0.0',
        commands: {promise: {...command, aliases: [], args: {}, flags: {}, hiddenAliases: []}},
      }),
    )
    await json(['plugins', 'link', directory])
    const {stdout, code} = await parix(['promise', '--json'])
    expect(code).to.equal(1)
    expect(JSON.parse(stdout).error.message).to.equal("Plugin parix-plugin-promise can't load this command: not today")
  })

  it('a command that the CLI has already stays its own; the other plugin is named', async () => {
    const directory = plugin('parix-plugin-evil', {'version.js': COMMAND, 'other.js': COMMAND})
    const {stdout} = await parix(['plugins', 'install', directory])
    expect(stdout).to.contain(
      'It adds:\n  parix other\nThese of its commands never run, because others have the same name:\n  parix version\n',
    )
    expect((await parix(['version'])).stdout).to.match(/^parix \d/)
    expect((await inForce('parix-plugin-evil'))?.shadowed).to.deep.equal(['version'])
    expect((await parix(['plugins'])).stderr).to.contain('parix-plugin-evil also has version')
  })

  it('eight that are linked at once are all there afterwards', async () => {
    const names = Array.from({length: 8}, (_, index) => `parix-plugin-many-${index}`)
    const directories = names.map((name, index) => plugin(name, {[`many${index}.js`]: COMMAND}))
    const runs = await Promise.all(directories.map((directory) => parix(['plugins', 'link', directory])))
    expect(runs.map(({code}) => code)).to.deep.equal(names.map(() => 0))
    const {plugins} = await json<{plugins: PluginRow[]}>(['plugins'])
    expect(plugins.map(({name}) => name)).to.include.members(names)
  })

  it('a damaged list of plugins is reported, and the CLI continues', async () => {
    home.write('.local/share/parix/package.json', '{"oclif": ')
    const {stdout, stderr, code} = await parix(['version'])
    expect([code, stdout.slice(0, 6)]).to.deep.equal([0, 'parix '])
    expect(stderr).to.contain('is damaged')
    expect((await parix(['plugins', 'install', 'x'])).code).to.equal(1)
  })

  it('a directory that can not be written is an error in words', async () => {
    mkdirSync(join(home.path, '.local/share/parix'), {recursive: true})
    writeFileSync(join(home.path, '.local/share/parix/plugins'), 'a file in the way')
    const {stderr, code} = await parix(['plugins', 'install', plugin('parix-plugin-x', {'x.js': COMMAND})])
    expect(code).to.equal(1)
    expect(stderr).to.match(/^Error: /)
    expect(stderr).not.to.contain('    at ')
  })

  it('hooks of an installed plugin run, before --version too', async () => {
    const directory = plugin(
      'parix-plugin-hook',
      {'hooked.js': COMMAND},
      {oclif: {commands: './commands', hooks: {init: './commands/hook.js'}}},
    )
    mkdirSync(join(directory, 'hooks'))
    writeFileSync(join(directory, 'hooks', 'init.js'), 'export default async function () { console.error("init ran") }')
    const json = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
    json.oclif.hooks.init = './hooks/init.js'
    writeFileSync(join(directory, 'package.json'), JSON.stringify(json))
    const {stdout} = await parix(['plugins', 'install', directory])
    expect(stdout).to.contain('Its code also runs at: init.')
    expect((await parix(['--version'])).stderr).to.equal('init ran\n')
    expect((await parix(['hooked'])).stderr).to.equal('init ran\n')
  })

  it('plugins create makes a plugin that builds, passes its test, and installs', async () => {
    const {stdout} = await parix(['plugins', 'create', 'daily-report'], {}, scratch)
    expect(stdout).to.contain('src/commands/daily-report.ts')
    const directory = join(scratch, 'parix-plugin-daily-report')
    expect((await parix(['plugins', 'link', directory])).stderr).to.contain(
      'not built yet: npm install && npm run build',
    )
    await buildsAndPasses(directory)
    expect((await parix(['plugins', 'link', directory])).code).to.equal(0)
    const help = await parix(['daily-report', '--help'])
    expect(help.stdout).to.contain('$ parix daily-report')
    expect(help.stderr, 'nothing about sources that are not compiled').to.equal('')
    expect((await parix(['plugins', 'uninstall', 'daily-report'])).code).to.equal(0)
  })

  it('the example plugin, in a directory outside the repository, builds against the packed kit and passes its test', async () => {
    const directory = join(scratch, 'hello')
    cpSync(join(REPOSITORY, 'examples/plugin-hello'), directory, {
      recursive: true,
      filter: (path) => !/node_modules|\/lib/.test(path),
    })
    await buildsAndPasses(directory)
    const tarball = await npmPack(directory, scratch)
    expect((await parix(['plugins', 'install', tarball], fetchedBefore())).stdout).to.contain('parix hello')
  })

  async function buildsAndPasses(directory: string): Promise<void> {
    const {run} = await import('@parix/testkit')
    chmodSync(directory, 0o755)
    const env = {...home.environment, npm_config_registry: registry.url, ...fetchedBefore()}
    const options = {cwd: directory, env, timeoutMs: 180_000}
    for (const words of [['install', '--no-audit', '--no-fund'], ['test']]) {
      const {code, stdout, stderr} = await run('npm', words, options)
      expect(code, stdout + stderr).to.equal(0)
    }
  }
})
