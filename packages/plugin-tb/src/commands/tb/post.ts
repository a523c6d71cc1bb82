import type {Chart} from '@parix/books/chart'
import {CreateCommand} from '../../create-command.js'
import {databaseAndId, databaseAndIdArguments} from '../../database-and-id.js'
import {resolvingEvent} from '../../events/read-events.js'
import {CHART_FLAGS, objectId, objectNumber, SENDING} from '../../flags.js'
import type {CreateResult} from '../../results/report.js'

/** `--json`: see `CreateResult`; one row, of the transfer that posts. */
export default class TbPostCommand extends CreateCommand {
  static override summary = 'post a pending transfer: the money moves'
  static override description =
    'Creates a transfer that posts the pending one, whole or in part; what is not posted goes back. It happens exactly once, as with create-transfers. --id is the id of the posting transfer, generated when left out.'

  static override usage = '<%= command.id %> [DATABASE-ID] ID [--amount N] [--id ID] [--retry-for TIME]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books 2000',
    '<%= config.bin %> <%= command.id %> books 2000 --amount 150',
  ]

  static override args = databaseAndIdArguments('pending transfer')
  static override flags = {
    amount: objectNumber('post only this much, and give the rest back; all of it when left out'),
    id: objectId('id of the transfer that posts; generated when left out'),
    'amount-raw': objectNumber('with a chart of accounts: the whole number of the smallest unit'),
    'retry-for': SENDING['retry-for'],
    receipt: SENDING.receipt,
    ...CHART_FLAGS,
  }

  async run(): Promise<CreateResult> {
    const {args, flags} = await this.parse(TbPostCommand)
    const {database, id} = databaseAndId(args, 'pending transfer')
    const chart = await this.useChart(flags)
    const amount = flags['amount-raw'] ?? (await this.amountOf(flags.amount, database, id, chart))
    const {record, generated} = resolvingEvent('post_pending_transfer', id, {id: flags.id, amount})
    return this.createRecords('transfer', database, {records: [record], generated}, flags, chart)
  }

  /** Money is of the pending transfer's ledger, which only the database knows. */
  private async amountOf(
    text: string | undefined,
    argument: string | undefined,
    id: bigint,
    chart: Chart | undefined,
  ): Promise<string | undefined> {
    if (text === undefined || chart === undefined) return text
    const {transfersById} = await import('../../books/read-books.js')
    const {translateFields} = await import('@parix/books/translate')
    const pending = await this.inDatabase(argument, (api, database) =>
      transfersById({api, databaseId: database.id}, [id]),
    )
    const ledger = pending.get(id)?.ledger
    const fields = {amount: text, ...(ledger !== undefined && {ledger: String(ledger)})}
    return translateFields(fields, chart, {
      kind: 'transfer',
      label: (field) => `--${field}`,
      typed: true,
      raw: '--amount-raw',
    }).amount
  }
}
