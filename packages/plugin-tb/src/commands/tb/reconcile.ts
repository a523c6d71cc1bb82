import * as Flags from '@oclif/core/flags'
import {EXIT_CODES} from '@parix/kit/errors'
import {DATABASE_AND_ACCOUNT, databaseAndAccount} from '../../database-and-id.js'
import {CHART_FLAGS} from '../../flags.js'
import {REFERENCE_FIELDS} from '../../reconcile/propose.js'
import type {ReconcileResult} from '../../reconcile/reconcile-command.js'
import {TbCommand} from '../../tb-command.js'

const BANK = {helpGroup: 'BANK'} as const
const PROPOSALS = {helpGroup: 'PROPOSALS'} as const

/** `--json`: see `ReconcileResult`; with exit code 6 while `differences` is not empty. */
export default class TbReconcileCommand extends TbCommand<ReconcileResult> {
  static override summary = 'compare an account with the statement of its bank; nothing is sent'
  static override description =
    `Lines of the CSV and rows of the account belong together when they have the same reference and amount; else when they have the same amount within --window of each other and no other pair is possible. A transfer and its reversal take each other back. What is left is listed with commands that would make it equal; the exit code is 6 then.

Amounts of the bank are positive for what the account receives (on its normal side). They are money of the account's ledger where the chart has it, else whole numbers of the smallest unit, or |money:2. Thousands separators are read; nothing is rounded.`

  static override usage = '<%= command.id %> [DATABASE-ID] ACCOUNT --against FILE [--map FIELD=COLUMN]…'
  static override examples = [
    '<%= config.bin %> <%= command.id %> books 1 --against bank.csv',
    `<%= config.bin %> <%= command.id %> books @bank --against bank.csv --map 'time=Date|time:DD.MM.YYYY' --map in=Credit --map out=Debit --map reference=Ref`,
    '<%= config.bin %> <%= command.id %> books 1 --against bank.csv --counterpart 2 --code 1 --format csv',
  ]

  static override args = DATABASE_AND_ACCOUNT
  static override flags = {
    against: Flags.string({
      ...BANK,
      helpValue: 'FILE|-',
      description: 'the statement of the bank as CSV; -: stdin',
      required: true,
    }),
    map: Flags.string({
      ...BANK,
      helpValue: 'FIELD=COLUMN',
      multiple: true,
      multipleNonGreedy: true,
      description:
        'which column is time, amount (or in and out), reference, text; COLUMN|time:DD.MM.YYYY, |time:RFC3339, |money:2',
    }),
    mapping: Flags.string({
      ...BANK,
      helpValue: 'NAME',
      description: 'a mapping of the chart (imports: in parix.chart.yaml)',
    }),
    'decimal-comma': Flags.boolean({...BANK, description: 'amounts are written 1.234,56'}),
    invert: Flags.boolean({...BANK, description: 'the bank writes what the account receives with a minus sign'}),
    reference: Flags.option({
      options: REFERENCE_FIELDS,
      description: 'the field of transfers that has the reference of the bank',
      default: 'user-data-128',
    })(),
    window: Flags.string({
      helpValue: 'TIME',
      description: 'how far apart lines of the same amount may be',
      default: '2d',
    }),
    from: Flags.string({helpValue: 'TIME', description: 'begin with this day or moment; else with the first line'}),
    to: Flags.string({helpValue: 'TIME', description: 'end with this day or moment; else with the last line'}),
    tz: Flags.string({helpValue: 'ZONE', description: 'time zone of days, such as Europe/Berlin', default: 'UTC'}),
    by: Flags.option({
      options: ['recorded', 'occurred'] as const,
      description: 'compare by when rows were recorded, or by when things happened (as tb statement)',
      default: 'recorded',
    })(),
    counterpart: Flags.string({
      ...PROPOSALS,
      helpValue: 'ACCOUNT',
      description: 'the other account of entries for what is only at the bank',
      dependsOn: ['code'],
    }),
    code: Flags.string({...PROPOSALS, helpValue: 'CODE', description: 'the code of proposed entries'}),
    ...CHART_FLAGS,
  }

  async run(): Promise<ReconcileResult> {
    const {args, flags} = await this.parse(TbReconcileCommand)
    const {database, account} = databaseAndAccount(args)
    const chart = await this.useChart(flags)
    const {runReconcile} = await import('../../reconcile/reconcile-command.js')
    return this.inDatabase(database, async (api, resolved) => {
      const now = BigInt(Date.now()) * 1_000_000n
      const found = await runReconcile({api, terminal: this.terminal, database: resolved, account, flags, chart, now})
      this.show(found.view)
      for (const notice of found.notices) this.terminal.say(notice)
      this.terminal.say(found.summary)
      for (const command of found.result.differences.flatMap(({next}) => next)) this.terminal.say(`  ${command}`)
      // A difference is a finding, not a failure: the result is printed, and the exit code says that there is one.
      if (!found.reconciled) process.exitCode = EXIT_CODES.REFUSED
      return found.result
    })
  }
}
