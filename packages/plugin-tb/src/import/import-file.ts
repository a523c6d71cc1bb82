/** `tb import`: from a file and flags to what became of it. */

import {createHash} from 'node:crypto'
import {createReadStream, createWriteStream, mkdtempSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {formatMoney} from '@parix/books/amounts'
import type {Chart} from '@parix/books/chart'
import {accountLabel} from '@parix/books/present'
import {makeDirectory} from '@parix/files/atomic-write'
import {currentDirectory} from '@parix/files/paths'
import type {Api} from '@parix/kit/api'
import type {Effect} from '@parix/kit/command'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {parseDuration} from '@parix/kit/duration'
import {ParixError} from '@parix/kit/errors'
import {stringifyJson} from '@parix/kit/json'
import {startProgress, type Terminal, type View} from '@parix/kit/output'
import {onSignalSay} from '@parix/kit/signals'
import {type Account, BATCH_EVENTS_MAX, type CreateKind, type Transfer} from '@parix/ledger/schema'
import {loadChart} from '../chart/load-chart.js'
import {readItems} from '../input/documents.js'
import {readSource} from '../input/source.js'
import {createProblems} from '../records/problems.js'
import {lookUpRecords} from '../submit/confirm-existing.js'
import {DEFAULT_LIMITS, REAL_TIME} from '../submit/send-request.js'
import {chainOpen, Findings} from './batches.js'
import {type CheckFinding, checkFile, keepLargest} from './check.js'
import {createEventReader, type ReadEvent} from './events.js'
import type {ImportFlags} from './import-command.js'
import {importDirectory} from './import-directory.js'
import {Job, type JobKey, type Totals} from './job.js'
import {compileMapping, parseMapArgument} from './mapping.js'
import {formatOf, type OpenRows, openRows, type Position, type RowFormat} from './read-rows.js'
import {type ImportResult, runImport} from './run-import.js'

/** `--json` of an import, and with `--check` of the check. Integers of 64 and 128 bits are text. */
export type ImportAnswer =
  | {
      job: string
      kind: CreateKind
      database: {id: string; name: string}
      complete: boolean
      unchanged: boolean
      rows: number
      created: number
      existed: number
      refused: number
      refusedFile?: string
    }
  | {
      check: true
      kind: CreateKind
      database: {id: string; name: string}
      rows: number
      existing: number
      findings: CheckFinding[]
      findingsCount: number
      readAt: string
      ledgers: Record<string, {debits: string; credits: string}>
      accounts: Record<string, {debits: string; credits: string}>
    }

export interface ImportCall {
  kind: CreateKind
  file: string
  flags: ImportFlags
  api: Api
  database: ResolvedDatabase
  terminal: Terminal
  environment: NodeJS.ProcessEnv
  announce(effect: Effect): void
}

export interface ImportReport {
  answer: ImportAnswer
  view: View
  notices: string[]
}

/** @throws ParixError BAD_INPUT, REFUSED, OUTCOME_UNKNOWN, … as `runImport` */
export async function importFile(call: ImportCall): Promise<ImportReport> {
  const {kind, flags, environment, database, terminal, api} = call
  const directory = importDirectory(environment)
  const loaded = await loadChart({
    flag: flags.chart,
    none: flags['no-chart'] === true,
    environment,
    cwd: currentDirectory(),
  })
  loaded?.chart.assertUsableWith(database.name, isLocal(api))
  const input = await prepareInput(call, directory)
  const rows = await openRows({name: input.name, path: input.path, format: input.format})
  const specs = specsOf(flags, loaded?.chart)
  const idFrom = flags['id-from']?.split(',').map((column) => column.trim()) ?? []
  const mapper =
    rows.header && compileMapping({kind, specs, idFrom, namespace: flags.namespace}, rows.header, loaded?.chart)
  if (rows.header === undefined && Object.keys(specs).length > 0)
    throw new ParixError('USAGE', '--map is for the columns of a CSV; NDJSON has the names of fields.', {
      code: 'bad_mapping',
    })
  const read = createEventReader({
    kind,
    chart: loaded?.chart,
    mapper,
    idFrom,
    namespace: flags.namespace,
    keepTimestamps: flags['keep-timestamps'],
  })
  const events = (from: Position) => readEvents(rows, from, read)
  if (flags.check) return await check(call, input.name, () => events(rows.first), loaded?.chart)
  const key: JobKey = {
    kind,
    origin: api.base.origin,
    database: {id: database.id, name: database.name},
    file: input.key,
    format: input.format,
    specs,
    idFrom,
    namespace: flags.namespace,
    keepTimestamps: flags['keep-timestamps'],
  }
  const job = Job.open(directory, key, api.base.url.href.replace(/\/$/, ''), new Date())
  try {
    if (flags.restart) job.restart()
    if (job.progress.requests === 0 && job.progress.pending === undefined)
      await validate(terminal, input.name, events(rows.first), kind)
    return await send(call, job, input, rows, events)
  } finally {
    job.close()
  }
}

function isLocal(api: Api): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(api.base.url.hostname)
}

