import {resolve} from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import {renderCommand, systemCommand} from '@parix/kit/next-command'

export interface CreateResult {
  name: string
  folder: string
  files: string[]
}

export default class PluginsCreateCommand extends ParixCommand<CreateResult> {
  static override summary = 'create a plugin of your own: a command, its test, and the build'
  static override examples = [
    '<%= config.bin %> <%= command.id %> report',
    '<%= config.bin %> <%= command.id %> report --folder tools/report',
  ]
  static override args = {name: Args.string({description: 'the name of its first command', required: true})}
  static override flags = {
    folder: Flags.string({helpValue: 'DIR', description: 'directory to create; parix-plugin-NAME if omitted'}),
  }

  async run(): Promise<CreateResult> {
    const {args, flags} = await this.parse(PluginsCreateCommand)
    const {createPlugin} = await import('../../plugins/template.js')
    const directory = resolve(flags.folder ?? `parix-plugin-${args.name}`)
    const files = createPlugin(args.name, directory, this.config.root)
    this.show(`Created ${directory}:\n${files.map((file) => `  ${file}`).join('\n')}`)
    const enter = renderCommand(systemCommand('cd', directory))
    this.terminal.say(
      `Next:\n  ${enter}\n  npm install && npm test\n  ${this.commandText('plugins link', {args: ['.']})}`,
    )
    return {name: args.name, folder: directory, files}
  }
}
