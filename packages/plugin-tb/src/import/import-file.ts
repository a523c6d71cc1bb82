/** `tb import`: from a file and flags to what became of it. */

import {rmSync, statSync} from 'node:fs'
import {currentDirectory} from '@parix/files/paths'
import {parseDuration} from '@parix/kit/duration'
import {ParixError} from '@parix/kit/errors'
import {isLoopback} from '@parix/kit/origin'
import {startProgress, type Terminal} from '@parix/kit/output'
import {onSignalSay} from '@parix/kit/signals'
import {BATCH_EVENTS_MAX, type CreateKind} from '@parix/ledger/schema'
import {loadChart} from '../chart/load-chart.js'
import {DEFAULT_LIMITS, REAL_TIME} from '../submit/send-request.js'
import {chainOpen, Findings} from './batches.js'
import {checkImport} from './check-import.js'
import {createEventReader, type ReadEvent} from './events.js'
import type {ImportCall, ImportReport} from './import-call.js'
import {importDirectory} from './import-directory.js'
import {type ImportInput, prepareInput} from './import-input.js'
import {Job, type JobKey} from './job.js'
import type {Totals} from './job-log.js'
import {compileMapping, mappingSpecs} from './mapping.js'
import {type OpenRows, openRows, type Position} from './read-rows.js'
import {type ImportResult, runImport} from './run-import.js'

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
  loaded?.chart.assertUsableWith(database.name, isLoopback(api.base.url))
  const input = await prepareInput(call, directory)
  const rows = await openRows({name: input.name, path: input.path, format: input.format})
  const specs = mappingSpecs(flags, loaded?.chart)
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
  if (flags.check) return await checkImport(call, input.name, () => events(rows.first), loaded?.chart)
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
  input: ImportInput,
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

function report(
  {kind, database, announce}: ImportCall,
  job: Job,
  input: ImportInput,
  result: ImportResult,
): ImportReport {
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
