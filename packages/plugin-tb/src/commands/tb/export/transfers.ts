import * as Flags from '@oclif/core/flags'
import {EXPORT_FLAGS, ExportCommand, type ExportResult} from '../../../export-command.js'
import {DATABASE_ARGUMENT} from '../../../tb-command.js'

/** `--json`, with -o: see `ExportResult`. */
export default class TbExportTransfersCommand extends ExportCommand {
  static override summary = 'export transfers, oldest first, as NDJSON or CSV'
  static override description =
    'Every transfer that matches, in the order of its timestamp, in constant memory. With -o, FILE.part becomes FILE when it is whole, and --resume continues after its last whole row. The last line, on stderr, has the number of rows, the SHA-256 of the bytes, the sum of the amounts by ledger, and the last timestamp.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> books -o transfers.ndjson',
    '<%= config.bin %> <%= command.id %> books -o transfers.ndjson --resume',
    '<%= config.bin %> <%= command.id %> books --since 2026-11-01 --until 2026-11-30 --format csv -o november.csv',
    '<%= config.bin %> <%= command.id %> books --account 1 --format csv --fields timestamp,id,amount',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    account: Flags.string({
      helpGroup: 'FILTER',
      helpValue: 'ACCOUNT',
      description: 'only those that debit or credit this account',
      exclusive: ['ledger'],
    }),
    ...EXPORT_FLAGS,
  }

  async run(): Promise<ExportResult | undefined> {
    const {args, flags} = await this.parse(TbExportTransfersCommand)
    return this.exportRows('transfer', args['database-id'], flags)
  }
}
