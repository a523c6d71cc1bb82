import {ChainCommand, type ChainDryRun} from '../../chain-command.js'
import {accounts, CHAIN_SENDING, codeFlag, DATA, GUARD_FLAGS, KEY, LEDGER_OF_IDS} from '../../chains/chain-flags.js'
import {JSON_INPUT} from '../../flags.js'
import type {CreateResult} from '../../results/report.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'

/** `--json`: see `CreateResult`; a row for each transfer of the chain. With `--dry-run`: see `ChainDryRun`. */
export default class TbEntryCommand extends ChainCommand {
  static override summary = 'record a journal entry of any number of legs: all of it, or nothing'
  static override description =
    `Debits must equal credits on each ledger; otherwise nothing is sent, and the difference is printed. The entry becomes one chain of linked transfers: one debit with many credits, or the reverse, directly; many with many through a control account (--control, or the one with the code "control" in the chart), which has the same balance afterwards. It happens exactly once, as with create-transfers: killed at any moment, the entry is in the ledger as a whole or not at all, and the same command resumes it.

Legs can be JSON as well: an array, or one object per line, such as {"debit": "@cash", "amountText": "100.00"} and {"credit": "@sales", "amount": 10000}; there amount is the integer.

Conditions are checked by the ledger in the same chain, so that nothing can come between check and transfer: --if-available 50.00, --keep-below 1000.00, --with-limit debits_must_not_exceed_credits, and --rate-limit @limit/17=100.00 --rate-window 24h. An account that they are about can be named: --if-available @customer/17=50.00.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --debit 1=500 --credit 2=450 --credit 3=50 --code 1',
    '<%= config.bin %> <%= command.id %> books --debit @cash=100.00 --credit @sales=90.91 --credit @vat=9.09 --code sale --key INV-17',
    '<%= config.bin %> <%= command.id %> books --file legs.ndjson --code 1',
    '<%= config.bin %> <%= command.id %> books --debit 1=500 --credit 2=500 --code 1 --dry-run --as node',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    debit: accounts('an account to debit, and how much', 'ACCOUNT=AMOUNT'),
    credit: accounts('an account to credit, and how much', 'ACCOUNT=AMOUNT'),
    code: codeFlag('required'),
    ledger: LEDGER_OF_IDS,
    key: KEY,
    ...DATA,
    ...JSON_INPUT,
    ...GUARD_FLAGS,
    ...CHAIN_SENDING,
  }

  async run(): Promise<CreateResult | ChainDryRun> {
    const {args, flags} = await this.parse(TbEntryCommand)
    const chart = await this.useChart(flags)
    const {planEntry} = await import('../../chains/plan-entry.js')
    return this.sendChain({
      database: args['database-id'],
      flags,
      chart,
      plan: (read) => planEntry(flags, chart, read, this.terminal),
    })
  }
}
