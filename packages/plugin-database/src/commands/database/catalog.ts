import {readCatalog} from '@parix/kit/api'
import {ParixCommand} from '@parix/kit/command'
import type {CatalogResponse} from '@parix/kit/contract'
import {catalogText} from '../../views.js'

/** `--json`: the service's `{ok, catalog: {providers, clusterConfigs, clusterSizes, storageTiers}}`. */
export default class DatabaseCatalogCommand extends ParixCommand<CatalogResponse> {
  static override summary = 'show the options for a new database: regions, sizes, storage'
  static override aliases = ['database:options', 'db:catalog']
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<CatalogResponse> {
    await this.parse(DatabaseCatalogCommand)
    const api = await this.api()
    const response = await api.get('/catalog/create', {}, readCatalog)
    const {paint, width} = this.terminal
    this.show({painted: catalogText(response.catalog, {paint: paint.stdout, width})})
    this.terminal.say(
      `\nMake one: ${this.commandText('database create', {args: ['NAME']})} (what you leave out takes the default)`,
    )
    return response
  }
}
