import * as Flags from '@oclif/core/flags'
import {ChainCommand, type ChainDryRun} from '../../chain-command.js'
import {CHAIN_SENDING, codeFlag, DATA, KEY, LEDGER_OF_IDS} from '../../chains/chain-flags.js'
import type {CreateResult} from '../../results/report.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'

const OBJECT = {helpGroup: 'OBJECT'} as const

/** `--json`: see `CreateResult`; one row. With `--dry-run`: see `ChainDryRun`. */
export default class TbReserveCommand extends ChainCommand {
  static override summary = 'hold money for a later payment'
  static override description =
    `Creates a pending transfer, which holds its amount until it is posted (parix tb post), voided (parix tb void), or --timeout is over. Without a timeout it stays until one of them happens.

It limits a rate as well: on an account with debits_must_not_exceed_credits that was given 10 units, --amount 1 --timeout 60s succeeds ten times a minute.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --from 1 --to 2 --amount 500 --code 1 --timeout 24h',
    '<%= config.bin %> <%= command.id %> books --from @customer/17 --to @sales --amount 12.50 --code payment --key order-4711',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    from: Flags.string({...OBJECT, required: true, helpValue: 'ACCOUNT', description: 'the account to debit'}),
    to: Flags.string({...OBJECT, required: true, helpValue: 'ACCOUNT', description: 'the account to credit'}),
    amount: Flags.string({...OBJECT, helpValue: 'N', description: 'how much', exclusive: ['amount-raw']}),
    'amount-raw': Flags.string({
      ...OBJECT,
      helpValue: 'N',
      description: 'with a chart of accounts: the whole number of the smallest unit',
    }),
    timeout: Flags.string({...OBJECT, helpValue: 'TIME', description: 'when it expires: seconds, or 90s, 10m, 1h30m'}),
    code: codeFlag('required'),
    ledger: LEDGER_OF_IDS,
    key: KEY,
    ...DATA,
    ...CHAIN_SENDING,
  }

  async run(): Promise<CreateResult | ChainDryRun> {
    const {args, flags} = await this.parse(TbReserveCommand)
    const chart = await this.useChart(flags)
    const {planReserve, afterReserving} = await import('../../chains/plan-reserve.js')
    return this.sendChain({
      database: args['database-id'],
      flags,
      chart,
      plan: (read) => planReserve(flags, chart, read),
      afterwards: afterReserving(flags.timeout),
    })
  }
}
