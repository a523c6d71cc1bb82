import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import {EXIT_CODES} from '@parix/kit/errors'
import type {SignOutResult} from '../../auth/sign-out.js'

export default class AuthLogoutCommand extends ParixCommand<SignOutResult> {
  static override summary = 'sign out: end the session and remove it from this machine'
  static override description =
    `Works offline too, and with a damaged session file. The service is notified, for two seconds at most. Ends the session that --organization or PARIX_ORGANIZATION names, else the one in use at the service that --base-url or PARIX_BASE_URL names, else the one in use.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --base-url https://dev.parix.io',
    '<%= config.bin %> <%= command.id %> --organization acme',
    '<%= config.bin %> <%= command.id %> --all',
  ]

  static override flags = {
    all: Flags.boolean({description: 'sign out everywhere on this machine', exclusive: ['base-url', 'organization']}),
  }

  async run(): Promise<SignOutResult> {
    const {flags} = await this.parse(AuthLogoutCommand)
    const [{signOut, signOutText, signOutNotes, whichSessions}, {openSessionStore}, {discover, revoke}] =
      await Promise.all([import('../../auth/sign-out.js'), import('@parix/kit/session'), import('@parix/kit/oauth')])
    const {terminal} = this
    const world = {userAgent: this.userAgent}
    const store = openSessionStore({environment: process.env, say: terminal.warn})
    const {which, where} = whichSessions(flags, process.env, store)
    const result = await signOut(which, {
      store,
      discover: (base, signal) => discover(base, {...world, signal}),
      revoke: (base, endpoint, token, timeoutMs, signal) =>
        revoke(base, endpoint, token, {timeoutMs}, {...world, signal}),
    })
    this.show(signOutText(result, where))
    for (const note of signOutNotes(result, process.env)) terminal.warn(note)
    if (result.kept.length > 0) process.exitCode = EXIT_CODES.FAILED
    return result
  }
}
