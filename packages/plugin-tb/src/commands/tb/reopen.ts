import {ChainCommand, type ChainDryRun} from '../../chain-command.js'
import {CHAIN_SENDING} from '../../chains/chain-flags.js'
import {DATABASE_AND_ACCOUNT, databaseAndAccount} from '../../database-and-id.js'
import type {CreateResult} from '../../results/report.js'

/** `--json`: see `CreateResult`; no rows where the account is open. With `--dry-run`: see `ChainDryRun`. */
export default class TbReopenCommand extends ChainCommand {
  static override summary = 'open a closed account again'
  static override description =
    'Finds the pending transfer that closed the account, the newest first, and voids it. What was in the account stays where closing moved it: parix tb reverse moves it back.'

  static override usage = '<%= command.id %> [DATABASE-ID] ACCOUNT'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books 2',
    '<%= config.bin %> <%= command.id %> books @customer/17 --dry-run',
  ]

  static override args = DATABASE_AND_ACCOUNT
  static override flags = CHAIN_SENDING

  async run(): Promise<CreateResult | ChainDryRun> {
    const {args, flags} = await this.parse(TbReopenCommand)
    const {database, account} = databaseAndAccount(args)
    const chart = await this.useChart(flags)
    const {planReopen} = await import('../../chains/plan-close.js')
    return this.sendChain({
      database,
      flags,
      chart,
      key: JSON.stringify(['reopen', account]),
      plan: (read) => planReopen(account, chart, read),
    })
  }
}
