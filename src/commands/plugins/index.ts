import {ParixCommand} from '@parix/kit/command'
import {type PluginInForce, pluginsInForce} from '../../plugins/in-force.js'
import {remarks} from '../../plugins/report.js'

export default class PluginsCommand extends ParixCommand<{plugins: PluginInForce[]}> {
  static override summary = 'list the plugins in force, and where they come from'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<{plugins: PluginInForce[]}> {
    await this.parse(PluginsCommand)
    const plugins = pluginsInForce(this.config)
    this.show({
      columns: ['NAME', 'VERSION', 'WHERE FROM', 'COMMANDS'],
      rows: plugins.map(({name, version, origin, commands}) => [name, version, origin, commands.length]),
      whenEmpty: 'There are no plugins.',
    })
    for (const remark of remarks(plugins, this.config.bin)) this.terminal.warn(remark)
    return {plugins}
  }
}
