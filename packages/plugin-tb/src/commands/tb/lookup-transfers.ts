import {IDS} from '../../flags.js'
import {ReadCommand} from '../../read-command.js'
import type {ReadResult} from '../../reads/rows.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'

/** `--json`: see `ReadResult`. Rows are in the order of the ids; `missing` lists ids that the ledger doesn't know. */
export default class TbLookupTransfersCommand extends ReadCommand {
  static override summary = 'look up transfers by their ids'
  static override description =
    'Rows come in the order of the ids. An id that the ledger does not know is named on stderr; when it knows none of them the exit code is 3.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --id 1',
    '<%= config.bin %> <%= command.id %> books --ids 1,2,0xff --json',
    '<%= config.bin %> <%= command.id %> books --file ids.txt',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = IDS

  async run(): Promise<ReadResult> {
    const {args, flags} = await this.parse(TbLookupTransfersCommand)
    return this.lookUp('transfer', args['database-id'], flags)
  }
}
