import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type {Api} from '@parix/kit/api'
import {ParixCommand} from '@parix/kit/command'
import {clean} from '@parix/kit/text'
import {formatTimestamp, parseTimestamp} from '@parix/kit/timestamps'
import {dataDirFlag, LocalCommand, localDataDir} from '../../local-command.js'

interface Forked {
  database: {id: string; name: string}
  baseUrl: string
  /** What was copied. */
  from: {id: string; name: string; baseUrl: string}
  accounts: number
  transfers: number
  /** Of the newest row that may be in it, RFC 3339; null for an empty database. */
  until: string | null
  anonymized: boolean
}

export default class LocalForkCommand extends LocalCommand<Forked> {
  static override summary = 'copy a database into the local service, exactly, to try things on'

  static override description =
    `Reads accounts and transfers by the public operations and executes them again at their own times: the copy has the same rows, balances, holds and times. The database is one of the service in use (--base-url, PARIX_BASE_URL or the session), else of the local service itself; nothing is written there.

Not in the copy: ids of transfers that were refused, which are free again. Holds whose time has come since --at are released, as the clock goes on. --anonymize puts other account ids, transfer ids and user data in the place of the real ones, with a key that is forgotten; amounts and times stay.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> books',
    '<%= config.bin %> <%= command.id %> books --as yesterday --at yesterday',
    '<%= config.bin %> <%= command.id %> books --anonymize --json',
  ]

  // The service that is copied from is any; the one that is copied to is that of the data directory.
  static override baseFlags = ParixCommand.baseFlags

  static override args = {
    'database-id': Args.string({description: 'id or name of the database; else PARIX_DATABASE, else the default'}),
  }

  static override flags = {
    ...dataDirFlag,
    as: Flags.string({description: 'name of the copy; else NAME-fork', helpValue: 'NAME'}),
    at: Flags.string({description: 'as it was at this moment; a date means its end', helpValue: 'TIME'}),
    anonymize: Flags.boolean({description: 'replace account ids, transfer ids and user data'}),
  }

  async run(): Promise<Forked> {
    const {args, flags} = await this.parse(LocalForkCommand)
    const at = flags.at === undefined ? undefined : parseTimestamp('--at', flags.at, {role: 'end'})
    const {service, api: target} = await this.runningApi(localDataDir(flags['data-dir']))
    const connection = await this.connection()
    const api: Api = connection.source === 'default' ? target : connection.api
    const [{databaseInForce}, {withDatabase}, {forkDatabase}] = await Promise.all([
      import('@parix/kit/settings'),
      import('@parix/kit/databases'),
      import('../../fork/fork-database.js'),
    ])
    const {database} = databaseInForce({
      argument: args['database-id'],
      origin: api.base.origin,
      organization: api.base.inPrint?.organizationId,
      environment: process.env,
    })
    const forked = await withDatabase(api, database, (from) =>
      forkDatabase({api, from, target, name: flags.as, at, anonymize: flags.anonymize, terminal: this.terminal}),
    )
    const {accounts, transfers, until} = forked
    const result: Forked = {
      database: forked.database,
      baseUrl: service.baseUrl,
      from: forked.from,
      ...{accounts, transfers, until: until === 0n ? null : formatTimestamp(until), anonymized: flags.anonymize},
    }
    const {name} = result.database
    this.show(
      clean(
        `${name} at ${service.baseUrl} is ${result.from.name} at ${result.from.baseUrl} as of ${result.until ?? 'now'}: ${accounts} accounts, ${transfers} transfers.`,
      ),
    )
    this.terminal.say(`Use it: eval "$(${this.commandText('local env', {flags: {database: name}})})"`)
    return result
  }
}