interface Input {
  /** For errors, and for the file of refused rows. */
  name: string
  path: string
  format: RowFormat
  /** What identifies the input: its absolute path, or the digest of what came by stdin. */
  key: string
  refusedPath: string
  /** Removes what was written for this import, when it is complete. */
  done?: () => void
}

/** stdin and JSON arrays are written to a file first, from which the import can go on. */
async function prepareInput({file, flags, terminal}: ImportCall, directory: string): Promise<Input> {
  if (file !== '-' && flags.format !== 'json' && !file.endsWith('.json')) {
    assertFile(file)
    const path = resolve(currentDirectory(), file)
    return {
      name: file,
      path,
      format: flags.format ?? (await formatOf(file, path)),
      key: path,
      refusedPath: `${path}.refused.ndjson`,
    }
  }
  makeDirectory(directory)
  const temporary = mkdtempSync(join(directory, '.input-'))
  const remove = () => rmSync(temporary, {recursive: true, force: true})
  const path = join(temporary, 'input')
  try {
    let {format} = flags
    if (format === 'json' || file.endsWith('.json')) {
      await writeItems(file, terminal, path)
      format = 'ndjson'
    } else await pipeline(process.stdin, createWriteStream(path, {mode: 0o600}))
    const digest = await digestOfFile(path)
    const name = file === '-' ? 'stdin' : file
    const kept = join(directory, `input-${digest.slice(0, 32)}`)
    renameSync(path, kept)
    remove()
    const key = file === '-' ? `stdin:${digest}` : resolve(currentDirectory(), file)
    return {
      name,
      path: kept,
      format: format === 'csv' || format === 'ndjson' ? format : await formatOf(name, kept),
      key,
      done: () => rmSync(kept, {force: true}),
      refusedPath: file === '-' ? `${kept}.refused.ndjson` : `${resolve(currentDirectory(), file)}.refused.ndjson`,
    }
  } catch (error) {
    remove()
    throw error
  }
}

function assertFile(file: string): void {
  const found = statSync(file, {throwIfNoEntry: false})
  if (found === undefined)
    throw new ParixError('BAD_INPUT', `There is no file ${file}. Nothing was sent.`, {code: 'no_file'})
  if (!found.isFile()) throw new ParixError('BAD_INPUT', `${file} is not a file. Nothing was sent.`, {code: 'no_file'})
}

