import {CreateCommand} from '../../create-command.js'
import {databaseAndId, databaseAndIdArguments} from '../../database-and-id.js'
import {resolvingEvent} from '../../events/read-events.js'
import {objectId, SENDING} from '../../flags.js'
import type {CreateResult} from '../../results/report.js'

/** `--json`: see `CreateResult`; one row, of the transfer that voids. */
export default class TbVoidCommand extends CreateCommand {
  static override summary = 'void a pending transfer: what it holds goes back'
  static override description =
    'Creates a transfer that voids the pending one, always all of it. It happens exactly once, as with create-transfers. --id is the id of the voiding transfer, generated when left out.'

  static override usage = '<%= command.id %> [DATABASE-ID] ID [--id ID] [--retry-for TIME]'
  static override examples = ['<%= config.bin %> <%= command.id %> books 2000']
  static override args = databaseAndIdArguments('pending transfer')
  static override flags = {
    id: objectId('id of the transfer that voids; generated when left out'),
    'retry-for': SENDING['retry-for'],
    receipt: SENDING.receipt,
  }

  async run(): Promise<CreateResult> {
    const {args, flags} = await this.parse(TbVoidCommand)
    const {database, id} = databaseAndId(args, 'pending transfer')
    const {record, generated} = resolvingEvent('void_pending_transfer', id, flags)
    return this.createRecords('transfer', database, {records: [record], generated}, flags)
  }
}
