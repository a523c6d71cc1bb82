import * as Flags from '@oclif/core/flags'
import {ChainCommand, type ChainDryRun} from '../../chain-command.js'
import {account, CHAIN_SENDING, codeFlag, DATA, KEY} from '../../chains/chain-flags.js'
import type {CreateResult} from '../../results/report.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'

const OBJECT = {helpGroup: 'OBJECT'} as const

/** `--json`: see `CreateResult`; a row for each transfer of the chain. With `--dry-run`: see `ChainDryRun`. */
export default class TbExchangeCommand extends ChainCommand {
  static override summary = 'exchange one currency for another, in one chain'
  static override description =
    `From the source to the liquidity account of its ledger, and from the liquidity account of the other ledger to the target: both transfers or none. The rate is a decimal number, and is never a floating-point number on the way: units of the target currency for one unit of the source currency. What is received is rounded down, in favour of the liquidity account, and what rounding left is printed. An agreed amount can be given in place of a rate: --to ACCOUNT=AMOUNT.

A fee or spread is a transfer of its own in the chain, so that rate and fee can be told apart later. --spread is a percentage of the amount, rounded up.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --from @alice/usd=100.00 --to @alice/inr --rate 82.42135 --via @fx --code exchange',
    '<%= config.bin %> <%= command.id %> books --from 1=10000 --to 11 --rate 82.42135 --via 3 --via 13 --fee 10 --code 50',
    '<%= config.bin %> <%= command.id %> books --from @alice/usd=100.00 --to @alice/inr=8242.14 --via @fx --spread 0.25% --dry-run',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    from: Flags.string({...OBJECT, required: true, helpValue: 'ACCOUNT=AMOUNT', description: 'who pays, and how much'}),
    to: Flags.string({
      ...OBJECT,
      required: true,
      helpValue: 'ACCOUNT[=AMOUNT]',
      description: 'who receives; with how much, where that is agreed',
    }),
    rate: Flags.string({...OBJECT, helpValue: 'R', description: 'units received for one unit paid, such as 82.42135'}),
    via: Flags.string({
      ...OBJECT,
      required: true,
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'ACCOUNT',
      description: 'liquidity accounts, one on each ledger; @fx means @fx/usd and @fx/inr where the chart has them',
    }),
    fee: Flags.string({
      ...OBJECT,
      helpValue: 'AMOUNT',
      description: 'paid on top, on the ledger of --from',
      exclusive: ['spread'],
    }),
    spread: Flags.string({...OBJECT, helpValue: 'PERCENT', description: 'a fee as a percentage of the amount paid'}),
    'fee-to': account('who receives the fee; the liquidity account when left out'),
    code: codeFlag('left out, "exchange" of the chart'),
    key: KEY,
    ...DATA,
    ...CHAIN_SENDING,
  }

  async run(): Promise<CreateResult | ChainDryRun> {
    const {args, flags} = await this.parse(TbExchangeCommand)
    const chart = await this.useChart(flags)
    const {planExchange} = await import('../../chains/plan-exchange.js')
    return this.sendChain({
      database: args['database-id'],
      flags,
      chart,
      plan: (read) => planExchange(flags, chart, read),
    })
  }
}
