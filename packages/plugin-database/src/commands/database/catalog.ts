import {readCatalog} from '@parix/kit/api'
import {ParixCommand} from '@parix/kit/command'
import type {CatalogAnswer} from '@parix/kit/contract'
import {catalogText} from '../../views.js'

/** `--json`: the service's `{ok, catalog: {providers, clusterConfigs, clusterSizes, storageTiers}}`. */
export default class DatabaseCatalogCommand extends ParixCommand<CatalogAnswer> {
  static override summary = 'show the options for a new database: regions, sizes, storage'
  static override aliases = ['database:options', 'db:catalog']
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<CatalogAnswer> {
    await this.parse(DatabaseCatalogCommand)
    const api = await this.api()
    const answer = await api.get('/catalog/create', {}, readCatalog)
    const {paint, width} = this.terminal
    this.show({painted: catalogText(answer.catalog, {paint: paint.stdout, width})})
    this.terminal.say(
      `\nMake one: ${this.commandText('database create', {args: ['NAME']})} (what you leave out takes the default)`,
    )
    return answer
  }
}
