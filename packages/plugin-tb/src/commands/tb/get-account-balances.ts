import {ACCOUNT_FILTER_FLAGS} from '../../flags.js'
import {ReadCommand} from '../../read-command.js'
import type {ReadResult} from '../../reads/rows.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'
import {balanceTable} from '../../views/tables.js'

/** `--json`: see `ReadResult`. With `--all`: one row per line (NDJSON), with and without `--json`. */
export default class TbGetAccountBalancesCommand extends ReadCommand {
  static override summary = 'list the balances that an account had after each transfer'
  static override description =
    'Needs an account that was created with the flag history. Each row is the balance right after one transfer; the expiry of a pending transfer leaves no row. For the balance now, or at one moment: parix tb balance.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --account-id 1',
    '<%= config.bin %> <%= command.id %> books --account-id 1 --flag credits --flag reversed --limit 10',
    '<%= config.bin %> <%= command.id %> books --account-id 1 --all > balances.ndjson',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = ACCOUNT_FILTER_FLAGS

  async run(): Promise<ReadResult | undefined> {
    const {args, flags} = await this.parse(TbGetAccountBalancesCommand)
    return this.readByFilter({
      operation: 'get_account_balances',
      kind: 'account_filter',
      argument: args['database-id'],
      flags,
      table: (rows, chart, account) => balanceTable(rows, 'No balances of this account match.', chart, account),
    })
  }
}
