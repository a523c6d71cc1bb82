import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {ChartCommand} from '../../chart/chart-command.js'
import type {DifferenceRow} from '../../chart/check-chart.js'
import {CHART_FLAGS} from '../../flags.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'

/** `--json`: `{chart, database, accounts, differences: []}`; differences are an error with exit code 6. */
export default class ChartCheckCommand extends ChartCommand<{
  chart: string
  database: {id: string; name: string}
  accounts: number
  differences: DifferenceRow[]
}> {
  static override summary = 'compare the chart of accounts with a database'
  static override description =
    'Names accounts that are missing or that have another ledger, code or limit than the chart says; the exit code is 6 then. The scale of each ledger is recorded in parix.chart.lock.json, which is to be committed: a scale that changes later is refused.'
  static override aliases = ['tb:chart:check']
  static override examples = [
    '<%= config.bin %> <%= command.id %> books',
    '<%= config.bin %> <%= command.id %> books --json',
  ]
  static override args = DATABASE_ARGUMENT
  static override flags = {chart: CHART_FLAGS.chart}

  async run() {
    const {args, flags} = await this.parse(ChartCheckCommand)
    const loaded = await this.requiredChart(flags.chart)
    const {differencesOf, lockScales} = await import('../../chart/check-chart.js')
    return this.inDatabase(args['database-id'], async (api, database) => {
      const {differences, accounts} = await differencesOf(loaded, api, database)
      if (lockScales(loaded, new Date()))
        this.terminal.say(`Scales are recorded in ${loaded.lockPath}. Commit it with the chart.`)
      if (differences.length > 0) throw differs(differences, database.name)
      this.show(`All ${accounts} accounts of the chart are in ${database.name} as it says.`)
      return {chart: loaded.path, database: {id: database.id, name: database.name}, accounts, differences}
    })
  }
}

function differs(differences: readonly DifferenceRow[], database: string): ParixError {
  const sentences = differences
    .slice(0, 100)
    .map(({name, id, difference, expected, actual}) =>
      difference === 'missing'
        ? `@${name} (${id}) does not exist: ${expected}`
        : `@${name} (${id}): the chart says ${difference} ${expected}, the database ${actual}`,
    )
  const missing = differences.some(({difference}) => difference === 'missing')
  return new ParixError(
    'REFUSED',
    `The chart and ${database} differ in ${differences.length === 1 ? 'one place' : `${differences.length} places`}.`,
    {
      code: 'chart_differs',
      errors: sentences,
      ...(missing && {next: nextCommand('chart apply', {args: [database]})}),
    },
  )
}
