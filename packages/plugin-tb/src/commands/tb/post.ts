import {CreateCommand} from '../../create-command.js'
import {databaseAndId, databaseAndIdArguments} from '../../database-and-id.js'
import {resolvingEvent} from '../../events/read-events.js'
import {objectId, objectNumber, SENDING} from '../../flags.js'
import type {CreateAnswer} from '../../results/report.js'

/** `--json`: see `CreateAnswer`; one row, of the transfer that posts. */
export default class TbPostCommand extends CreateCommand {
  static override summary = 'post a pending transfer: the money moves'
  static override description =
    'Makes a transfer that posts the pending one, whole or in part; what is not posted goes back. It happens exactly once, as with create-transfers. --id is the id of the posting transfer, generated when left out.'

  static override usage = '<%= command.id %> [DATABASE-ID] ID [--amount N] [--id ID] [--retry-for TIME]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books 2000',
    '<%= config.bin %> <%= command.id %> books 2000 --amount 150',
  ]

  static override args = databaseAndIdArguments('pending transfer')
  static override flags = {
    amount: objectNumber('post only this much, and give the rest back; all of it when left out'),
    id: objectId('id of the transfer that posts; generated when left out'),
    'retry-for': SENDING['retry-for'],
  }

  async run(): Promise<CreateAnswer> {
    const {args, flags} = await this.parse(TbPostCommand)
    const {database, id} = databaseAndId(args, 'pending transfer')
    const {record, generated} = resolvingEvent('post_pending_transfer', id, flags)
    return this.createRecords('transfer', database, {records: [record], generated}, flags)
  }
}
