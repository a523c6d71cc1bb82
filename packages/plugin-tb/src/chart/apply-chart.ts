import type {NamedAccount} from '@parix/books/chart'
import {flagBits} from '@parix/books/chart/plan'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import type {View} from '@parix/kit/output'
import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import type {LedgerRecord} from '../records/kinds.js'
import {wireObject} from '../records/wire.js'
import type {CreateResult} from '../results/report.js'
import {settleEarlier, together} from '../submit/resume.js'
import {type SubmissionOptions, submitRecords} from '../submit/submit.js'
import {differencesOf, lockScales} from './check-chart.js'
import type {LoadedChart} from './load-chart.js'

interface PlannedAccount {
  name: string
  id: string
  ledger: string
  code: string
  flags: string[]
}

export interface ApplyResult {
  chart: string
  database: {id: string; name: string}
  planned?: PlannedAccount[]
  created?: PlannedAccount[]
  response?: CreateResult
}

export interface ApplyCall {
  loaded: LoadedChart
  api: Api
  database: ResolvedDatabase
  dryRun: boolean
  submission: SubmissionOptions
}

/**
 * Creates the accounts that are missing. Their ids come from the chart, so that two who apply it at once create each once.
 *
 * @throws ParixError REFUSED where an account exists with another ledger, code or limit; as `submitRecords`
 */
export async function applyChart({
  loaded,
  api,
  database,
  dryRun,
  submission,
}: ApplyCall): Promise<{result: ApplyResult; view: View; notices: string[]}> {
  const listed = new Map(loaded.chart.listed().map((account) => [String(account.id), account]))
  const calls = {...submission, announce: together(submission.announce)}
  const known = new Set([...listed.values()].map((account) => wireObject('account', recordOf(account))))
  const settled = dryRun ? [] : await settleEarlier(calls, database, 'account', known)
  const {differences, missing} = await differencesOf(loaded, api, database)
  const others = differences.filter(({difference}) => difference !== 'missing')
  if (others.length > 0) {
    throw new ParixError(
      'REFUSED',
      `Accounts of ${database.name} differ from the chart. Nothing ${settled.length > 0 ? 'else ' : ''}was sent.`,
      {
        code: 'chart_differs',
        errors: others.map(
          ({name, id, difference, expected, actual}) =>
            `@${name} (${id}): the chart says ${difference} ${expected}, the database ${actual}`,
        ),
      },
    )
  }
  const planned = missing.map(plannedAccount)
  const result = {chart: loaded.path, database: {id: database.id, name: database.name}}
  const earlier = settled.flatMap(({ids}) => ids.map((id) => plannedAccount(listed.get(id)!)))
  const notices = settled.map(
    ({outbox, ids}) =>
      `${ids.length === 1 ? '1 account' : `${ids.length} accounts`} of an earlier apply, whose outcome was unknown or not shown: settled (outbox ${outbox}).`,
  )
  const locked =
    !dryRun && lockScales(loaded, new Date())
      ? [`Scales are recorded in ${loaded.lockPath}. Commit it with the chart.`]
      : []
  notices.push(...locked)
  const last = settled.at(-1)
  if (planned.length === 0)
    return {
      result: {
        ...result,
        ...(dryRun ? {planned} : {created: earlier}),
        ...(last && {response: last.report.result}),
      },
      view: last ? plannedView(earlier) : `${database.name} has every account of the chart. Nothing was sent.`,
      notices: [...settled.flatMap(({report}) => report.notices), ...notices],
    }
  if (dryRun) return {result: {...result, planned}, view: plannedView(planned), notices: ['Nothing was sent.']}
  const records = missing.map(recordOf)
  const report = await submitRecords(calls, {
    kind: 'account',
    records,
    generated: new Set(),
    database,
    batchEventsMax: BATCH_EVENTS_MAX,
  })
  return {
    result: {...result, created: [...earlier, ...planned], response: report.result},
    view: plannedView([...earlier, ...planned]),
    notices: [...report.notices, ...notices],
  }
}

function recordOf({id, ledger, code, flags}: NamedAccount): LedgerRecord {
  return {id, ledger: BigInt(ledger.id), code: BigInt(code), flags: BigInt(flagBits(flags))}
}

function plannedAccount({name, id, ledger, codeName, flags}: NamedAccount): PlannedAccount {
  return {name, id: String(id), ledger: ledger.name, code: codeName, flags}
}

function plannedView(accounts: readonly PlannedAccount[]): View {
  return {
    columns: ['NAME', 'ID', 'LEDGER', 'CODE', 'FLAGS'],
    rows: accounts.map(({name, id, ledger, code, flags}) => [`@${name}`, id, ledger, code, flags.join(', ')]),
    whenEmpty: '',
  }
}
