import * as Args from '@oclif/core/args'
import {ParixCommand} from '@parix/kit/command'
import type {SessionSummary} from '../../auth/sessions.js'

export default class AuthSwitchCommand extends ParixCommand<SessionSummary> {
  static override summary = 'choose which of your sessions commands use'
  static override description =
    'By the service, the organization (its slug, name or id) or your e-mail address there. No service is asked. See parix auth list for where you are signed in.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> http://localhost:5173',
    '<%= config.bin %> <%= command.id %> acme',
    '<%= config.bin %> <%= command.id %> https://parix.io --organization acme',
  ]
  static override args = {
    session: Args.string({description: 'base URL of a service, an organization, or an e-mail address'}),
  }

  async run(): Promise<SessionSummary> {
    const {args, flags} = await this.parse(AuthSwitchCommand)
    const [{chooseForSwitch, switchNotes}, {summarize, whoText}, {openSessionStore}, {cleanLine}] = await Promise.all([
      import('../../auth/switch.js'),
      import('../../auth/sessions.js'),
      import('@parix/kit/session'),
      import('@parix/kit/text'),
    ])
    const store = openSessionStore({environment: process.env, say: this.terminal.warn})
    const wanted = {text: args.session, baseUrl: flags['base-url'], organization: flags.organization}
    const {session} = chooseForSwitch(store, wanted)
    const summary = summarize(await store.activate(session))
    this.show(`Commands now use ${cleanLine(summary.baseUrl)}, as ${whoText(summary)}.`)
    for (const note of switchNotes(session, process.env)) this.terminal.warn(note)
    return summary
  }
}
