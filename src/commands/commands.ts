import {ParixCommand} from '@parix/kit/command'
import {type CommandMap, commandMap} from '../help/command-map.js'
import {catalogOf} from '../help/index.js'

export default class CommandsCommand extends ParixCommand<CommandMap> {
  static override summary = 'every command there is, with what it takes: the map for scripts and agents'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> --json | jq -r '.commands[].command'",
  ]

  async run(): Promise<CommandMap> {
    await this.parse(CommandsCommand)
    const map = commandMap(catalogOf(this.config))
    this.show({
      columns: ['COMMAND', 'WHAT IT DOES'],
      rows: map.commands.map(({command, summary}) => [command, summary]),
      whenEmpty: 'There are no commands.',
    })
    return map
  }
}
