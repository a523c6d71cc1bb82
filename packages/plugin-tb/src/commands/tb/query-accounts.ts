import {QUERY_FILTER_FLAGS} from '../../flags.js'
import {ReadCommand} from '../../read-command.js'
import type {ReadResult} from '../../reads/rows.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'
import {accountTable} from '../../views/tables.js'

/** `--json`: see `ReadResult`. With `--all`: one row per line (NDJSON), with and without `--json`. */
export default class TbQueryAccountsCommand extends ReadCommand {
  static override summary = 'find accounts by ledger, code, user data and time'
  static override description =
    'What you give has to match all together; without a filter everything matches. Oldest first; newest first with --flag reversed. Both ends of a time range are included.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --ledger 700 --limit 10',
    '<%= config.bin %> <%= command.id %> books --flag reversed --timestamp-max 2026-11-24T18:00:00Z',
    '<%= config.bin %> <%= command.id %> books --code 10 --all > accounts.ndjson',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = QUERY_FILTER_FLAGS

  async run(): Promise<ReadResult | undefined> {
    const {args, flags} = await this.parse(TbQueryAccountsCommand)
    return this.readByFilter({
      operation: 'query_accounts',
      kind: 'query_filter',
      argument: args['database-id'],
      flags,
      table: (rows, chart) => accountTable(rows, 'No account matches.', chart),
    })
  }
}
