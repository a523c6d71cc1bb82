import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import type {ListDatabasesResponse} from '@parix/kit/contract'
import {listDatabases} from '../../databases.js'
import {databaseTable} from '../../views.js'

/** `--json`: the service's `{ok, databases: [{id, name, provider, region, status, createdAt, updatedAt}]}`. */
export default class DatabaseListCommand extends ParixCommand<ListDatabasesResponse> {
  static override summary = 'list the databases of your organization'
  static override aliases = ['database:ls', 'db:list', 'db:ls']
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --search ledger --json',
  ]

  static override flags = {
    search: Flags.string({helpValue: 'TEXT', description: 'only those with this text in their name'}),
    limit: Flags.integer({helpValue: 'N', description: 'at most this many', min: 1}),
  }

  async run(): Promise<ListDatabasesResponse> {
    const {flags} = await this.parse(DatabaseListCommand)
    const {response, complete} = await listDatabases(await this.api(), flags)
    const steps = {
      all: this.commandText('database list'),
      make: this.commandText('database create', {args: ['NAME']}),
    }
    this.show(databaseTable(response.databases, flags.search, steps))
    if (response.databases.length === flags.limit) {
      this.terminal.say(`These are ${flags.limit}, as --limit says; there may be more.`)
    } else if (!complete) {
      this.terminal.warn(
        `The service may have more than these ${response.databases.length}: it shows no further ones. Narrow the list with --search.`,
      )
    }
    return response
  }
}
