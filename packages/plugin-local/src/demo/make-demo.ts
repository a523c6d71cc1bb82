import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {makeDirectory, replaceFile} from '@parix/files/atomic-write'
import {type Api, readNamedDatabases} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {callLocal, createDatabase, saveSnapshot, sendHistory} from '../local-api.js'
import {bankFile, chartText} from './demo-files.js'
import {demoSnapshot} from './demo-options.js'
import {type DemoLedger, summarize} from './demo-summary.js'
import {DEMO_DAYS, type DemoOptions, generateBooks} from './generate.js'

export interface DemoResult {
  database: {id: string; name: string}
  /** False: the database was there already, and was left as it is. */
  created: boolean
  /** The first and the last day, `2026-10-02`. */
  from: string
  to: string
  ledgers: DemoLedger[]
  /** Paths. */
  chart: string
  bankFile: string
  /** Name of the snapshot of the books as they were made. */
  snapshot: string
}

/** Names of the files that are written for a database of demo books. */
export const DEMO_FILES = {chart: 'parix.chart.yaml', bank: 'bank.csv', options: 'demo.json'} as const

const MILLISECOND = 1_000_000n
const DAY_MS = 86_400_000

/**
 * A database with the books of a business; one that was made with the same options before is left as it is.
 *
 * @param directory where chart and bank file are written
 * @throws ParixError BAD_INPUT for a name that no file can have, CONFLICT where a database of this name is something else
 */
export async function makeDemo(api: Api, name: string, directory: string, options: DemoOptions): Promise<DemoResult> {
  const snapshot = demoSnapshot(name)
  const databases = await api.get('/databases', {search: name, limit: 100}, readNamedDatabases)
  const known = databases.find((row) => row.name === name)
  const [chart, bank, made] = [DEMO_FILES.chart, DEMO_FILES.bank, DEMO_FILES.options].map((file) =>
    join(directory, file),
  )
  const written = JSON.stringify({...options, until: String(options.until)})
  if (known && (!existsSync(made!) || readFileSync(made!, 'utf8') !== written))
    throw otherDatabase(name, existsSync(made!))
  let id = known?.id ?? ''
  if (!known) {
    const books = generateBooks(options)
    // First, so that a disk that refuses them leaves no database behind, which would be taken for something else.
    makeDirectory(directory)
    replaceFile(chart!, chartText(options.kind))
    replaceFile(bank!, bankFile(options.kind, books.transfers).csv)
    id = await createDatabase(api, name, (empty) => sendHistory(api, empty, books))
    try {
      await saveSnapshot(api, snapshot, id, true)
      replaceFile(made!, written)
    } catch (error) {
      await api.delete(`/databases/${id}`).catch(() => undefined)
      throw error
    }
  }
  const untilMs = Number(options.until / MILLISECOND)
  return {
    database: {id, name},
    created: !known,
    from: dayOf(untilMs - DEMO_DAYS * DAY_MS),
    to: dayOf(untilMs - 1),
    ledgers: await summarize(api, id, options.kind),
    chart: chart!,
    bankFile: bank!,
    snapshot,
  }
}

/** The console of the local service shows names and currencies by it. */
export async function sendChart(api: Api, {database, chart}: Pick<DemoResult, 'database' | 'chart'>): Promise<void> {
  await callLocal(api, 'PUT', `/charts/${encodeURIComponent(database.id)}`, {text: readFileSync(chart, 'utf8')})
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function otherDatabase(name: string, isDemo: boolean): ParixError {
  const why = isDemo ? 'was made with other options' : 'is not of parix local demo'
  return new ParixError('CONFLICT', `There is a database called ${name} already, which ${why}. It was left as it is.`, {
    code: 'database_exists',
    next: [
      nextCommand('local demo', {flags: {as: `${name}-2`}}),
      nextCommand('database remove', {args: [name], flags: {confirm: name}}),
    ],
  })
}
