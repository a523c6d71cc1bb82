import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ParixError} from '@parix/kit/errors'
import type {ReportKind, ReportResult} from '../../books/report-command.js'
import {CHART_FLAGS} from '../../flags.js'
import {TbCommand} from '../../tb-command.js'

const REPORTS = ['trial-balance', 'balance-sheet', 'income-statement', 'flows']

/** `--json`: see `ReportResult`. */
export default class TbReportCommand extends TbCommand<ReportResult> {
  static override summary = 'trial balance, balance sheet, income statement, or what flowed between kinds of account'
  static override description =
    'Computed in one pass over the database, for now, for a moment (--to), or for a period. The exit code is 6 when a ledger is not balanced. A balance sheet and an income statement need a chart of accounts, which says what type each code has.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> trial-balance books',
    '<%= config.bin %> <%= command.id %> trial-balance books --to 2026-11-30 --by account',
    '<%= config.bin %> <%= command.id %> income-statement books --from 2026-11-01 --to 2026-11-30',
    '<%= config.bin %> <%= command.id %> flows books --from 7d',
  ]

  static override args = {
    report: Args.string({description: REPORTS.join(', '), required: true, options: REPORTS}),
    'database-id': Args.string({description: 'id or name of the database; else PARIX_DATABASE, else the default'}),
  }

  static override flags = {
    from: Flags.string({helpValue: 'TIME', description: 'begin with this day or moment'}),
    to: Flags.string({helpValue: 'TIME', aliases: ['at'], description: 'end with this day or moment; else now'}),
    tz: Flags.string({helpValue: 'ZONE', description: 'time zone of days', default: 'UTC'}),
    by: Flags.string({
      helpValue: 'GROUP',
      description: 'account, code, ledger, or prefix:N of the names',
      default: 'code',
    }),
    ...CHART_FLAGS,
  }

  async run(): Promise<ReportResult> {
    const {args, flags} = await this.parse(TbReportCommand)
    if (flags.from !== undefined && args.report === 'balance-sheet')
      throw new ParixError('USAGE', 'A balance sheet is of a moment: leave --from out.')
    const {runReport} = await import('../../books/report-command.js')
    const chart = await this.useChart(flags)
    return this.inDatabase(args['database-id'], async (api, database) => {
      const {result, view, notices} = await runReport({
        kind: args.report as ReportKind,
        api,
        database,
        terminal: this.terminal,
        flags,
        chart,
        now: BigInt(Date.now()) * 1_000_000n,
      })
      this.show(view)
      for (const notice of notices) this.terminal.say(notice)
      return result
    })
  }
}
