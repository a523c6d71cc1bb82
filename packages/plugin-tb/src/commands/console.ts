import * as Flags from '@oclif/core/flags'
import {ConsoleBaseCommand} from '../console/console-base-command.js'
import type {ConsoleAddress} from '../console/console-command.js'
import {CHART_FLAGS} from '../flags.js'
import {DATABASE_ARGUMENT} from '../tb-command.js'

/** `--json`: see `ConsoleAddress`. */
export default class ConsoleCommand extends ConsoleBaseCommand {
  static override summary = 'look at the databases of a service in the browser'

  static override description =
    `Serves pages on 127.0.0.1 that show accounts, balances, transfers, holds and reports. They only read. The address works
once: whoever opens it first gets a cookie, and nobody else is let in. It ends with Ctrl-C, or after 30 minutes without a request.

The local service has these pages itself; for it, the command prints their address.`

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> books --chart parix.chart.yaml',
    '<%= config.bin %> <%= command.id %> books --port 8080',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    port: Flags.integer({
      char: 'p',
      description: 'port on 127.0.0.1; a free one when left out',
      helpValue: 'PORT',
      default: 0,
      min: 0,
      max: 65_535,
    }),
    ...CHART_FLAGS,
  }

  async run(): Promise<ConsoleAddress> {
    const {args, flags} = await this.parse(ConsoleCommand)
    return this.present({database: args['database-id'], flags, port: flags.port, open: false})
  }
}
