import type {ImportResult} from '../../../import/import-call.js'
import {IMPORT_ARGS, IMPORT_FLAGS, ImportCommand} from '../../../import/import-command.js'

/** `--json`: see `ImportResult`. */
export default class TbImportAccountsCommand extends ImportCommand {
  static override summary = 'create accounts from a file of any size'
  static override description =
    `Every row is checked before the first is sent. Requests go out one after the other, and each is recorded before and after, so that an interrupted import continues where it was: give the same command again. Nothing is created twice.

Each row needs an id: a column of the file, or --id-from, which makes it from columns of the row. A second run of a file that was imported sends nothing.

--check sends nothing at all: it checks rows, compares them with the database, and runs the file through an embedded ledger that begins with the balances of the database.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> accounts.ndjson books',
    '<%= config.bin %> <%= command.id %> accounts.csv books --check',
    '<%= config.bin %> <%= command.id %> accounts.csv books --map code==10',
    'cat accounts.ndjson | <%= config.bin %> <%= command.id %> - books',
  ]

  static override args = IMPORT_ARGS
  static override flags = IMPORT_FLAGS

  async run(): Promise<ImportResult> {
    const {args, flags} = await this.parse(TbImportAccountsCommand)
    return this.importFile('account', args.file, args['database-id'], flags)
  }
}
