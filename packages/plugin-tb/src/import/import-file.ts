/** `tb import`: from a file and flags to what became of it. */

import {rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {currentDirectory} from '@parix/files/paths'
import {parseDuration} from '@parix/kit/duration'
import {isParixError, ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {isLoopback} from '@parix/kit/origin'
import {startProgress, type Terminal} from '@parix/kit/output'
import {onSignalSay} from '@parix/kit/signals'
import {BATCH_EVENTS_MAX, type CreateKind} from '@parix/ledger/schema'
import {loadChart} from '../chart/load-chart.js'
import {importDirectory} from '../outbox/directory.js'
import {readRows} from '../reads/query.js'
import {wireIds} from '../records/wire.js'
import {type Envelope, ledgerIn, otherLedgerIn} from '../results/envelope.js'
import {placeOf} from '../submit/place-call.js'
import {DEFAULT_LIMITS, REAL_TIME, type SubmitLimits} from '../submit/send-request.js'
import {AHEAD_BYTES_MIN} from '../submit/turn.js'
import {Findings} from './batches.js'
import type {Position} from './blocks.js'
import type {CheckedFile} from './check.js'
import {checkImport} from './check-import.js'
import {assertUnordered} from './checked.js'
import {createEventReader} from './events.js'
import type {ImportCall, ImportFlags, ImportReport} from './import-call.js'
import {type ImportInput, prepareInput} from './import-input.js'
import {Job, type JobKey, jobId} from './job.js'
import type {Totals} from './job-log.js'
import {compileMapping, type Fault, fieldNamed, type MakeId} from './mapping.js'
import {mappingSpecs} from './mapping-specs.js'
import {openRows} from './read-rows.js'
import {beginAttempt, idMaker, readRetries} from './retries.js'
import {type ImportResult, runImport} from './run-import.js'
import {TWO_THREADS, validate} from './validate.js'
import {type WireReader, wireRows} from './wire-rows.js'

/** @throws ParixError BAD_INPUT, REFUSED, OUTCOME_UNKNOWN, … as `runImport` */
export async function importFile(call: ImportCall): Promise<ImportReport> {
  const {kind, flags, environment, database, terminal, api} = call
  const directory = importDirectory(environment)
  const limits = {
    ...DEFAULT_LIMITS,
    ...(flags['retry-for'] !== undefined && {retryForMs: parseDuration('--retry-for', flags['retry-for'])}),
  }
  const loaded = await loadChart({
    flag: flags.chart,
    none: flags['no-chart'] === true,
    environment,
    cwd: currentDirectory(),
  })
  loaded?.chart.assertUsableWith(database.name, isLoopback(api.base.url))
  const input = await prepareInput(call, directory)
  const rows = await openRows({name: input.name, path: input.path, format: input.format})
  const specs = await mappingSpecs(flags, loaded?.chart, terminal, (name) => fieldNamed(kind, name) ?? name)
  const idFrom = flags['id-from']?.split(',').map((column) => column.trim()) ?? []
  assertRetryable(flags, idFrom)
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
    ...(flags['decimal-comma'] && {decimalComma: true}),
  }
  const jobPath = join(directory, jobId(key))
  let retries = readRetries(jobPath)
  const makeId: MakeId = (values) => idMaker(flags.namespace, retries)(values)
  const decimalComma = flags['decimal-comma']
  const mapper = rows.header && compileMapping({kind, specs, idFrom, makeId, decimalComma}, rows.header, loaded?.chart)
  if (rows.header === undefined && Object.keys(specs).length > 0)
    throw new ParixError('USAGE', '--map is for the columns of a CSV; NDJSON has the names of fields.', {
      code: 'bad_mapping',
    })
  const read = createEventReader({
    kind,
    chart: loaded?.chart,
    mapper,
    idFrom,
    makeId,
    keepTimestamps: flags['keep-timestamps'],
  })
  const events = async function* () {
    for await (const chunk of rows.rows(rows.first)) yield chunk.map(read)
  }
  const reader: WireReader = {
    kind,
    rows,
    read,
    columnOf: mapper?.columnOf,
    columns: mapper?.plain && {
      ...mapper.plain,
      delimiter: rows.delimiter,
      width: rows.width,
      names: rows.header!.length,
    },
    keepTimestamps: flags['keep-timestamps'],
    idFromKeys: idFrom.length > 0,
  }
  if (flags.check) {
    const ids: CheckedFile['ids'] = (onFaults) => wireRows(reader, rows.first, onFaults, 'ids')
    return await checkImport(call, {rows, columnOf: mapper?.columnOf, jobPath}, {events, ids}, loaded?.chart)
  }
  if ((flags.unordered ?? 1) > 1) await assertUnordered(jobPath, input.name, input.path)
  const {baseUrl, organization} = placeOf(api)
  const job = Job.open(directory, key, {baseUrl, ...(organization && {organization})}, new Date())
  try {
    if (flags.restart) job.restart(job.progress.attempt)
    if (flags['retry-refused'] !== undefined) beginAttempt(job, kind, input.refusedPath, flags['retry-refused'])
    retries = readRetries(jobPath).slice(0, job.progress.attempt)
    // Asked while a large file is read; of a small one, which may be wrong, nobody is asked before.
    const asked = statSync(rows.path).size < TWO_THREADS.bytesMin ? undefined : ledgerNow(call)
    asked?.catch(() => {})
    await validateOnce(terminal, reader, job, flags['batch-size'] ?? BATCH_EVENTS_MAX)
    holdToLedger(call, job, input.name, await (asked ?? ledgerNow(call)))
    return await send(call, limits, job, input, reader)
  } finally {
    job.close()
  }
}

function assertRetryable(flags: ImportFlags, idFrom: readonly string[]): void {
  if (flags['retry-refused'] === undefined || idFrom.length > 0) return
  throw new ParixError(
    'USAGE',
    '--retry-refused makes new ids, so it goes with --id-from: in this file the ids are a column.',
    {
      code: 'bad_attempt',
      hint: 'Give the refused rows other ids in the file, and use --restart.',
    },
  )
}

/** What is new in the file since it was read last. */
async function validateOnce(terminal: Terminal, reader: WireReader, job: Job, eventsMax: number): Promise<void> {
  const {next, validated, pending} = job.progress
  const bytes = statSync(reader.rows.path).size
  if (validated?.bytes === bytes || pending.size > 0) return
  const rows = await validate(terminal, reader, next ?? reader.rows.first, eventsMax)
  job.validated({rows: rows + job.progress.totals.rows, bytes})
}

/**
 * Rows that were imported into one ledger are not in another, and rows that may have been sent would be new there.
 *
 * @throws ParixError CONFLICT where the database is a different ledger from the one that the import began with
 */
function holdToLedger({database}: ImportCall, job: Job, name: string, envelope: Envelope): void {
  const {requests, pending, ahead, ledger} = job.progress
  const now = ledger === undefined ? ledgerIn(envelope) : otherLedgerIn(envelope, ledger)
  if (now === undefined) return
  if (ledger === undefined) {
    // Where it began at is not known of an import of an earlier version.
    if (requests === 0 && pending.size === 0 && ahead.size === 0) job.noteLedger(now)
    return
  }
  throw new ParixError(
    'CONFLICT',
    `${database.name} is another ledger now (${now}) than the one that ${name} was imported into (${ledger}).`,
    {
      code: 'other_ledger',
      retryable: false,
      hint: 'If the whole file is to be imported into this one, too, give --restart.',
      next: nextCommand('tb import show', {args: [job.file.id]}),
    },
  )
}

/** What a database says of its ledger, if only its id was named; nothing where it may not be read. */
async function ledgerNow({api, database: {id, ledger}}: ImportCall): Promise<Envelope> {
  if (ledger !== undefined) return {ledgerId: ledger}
  try {
    const {responsePayload: _, ...envelope} = await readRows(api, id, 'lookup_accounts', wireIds([1n]))
    return envelope as unknown as Envelope
  } catch (error) {
    if (!isParixError(error)) throw error
    return {}
  }
}

async function send(
  call: ImportCall,
  limits: SubmitLimits,
  job: Job,
  input: ImportInput,
  reader: WireReader,
): Promise<ImportReport> {
  const {kind, flags, api, database, terminal} = call
  const total = job.progress.validated?.rows
  const state = ({rows}: Totals) => ({
    text: `Importing into ${database.name}`,
    done: rows,
    ...(total !== undefined && {total: Math.max(total, rows)}),
    unit: `${kind}s`,
  })
  const progress = startProgress(terminal, state(job.progress.totals))
  onSignalSay(() =>
    terminal.warn(
      `Interrupted after ${job.progress.totals.rows} rows. The same command continues; nothing is created twice.`,
    ),
  )
  let failure: unknown
  let wasThere = false
  try {
    const result = await runImport({
      context: {api, say: terminal.say, ...REAL_TIME, limits},
      kind,
      database,
      job,
      name: input.name,
      path: input.path,
      refusedPath: input.refusedPath,
      first: reader.rows.first,
      rows: (from: Position) => wireRows(reader, from, throwFaults),
      batchEventsMax: flags['batch-size'] ?? BATCH_EVENTS_MAX,
      underWayMax: flags.unordered ?? 1,
      aheadBytesMin: AHEAD_BYTES_MIN,
      onRefused: flags.refused,
      progress: (totals) => progress.update(state(totals)),
    })
    progress.end()
    if (result.complete && result.refused === 0) input.done?.()
    wasThere = result.unchanged
    return report(call, job, input, result)
  } catch (error) {
    failure = error
    throw error
  } finally {
    if (!wasThere) (await import('../history/record.js')).rememberImport(call, job, input.name, failure)
    progress.end()
    removeIfEmpty(input.refusedPath)
  }
}

/** Rows were checked before: the file has changed since, or an earlier run began with other flags. */
function throwFaults(line: number, faults: readonly Fault[]): void {
  const findings = new Findings()
  findings.add(line, faults)
  findings.throwIfAny(`line ${line}`)
}

function report(
  {kind, database, announce}: ImportCall,
  job: Job,
  input: ImportInput,
  result: ImportResult,
): ImportReport {
  const {rows, created, existed, refused, complete, unchanged} = result
  const summary = `${counted(kind, rows)} of ${input.name} in ${database.name}: ${created} created, ${existed} there before, ${refused} refused`
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
    ? `${input.name} was imported before: ${counted(kind, rows)} in ${database.name}. Nothing was sent.`
    : `Imported: ${summary}.`
  return {
    result: {
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

function counted(kind: CreateKind, number: number): string {
  return `${number} ${kind}${number === 1 ? '' : 's'}`
}
