import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import type {Entry} from '../../../outbox/entry.js'
import type {Outbox} from '../../../outbox/store.js'

/** `--json`: `{forgotten, ids}`: the entry, and the ids of its events, whose outcome stays unknown. */
export default class TbOutboxForgetCommand extends ParixCommand<{forgotten: string; ids: string[]}> {
  static override summary = 'drop a call that has no response, without finding out what became of it'
  static override description =
    'What it sent may have been carried out: look its ids up first (parix tb lookup-transfers). It is not sent again, and cannot be resumed.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> 20261124-184012-4f3a9c',
    '<%= config.bin %> <%= command.id %> 20261124-184012-4f3a9c --confirm 20261124-184012-4f3a9c',
  ]

  static override args = {id: Args.string({required: true, description: 'its id, from parix tb outbox list'})}
  static override flags = {
    confirm: Flags.string({helpValue: 'ID', description: 'the same id again, in place of the question'}),
    yes: Flags.boolean({char: 'y', description: 'do not ask'}),
  }

  async run(): Promise<{forgotten: string; ids: string[]}> {
    const {args, flags} = await this.parse(TbOutboxForgetCommand)
    const {outboxPlace} = await import('../../../outbox/directory.js')
    const {release} = await import('../../../outbox/entry-lock.js')
    const {openOutbox} = await import('../../../outbox/store.js')
    const {takeEntry} = await import('../../../submit/resume.js')
    const {recordsOf} = await import('../../../submit/place-call.js')
    const outbox = openOutbox(outboxPlace(process.env))
    const entry = takeEntry(outbox, args.id)
    try {
      if (!flags.yes) await this.confirm(entry, flags.confirm)
      const ids = recordsOf(outbox, entry).map(({id}) => String(id))
      this.forget(outbox, entry, ids)
      return {forgotten: entry.file.id, ids}
    } catch (error) {
      release(entry)
      throw error
    }
  }

  private forget(outbox: Outbox, entry: Entry, ids: readonly string[]): void {
    outbox.strikeOff(entry)
    const shown = ids.length > 20 ? `${ids.slice(0, 20).join(', ')} and ${ids.length - 20} more` : ids.join(', ')
    this.show(`Forgotten: ${entry.file.id}. What became of ${shown} is not known.`)
  }

  private async confirm({file}: Entry, given: string | undefined): Promise<void> {
    const {ask} = this.terminal
    const about = `${file.operation.replace('_', ' ')} of ${file.createdAt} in ${file.database.name} (${file.database.id}) at ${file.baseUrl}`
    if (given === undefined && ask === undefined) {
      throw new ParixError('USAGE', `Forgetting ${file.id} needs a confirmation, and nobody can be asked here.`, {
        next: nextCommand('tb outbox forget', {args: [file.id], flags: {confirm: file.id}}),
      })
    }
    const answer =
      given ??
      (await ask!({
        text: `Forget ${about}? Whether it was carried out will stay unknown. Type ${file.id} to continue:`,
      }))
    if (answer.trim() === file.id) return
    throw new ParixError('CANCELLED', `Cancelled: ${JSON.stringify(answer)} is not ${file.id}. Nothing was changed.`)
  }
}
