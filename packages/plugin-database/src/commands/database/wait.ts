import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ParixCommand} from '@parix/kit/command'
import type {DatabaseInfoResponse} from '@parix/kit/contract'
import {withDatabase} from '@parix/kit/databases'
import {parseDuration} from '@parix/kit/duration'
import {startProgress} from '@parix/kit/output'
import {cleanLine} from '@parix/kit/text'
import {databaseInForce} from '../../default.js'
import {READY_TIMEOUT, waitUntilReady} from '../../waiting.js'

/** `--json`: as `parix database info`, once it is ready. */
export default class DatabaseWaitCommand extends ParixCommand<DatabaseInfoResponse> {
  static override summary = 'wait until a database is ready'
  static override description =
    'The exit code is 0 when it takes operations, 7 when the time is over, and 1 when provisioning failed.'

  static override aliases = ['db:wait']
  static override examples = [
    '<%= config.bin %> <%= command.id %> books',
    '<%= config.bin %> <%= command.id %> books --timeout 10m --json',
  ]

  static override args = {
    'database-id': Args.string({description: 'its id or name; else the default (parix database use)'}),
  }

  static override flags = {
    timeout: Flags.string({
      helpValue: 'TIME',
      description: 'give up after this long: 90 (seconds), 10m, 1h; 0 looks once',
      default: READY_TIMEOUT,
    }),
  }

  async run(): Promise<DatabaseInfoResponse> {
    const {args, flags} = await this.parse(DatabaseWaitCommand)
    const timeoutMs = parseDuration('--timeout', flags.timeout)
    const api = await this.api()
    const {database} = databaseInForce(args['database-id'], api, {environment: process.env})
    const progress = startProgress(this.terminal, {text: `Waiting for ${database}`})
    try {
      const info = await withDatabase(api, database, (found) =>
        waitUntilReady(api, found, {timeoutMs, progress: (text) => progress.update({text})}),
      )
      progress.end()
      this.show(`${cleanLine(info.database.name)} is ready.`)
      return info
    } finally {
      progress.end()
    }
  }
}
