import * as Flags from '@oclif/core/flags'
import {ConsoleBaseCommand} from '../console/console-base-command.js'
import type {ConsoleAddress} from '../console/console-command.js'
import {CHART_FLAGS} from '../flags.js'
import {DATABASE_ARGUMENT} from '../tb-command.js'

/** `--json`: see `ConsoleAddress`. */
export default class OpenCommand extends ConsoleBaseCommand {
  static override summary = 'open the console of a database in the browser'

  static override description =
    `Opens the pages of the local service; for a hosted service they are served by this command, as by \`<%= config.bin %> console\`.
The chart of accounts is sent to the local service, so that its pages have the same names.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> books',
    '<%= config.bin %> <%= command.id %> books --print',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    print: Flags.boolean({description: 'print the address, and open nothing'}),
    ...CHART_FLAGS,
  }

  async run(): Promise<ConsoleAddress> {
    const {args, flags} = await this.parse(OpenCommand)
    return this.present({database: args['database-id'], flags, port: 0, open: !flags.print})
  }
}
