import {currentDirectory} from '@parix/files/paths'
import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import {TbCommand} from '../tb-command.js'
import type {LoadedChart} from './load-chart.js'

/** The chart of the commands under `parix chart`: one is needed there. */
export abstract class ChartCommand<Result = unknown> extends TbCommand<Result> {
  /** @throws ParixError BAD_INPUT when there is no chart, or it is wrong */
  protected async requiredChart(flag: string | undefined): Promise<LoadedChart> {
    const {loadChart} = await import('./load-chart.js')
    const loaded = await loadChart({flag, environment: process.env, cwd: currentDirectory()})
    if (loaded !== undefined) return loaded
    throw new ParixError(
      'BAD_INPUT',
      'There is no chart of accounts: no parix.chart.yaml here or in a directory above.',
      {
        code: 'no_chart',
        next: plainCommand('chart init'),
      },
    )
  }
}
