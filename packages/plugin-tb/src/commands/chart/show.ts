import * as Args from '@oclif/core/args'
import type {CompiledChart} from '@parix/books/chart'
import {ChartCommand} from '../../chart/chart-command.js'
import {CHART_FLAGS} from '../../flags.js'

interface AccountResult {
  name: string
  id: string
  ledger: {name: string; id: number; scale: number}
  code: {name: string; id: number}
  flags: string[]
}

/** `--json`: the compiled chart, or with a name the account that it stands for. */
export default class ChartShowCommand extends ChartCommand<{path: string; chart: CompiledChart} | AccountResult> {
  static override summary = 'show the chart of accounts, or what one name stands for'
  static override description = 'Nothing is asked of a service. Completion in the shell offers these names.'
  static override aliases = ['tb:chart:show']
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> @customer/17']
  static override args = {account: Args.string({description: 'a name of the chart, with or without @'})}
  static override flags = {chart: CHART_FLAGS.chart}

  async run() {
    const {args, flags} = await this.parse(ChartShowCommand)
    const {chart, path, text} = await this.requiredChart(flags.chart)
    const {writeNames} = await import('../../chart/load-chart.js')
    writeNames(text, chart.compiled, process.env)
    if (args.account !== undefined) {
      const {name, id, ledger, code, codeName, flags: names} = chart.account(args.account.replace(/^@/, ''))
      this.show({
        details: [
          ['name', `@${name}`],
          ['id', String(id)],
          ['ledger', `${ledger.name} (${ledger.id}), ${ledger.scale} decimal places`],
          ['code', `${codeName} (${code})`],
          ['flags', names.join(', ')],
        ],
      })
      return {
        name,
        id: String(id),
        ledger: {name: ledger.name, id: ledger.id, scale: ledger.scale},
        code: {name: codeName, id: code},
        flags: names,
      }
    }
    const {compiled} = chart
    this.show({
      columns: ['NAME', 'ID', 'LEDGER', 'CODE', 'FLAGS'],
      rows: [
        ...compiled.accounts.map(({name, id, ledger, code, flags: names}) => [
          `@${name}`,
          id,
          ledger,
          code,
          names.join(', '),
        ]),
        ...compiled.patterns.map(({prefix, ids, ledger, code, flags: names}) => [
          `@${prefix}*`,
          ids.kind === 'base' ? `${ids.base} + n` : ids.kind === 'uuid' ? 'the UUID' : `SHA-256 in ${ids.namespace}`,
          ledger,
          code,
          names.join(', '),
        ]),
      ],
      whenEmpty: 'The chart has no accounts yet.',
    })
    this.terminal.say(
      `${path}: ledgers ${compiled.ledgers.map(({name, scale}) => `${name} (${scale} decimal places)`).join(', ')}.`,
    )
    return {path, chart: compiled}
  }
}
