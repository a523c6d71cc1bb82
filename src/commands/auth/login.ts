import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import type {LoginResult} from '../../auth/login-result.js'

export default class AuthLoginCommand extends ParixCommand<LoginResult> {
  static override summary = 'sign in through the browser'
  static override description =
    `Opens your browser ($BROWSER is honoured), waits for the redirect to 127.0.0.1, and stores the session.
The page's address is printed first, so that you can open it anywhere. Signing in at one service does not sign you out
at another: see parix auth list. Machines don't sign in: give them an API key in PARIX_API_KEY.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --base-url http://localhost:5173',
    {
      description: 'The browser is on another machine: open the page there, and paste the address that it ends on',
      command: '<%= config.bin %> <%= command.id %> --no-browser',
    },
    {
      description: 'No browser can reach this machine: confirm a code on another device',
      command: '<%= config.bin %> <%= command.id %> --device',
    },
  ]

  static override flags = {
    port: Flags.string({
      char: 'p',
      description: 'listen on this port of 127.0.0.1; any free one when left out',
      helpValue: 'PORT',
      default: '0',
    }),
    prompt: Flags.string({
      description: 'what the service must ask for even where it would not: consent, login, select_account',
      helpValue: 'WHAT',
      default: 'consent',
    }),
    'no-browser': Flags.boolean({description: 'do not open a browser; only print the address of the page'}),
    device: Flags.boolean({
      description: 'sign in with a code on another device, where the service offers it',
      exclusive: ['no-browser'],
    }),
    timeout: Flags.string({
      description: 'how long you may take in the browser, such as 90s or 10m',
      helpValue: 'TIME',
      default: '5m',
    }),
  }

  async run(): Promise<LoginResult> {
    const {flags} = await this.parse(AuthLoginCommand)
    const [{readLoginOptions}, {login}, {loginText, loginNotes, loginResult}] = await Promise.all([
      import('../../auth/login-options.js'),
      import('../../auth/login.js'),
      import('../../auth/login-result.js'),
    ])
    const {terminal, userAgent} = this
    const outcome = await login(readLoginOptions(flags), {
      terminal,
      userAgent,
      environment: process.env,
      stdin: process.stdin,
    })
    const result = loginResult(outcome)
    this.announce({
      unshown: (why) =>
        new ParixError('UNAVAILABLE', `${loginText(result)} ${why}`, {
          code: 'output_failed',
          next: plainCommand('auth status'),
        }),
    })
    this.show(loginText(result))
    for (const note of loginNotes(outcome, process.env)) terminal.warn(note)
    terminal.say(`Next: ${this.commandText('database list')}`)
    return result
  }
}
