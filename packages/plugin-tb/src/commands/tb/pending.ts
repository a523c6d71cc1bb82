import * as Flags from '@oclif/core/flags'
import {parseDuration} from '@parix/kit/duration'
import {startProgress} from '@parix/kit/output'
import {parseId} from '../../database-and-id.js'
import {CHART_FLAGS} from '../../flags.js'
import type {PendingTransfer} from '../../reads/pending.js'
import {DATABASE_ARGUMENT, TbCommand} from '../../tb-command.js'

/** What `parix tb pending` prints with `--json`; oldest first. */
interface PendingResult {
  databaseId: string
  databaseName: string
  pending: PendingTransfer[]
}

/**
 * `--json`: `{databaseId, databaseName, pending: [{id, debit_account_id, credit_account_id, amount, ledger, code, timestamp,
 * expires_at}]}`; with a chart, `debit_account_id_name`, `credit_account_id_name`, `ledgerName`, `codeName` and `amountText` beside.
 */
export default class TbPendingCommand extends TbCommand<PendingResult> {
  static override summary = 'list transfers that wait to be posted or voided'
  static override description =
    'TigerBeetle does not list them, so all transfers are read, or those of one account (faster). Expired ones are left out, by the clock of this machine; --lapsed lists those. What is posted of a pending transfer releases the rest: the amount of an open one is all of it.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> books --account 1',
    '<%= config.bin %> <%= command.id %> books --expiring 1h',
    '<%= config.bin %> <%= command.id %> books --lapsed --json',
  ]

  static override args = DATABASE_ARGUMENT
  static override flags = {
    account: Flags.string({
      helpValue: 'ACCOUNT',
      aliases: ['account-id'],
      description: 'only those that debit or credit this account',
    }),
    expiring: Flags.string({
      helpValue: 'TIME',
      description: 'only those that expire within this time, the next first: 90 (seconds), 10m, 1h, 7d',
    }),
    lapsed: Flags.boolean({
      description: 'those that expired before they were posted or voided',
      exclusive: ['expiring'],
    }),
    ...CHART_FLAGS,
  }

  async run(): Promise<PendingResult> {
    const {args, flags} = await this.parse(TbPendingCommand)
    const chart = await this.useChart(flags)
    const account = flags.account === undefined ? undefined : parseId('--account', flags.account, 'account', chart)
    const expiringMs = flags.expiring === undefined ? undefined : parseDuration('--expiring', flags.expiring)
    const {findPending} = await import('../../reads/pending.js')
    const {addedKeys} = await import('../../reads/rows.js')
    const {pendingTable} = await import('../../views/tables.js')
    return this.inDatabase(args['database-id'], async (api, {id, name}) => {
      const now = Date.now()
      const bar = startProgress(this.terminal, {text: `Reading transfers of ${name}`})
      const progress = (done: number) => bar.update({text: `Reading transfers of ${name}`, done, unit: 'transfers'})
      const pending = await findPending({
        api,
        databaseId: id,
        databaseName: name,
        account,
        now,
        expiringMs,
        lapsed: flags.lapsed,
        progress,
      }).finally(bar.end)
      this.show(pendingTable(pending, {databaseName: name, chart, now, lapsed: flags.lapsed}))
      if (pending[0] && !flags.lapsed)
        this.terminal.say(`Post or void one: ${this.commandText('tb post', {args: [name, pending[0].id]})}`)
      const named = pending.map((row) => ({...row, ...addedKeys('transfer', {...row}, chart)}))
      return {databaseId: id, databaseName: name, pending: named}
    })
  }
}
