import {ParixCommand} from '@parix/kit/command'
import {EXIT_CODES} from '@parix/kit/errors'
import type {Status} from '../../auth/status.js'

export default class AuthStatusCommand extends ParixCommand<Status> {
  static override summary = 'show who is signed in, and check it with the service'
  static override description =
    `Asks the service, and renews the session when needed. Exit codes: 0 signed in and checked; 4 not signed in, the session
has ended, or the API key was refused; 75 the service can't be reached: what is stored is shown, and was not checked.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --base-url https://dev.parix.io --json',
  ]

  async run(): Promise<Status> {
    await this.parse(AuthStatusCommand)
    const [{readStatus, statusView}, {fetchProfile, readSession}] = await Promise.all([
      import('../../auth/status.js'),
      import('@parix/kit/api'),
    ])
    const {base, source, wanted, stored, store, credentials, api} = await this.connection()
    const status = await readStatus({
      base,
      source,
      wanted,
      store,
      stored,
      credentials,
      fetchProfile: () => fetchProfile(api),
      warn: this.terminal.warn,
      fetchSession: () => api.get('/session', {}, readSession),
    })
    this.show(statusView(status, Date.now()))
    if (!status.checked) process.exitCode = EXIT_CODES.UNAVAILABLE
    return status
  }
}
