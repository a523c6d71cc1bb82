import * as Args from '@oclif/core/args'
import {ParixCommand} from '@parix/kit/command'
import {catalogOf, helpText, terminalLook} from '../help/index.js'

/** `--json`: `{words, text}`, the text as it is shown where no terminal is. */
export interface HelpAnswer {
  words: string[]
  text: string
}

export default class HelpCommand extends ParixCommand<HelpAnswer> {
  static override summary = 'help for a command, a topic or a guide'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> tb create-transfers',
    '<%= config.bin %> <%= command.id %> exit-codes',
  ]
  static override args = {
    word: Args.string({
      description: 'the words of a command or topic, or a guide: environment, exit-codes, formatting',
    }),
  }
  static override strict = false

  async run(): Promise<HelpAnswer> {
    const {argv} = await this.parse(HelpCommand)
    const words = argv as string[]
    const text = helpText(catalogOf(this.config), words, terminalLook(this.argv))
    this.show(text)
    return {words, text}
  }
}
