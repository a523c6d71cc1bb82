import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import type {HistoryEntry} from '../../history/read-history.js'

/**
 * `--json`: `{path, recording, entries: [{id, begun, at, command, baseUrl, database, operation, outcome, count, refused,
 * firstId, lastId, events, error, file}]}`, newest first; keys that don't apply are left out.
 */
export default class HistoryCommand extends ParixCommand<{path: string; recording: boolean; entries: HistoryEntry[]}> {
  static override summary = 'list what was written from this machine, and what became of it'
  static override description =
    `Each create call of parix tb and parix chart: when, to which database, with which ids, and its outcome; also what was refused, with the reason, which no ledger keeps. The files are in the state directory, readable by you alone, and nothing is sent anywhere. What parix api writes is not recorded.

PARIX_HISTORY=off, or "history": false in your config.json, records nothing more; parix history prune removes what there is.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --database books --since 7d --refused',
    '<%= config.bin %> <%= command.id %> --id 2000 --json',
  ]

  static override flags = {
    database: Flags.string({helpValue: 'DATABASE-ID', description: 'only calls to this database, by name or id'}),
    id: Flags.string({helpValue: 'ID', description: 'only the call with this id, or with this account or transfer'}),
    since: Flags.string({
      helpValue: 'TIME',
      description: 'only from this time on: RFC 3339, a date (UTC), -1h, 7d, yesterday',
    }),
    refused: Flags.boolean({description: 'only calls of which something was refused'}),
    limit: Flags.integer({helpValue: 'N', min: 1, max: 100_000, default: 50, description: 'at most this many'}),
  }

  async run(): Promise<{path: string; recording: boolean; entries: HistoryEntry[]}> {
    const {flags} = await this.parse(HistoryCommand)
    const {isoTime, readHistory} = await import('../../history/read-history.js')
    const {historyDirectory, historyIsOn} = await import('../../history/record.js')
    const {historyTable} = await import('../../history/views.js')
    const {database, id, refused, limit} = flags
    const since = flags.since === undefined ? undefined : isoTime('--since', flags.since, this.terminal.say)
    const entries = readHistory(process.env, {database, id: id?.replaceAll('_', ''), since, refused, limit})
    const recording = historyIsOn(process.env)
    this.show(historyTable(entries))
    if (!recording) this.terminal.say('The history is off: nothing more is recorded.')
    return {path: historyDirectory(process.env), recording, entries}
  }
}
