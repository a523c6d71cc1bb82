import {ParixCommand} from '@parix/kit/command'
import {EXIT_CODES} from '@parix/kit/errors'
import {cleanLine} from '@parix/kit/text'
import type {SessionList} from '../../auth/sessions.js'

export default class AuthListCommand extends ParixCommand<SessionList> {
  static override summary = 'list where you are signed in, as whom and for which organization'
  static override description =
    'Shows what is stored on this machine; no service is asked. The one marked * is used by commands without --base-url and PARIX_BASE_URL. Of several at one service, the one marked + is used by commands that name the service and no organization.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<SessionList> {
    await this.parse(AuthListCommand)
    const [{listSessions, sessionTable, unreadableNotes}, {openSessionStore}] = await Promise.all([
      import('../../auth/sessions.js'),
      import('@parix/kit/session'),
    ])
    const list = listSessions(openSessionStore({environment: process.env, say: this.terminal.warn}))
    this.show(sessionTable(list))
    for (const note of unreadableNotes(list)) this.terminal.warn(note)
    // What is there can't be seen: that is not the same as a damaged file.
    if (list.unreadable.some(({code}) => code === 'session_unreadable')) process.exitCode = EXIT_CODES.SESSION_DAMAGED
    const variable = process.env.PARIX_BASE_URL?.trim()
    if (variable) this.terminal.say(`PARIX_BASE_URL is set: commands use ${cleanLine(variable)}.`)
    const organization = process.env.PARIX_ORGANIZATION?.trim()
    if (organization) this.terminal.say(`PARIX_ORGANIZATION is set: commands are for ${cleanLine(organization)}.`)
    return list
  }
}
