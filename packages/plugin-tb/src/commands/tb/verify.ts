import * as Args from '@oclif/core/args'
import type {VerifyResult} from '../../receipts/verify-receipt.js'
import {TbCommand} from '../../tb-command.js'

/** `--json`: see `VerifyResult`; where there are differences, an error with code `receipt_differs`. */
export default class TbVerifyCommand extends TbCommand<VerifyResult> {
  static override summary = 'compare a receipt with the ledger, row by row'
  static override description =
    `Receipts are written by --receipt FILE of the commands that create accounts and transfers. Each row is looked up and compared field by field, and nothing that was refused may be there. Balances of accounts are not part of it. Where something differs the exit code is 6.`

  static override usage = '<%= command.id %> RECEIPT [DATABASE-ID]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> INV-17.receipt.json',
    '<%= config.bin %> <%= command.id %> INV-17.receipt.json books --json',
  ]

  static override args = {
    receipt: Args.string({required: true, description: 'the file'}),
    'database-id': Args.string({description: 'a database other than that of the receipt, such as a copy'}),
  }

  async run(): Promise<VerifyResult> {
    const {args} = await this.parse(TbVerifyCommand)
    const {assertSameService, readReceipt, throwDifferences, verifyReceipt} = await import(
      '../../receipts/verify-receipt.js'
    )
    const receipt = await readReceipt(args.receipt, this.terminal)
    const given = args['database-id']
    if (given === undefined) assertSameService(receipt, await this.api())
    return this.inDatabase(given ?? receipt.database.id, async (api, database) => {
      const named = given === undefined ? {...database, name: receipt.database.name} : database
      const result = await verifyReceipt(api, named, args.receipt, receipt)
      throwDifferences(result)
      const {rows, refused} = result
      const absent = refused === 0 ? '' : `, and none of the ${refused} that were refused`
      this.show(
        `${named.name} has ${rows === 1 ? 'the row' : `all ${rows} rows`} of ${args.receipt}, unchanged${absent}.`,
      )
      return result
    })
  }
}
