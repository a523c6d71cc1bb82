import {ParixError} from '@parix/kit/errors'
import {ChainCommand, type ChainDryRun} from '../../chain-command.js'
import {CONDITIONS, GUARD_FLAGS} from '../../chains/chain-flags.js'
import {
  accountObject,
  CHART_FLAGS,
  CODE,
  flagNames,
  ID_FLAG,
  JSON_INPUT,
  LEDGER,
  objectId,
  objectNumber,
  SENDING,
  TIMESTAMP,
  USER_DATA,
} from '../../flags.js'
import {FLAGS} from '../../records/flags.js'
import type {CreateResult} from '../../results/report.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'

/**
 * `--json`: see `CreateResult`. `responsePayload` holds `{index, id, result, timestamp}` for each transfer, in order. With
 * `--dry-run`: see `DryRun`.
 */
export default class TbCreateTransfersCommand extends ChainCommand {
  static override summary = 'move money, each transfer exactly once'
  static override description =
    `One transfer by flags, or as many as you like as JSON. What is sent is kept in an outbox on this machine until the service has responded, and goes out again, byte for byte, when a response is lost: money never moves twice. When the time for that is over, the exit code is 75 and the ids and the command that continues are printed; repeating the same command resumes it as well.

An id that you don't give is generated and shown before anything is sent. Amounts are whole numbers of the smallest unit.

Conditions are checked by the ledger together with the transfer, as one chain: --if-available AMOUNT, --keep-below AMOUNT, --with-limit LIMIT, --rate-limit ACCOUNT=AMOUNT. The transfers that check them leave no balance changed.

Refused transfers are listed with the rule and the numbers behind it; the exit code is 6. A batch is not all-or-nothing: link transfers with the flag linked where they must stand or fall together.

In JSON, fields have TigerBeetle's names (debit_account_id) or camelCase ones, from and to are read for the accounts; integers are numbers of any size or text, decimal or hex (0xff), with _ between digits; flags are a number, a name, or a list of names.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --from 1 --to 2 --amount 500 --ledger 700 --code 1',
    '<%= config.bin %> <%= command.id %> books --from 1 --to 2 --amount 500 --ledger 700 --code 1 --flag pending --timeout 10m',
    '<%= config.bin %> <%= command.id %> books --file transfers.ndjson',
    '<%= config.bin %> <%= command.id %> --file transfers.ndjson --dry-run',
    '<%= config.bin %> <%= command.id %> books --from 2 --to 1 --amount 500 --ledger 700 --code 1 --if-available 800 --control 9',
    '<%= config.bin %> tb id --count 2',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    from: accountObject('the account to debit', ['debit-account-id', 'debit']),
    to: accountObject('the account to credit', ['credit-account-id', 'credit']),
    amount: objectNumber(
      'whole number of the smallest unit; with a chart of accounts money, such as 12.50; max: as much as there is (balancing, posting)',
    ),
    'amount-raw': objectNumber('with a chart of accounts: the whole number of the smallest unit'),
    id: ID_FLAG,
    ledger: LEDGER,
    code: CODE,
    flag: flagNames(Object.keys(FLAGS.transfer)),
    'pending-id': objectId('the pending transfer to post or void'),
    timeout: objectNumber('when a pending transfer expires: seconds, or 90s, 10m, 1h30m', 'TIME'),
    ...USER_DATA,
    timestamp: TIMESTAMP,
    ...JSON_INPUT,
    ...GUARD_FLAGS,
    ...SENDING,
    ...CHART_FLAGS,
  }

  async run(): Promise<CreateResult | ChainDryRun> {
    const {args, flags} = await this.parse(TbCreateTransfersCommand)
    if (!CONDITIONS.some((name) => flags[name] !== undefined))
      return this.create('transfer', args['database-id'], flags)
    if (flags.file !== undefined || flags.payload !== undefined)
      throw new ParixError('USAGE', 'Conditions go with one transfer, by flags. For several, see parix tb entry.')
    const chart = await this.useChart(flags)
    const {planGuardedTransfer} = await import('../../chains/plan-guards.js')
    return this.sendChain({
      database: args['database-id'],
      flags,
      chart,
      plan: (read) => planGuardedTransfer(flags, chart, read, this.terminal.say),
    })
  }
}
