import {EXPORT_FLAGS, ExportCommand, type ExportResult} from '../../../export-command.js'
import {DATABASE_ARGUMENT} from '../../../tb-command.js'

/** `--json`, with -o: see `ExportResult`. */
export default class TbExportAccountsCommand extends ExportCommand {
  static override summary = 'export accounts with their balances, oldest first, as NDJSON or CSV'
  static override description =
    'Every account that matches, in the order of its creation, in constant memory; each with the balances at the moment when its page is read. With -o, FILE.part becomes FILE when it is whole, and --resume continues after its last whole row. The last line, on stderr, has the number of rows, the SHA-256 of the bytes, the sums of the balances by ledger, and the last timestamp.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> books -o accounts.ndjson',
    '<%= config.bin %> <%= command.id %> books --ledger 700 --format csv --fields id,debits_posted,credits_posted',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = EXPORT_FLAGS

  async run(): Promise<ExportResult | undefined> {
    const {args, flags} = await this.parse(TbExportAccountsCommand)
    return this.exportRows('account', args['database-id'], flags)
  }
}
