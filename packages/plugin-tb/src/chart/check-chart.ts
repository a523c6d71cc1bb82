import {extendLock} from '@parix/books/chart/lock'
import {type ChartDifference, compareWithChart, missingAccounts} from '@parix/books/chart/plan'
import {replaceFile} from '@parix/files/atomic-write'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {isLoopback} from '@parix/kit/origin'
import {accountsById} from '../books/read-books.js'
import type {LoadedChart} from './load-chart.js'

/** A difference, as `--json` shows it. */
export interface DifferenceRow {
  name: string
  id: string
  difference: ChartDifference['difference']
  expected: string
  actual?: string
}

/** Looks up every account that the chart lists. @throws ParixError as the look-up */
export async function differencesOf(
  {chart}: LoadedChart,
  api: Api,
  database: ResolvedDatabase,
): Promise<{differences: DifferenceRow[]; accounts: number; missing: ReturnType<typeof missingAccounts>}> {
  chart.assertUsableWith(database.name, isLoopback(api.base.url))
  const listed = chart.listed()
  const existing = await accountsById(
    {api, databaseId: database.id},
    listed.map(({id}) => id),
  )
  const differences = compareWithChart(chart, existing).map(({id, ...rest}) => ({...rest, id: String(id)}))
  return {differences, accounts: listed.length, missing: missingAccounts(chart, existing)}
}

/** Keeps the scale of every ledger beside the chart, so that a later change is noticed. @returns whether it was written */
export function lockScales({chart, lock, lockPath}: LoadedChart, now: Date): boolean {
  const extended = extendLock(chart.compiled, lock, now.toISOString().slice(0, 10))
  if (extended === lock) return false
  replaceFile(lockPath, `${JSON.stringify(extended, null, 2)}\n`, 'keep')
  return true
}
