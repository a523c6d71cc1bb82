import * as Flags from '@oclif/core/flags'
import {ChainCommand, type ChainDryRun} from '../../chain-command.js'
import {accounts, CHAIN_SENDING, codeFlag, DATA, KEY} from '../../chains/chain-flags.js'
import type {CreateResult} from '../../results/report.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'

const OBJECT = {helpGroup: 'OBJECT'} as const

/** `--json`: see `CreateResult`; `amount` of each row is what it moved. With `--dry-run`: see `ChainDryRun`. */
export default class TbSweepCommand extends ChainCommand {
  static override summary = 'collect money from several accounts into one, in one chain'
  static override description =
    `With --amount, exactly that much is collected, from the first account as much as there is, then from the next; where all of them together have less, nothing moves. This needs two control accounts on the ledger: one without a limit, and one with debits_must_not_exceed_credits (--control twice, or two of the chart with the code "control").

With --amount max, each account gives all that it has; an empty one gives nothing.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --from @till/1 --from @till/2 --to @bank --amount max --code 7',
    '<%= config.bin %> <%= command.id %> books --from 4,5,6 --to 1 --amount 100 --control 8 --control 9 --code 7',
    '<%= config.bin %> <%= command.id %> books --from 4,5,6 --to 1 --amount max --code 7 --dry-run',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    from: Flags.string({
      ...OBJECT,
      required: true,
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'ACCOUNT[,ACCOUNT]',
      description: 'accounts to collect from, in the order in which they are drawn on',
    }),
    to: Flags.string({...OBJECT, required: true, helpValue: 'ACCOUNT', description: 'the account that receives'}),
    amount: Flags.string({
      ...OBJECT,
      helpValue: 'N',
      description: 'how much; max: all that there is',
      exclusive: ['amount-raw'],
    }),
    'amount-raw': Flags.string({
      ...OBJECT,
      helpValue: 'N',
      description: 'with a chart of accounts: the whole number of the smallest unit',
    }),
    control: accounts('control account; left out, those of the chart with the code control'),
    code: codeFlag('left out, "sweep" of the chart'),
    key: KEY,
    ...DATA,
    ...CHAIN_SENDING,
  }

  async run(): Promise<CreateResult | ChainDryRun> {
    const {args, flags} = await this.parse(TbSweepCommand)
    const chart = await this.useChart(flags)
    const {planSweep} = await import('../../chains/plan-sweep.js')
    return this.sendChain({
      database: args['database-id'],
      flags,
      chart,
      key: meaningOf(flags),
      plan: (read) => planSweep(flags, chart, read),
    })
  }
}

/** Which side of an account all that it has is on depends on its balance, and the first time changes that. */
function meaningOf(flags: Record<string, unknown>): string {
  const names = [
    'from',
    'to',
    'amount',
    'amount-raw',
    'control',
    'code',
    'key',
    'user-data-128',
    'user-data-64',
    'user-data-32',
  ]
  return JSON.stringify(['sweep', ...names.map((name) => flags[name] ?? '')])
}
