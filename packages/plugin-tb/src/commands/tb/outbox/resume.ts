import * as Args from '@oclif/core/args'
import {type Effect, ParixCommand} from '@parix/kit/command'
import {SENDING} from '../../../flags.js'
import type {Resumed} from '../../../submit/resume.js'

/** `--json`: `{resumed: [{outbox, answer}]}`; `answer` as `parix tb create-transfers` gives it. */
export default class TbOutboxResumeCommand extends ParixCommand<{resumed: Resumed[]}> {
  static override summary = 'send again what has no response yet: the same bytes, so nothing is created twice'
  static override description =
    `What an earlier attempt created is reported as exists, which counts as success. Refused events are listed, and the exit code is 6; what has an outcome leaves the outbox either way. Without an id: every entry of the current service that no command is at work on, oldest first.

An entry goes to the service and the organization that it was created for, by your session for them. With an API key these must be the current ones: see --base-url.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> 20261124-184012-4f3a9c',
    '<%= config.bin %> <%= command.id %>',
  ]

  static override args = {
    id: Args.string({description: 'its id, from parix tb outbox list; all of them when left out'}),
  }
  static override flags = {'retry-for': SENDING['retry-for']}

  async run(): Promise<{resumed: Resumed[]}> {
    const {args, flags} = await this.parse(TbOutboxResumeCommand)
    const {resumeAll, resumeOne, together} = await import('../../../submit/resume.js')
    const {api, credentials, wanted} = await this.connection()
    const service = {
      api,
      usesApiKey: credentials.kind === 'apiKey',
      explicit: this.globalFlags?.['base-url'] !== undefined,
      explicitOrganization: wanted !== undefined,
      connectTo: async (baseUrl: string, organization?: string) => (await this.connectionTo(baseUrl, organization)).api,
    }
    const options = {
      terminal: this.terminal,
      environment: process.env,
      retryFor: flags['retry-for'],
      command: 'tb outbox resume',
      announce: together((effect: Effect) => this.announce(effect)),
    }
    const resumed: Resumed[] = []
    const done = (outbox: string, report: Awaited<ReturnType<typeof resumeOne>>) => {
      this.show(report.view)
      for (const notice of report.notices) this.terminal.say(notice)
      resumed.push({
        outbox,
        // Read only when it is printed: that of a large file is on disk.
        get answer() {
          return report.result
        },
      })
    }
    if (args.id === undefined) await resumeAll(service, options, done)
    else done(args.id, await resumeOne(args.id, service, options))
    if (resumed.length === 0) this.terminal.say('There is nothing to resume.')
    return {resumed}
  }
}
