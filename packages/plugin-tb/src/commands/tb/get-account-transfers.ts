import {ACCOUNT_FILTER_FLAGS} from '../../flags.js'
import {ReadCommand} from '../../read-command.js'
import type {ReadResult} from '../../reads/rows.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'
import {transferTable} from '../../views/tables.js'

/** `--json`: see `ReadResult`. With `--all`: one row per line (NDJSON), with and without `--json`. */
export default class TbGetAccountTransfersCommand extends ReadCommand {
  static override summary = 'list the transfers of an account'
  static override description =
    'Debits and credits, oldest first; choose a side with --flag debits or --flag credits, newest first with --flag reversed.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --account-id 1',
    '<%= config.bin %> <%= command.id %> books --account-id 1 --flag credits --flag reversed --limit 10',
    '<%= config.bin %> <%= command.id %> books --account-id 1 --all > transfers.ndjson',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = ACCOUNT_FILTER_FLAGS

  async run(): Promise<ReadResult | undefined> {
    const {args, flags} = await this.parse(TbGetAccountTransfersCommand)
    return this.readByFilter({
      operation: 'get_account_transfers',
      kind: 'account_filter',
      argument: args['database-id'],
      flags,
      table: (rows, chart) => transferTable(rows, 'No transfers of this account match.', chart),
    })
  }
}
