import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'

/** `--json`: `{removed: ["2026-11-24"]}`: the days that were removed. */
export default class HistoryPruneCommand extends ParixCommand<{removed: string[]}> {
  static override summary = 'remove what is old from the history of this machine'
  static override description = 'Whole days (UTC) are removed. The ledger and the outbox stay as they are.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --older-than 90d',
    '<%= config.bin %> <%= command.id %> --all --confirm all',
  ]

  static override flags = {
    'older-than': Flags.string({
      helpValue: 'TIME',
      description: 'days before this time: 90d, a date, RFC 3339',
      exclusive: ['all'],
    }),
    all: Flags.boolean({description: 'everything'}),
    confirm: Flags.string({helpValue: 'all', dependsOn: ['all'], description: 'in place of the question'}),
  }

  async run(): Promise<{removed: string[]}> {
    const {flags} = await this.parse(HistoryPruneCommand)
    const {isoTime, pruneHistory} = await import('../../history/read-history.js')
    if (flags.all) await this.confirm(flags.confirm)
    else if (flags['older-than'] === undefined)
      throw new ParixError('USAGE', 'What is to be removed? Give --older-than TIME, or --all.')
    const until =
      flags['older-than'] === undefined ? undefined : isoTime('--older-than', flags['older-than'], this.terminal.say)
    const removed = pruneHistory(process.env, until)
    this.show(
      removed.length === 0
        ? 'There is nothing to remove.'
        : `Removed: ${removed.length} ${removed.length === 1 ? 'day' : 'days'}, ${removed.at(-1)} to ${removed[0]}.`,
    )
    return {removed}
  }

  private async confirm(given: string | undefined): Promise<void> {
    const {ask} = this.terminal
    if (given === undefined && ask === undefined)
      throw new ParixError('USAGE', 'Removing all of the history needs a confirmation, and nobody can be asked here.', {
        next: nextCommand('history prune', {flags: {all: true, confirm: 'all'}}),
      })
    const result = given ?? (await ask!({text: 'Remove all of the history of this machine? Type all to continue:'}))
    if (result.trim() !== 'all')
      throw new ParixError('CANCELLED', `Cancelled: ${JSON.stringify(result)} is not all. Nothing was changed.`)
  }
}
