import * as Flags from '@oclif/core/flags'
import {ParixError} from '@parix/kit/errors'
import type {FormatFlags, ResultWriter} from '@parix/kit/format'
import type {ShownStatement, StatementResult, TextFormat} from '../../books/statement-views.js'
import {DATABASE_AND_ACCOUNT, databaseAndAccount} from '../../database-and-id.js'
import {CHART_FLAGS} from '../../flags.js'
import {TbCommand} from '../../tb-command.js'

/** Forms that every command has; the rest are texts of the statement's own. */
const COMMON = /^(table|json|ndjson|yaml)$/

/** `--json`: see `StatementResult`; amounts are decimal strings in the smallest unit. */
export default class TbStatementCommand extends TbCommand<StatementResult> {
  static override summary = 'show what moved on an account in a period, from opening to closing balance'
  static override description =
    `Each row has the balance after it, on the side that is normal for the account (assets and expenses: debit; the chart of accounts says which it is). A hold and what became of it are one row, dated when it moved. A date means that whole day in the time zone.

Nothing is shown unless the opening balance and the rows lead to the closing balance. Where the account was created without the flag history, the opening balance is added up from its first transfer on.

--by occurred orders rows, and cuts the period, by when things happened: the user data that the chart calls a time, else user_data_64.`

  static override usage = '<%= command.id %> [DATABASE-ID] ACCOUNT [--from DATE] [--to DATE]'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books 1',
    '<%= config.bin %> <%= command.id %> books 1 --from 2026-11-01 --to 2026-11-30 --tz Europe/Berlin',
    '<%= config.bin %> <%= command.id %> books 1 --format hledger -o bank.journal',
    '<%= config.bin %> <%= command.id %> books 1 --format html -o bank.html',
  ]

  static override args = DATABASE_AND_ACCOUNT
  static override flags = {
    from: Flags.string({helpValue: 'TIME', description: 'begin with this day or moment; else with the first transfer'}),
    to: Flags.string({helpValue: 'TIME', description: 'end with this day or moment; else now'}),
    tz: Flags.string({helpValue: 'ZONE', description: 'time zone of days, such as Europe/Berlin', default: 'UTC'}),
    by: Flags.option({
      options: ['recorded', 'occurred'] as const,
      description: 'by the time at which it was recorded, or at which it happened',
      default: 'recorded',
    })(),
    holds: Flags.option({
      options: ['fold', 'show', 'hide'] as const,
      description: 'a hold and its end as one row, as two, or only what moved money',
      default: 'fold',
    })(),
    format: Flags.string({
      aliases: ['as'],
      options: ['table', 'json', 'ndjson', 'csv', 'yaml', 'hledger', 'beancount', 'html'],
      helpValue: 'FORMAT',
      description:
        'table, json, yaml; ndjson, csv: one row per line; hledger, beancount: for plain-text accounting; html: one page to print',
    }),
    output: Flags.string({char: 'o', helpValue: 'FILE', description: 'write it to a file; - for stdout', default: '-'}),
    ...CHART_FLAGS,
  }

  async run(): Promise<StatementResult> {
    const {args, flags} = await this.parse(TbStatementCommand)
    const {database, account} = databaseAndAccount(args)
    const chart = await this.useChart(flags)
    const text = this.textFormat()
    if (text !== undefined && flags.output === '-' && this.writer !== undefined)
      throw new ParixError('USAGE', `--json and --format ${text} can't be given together without -o FILE.`)
    if (flags.output !== '-') (await import('@parix/files/atomic-write')).assertReplaceable(flags.output)
    const {showStatement} = await import('../../books/statement-views.js')
    return this.inDatabase(database, async (api, resolved) => {
      const now = BigInt(Date.now()) * 1_000_000n
      const shown = await showStatement({api, database: resolved, account, flags, text, chart, now})
      if (flags.output === '-') this.show(shown.text === undefined ? shown.view : {painted: shown.text})
      else await this.toFile(flags.output, shown)
      for (const notice of shown.notices) this.terminal.say(notice)
      return shown.result
    })
  }

  private async toFile(path: string, {text, view, result, summary}: ShownStatement): Promise<void> {
    const {replaceFile} = await import('@parix/files/atomic-write')
    const {render} = await import('@parix/kit/output')
    replaceFile(path, text ?? this.writer?.whole(result) ?? render(view), 'keep')
    // A form of the result that went to the file is not printed again; a summary of a text is.
    if (text === undefined) this.writer = undefined
    this.terminal.say(`Written to ${path}: ${summary}.`)
  }

  /** The text of its own that was asked for; `--fields` and `--jq` reduce the result instead. */
  private textFormat(): TextFormat | undefined {
    const {format, fields, jq} = this.globalFlags ?? {}
    if (format === undefined || COMMON.test(format) || (format === 'csv' && fields !== undefined)) return undefined
    if (fields !== undefined || jq !== undefined)
      throw new ParixError('USAGE', `--fields and --jq can't be given with --format ${format}.`)
    return format as TextFormat
  }

  /** Rows, where the form has one line for each. */
  protected override async loadWriter(flags: FormatFlags): Promise<ResultWriter | undefined> {
    const text = this.textFormat()
    if (text !== undefined) return super.loadWriter({json: flags.json === true})
    const writer = await super.loadWriter(flags)
    const byRow = flags.fields !== undefined || flags.format === 'ndjson'
    if (writer === undefined || !byRow) return writer
    return {...writer, whole: (result) => writer.whole((result as StatementResult).rows)}
  }
}
