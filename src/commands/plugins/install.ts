import * as Args from '@oclif/core/args'
import type {Config} from '@oclif/core/config'
import * as Flags from '@oclif/core/flags'
import {dataDirectory} from '@parix/files/paths'
import {ParixCommand} from '@parix/kit/command'
import {parseDuration} from '@parix/kit/duration'
import type {Installed} from '../../plugins/install.js'
import {INSTALL_FLAGS} from '../../plugins/install-flags.js'
import {bundledPlugins} from '../../plugins/list.js'

/** `--json`: what was installed, and which of its commands another plugin already has. */
export type InstallResult = Installed & {clashes: string[]; bundledVersion?: string}

export default class PluginsInstallCommand extends ParixCommand<InstallResult> {
  static override summary = 'install a plugin from a registry, a file or a directory'
  static override description =
    `A plugin is code that runs as you and can use your session: install only what you trust. Install scripts of packages
do not run unless --allow-scripts is given, and git is not used unless --allow-git is given.

A plugin with the name of a bundled one replaces it until it is uninstalled. Of the versions in a registry, the newest that
runs on this Node is installed. A tarball with bundled dependencies needs no network. PARIX_NPM_REGISTRY overrides the
registry of the npm settings.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> parix-plugin-hello',
    '<%= config.bin %> <%= command.id %> @acme/parix-plugin@1.2.0',
    '<%= config.bin %> <%= command.id %> ./parix-plugin-hello-1.0.0.tgz',
    '<%= config.bin %> <%= command.id %> ../plugin-hello',
  ]

  static override args = {
    plugin: Args.string({
      description: 'a name with or without @version, a .tgz file, a directory, or an address',
      required: true,
    }),
  }
  static override aliases = ['plugins:add']
  static override flags = {
    ...INSTALL_FLAGS,
    force: Flags.boolean({char: 'f', description: 'fetch again what npm has in its cache'}),
    verbose: Flags.boolean({char: 'v', description: 'show what npm prints'}),
  }

  async run(): Promise<InstallResult> {
    const {args, flags} = await this.parse(PluginsInstallCommand)
    const [{parseSource}, {installPlugin}, {clashesOf, additionsText}, {default: lt}] = await Promise.all([
      import('../../plugins/source.js'),
      import('../../plugins/install.js'),
      import('../../plugins/list.js'),
      import('semver/functions/lt.js'),
    ])
    const bundled = bundledPlugins(this.config)
    const source = parseSource(args.plugin, Object.keys(bundled))
    const done = this.terminal.waiting(`Installing ${source.spec} …`)
    const installed = await installPlugin(source, {
      cli: this.config as Config,
      dataDir: dataDirectory(process.env),
      allowScripts: flags['allow-scripts'],
      allowGit: flags['allow-git'],
      force: flags.force,
      verbose: flags.verbose,
      timeoutMs: parseDuration('--timeout', flags.timeout),
      environment: process.env,
    }).finally(done)
    const {name, version, replaced, scriptsNotRun, newer} = installed
    const clashes = clashesOf(installed, this.config)
    const bundledVersion = bundled[name]
    this.show(`Installed ${name} ${version}${replaced === undefined ? '' : `, in place of ${replaced}`}.`)
    this.show(additionsText(installed, clashes))
    if (bundledVersion !== undefined) this.terminal.say(`It takes the place of the bundled ${bundledVersion}.`)
    if (bundledVersion !== undefined && lt(version, bundledVersion))
      this.terminal.warn(`It is older than the bundled ${bundledVersion}.`)
    if (newer !== undefined) this.terminal.warn(`${newer.version} is newer, but needs Node ${newer.node}.`)
    if (scriptsNotRun.length > 0) {
      this.terminal.warn(`Install scripts were not run: ${scriptsNotRun.join(', ')}. If it needs them: --allow-scripts`)
    }
    return {...installed, clashes, ...(bundledVersion !== undefined && {bundledVersion})}
  }
}
