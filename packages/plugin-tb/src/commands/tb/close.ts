import * as Flags from '@oclif/core/flags'
import {ChainCommand, type ChainDryRun} from '../../chain-command.js'
import {CHAIN_SENDING, codeFlag, DATA} from '../../chains/chain-flags.js'
import {DATABASE_AND_ACCOUNT, databaseAndAccount} from '../../database-and-id.js'
import type {CreateResult} from '../../results/report.js'

/** `--json`: see `CreateResult`; no rows where the account was closed before. With `--dry-run`: see `ChainDryRun`. */
export default class TbCloseCommand extends ChainCommand {
  static override summary = 'close an account: its balance moves to another one, and it takes no further transfers'
  static override description =
    `Two linked transfers: one moves all of the balance, whatever it is at that moment, the other closes the account. The second one stays pending: parix tb reopen voids it, which opens the account again. The balance stays where it was moved to.

Which side the balance is on: by the limit of the account, else by what it holds now, else by its type in the chart.`

  static override usage = '<%= command.id %> [DATABASE-ID] ACCOUNT --into ACCOUNT [--code CODE]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books 2 --into 1 --code 9',
    '<%= config.bin %> <%= command.id %> books @customer/17 --into @closed --dry-run --as go',
  ]

  static override args = DATABASE_AND_ACCOUNT
  static override flags = {
    into: Flags.string({
      helpGroup: 'OBJECT',
      required: true,
      helpValue: 'ACCOUNT',
      description: 'where the balance goes',
    }),
    code: codeFlag('left out, "closing" of the chart'),
    ...DATA,
    ...CHAIN_SENDING,
  }

  async run(): Promise<CreateResult | ChainDryRun> {
    const {args, flags} = await this.parse(TbCloseCommand)
    const {database, account} = databaseAndAccount(args)
    const chart = await this.useChart(flags)
    const {planClose, afterClosing} = await import('../../chains/plan-close.js')
    return this.sendChain({
      database,
      flags,
      chart,
      key: JSON.stringify(['close', account, flags.into, flags.code ?? '']),
      plan: (read) => planClose(account, flags, chart, read),
      afterwards: afterClosing(account, chart),
    })
  }
}
