import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {makeDirectory} from '@parix/files/atomic-write'
import {currentDirectory} from '@parix/files/paths'
import type {Api} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import {startProgress, type Terminal} from '@parix/kit/output'
import {loadChart} from '../chart/load-chart.js'
import {isArray} from '../events/event-file.js'
import {importDirectory} from '../outbox/directory.js'
import {lookUpRecords} from '../submit/confirm-existing.js'
import type {Position} from './blocks.js'
import {createEventReader, type ReadEvent} from './events.js'
import {writeItems} from './import-input.js'
import type {JobFile} from './job.js'
import {compileMapping} from './mapping.js'
import {openRows, type RowFormat} from './read-rows.js'
import {idMaker, readRetries} from './retries.js'
import {type VerifyResult as FileFindings, type VerifyFinding, verifyFile} from './verify.js'

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
