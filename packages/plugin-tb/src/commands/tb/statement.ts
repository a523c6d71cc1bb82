import * as Flags from '@oclif/core/flags'
import {currentDirectory} from '@parix/files/paths'
import {DATABASE_AND_ACCOUNT, databaseAndAccount} from '../../books/account-argument.js'
import type {StatementAnswer} from '../../books/statement-views.js'
import {CHART_FLAGS} from '../../flags.js'
import {TbCommand} from '../../tb-command.js'

/** `--json`: see `StatementAnswer`; amounts are decimal strings in the smallest unit. */
export default class TbStatementCommand extends TbCommand<StatementAnswer> {
  static override summary = 'show what moved on an account in a period, from opening to closing balance'
  static override description =
    `Each row has the balance after it, on the side that is normal for the account (assets and expenses: debit; the chart of accounts says which it is). A hold and what became of it are one row, dated when it moved. A date means that whole day in the time zone.

Nothing is shown unless the opening balance and the rows lead to the closing balance. Where the account was created without the flag history, the opening balance is added up from its first transfer on.`

  static override usage = '<%= command.id %> [DATABASE-ID] ACCOUNT [--from DATE] [--to DATE]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books 1',
    '<%= config.bin %> <%= command.id %> books 1 --from 2026-11-01 --to 2026-11-30 --tz Europe/Berlin',
    '<%= config.bin %> <%= command.id %> books 1 --as hledger -o bank.journal',
    '<%= config.bin %> <%= command.id %> books 1 --as html -o bank.html',
  ]

  static override args = DATABASE_AND_ACCOUNT
  static override flags = {
    from: Flags.string({helpValue: 'TIME', description: 'begin with this day or moment; else with the first transfer'}),
    to: Flags.string({helpValue: 'TIME', description: 'end with this day or moment; else now'}),
    tz: Flags.string({helpValue: 'ZONE', description: 'time zone of days, such as Europe/Berlin', default: 'UTC'}),
    holds: Flags.option({
      options: ['fold', 'show', 'hide'] as const,
      description: 'a hold and its end as one row, as two, or only what moved money',
      default: 'fold',
    })(),
    as: Flags.option({
      options: ['table', 'csv', 'hledger', 'beancount', 'html'] as const,
      description: 'for people, spreadsheets, or plain-text accounting',
      default: 'table',
    })(),
    output: Flags.string({char: 'o', helpValue: 'FILE', description: 'write it to a file; - for stdout', default: '-'}),
    ...CHART_FLAGS,
  }

  async run(): Promise<StatementAnswer> {
    const {args, flags} = await this.parse(TbStatementCommand)
    const {database, account} = databaseAndAccount(args)
    const {showStatement} = await import('../../books/statement-views.js')
    const {loadChart} = await import('../../chart/load-chart.js')
    const loaded = await loadChart({
      flag: flags.chart,
      none: flags['no-chart'],
      environment: process.env,
      cwd: currentDirectory(),
    })
    return this.inDatabase(database, async (api, resolved) => {
      const {answer, view, notices} = await showStatement({
        api,
        database: resolved,
        account,
        flags,
        chart: loaded?.chart,
        now: BigInt(Date.now()) * 1_000_000n,
      })
      if (view !== undefined) this.show(view)
      for (const notice of notices) this.terminal.say(notice)
      return answer
    })
  }
}
