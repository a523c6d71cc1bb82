import type {CodeForm} from '@parix/books/chain-code'
import type {ChainCall} from './chains/run-chain.js'
import {CreateCommand, type DryRun} from './create-command.js'
import type {CreateResult} from './results/report.js'

/** With `--dry-run`: the request that would be sent; with `--as`, the code that does the same. */
export interface ChainDryRun extends DryRun {
  code?: {form: CodeForm; text: string}
}

/** What the commands share that send one chain of linked transfers: all of it is stored, or none of it. */
export abstract class ChainCommand extends CreateCommand {
  protected async sendChain(call: ChainCall): Promise<CreateResult | ChainDryRun> {
    const {runChain} = await import('./chains/run-chain.js')
    return runChain(
      {
        inDatabase: (work) => this.inDatabase(call.database, work),
        terminal: this.terminal,
        show: (view) => this.show(view),
        announce: (effect) => this.announce(effect),
        command: this.words,
        openReceipt: () => this.openReceipt(call.flags.receipt),
      },
      call,
    )
  }
}
