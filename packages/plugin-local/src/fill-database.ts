/** Known books for a database that is about to be used by a command or by a test suite. */

import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import type {Api} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import {type Json, parseJson} from '@parix/kit/json'
import {readNamedText} from '@parix/kit/named-file'
import {nextCommand} from '@parix/kit/next-command'
import type {Terminal} from '@parix/kit/output'
import type {DemoOptions} from './demo/generate.js'
import {isLinked, type Row, timeOf} from './history.js'
import {createDatabase, sendHistory} from './local-api.js'
import {demoDirectory, FILES} from './server/store/data-directory.js'

/** Where they come from; undefined: the database is empty. */
export type Books =
  | {from: 'demo'; options: DemoOptions}
  /** A snapshot of the service that has this data directory. */
  | {from: 'snapshot'; name: string; dataDir: string}
  | {from: 'fork'; api: Api; databaseId: string}
  /** What `readSeed` has read. */
  | {from: 'seed'; seed: Seed}

/**
 * Creates a database of the local service that is at `dataDir`, with these books.
 *
 * @returns its id, and the path of a chart where the books have one
 * @throws ParixError NOT_FOUND for a snapshot that is not there, REFUSED
 */
export async function createFilled(
  api: Api,
  dataDir: string,
  name: string,
  books: Books | undefined,
): Promise<{id: string; chart?: string}> {
  if (books?.from === 'demo') {
    const {makeDemo} = await import('./demo/make-demo.js')
    const {database, chart} = await makeDemo(api, name, demoDirectory(dataDir, name), books.options)
    return {id: database.id, chart}
  }
  const seed = books?.from === 'seed' ? books.seed : undefined
  const id = await createDatabase(api, name, async (empty) => {
    if (seed && isHistory(seed)) await sendHistory(api, empty, seed)
    if (books?.from === 'snapshot') await copySnapshot(api, empty, books)
    if (books?.from === 'fork') await copyFork(api, empty, books)
  })
  if (seed && !isHistory(seed)) await plant(api, id, seed)
  return {id}
}

async function copyFork(api: Api, databaseId: string, fork: Extract<Books, {from: 'fork'}>): Promise<void> {
  const [{copyHistory}, {apiSource}] = await Promise.all([
    import('./fork/copy-history.js'),
    import('./fork/row-source.js'),
  ])
  await copyHistory({source: apiSource(fork.api, fork.databaseId), api, databaseId})
}

async function copySnapshot(
  api: Api,
  databaseId: string,
  {name, dataDir}: Extract<Books, {from: 'snapshot'}>,
): Promise<void> {
  const [{openMemoryLedger}, {copyHistory}, {ledgerSource}] = await Promise.all([
    import('@parix/ledger'),
    import('./fork/copy-history.js'),
    import('./fork/row-source.js'),
  ])
  const ledger = await openMemoryLedger({copyOf: {directory: snapshotDirectory(dataDir, name)}})
  await copyHistory({source: ledgerSource(ledger), api, databaseId})
  await ledger.close()
}

/** @throws ParixError NOT_FOUND; BAD_INPUT where several organizations have one of this name */
function snapshotDirectory(dataDir: string, name: string): string {
  const directory = join(dataDir, FILES.snapshots)
  const found = entries(directory)
    .filter((organization) => entries(join(directory, organization)).includes(name))
    .map((organization) => join(directory, organization, name))
  if (found.length === 1) return found[0]!
  throw found.length === 0
    ? new ParixError('NOT_FOUND', `There is no snapshot called ${name} in ${dataDir}.`, {
        next: nextCommand('local snapshot list', {flags: {'data-dir': dataDir}}),
      })
    : new ParixError('BAD_INPUT', `Several organizations have a snapshot called ${name}.`)
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

interface Seed {
  accounts: Row[]
  transfers: Row[]
}

/**
 * Accounts and transfers with the fields of the API, as one JSON object `{"accounts": […], "transfers": […]}`, as an array, or
 * one per line. A row that debits an account, or ends a hold, is a transfer.
 *
 * @throws ParixError NOT_FOUND, BAD_INPUT
 */
export async function readSeed(file: string, terminal?: Pick<Terminal, 'warn'>): Promise<Seed> {
  if (!existsSync(file)) throw new ParixError('NOT_FOUND', `There is no file ${file}.`, {code: 'no_file'})
  const text = await readNamedText(file, {terminal})
  const rows = rowsOf(parseSeed(text, file))
  if (rows === undefined) throw new ParixError('BAD_INPUT', `${file} has no rows of accounts and transfers.`)
  const isTransfer = (row: Row) => row.debit_account_id !== undefined || row.pending_id !== undefined
  const byTime = (some: Row[]) => some.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0))
  return {accounts: byTime(rows.filter((row) => !isTransfer(row))), transfers: byTime(rows.filter(isTransfer))}
}

function parseSeed(text: string, file: string): Json {
  try {
    return parseJson(text)
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    try {
      if (lines.length > 1) return lines.map((line) => parseJson(line))
    } catch {
      // Neither JSON nor a JSON value a line: the first error says where.
    }
    throw new ParixError('BAD_INPUT', `${file} is not JSON: ${(error as Error).message}`, {cause: error})
  }
}

function rowsOf(json: Json): Row[] | undefined {
  const {accounts = [], transfers = []} = (json ?? {}) as {accounts?: Json; transfers?: Json}
  const all = Array.isArray(json) ? json : [accounts, transfers].flat()
  return all.length > 0 && all.every((row) => typeof row === 'object' && row !== null) ? (all as Row[]) : undefined
}

const EVENTS_MAX = 8000
const IMPORTED = {accounts: 16, transfers: 256}

/** Rows with a timestamp, as an export has them, keep their times; others are created now. */
function isHistory(seed: Seed): boolean {
  return (['accounts', 'transfers'] as const).some((kind) =>
    seed[kind].some((row) => timeOf(row) !== 0n && (Number(row.flags ?? 0) & IMPORTED[kind]) === 0),
  )
}

async function plant(api: Api, databaseId: string, seed: Seed): Promise<void> {
  for (const kind of ['accounts', 'transfers'] as const) {
    const rows = seed[kind]
    for (let from = 0; from < rows.length; ) {
      let to = Math.min(from + EVENTS_MAX, rows.length)
      while (to < rows.length && isLinked(rows[to - 1]!)) to++
      await api.post(`/databases/${databaseId}/tb/create_${kind}`, rows.slice(from, to), {idempotent: true})
      from = to
    }
  }
}
