import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import {createIdSource} from '../../records/id.js'

/** `--json`: `{ids: ["…"]}`, decimal strings, rising. */
export default class TbIdCommand extends ParixCommand<{ids: string[]}> {
  static override summary = 'generate ids for accounts and transfers'
  static override description =
    'Time-based 128-bit ids, as TigerBeetle recommends: 48 bits of milliseconds above 80 random bits, each greater than the one before. One per line.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --count 1000 > ids.txt',
  ]
  static override flags = {
    count: Flags.integer({
      char: 'c',
      charAliases: ['n'],
      helpValue: 'N',
      min: 1,
      max: 1_000_000,
      default: 1,
      description: 'how many',
    }),
  }

  async run(): Promise<{ids: string[]}> {
    const {flags} = await this.parse(TbIdCommand)
    const next = createIdSource()
    const ids = Array.from({length: flags.count}, () => String(next()))
    this.show(ids.join('\n'))
    return {ids}
  }
}
