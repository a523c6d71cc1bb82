import * as Args from '@oclif/core/args'
import {ParixCommand} from '@parix/kit/command'
import {type Json, parseJson, stringifyJson} from '@parix/kit/json'
import {outboxPlace} from '../../../outbox/directory.js'
import {openOutbox} from '../../../outbox/store.js'
import {type EntrySummary, summarize} from '../../../outbox/summary.js'

/** `requests`: what is sent, in order; `answer` where there is one: `[{index, id, state, result, timestamp}]`. */
interface ShownEntry extends EntrySummary {
  folder: string
  requests: {events: number; answer: unknown; body: Json}[]
}

/** `--json`: the fields of `parix tb outbox list`, `folder`, and `requests: [{events, answer, body}]`. */
export default class TbOutboxShowCommand extends ParixCommand<ShownEntry> {
  static override summary = 'show a call that has no response yet: what is sent, and what was seen'
  static override description = 'The body of each request is shown on stdout; nothing is asked of the service.'
  static override examples = ['<%= config.bin %> <%= command.id %> 20261124-184012-4f3a9c']
  static override args = {id: Args.string({required: true, description: 'its id, from parix tb outbox list'})}

  async run(): Promise<ShownEntry> {
    const {args} = await this.parse(TbOutboxShowCommand)
    const outbox = openOutbox(outboxPlace(process.env))
    const entry = outbox.find(args.id)
    const summary = summarize(outbox, entry)
    const requests = entry.file.batches.map((batch) => ({
      events: batch.events,
      answer: outbox.outcomes(entry, batch) ?? null,
      body: parseJson(outbox.request(entry, batch).body),
    }))
    this.show({
      details: [
        ['id', summary.id],
        ['operation', summary.operation],
        ['database', `${summary.database.name} (${summary.database.id})`],
        ['service', summary.baseUrl],
        ['organization', summary.organization?.name ?? summary.organization?.id],
        ['created', summary.createdAt],
        ['events', summary.events],
        ['with outcome', summary.answered],
        ['failed attempts', summary.failedAttempts],
        ['last error', summary.lastFault],
        ['held', summary.held],
        ['directory', entry.directory],
      ],
    })
    for (const {body} of requests) this.show(stringifyJson(body))
    this.terminal.say(
      `Send again: ${this.commandText('tb outbox resume', {args: [summary.id], flags: {'base-url': entry.file.baseUrl, organization: entry.file.organization?.id}})}`,
    )
    return {...summary, folder: entry.directory, requests}
  }
}
