import * as Args from '@oclif/core/args'
import {ParixCommand} from '@parix/kit/command'
import type {HistoryEntry} from '../../history/read-history.js'

/** `--json`: `{entries}`, as `parix history` has them. */
export default class HistoryShowCommand extends ParixCommand<{entries: HistoryEntry[]}> {
  static override summary = 'show a call of the history: its events, and why something was refused'
  static override description =
    'By the id of the call, or of an account or transfer that was in it: then every call that it was in, newest first. Nothing is asked of the service.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> 20261124-184012-4f3a9c',
    '<%= config.bin %> <%= command.id %> 2000',
  ]
  static override args = {
    id: Args.string({required: true, description: 'id of the call, or of an account or transfer'}),
  }

  async run(): Promise<{entries: HistoryEntry[]}> {
    const {args} = await this.parse(HistoryShowCommand)
    const {findInHistory} = await import('../../history/read-history.js')
    const {historyDetails, historyEvents} = await import('../../history/views.js')
    const entries = findInHistory(process.env, args.id)
    for (const entry of entries) {
      this.show(historyDetails(entry))
      this.show(historyEvents(entry))
      for (const line of [entry.error?.message, ...(entry.error?.details ?? []).map((detail) => `  - ${detail}`)])
        if (line !== undefined) this.show(line)
    }
    return {entries}
  }
}
