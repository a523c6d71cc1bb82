import {CreateCommand, type DryRun} from '../../create-command.js'
import {CHART_FLAGS, CODE, flagNames, ID_FLAG, JSON_INPUT, LEDGER, SENDING, TIMESTAMP, USER_DATA} from '../../flags.js'
import {FLAGS} from '../../records/flags.js'
import type {CreateResult} from '../../results/report.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'

/**
 * `--json`: see `CreateResult`. `responsePayload` holds `{index, id, result, timestamp}` for each account, in order. With
 * `--dry-run`: see `DryRun`.
 */
export default class TbCreateAccountsCommand extends CreateCommand {
  static override summary = 'create accounts, each exactly once'
  static override description =
    `One account by flags, or as many as you like as JSON. What is sent is kept in an outbox on this machine until the service has responded, and goes out again, byte for byte, when a response is lost: an account is never created twice.

In JSON, fields have TigerBeetle's names (user_data_128) or camelCase ones; integers are numbers of any size or text, decimal or hex (0xff), with _ between digits; flags are a number, a name, or a list of names.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --id 1 --ledger 700 --code 10',
    '<%= config.bin %> <%= command.id %> books --id 2 --ledger 700 --code 10 --flag debits_must_not_exceed_credits --flag history',
    '<%= config.bin %> <%= command.id %> books --file accounts.ndjson',
    `echo '[{"id": 3, "ledger": 700, "code": 10, "flags": ["history"]}]' | <%= config.bin %> <%= command.id %> books --file - --json`,
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    id: ID_FLAG,
    ledger: LEDGER,
    code: CODE,
    flag: flagNames(Object.keys(FLAGS.account)),
    ...USER_DATA,
    timestamp: TIMESTAMP,
    ...JSON_INPUT,
    ...SENDING,
    ...CHART_FLAGS,
  }

  async run(): Promise<CreateResult | DryRun> {
    const {args, flags} = await this.parse(TbCreateAccountsCommand)
    return this.create('account', args['database-id'], flags)
  }
}
