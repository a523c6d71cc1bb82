import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import {catalogOf} from '../help/catalog.js'
import {terminalLook} from '../help/layout.js'
import {helpText} from '../help/show.js'

/** `--json`: `{words, text}`, the text as it is shown where there is no terminal. */
export interface HelpResult {
  words: string[]
  text: string
}

/** The command of @oclif/plugin-help, which draws with our help class, and what every command of parix has besides. */
export default class HelpCommand extends ParixCommand<HelpResult> {
  static override summary = 'help for a command, a topic or a guide'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> tb create-transfers',
    '<%= config.bin %> <%= command.id %> tb --nested-commands',
    '<%= config.bin %> <%= command.id %> exit-codes',
  ]
  static override args = {
    command: Args.string({
      description: 'the words of a command or topic, or a guide: environment, exit-codes, formatting',
    }),
  }
  static override flags = {
    'nested-commands': Flags.boolean({char: 'n', description: 'list all commands below it, however deep'}),
  }
  static override strict = false

  async run(): Promise<HelpResult> {
    const {argv, flags} = await this.parse(HelpCommand)
    const words = argv as string[]
    const nested = flags['nested-commands']
    const text = helpText(catalogOf(this.config), words, terminalLook(this.argv), nested)
    if (!this.jsonEnabled()) {
      const {commands} = await import('@oclif/plugin-help')
      const config = this.config as unknown as ConstructorParameters<typeof commands.help>[1]
      await new commands.help([...words, ...(nested ? ['--nested-commands'] : [])], config).run()
    }
    return {words, text}
  }
}