async function writeItems(file: string, terminal: Terminal, path: string): Promise<void> {
  const source = (await readSource({file}, terminal))!
  const problems = createProblems()
  const items = readItems(source, problems)
  problems.throwIfAny(source.name)
  writeFileSync(path, items.map(({value}) => `${stringifyJson(value, 0)}\n`).join(''), {mode: 0o600})
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function specsOf({map = [], mapping}: ImportFlags, chart: Chart | undefined): Record<string, string> {
  const named = mapping === undefined ? {} : chart?.compiled.imports[mapping]
  if (named === undefined)
    throw new ParixError('BAD_INPUT', `There is no mapping ${JSON.stringify(mapping)} in the chart.`, {
      code: 'bad_mapping',
    })
  return {...named, ...Object.fromEntries(map.map(parseMapArgument))}
}

async function* readEvents(
  rows: OpenRows,
  from: Position,
  read: ReturnType<typeof createEventReader>,
): AsyncGenerator<ReadEvent[]> {
  for await (const chunk of rows.rows(from)) yield chunk.map(read)
}

/** Every row once before the first is sent: a fault in the last line must not leave half of the file in the ledger. */
async function validate(
  terminal: Terminal,
  name: string,
  events: AsyncIterable<ReadEvent[]>,
  kind: CreateKind,
): Promise<void> {
  const progress = startProgress(terminal, {text: `Reading ${name}`})
  const findings = new Findings()
  const linked = 1n
  let rows = 0
  let open = 0
  try {
    for await (const chunk of events) {
      for (const {line, record, faults} of chunk) {
        rows++
        findings.add(line, faults)
        open = record !== undefined && ((record.flags ?? 0n) & linked) !== 0n ? line : 0
      }
      progress.update({text: `Reading ${name}: ${rows} ${kind}s`})
    }
  } finally {
    progress.end()
  }
  if (open > 0) throw chainOpen(open)
  findings.throwIfAny(name)
  if (rows === 0) throw new ParixError('BAD_INPUT', `${name} has no rows. Nothing was sent.`)
}

async function send(
  call: ImportCall,
  job: Job,
  input: Input,
  rows: OpenRows,
  events: (from: Position) => AsyncIterable<ReadEvent[]>,
): Promise<ImportReport> {
  const {kind, flags, api, database, terminal} = call
  const bytes = statSync(input.path).size
  const state = (totals: Totals) => ({
    text: `Importing ${kind}s, ${totals.rows} rows`,
    done: job.progress.next?.byte ?? 0,
    total: bytes,
    unit: 'bytes',
  })
  const progress = startProgress(terminal, state(job.progress.totals))
  onSignalSay(() =>
    terminal.warn(
      `Interrupted after ${job.progress.totals.rows} rows. The same command continues; nothing is created twice.`,
    ),
  )
  const limits = {
    ...DEFAULT_LIMITS,
    ...(flags['retry-for'] !== undefined && {retryForMs: parseDuration('--retry-for', flags['retry-for'])}),
  }
  try {
    const result = await runImport({
      context: {api, say: terminal.say, ...REAL_TIME, limits},
      kind,
      database,
      job,
      name: input.name,
      path: input.path,
      refusedPath: input.refusedPath,
      first: rows.first,
      events,
      batchEventsMax: flags['batch-size'] ?? BATCH_EVENTS_MAX,
      onRefused: flags.refused,
      progress: (totals) => progress.update(state(totals)),
    })
    progress.end()
    if (result.complete && result.refused === 0) input.done?.()
    return report(call, job, input, result)
  } finally {
    progress.end()
    removeIfEmpty(input.refusedPath)
  }
}

function report({kind, database, announce}: ImportCall, job: Job, input: Input, result: ImportResult): ImportReport {
  const {rows, created, existed, refused, complete, unchanged} = result
  const summary = `${rows} ${kind}s of ${input.name} in ${database.name}: ${created} created, ${existed} there before, ${refused} refused`
  if (refused > 0) {
    throw new ParixError('REFUSED', `${complete ? 'Imported with refusals' : 'Stopped at refused rows'}: ${summary}.`, {
      code: 'rows_refused',
      errors: [`The refused rows and why: ${input.refusedPath}`],
      retryable: false,
    })
  }
  announce({
    unshown: (why) =>
      new ParixError('UNAVAILABLE', `Imported: ${summary}. ${why}`, {code: 'output_failed', retryable: true}),
  })
  const text = unchanged
    ? `${input.name} was imported before: ${rows} ${kind}s are in ${database.name}. Nothing was sent.`
    : `Imported: ${summary}.`
  return {
    answer: {
      job: job.file.id,
      kind,
      database: {id: database.id, name: database.name},
      complete,
      unchanged,
      rows,
      created,
      existed,
      refused,
    },
    view: text,
    notices: [],
  }
}

function removeIfEmpty(path: string): void {
  if (statSync(path, {throwIfNoEntry: false})?.size === 0) rmSync(path, {force: true})
}

async function check(
  {kind, api, database, terminal, flags}: ImportCall,
  name: string,
  events: () => AsyncIterable<ReadEvent[]>,
  chart: Chart | undefined,
): Promise<ImportReport> {
  const progress = startProgress(terminal, {text: `Checking ${name}`})
  const readAt = new Date().toISOString()
  const reader = {
    accounts: async (ids: readonly bigint[]) =>
      toRows<Account>(await lookUpRecords(api, {operation: 'create_accounts', database}, ids)),
    transfers: async (ids: readonly bigint[]) =>
      toRows<Transfer>(await lookUpRecords(api, {operation: 'create_transfers', database}, ids)),
  }
  const result = await checkFile(kind, events, reader, flags['batch-size'] ?? BATCH_EVENTS_MAX).finally(progress.end)
  if (result.findingsCount > 0) {
    const more =
      result.findingsCount > result.findings.length ? [`and ${result.findingsCount - result.findings.length} more`] : []
    throw new ParixError(
      'REFUSED',
      `${result.findingsCount === 1 ? 'One thing is' : `${result.findingsCount} things are`} wrong with ${name}. Nothing was sent.`,
      {
        code: 'check_failed',
        errors: [
          ...result.findings.map(({line, message}) => (line === 0 ? message : `line ${line}: ${message}`)),
          ...more,
        ],
        findings: result.findings,
      } as object,
    )
  }
  keepLargest(result.accounts)
  const effects = (map: Map<number | bigint, {debits: bigint; credits: bigint}>) =>
    Object.fromEntries(
      [...map].map(([id, {debits, credits}]) => [String(id), {debits: String(debits), credits: String(credits)}]),
    )
  const {rows, existing} = result
  return {
    answer: {
      check: true,
      kind,
      database: {id: database.id, name: database.name},
      rows,
      existing,
      findings: [],
      findingsCount: 0,
      readAt,
      ledgers: effects(result.ledgers),
      accounts: effects(result.accounts),
    },
    view: {
      columns: ['', {name: 'DEBITS', align: 'right'}, {name: 'CREDITS', align: 'right'}],
      rows: [
        ...[...result.ledgers].map(([id, effect]) => [
          `ledger ${chart?.ledgerOf(id)?.name ?? id}`,
          money(effect.debits, id, chart),
          money(effect.credits, id, chart),
        ]),
        ...[...result.accounts]
          .slice(0, 50)
          .map(([id, effect]) => [accountLabel(id, chart), effect.debits, effect.credits]),
      ],
      whenEmpty: 'No money would move.',
    },
    notices: [
      `${rows} rows are right; ${existing} of them are in ${database.name} already. Checked against the balances read at ${readAt}; others may write meanwhile. Nothing was sent.`,
    ],
  }
}

function money(amount: bigint, ledger: number, chart: Chart | undefined): string {
  const unit = chart?.ledgerOf(ledger)
  return unit === undefined ? String(amount) : formatMoney(amount, unit)
}

const NUMBERS = ['user_data_32', 'reserved', 'timeout', 'ledger', 'code', 'flags']

/** Records of bigints as the ledger's own types. */
function toRows<Row>(records: ReadonlyMap<bigint, Readonly<Record<string, bigint>>>): Map<bigint, Row> {
  return new Map(
    [...records].map(([id, record]) => [
      id,
      Object.fromEntries(
        Object.entries(record).map(([field, value]) => [field, NUMBERS.includes(field) ? Number(value) : value]),
      ) as Row,
    ]),
  )
}
