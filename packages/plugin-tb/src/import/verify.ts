/** Holds every row of an imported file against the ledger. */

import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {makeDirectory} from '@parix/files/atomic-write'
import {currentDirectory} from '@parix/files/paths'
import type {Api} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import {startProgress, type Terminal} from '@parix/kit/output'
import type {CreateKind} from '@parix/ledger/schema'
import {loadChart} from '../chart/load-chart.js'
import {isSame} from '../events/compare.js'
import {isArray} from '../events/event-file.js'
import {importDirectory} from '../outbox/directory.js'
import type {FieldName, LedgerRecord} from '../records/kinds.js'
import {lookUpRecords} from '../submit/confirm-existing.js'
import type {Position} from './blocks.js'
import {createEventReader, type ReadEvent} from './events.js'
import {writeItems} from './import-input.js'
import type {JobFile} from './job.js'
import {compileMapping} from './mapping.js'
import {openRows, type RowFormat} from './read-rows.js'
import {idMaker, readRetries} from './retries.js'

export interface VerifyResult {
  id: string
  rows: number
  findings: VerifyFinding[]
}

/** @throws ParixError REFUSED when a row is missing or differs; BAD_INPUT when the file is not there any more */
export async function verifyJob(
  job: JobFile,
  api: Api,
  terminal: Terminal,
  environment: NodeJS.ProcessEnv,
): Promise<VerifyResult> {
  const {kind, format, specs, idFrom, namespace, keepTimestamps, decimalComma, id} = job
  const path = job.file
  if (path === null || !existsSync(path)) {
    throw new ParixError(
      'BAD_INPUT',
      `The file of this import, ${path?.replace(/^stdin:.*/, 'stdin') ?? 'stdin'}, is not there any more.`,
      {code: 'no_file'},
    )
  }
  const loaded = await loadChart({environment, cwd: currentDirectory()})
  const lines = await linesOf(path, format, importDirectory(environment))
  try {
    const rows = await openRows({name: path, path: lines?.path ?? path, format})
    const makeId = idMaker(namespace, readRetries(join(importDirectory(environment), id)))
    const mapper =
      rows.header && compileMapping({kind, specs, idFrom, makeId, decimalComma}, rows.header, loaded?.chart)
    const read = createEventReader({kind, chart: loaded?.chart, mapper, idFrom, makeId, keepTimestamps})
    const events = async function* (from: Position) {
      for await (const chunk of rows.rows(from)) yield chunk.map(read)
    }
    return resultOf(job, path, await look(job, api, terminal, path, events(rows.first)))
  } finally {
    lines?.remove()
  }
}

function look(
  {kind, database}: JobFile,
  api: Api,
  terminal: Terminal,
  path: string,
  events: AsyncIterable<ReadEvent[]>,
): Promise<FileFindings> {
  const operation = kind === 'account' ? 'create_accounts' : 'create_transfers'
  const progress = startProgress(terminal, {text: `Verifying ${path}`})
  return verifyFile(
    kind,
    events,
    (ids) => lookUpRecords(api, {operation, database}, ids),
    (count) => progress.update({text: `Verifying ${path}: ${count} rows`}),
  ).finally(progress.end)
}

/** A document of JSON as the lines that were imported; undefined for a file that has lines of its own. */
async function linesOf(
  path: string,
  format: RowFormat,
  directory: string,
): Promise<{path: string; remove(): void} | undefined> {
  if (format !== 'ndjson' || !(/\.json$/i.test(path) || isArray(path))) return undefined
  makeDirectory(directory)
  const temporary = mkdtempSync(join(directory, '.verify-'))
  const remove = () => rmSync(temporary, {recursive: true, force: true})
  try {
    await writeItems(path, path, join(temporary, 'input'))
    return {path: join(temporary, 'input'), remove}
  } catch (error) {
    remove()
    throw error
  }
}

function resultOf({id, database}: JobFile, path: string, result: FileFindings): VerifyResult {
  if (result.findingsCount === 0) return {id, rows: result.rows, findings: []}
  throw new ParixError(
    'REFUSED',
    `${result.findingsCount} of ${result.rows} rows of ${path} are not in ${database.name} as they are in the file.`,
    {
      code: 'verify_failed',
      errors: result.findings.map(sentence),
    },
  )
}

function sentence({line, id, difference, fields = {}, why}: VerifyFinding): string {
  if (difference === 'unreadable') return `line ${line}: ${why}`
  if (difference === 'missing') return `line ${line}: id ${id} is missing`
  const words = Object.entries(fields).map(
    ([field, {file, ledger}]) => `${field} is ${file} in the file and ${ledger} in the ledger`,
  )
  return `line ${line}: id ${id}: ${words.join(', ')}`
}

export interface VerifyFinding {
  line: number
  /** Empty where the row can't be read. */
  id: string
  /** `missing`, the fields that differ, or why the row can't be read: it was changed since it was imported. */
  difference: 'missing' | 'differs' | 'unreadable'
  fields?: Record<string, {file: string; ledger: string}>
  why?: string
}

export interface FileFindings {
  rows: number
  findings: VerifyFinding[]
  findingsCount: number
}

const LOOKUP_MAX = 8189
const SHOWN_MAX = 100

/** @param lookUp objects by their ids, at most 8,189 at a time */
export async function verifyFile(
  kind: CreateKind,
  events: AsyncIterable<ReadEvent[]>,
  lookUp: (ids: readonly bigint[]) => Promise<Map<bigint, LedgerRecord>>,
  progress: (rows: number) => void,
): Promise<FileFindings> {
  const result: FileFindings = {rows: 0, findings: [], findingsCount: 0}
  let group: {line: number; record: LedgerRecord}[] = []
  const flush = async () => {
    const found = await lookUp(group.map(({record}) => record.id!))
    for (const {line, record} of group) compare(kind, line, record, found.get(record.id!), result)
    progress(result.rows)
    group = []
  }
  for await (const chunk of events) {
    for (const {line, record, faults} of chunk) {
      result.rows++
      if (record === undefined) {
        const why = faults.map(({message}) => message).join('; ')
        add(result, () => ({line, id: '', difference: 'unreadable', why}))
        continue
      }
      group.push({line, record})
      if (group.length === LOOKUP_MAX) await flush()
    }
  }
  if (group.length > 0) await flush()
  return result
}

function compare(
  kind: CreateKind,
  line: number,
  record: LedgerRecord,
  there: LedgerRecord | undefined,
  result: FileFindings,
): void {
  if (there !== undefined && isSame(kind, there, record)) return
  const id = String(record.id)
  add(result, () =>
    there === undefined
      ? {line, id, difference: 'missing'}
      : {line, id, difference: 'differs', fields: differing(record, there)},
  )
}

function add(result: FileFindings, finding: () => VerifyFinding): void {
  result.findingsCount++
  if (result.findings.length < SHOWN_MAX) result.findings.push(finding())
}

function differing(record: LedgerRecord, there: LedgerRecord): Record<string, {file: string; ledger: string}> {
  const names = Object.keys(record) as FieldName[]
  const fields = names.filter((field) => field !== 'timestamp' && (there[field] ?? 0n) !== record[field])
  return Object.fromEntries(
    fields.map((field) => [field, {file: String(record[field]), ledger: String(there[field] ?? 0n)}]),
  )
}
