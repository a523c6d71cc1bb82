import * as Flags from '@oclif/core/flags'
import {accountLabel, amountLabel} from '@parix/books/present'
import {ParixError} from '@parix/kit/errors'
import {parseTimestamp} from '@parix/kit/timestamps'
import {accountId, DATABASE_AND_ACCOUNT, databaseAndAccount} from '../../database-and-id.js'
import {CHART_FLAGS} from '../../flags.js'
import type {Balance} from '../../reads/balance.js'
import {flagNames} from '../../records/flags.js'
import {TbCommand} from '../../tb-command.js'

/** `--json`: see `Balance`; amounts are decimal strings. With a chart, `id_name`, `ledgerName`, `codeName` and `balanceText` beside. */
export default class TbBalanceCommand extends TbCommand<Balance> {
  static override summary = 'show what an account holds, now or at a moment'
  static override description =
    'Posted and pending amounts of both sides, and what the limit of the account leaves. --at reads the balance that the ledger keeps for an account that was created with the flag history; a pending transfer that expired meanwhile still counts as pending there until the next transfer. For any other account all transfers up to then are added up.'

  static override usage = '<%= command.id %> [DATABASE-ID] ACCOUNT [--at TIME]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books 1',
    '<%= config.bin %> <%= command.id %> books 1 --at 2026-11-24T18:00:00Z',
    '<%= config.bin %> <%= command.id %> books 1 --at yesterday',
  ]

  static override args = DATABASE_AND_ACCOUNT
  static override flags = {
    at: Flags.string({
      helpValue: 'TIME',
      description: 'a moment: RFC 3339, a date (the end of that day, UTC), -1h, 7d, yesterday, or nanoseconds',
    }),
    ...CHART_FLAGS,
  }

  async run(): Promise<Balance> {
    const {args, flags} = await this.parse(TbBalanceCommand)
    const {database, account} = databaseAndAccount(args)
    const chart = await this.useChart(flags)
    const id = accountId(account, chart)
    const at =
      flags.at === undefined ? undefined : parseTimestamp('--at', flags.at, {role: 'end', note: this.terminal.say})
    if (at === 0n) throw new ParixError('BAD_INPUT', '--at must not be 0: no ledger is that old.')
    const {addedKeys} = await import('../../reads/rows.js')
    const {readBalance} = await import('../../reads/balance.js')
    return this.inDatabase(database, async (api, resolved) => {
      const balance = await readBalance(api, resolved, id, at)
      const money = (amount: string | undefined | null) =>
        amount === undefined || amount === null ? undefined : amountLabel(BigInt(amount), Number(balance.ledger), chart)
      const added = addedKeys('account', {...balance}, chart)
      this.show({
        details: [
          ['account', accountLabel(BigInt(balance.id), chart)],
          ['at', balance.at],
          ['credits', money(balance.credits_posted)],
          ['credits pending', zero(balance.credits_pending, money)],
          ['debits', money(balance.debits_posted)],
          ['debits pending', zero(balance.debits_pending, money)],
          ['credits − debits', money(balance.credits_less_debits)],
          ['available', money(balance.available)],
          ['ledger', String(added.ledgerName ?? balance.ledger)],
          ['code', String(added.codeName ?? balance.code)],
          ['flags', flagNames('account', BigInt(balance.flags)).join(' ')],
        ],
      })
      if (balance.folded !== undefined)
        this.terminal.say(`The account has no history of balances: ${balance.folded} transfers were added up.`)
      return {...balance, ...added}
    })
  }
}

/** Pending amounts are shown where there are any. */
function zero(amount: string, money: (amount: string) => string | undefined): string | undefined {
  return amount === '0' ? undefined : money(amount)
}
