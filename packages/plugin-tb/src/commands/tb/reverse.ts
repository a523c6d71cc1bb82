import * as Flags from '@oclif/core/flags'
import {ChainCommand, type ChainDryRun} from '../../chain-command.js'
import {CHAIN_SENDING} from '../../chains/chain-flags.js'
import {databaseAndId, databaseAndIdArguments} from '../../database-and-id.js'
import type {CreateResult} from '../../results/report.js'

const OBJECT = {helpGroup: 'OBJECT'} as const

/** `--json`: see `CreateResult`; what was reversed before has the result `exists`. With `--dry-run`: see `ChainDryRun`. */
export default class TbReverseCommand extends ChainCommand {
  static override summary = 'take back a transfer, part of it, or its whole chain: once'
  static override description =
    `Records the opposite transfer, with the same user data. Transfers are never changed or removed. A pending transfer is voided.

The id of a reversal is derived from the transfer and from how often it was reversed, so that two who reverse at the same moment create one reversal; reversals never add up to more than the transfer. A transfer that is reversed already is left as it is, and its reversal is shown.

--chain reverses all of a linked chain, in one chain, the last transfer first.`

  static override usage = '<%= command.id %> [DATABASE-ID] ID [--amount N] [--chain] [--code CODE]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books 2000',
    '<%= config.bin %> <%= command.id %> books 2000 --amount 3 --code 90',
    '<%= config.bin %> <%= command.id %> books 2000 --chain --dry-run',
  ]

  static override args = databaseAndIdArguments('transfer')
  static override flags = {
    amount: Flags.string({
      ...OBJECT,
      helpValue: 'N',
      description: 'only this much of it; the rest of it when left out',
      exclusive: ['chain', 'amount-raw'],
    }),
    'amount-raw': Flags.string({
      ...OBJECT,
      helpValue: 'N',
      description: 'with a chart of accounts: the whole number of the smallest unit',
      exclusive: ['chain'],
    }),
    chain: Flags.boolean({...OBJECT, description: 'all of the chain that the transfer is part of'}),
    code: Flags.string({
      ...OBJECT,
      helpValue: 'CODE',
      description: 'code of the reversal; left out, "correction" of the chart, else that of the transfer',
    }),
    ...CHAIN_SENDING,
  }

  async run(): Promise<CreateResult | ChainDryRun> {
    const {args, flags} = await this.parse(TbReverseCommand)
    const {database, id} = databaseAndId(args, 'transfer')
    const chart = await this.useChart(flags)
    const {reversalPlanner} = await import('../../chains/plan-reverse.js')
    const {amount, 'amount-raw': raw, chain, code} = flags
    return this.sendChain({
      database,
      flags,
      chart,
      key: JSON.stringify(['reverse', String(id), amount ?? raw ?? 'all', chain, code ?? '']),
      plan: reversalPlanner(id, flags, chart),
    })
  }
}
