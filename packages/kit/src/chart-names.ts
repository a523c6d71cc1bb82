/**
 * Where the chart of accounts is, and the names in it for completion. Completion answers a key press, so it neither parses
 * YAML nor loads the package that compiles charts: it reads the names that were written down beside the compiled chart.
 */

import {createHash} from 'node:crypto'
import {statSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'

const CHART_FILES = ['parix.chart.yaml', 'parix.chart.yml', 'parix.chart.json']

export interface ChartQuestion {
  /** `--chart FILE`; goes before everything else. */
  flag?: string | undefined
  /** `--no-chart`. */
  none?: boolean
  environment: NodeJS.ProcessEnv
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

/** A chart is written by people; whatever is larger is not one. */
export const CHART_BYTES_MAX = 4 * 1024 * 1024

/** What a chart offers to completion, without `@`; patterns as `customer/`. */
export interface ChartNames {
  accounts: string[]
  ledgers: string[]
  codes: {account: string[]; transfer: string[]}
}

/** The file in the cache directory that has the names of a chart with this text. */
export function chartNamesFile(cacheDirectory: string, chartText: string): string {
  const digest = createHash('sha256').update(`parix-chart-names/1\0${chartText}`).digest('hex')
  return join(cacheDirectory, 'chart-names', `${digest}.json`)
}
