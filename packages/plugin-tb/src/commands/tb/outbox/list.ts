import {ParixCommand} from '@parix/kit/command'
import {outboxPlace} from '../../../outbox/directory.js'
import {openOutbox, unreadableError} from '../../../outbox/store.js'
import {type EntrySummary, summarize} from '../../../outbox/summary.js'

/**
 * `--json`: `{path, entries: [{id, operation, baseUrl, database, createdAt, events, answered, failedAttempts, lastFault,
 * firstId, lastId, held}]}`, oldest first.
 */
export default class TbOutboxListCommand extends ParixCommand<{path: string; entries: EntrySummary[]}> {
  static override summary = 'list calls that have no response yet'
  static override description =
    'All services and databases. HELD says whether a command is at work on it right now. Nothing is asked of the service.'

  static override aliases = ['tb:outbox:ls']
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<{path: string; entries: EntrySummary[]}> {
    await this.parse(TbOutboxListCommand)
    const outbox = openOutbox(outboxPlace(process.env))
    const {entries: found, unreadable} = outbox.list()
    const entries = found.map((entry) => summarize(outbox, entry))
    this.show({
      columns: [
        'ID',
        'WHAT',
        {name: 'EVENTS', align: 'right'},
        {name: 'WITH OUTCOME', align: 'right'},
        'DATABASE',
        'SERVICE',
        'HELD',
        'LAST ERROR',
      ],
      rows: entries.map(({id, operation, events, answered, database, baseUrl, held, lastFault}) => [
        id,
        operation.replace('_', ' '),
        events,
        answered,
        database.name,
        baseUrl,
        held ? 'yes' : 'no',
        lastFault,
      ]),
      whenEmpty:
        unreadable.length > 0
          ? 'There is no entry that can be read.'
          : 'The outbox is empty: everything has an outcome.',
    })
    const first = entries.find(({held}) => !held)
    if (first) this.terminal.say(`Send again: ${this.commandText('tb outbox resume', {args: [first.id]})}`)
    if (unreadable.length > 0) throw unreadableError(unreadable)
    return {path: outbox.path, entries}
  }
}
