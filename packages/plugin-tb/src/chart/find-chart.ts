import {statSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import type {Environment} from '@parix/files/paths'

const CHART_FILES = ['parix.chart.yaml', 'parix.chart.yml', 'parix.chart.json']

export interface ChartQuestion {
  /** `--chart FILE`; goes before everything else. */
  flag?: string | undefined
  /** `--no-chart`. */
  none?: boolean
  environment: Environment
  cwd: string
}

/**
 * The chart's path: `--chart`, else PARIX_CHART, else the nearest parix.chart.yaml in `cwd` or a directory above it;
 * undefined where there is none or `--no-chart` was given. PARIX_CHART="" means none.
 */
export function findChart({flag, none, environment, cwd}: ChartQuestion): string | undefined {
  if (none === true) return undefined
  if (flag !== undefined) return resolve(cwd, flag)
  const variable = environment.PARIX_CHART
  if (variable !== undefined) return variable === '' ? undefined : resolve(cwd, variable)
  for (let directory = resolve(cwd); ; directory = dirname(directory)) {
    const found = CHART_FILES.map((name) => join(directory, name)).find((path) =>
      statSync(path, {throwIfNoEntry: false})?.isFile(),
    )
    if (found !== undefined) return found
    if (directory === dirname(directory)) return undefined
  }
}
