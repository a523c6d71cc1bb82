import * as Args from '@oclif/core/args'
import {ParixCommand} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {cleanLine} from '@parix/kit/text'
import {
  bundledPlugins,
  type Dependency,
  dependenciesOf,
  type ListedPlugin,
  listedPlugins,
  remarks,
} from '../../plugins/list.js'
import {fullName} from '../../plugins/source.js'

/** What `plugins inspect --json` prints. */
interface InspectedPlugin extends ListedPlugin {
  /** Of an installed or linked plugin: packages that it depends on. */
  dependencies: Dependency[]
}

export default class PluginsInspectCommand extends ParixCommand<InspectedPlugin> {
  static override summary = 'show a plugin: its version, location, commands and dependencies'
  static override examples = [
    '<%= config.bin %> <%= command.id %> tb',
    '<%= config.bin %> <%= command.id %> parix-plugin-hello --json',
  ]
  static override args = {plugin: Args.string({description: 'its name', required: true})}

  async run(): Promise<InspectedPlugin> {
    const {args} = await this.parse(PluginsInspectCommand)
    const name = fullName(args.plugin, Object.keys(bundledPlugins(this.config)))
    const plugin = listedPlugins(this.config).find((one) => one.name === name)
    if (plugin === undefined)
      throw new ParixError('NOT_FOUND', `There is no plugin ${cleanLine(name)}.`, {next: nextCommand('plugins')})
    const dependencies = plugin.origin === 'bundled' ? [] : dependenciesOf(plugin.root)
    this.show({
      details: [
        ['name', plugin.name],
        ['version', plugin.version],
        ['where from', plugin.from === undefined ? plugin.origin : `${plugin.origin} (${plugin.from})`],
        ['directory', plugin.root],
        ['bundled', plugin.bundledVersion],
        ['commands', plugin.commands.join(', ')],
        [
          'depends on',
          dependencies.map(({name, range, version}) => `${name} ${version} (${range})`).join(', ') || undefined,
        ],
      ],
    })
    for (const remark of remarks([plugin])) this.terminal.warn(remark)
    return {...plugin, dependencies}
  }
}
