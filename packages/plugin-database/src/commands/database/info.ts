import * as Args from '@oclif/core/args'
import {ParixCommand} from '@parix/kit/command'
import type {DatabaseInfoResponse} from '@parix/kit/contract'
import {withDatabase} from '@parix/kit/databases'
import {databaseInfo} from '../../databases.js'
import {databaseInForce} from '../../default.js'
import {databaseDetails} from '../../views.js'

/**
 * `--json`: the service's `{ok, database, provider, region, gatewayUrl, profile, latestProvisionJob, decommissionState,
 * metricsSummary}`; the last five may be null.
 */
export default class DatabaseInfoCommand extends ParixCommand<DatabaseInfoResponse> {
  static override summary = 'show one database: status, size, versions, usage'
  static override aliases = [
    'database:show',
    'database:get',
    'database:status',
    'database:describe',
    'db:info',
    'db:show',
  ]
  static override examples = [
    '<%= config.bin %> <%= command.id %> books',
    '<%= config.bin %> <%= command.id %> books --json',
  ]

  static override args = {
    'database-id': Args.string({description: 'its id or name; else the default (parix database use)'}),
  }

  async run(): Promise<DatabaseInfoResponse> {
    const {args} = await this.parse(DatabaseInfoCommand)
    const api = await this.api()
    const {database} = databaseInForce(args['database-id'], api, {environment: process.env})
    const info = await withDatabase(api, database, ({id}) => databaseInfo(api, id))
    this.show(databaseDetails(info))
    return info
  }
}
