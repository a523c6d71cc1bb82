import {ParixCommand} from '@parix/kit/command'
import {type ListedPlugin, listedPlugins, remarks} from '../../plugins/list.js'

export default class PluginsCommand extends ParixCommand<{plugins: ListedPlugin[]}> {
  static override summary = 'list plugins and where they come from'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<{plugins: ListedPlugin[]}> {
    await this.parse(PluginsCommand)
    const plugins = listedPlugins(this.config)
    this.show({
      columns: ['NAME', 'VERSION', 'WHERE FROM', 'COMMANDS'],
      rows: plugins.map(({name, version, origin, commands}) => [name, version, origin, commands.length]),
      whenEmpty: 'There are no plugins.',
    })
    for (const remark of remarks(plugins)) this.terminal.warn(remark)
    return {plugins}
  }
}
