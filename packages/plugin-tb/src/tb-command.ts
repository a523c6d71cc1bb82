import * as Args from '@oclif/core/args'
import type {Chart, IdForm} from '@parix/books/chart'
import {currentDirectory} from '@parix/files/paths'
import type {Api} from '@parix/kit/api'
import {findChart} from '@parix/kit/chart-names'
import {ParixCommand} from '@parix/kit/command'
import {type ResolvedDatabase, withDatabase} from '@parix/kit/databases'
import type {ResultWriter} from '@parix/kit/format'
import {isLoopback} from '@parix/kit/origin'
import {type ChosenDatabase, databaseInForce} from '@parix/kit/settings'

export interface ChartFlagValues {
  chart?: string | undefined
  'no-chart'?: boolean
  'id-form'?: IdForm | undefined
}

/** The one positional of the operations. */
export const DATABASE_ARGUMENT = {
  'database-id': Args.string({
    description: 'id or name of the database; else PARIX_DATABASE, else the default (parix database use)',
  }),
}

/** What the commands of `parix tb` share: they work on one database. */
export abstract class TbCommand<Result = unknown> extends ParixCommand<Result> {
  private chart: Chart | undefined

  /**
   * The chart of accounts that the command uses, if there is one. It is held against the database that is meant.
   *
   * @throws ParixError BAD_INPUT when it is wrong
   */
  protected async useChart(flags: ChartFlagValues): Promise<Chart | undefined> {
    const question = {
      flag: flags.chart,
      none: flags['no-chart'] === true,
      environment: process.env,
      cwd: currentDirectory(),
    }
    const form = flags['id-form']
    if (findChart(question) === undefined) {
      if (form === undefined) return undefined
      const {emptyChart} = await import('./chart/load-chart.js')
      return emptyChart(form)
    }
    const {loadChart} = await import('./chart/load-chart.js')
    this.chart = (await loadChart({...question, idForm: form}))?.chart
    return this.chart
  }

  /** Runs `work` on the database that is meant. What `argument` leaves open, the environment and the settings say. */
  protected async inDatabase<T>(
    argument: string | undefined,
    work: (api: Api, database: ResolvedDatabase) => Promise<T>,
  ): Promise<T> {
    const api = await this.api()
    const chosen = databaseInForce({
      argument,
      origin: api.base.origin,
      organization: api.base.inPrint?.organizationId,
      environment: process.env,
    })
    this.chosen(chosen)
    return withDatabase(api, chosen.database, (database) => {
      this.chart?.assertUsableWith(database.name, isLoopback(api.base.url))
      return work(api, database)
    })
  }

  /** What writes rows that come one after the other; undefined where they are NDJSON. A table needs all of them at once. */
  protected async streamWriter(): Promise<ResultWriter | undefined> {
    const {format, fields, jq} = this.globalFlags ?? {}
    if (jq === undefined && fields === undefined && (format === undefined || /json|table/.test(format)))
      return undefined
    return format === undefined || format === 'table'
      ? this.loadWriter({fields, jq, format: jq ? undefined : 'ndjson'})
      : this.writer
  }

  /** Which database, and who said so, where the user did not say it on the command line. */
  protected chosen({database, source, path}: ChosenDatabase): void {
    if (source !== 'argument') this.debugLine(`database ${database}, from ${path ?? 'PARIX_DATABASE'}`)
  }
}
