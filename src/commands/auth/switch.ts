import * as Args from '@oclif/core/args'
import {ParixCommand} from '@parix/kit/command'
import type {SessionSummary} from '../../auth/sessions.js'

export default class AuthSwitchCommand extends ParixCommand<SessionSummary> {
  static override summary = 'choose which of your sessions commands use'
  static override description = 'No service is asked. See parix auth list for where you are signed in.'
  static override examples = ['<%= config.bin %> <%= command.id %> http://localhost:5173']
  static override args = {
    url: Args.string({description: 'base URL of a service that you are signed in at', required: true}),
  }

  async run(): Promise<SessionSummary> {
    const {args} = await this.parse(AuthSwitchCommand)
    const [{summarize, whoText}, {openSessionStore}, {originKey, parseBaseUrl}, {cleanLine}] = await Promise.all([
      import('../../auth/sessions.js'),
      import('@parix/kit/session'),
      import('@parix/kit/origin'),
      import('@parix/kit/text'),
    ])
    const store = openSessionStore({environment: process.env, say: this.terminal.warn})
    const summary = summarize(await store.activate(parseBaseUrl(args.url).origin))
    this.show(`Commands now use ${cleanLine(summary.baseUrl)}, as ${whoText(summary)}.`)
    const variable = process.env.PARIX_BASE_URL?.trim()
    if (variable && (!URL.canParse(variable) || originKey(new URL(variable)) !== originKey(new URL(summary.baseUrl)))) {
      this.terminal.warn(`PARIX_BASE_URL is set: commands use ${cleanLine(variable)} until you unset it.`)
    }
    return summary
  }
}
