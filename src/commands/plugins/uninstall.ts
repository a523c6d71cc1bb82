import * as Args from '@oclif/core/args'
import {dataDirectory} from '@parix/files/paths'
import {ParixCommand} from '@parix/kit/command'
import {bundledPlugins} from '../../plugins/list.js'

export interface UninstallResult {
  name: string
  /** The version that comes with the CLI and is used again. */
  bundledVersion?: string
}

export default class PluginsUninstallCommand extends ParixCommand<UninstallResult> {
  static override summary = 'remove an installed or linked plugin, and restore the bundled version'
  static override aliases = ['plugins:remove', 'plugins:unlink']
  static override examples = [
    '<%= config.bin %> <%= command.id %> parix-plugin-hello',
    '<%= config.bin %> <%= command.id %> tb',
  ]
  static override args = {
    plugin: Args.string({description: 'its name, or its directory when it is linked', required: true}),
  }

  async run(): Promise<UninstallResult> {
    const {args} = await this.parse(PluginsUninstallCommand)
    const [{forgetPlugin, listPlugins}, {removeDirectoryOf}, {findInstalled}] = await Promise.all([
      import('../../plugins/list.js'),
      import('../../plugins/install.js'),
      import('../../plugins/list.js'),
    ])
    const dataDir = dataDirectory(process.env)
    const bundled = bundledPlugins(this.config)
    const plugin = findInstalled(args.plugin, listPlugins(dataDir), Object.keys(bundled))
    await forgetPlugin(dataDir, plugin.name)
    if (plugin.type === 'user') removeDirectoryOf(plugin, dataDir)
    const bundledVersion = bundled[plugin.name]
    this.show(`${plugin.type === 'link' ? 'Unlinked' : 'Uninstalled'} ${plugin.name}.`)
    if (bundledVersion !== undefined) this.show(`The bundled ${bundledVersion} is used again.`)
    return {name: plugin.name, ...(bundledVersion !== undefined && {bundledVersion})}
  }
}
