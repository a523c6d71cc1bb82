import * as Flags from '@oclif/core/flags'
import {ChartCommand} from '../../chart/chart-command.js'
import {CHART_FLAGS} from '../../flags.js'
import type {CreateResult} from '../../results/report.js'
import {DATABASE_ARGUMENT} from '../../tb-command.js'

interface Planned {
  name: string
  id: string
  ledger: string
  code: string
  flags: string[]
}

/** `--json`: `{chart, database, created: Planned[]}`, with `--dry-run` `planned` in place of `created`. */
export default class ChartApplyCommand extends ChartCommand<{
  chart: string
  database: {id: string; name: string}
  planned?: Planned[]
  created?: Planned[]
  response?: CreateResult
}> {
  static override summary = 'create the accounts of the chart that a database does not have'
  static override description =
    'Shows what is missing and creates it, through the outbox: an interruption loses nothing, and a second run changes nothing. Accounts that exist are never changed.'
  static override aliases = ['tb:chart:apply']
  static override examples = [
    '<%= config.bin %> <%= command.id %> books --dry-run',
    '<%= config.bin %> <%= command.id %> books',
  ]
  static override args = DATABASE_ARGUMENT
  static override flags = {
    chart: CHART_FLAGS.chart,
    'dry-run': Flags.boolean({char: 'n', description: 'show what would be created, without creating it'}),
    'retry-for': Flags.string({
      helpValue: 'TIME',
      env: 'PARIX_RETRY_FOR',
      description: 'how long to repeat a request without a response',
    }),
  }

  async run() {
    const {args, flags} = await this.parse(ChartApplyCommand)
    const loaded = await this.requiredChart(flags.chart)
    const {applyChart} = await import('../../chart/apply-chart.js')
    return this.inDatabase(args['database-id'], async (api, database) => {
      const {result, view, notices} = await applyChart({
        loaded,
        api,
        database,
        dryRun: flags['dry-run'],
        submission: {
          api,
          terminal: this.terminal,
          environment: process.env,
          retryFor: flags['retry-for'],
          announce: (effect) => this.announce(effect),
          command: 'chart apply',
        },
      })
      this.show(view)
      for (const notice of notices) this.terminal.say(notice)
      return result
    })
  }
}
