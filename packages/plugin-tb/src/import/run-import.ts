/** Sends a file to the ledger, request by request, one under way while the next is being built. */

import {createHash} from 'node:crypto'
import {closeSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync} from 'node:fs'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import type {CreateKind} from '@parix/ledger/schema'
import {chainsOf} from '../events/batches.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireList, wireObject} from '../records/wire.js'
import type {EventOutcome} from '../results/outcome.js'
import {statusByName} from '../results/statuses.js'
import {confirmExisting} from '../submit/confirm-existing.js'
import type {SubmitContext} from '../submit/send-request.js'
import {sendRequest} from '../submit/send-request.js'
import {batches, type ImportBatch} from './batches.js'
import type {ReadEvent} from './events.js'
import {assertUnchanged, digestOf, type Job} from './job.js'
import type {Sent, Totals} from './job-log.js'
import type {Position} from './read-rows.js'

export interface ImportRun {
  context: Omit<SubmitContext, 'outbox'>
  kind: CreateKind
  database: ResolvedDatabase
  job: Job
  /** For errors. */
  name: string
  path: string
  /** Rows that were refused are written here, one JSON object per line. */
  refusedPath: string
  first: Position
  events(from: Position): AsyncIterable<ReadEvent[]>
  batchEventsMax: number
  /** `stop`: a request with a refused row is the last. */
  onRefused: 'stop' | 'collect'
  progress(totals: Totals): void
}

export interface ImportResult extends Totals {
  /** Whether everything had been imported by an earlier run. */
  unchanged: boolean
  /** Whether the whole file was sent. */
  complete: boolean
}

/**
 * Goes on where an earlier run ended. What an interrupted run had sent without a response is sent again with the same bytes.
 *
 * @throws ParixError BAD_INPUT when the file changed behind that point; OUTCOME_UNKNOWN when a request has no usable response
 *   (the same command continues); what the service refuses a request with
 */
export async function runImport(run: ImportRun): Promise<ImportResult> {
  const {job, name, path, first} = run
  const {progress} = job
  assertUnchanged(name, path, progress)
  const size = statSync(path).size
  if (progress.finished?.bytes === size) return {...progress.totals, unchanged: true, complete: true}
  const from =
    progress.pending === undefined
      ? (progress.next ?? first)
      : {line: progress.pending.lines[0], byte: progress.pending.bytes[0]}
  const iterator = batches(run.kind, run.events(from), from, run.batchEventsMax)[Symbol.asyncIterator]()
  const source = openSync(path, 'r')
  const refused = openSync(run.refusedPath, 'a', 0o600)
  try {
    ftruncateSync(refused, progress.refusedBytes)
    let next = iterator.next()
    for (;;) {
      const {done, value: batch} = await next
      if (done === true) break
      next = iterator.next()
      next.catch(() => {})
      const refusedRows = await sendOne(run, batch, source, refused)
      run.progress(progress.totals)
      if (refusedRows > 0 && run.onRefused === 'stop') return {...progress.totals, unchanged: false, complete: false}
    }
    job.finish(size, new Date(run.context.now()))
    return {...progress.totals, unchanged: false, complete: true}
  } finally {
    closeSync(source)
    closeSync(refused)
  }
}

async function sendOne(run: ImportRun, batch: ImportBatch, source: number, refused: number): Promise<number> {
  const {job} = run
  const {progress} = job
  const sent: Sent = {
    n: progress.requests,
    lines: [batch.from.line, batch.to.line],
    bytes: [batch.from.byte, batch.to.byte],
    rows: batch.records.length,
    source: digestOf(source, batch.from.byte, batch.to.byte),
    body: createHash('sha256').update(batch.body).digest('hex'),
  }
  const {pending} = progress
  if (pending !== undefined && (pending.body !== sent.body || pending.bytes[1] !== sent.bytes[1])) {
    throw new ParixError(
      'BAD_INPUT',
      `Lines ${pending.lines[0]} to ${pending.lines[1] - 1} of ${run.name} were sent, and its response was lost. They now make another request: the mapping, the chart or --batch-size has changed. Nothing was sent.`,
      {code: 'mapping_changed'},
    )
  }
  if (pending === undefined) job.sending(sent)
  const events = await submit(run, batch.records, batch.body, pending !== undefined)
  const counts = {created: 0, existed: 0, refused: 0}
  for (const {state} of events)
    counts[state === 'created' || state === 'stored' ? 'created' : state === 'exists' ? 'existed' : 'refused']++
  const refusedBytes = progress.refusedBytes + writeRefused(run, batch, events, refused)
  job.answered(sent, {...counts, refusedBytes})
  return counts.refused
}

/** One request, or its halves where the service takes less at once. Every event has an outcome afterwards. */
async function submit(
  run: ImportRun,
  records: LedgerRecord[],
  body: string,
  sentBefore: boolean,
): Promise<EventOutcome[]> {
  const {context, kind, database} = run
  const operation = kind === 'account' ? 'create_accounts' : 'create_transfers'
  const ids = records.map(({id}) => String(id))
  const request = {operation, kind, database, body, ids, sentBefore} as const
  const {outcome, mayHaveBeenDone} = await sendRequest(context as SubmitContext, request, () => {})
  if (outcome.kind === 'too_much') {
    const halves = halvesOf(kind, records)
    if (halves === undefined) throw outcome.error
    const results: EventOutcome[] = []
    for (const half of halves) results.push(...(await submit(run, half, wireList(kind, half), sentBefore)))
    return results.map((event, index) => ({...event, index}))
  }
  if (outcome.kind === 'rejected') throw outcome.error
  if (outcome.kind !== 'answered') {
    const reason = outcome.kind === 'stub' ? 'the gateway is a stub and stores nothing' : outcome.reason
    throw unknownOutcome(run, records, reason, mayHaveBeenDone)
  }
  const events = await confirmExisting(context.api as Api, {operation, database}, records, outcome.events)
  if (events.some(({state}) => state === 'unnamed'))
    throw unknownOutcome(run, records, outcome.doubt ?? 'the response does not name every event', true)
  return events
}

function halvesOf(kind: CreateKind, records: LedgerRecord[]): [LedgerRecord[], LedgerRecord[]] | undefined {
  const chains = chainsOf(kind, records)
  if (chains.length < 2) return undefined
  const middle = chains.length >> 1
  return [chains.slice(0, middle).flat(), chains.slice(middle).flat()]
}

function unknownOutcome(
  {database}: ImportRun,
  records: readonly LedgerRecord[],
  reason: string,
  maybe: boolean,
): ParixError {
  const first = records[0]!.id
  const last = records.at(-1)!.id
  const what = maybe
    ? `It is unknown whether the ${records.length} events from id ${first} to ${last} were created in ${database.name}`
    : `The ${records.length} events from id ${first} to ${last} were not sent to ${database.name}`
  return new ParixError(
    maybe ? 'OUTCOME_UNKNOWN' : 'UNAVAILABLE',
    `${what} (${reason.replace(/\.$/, '')}). The same command continues there; nothing is created twice.`,
    {retryable: true},
  )
}

function writeRefused(
  run: ImportRun,
  {records, lines}: ImportBatch,
  events: readonly EventOutcome[],
  fd: number,
): number {
  const rows = events.flatMap(({state, result, code}, index) => {
    if (state !== 'refused') return []
    const reason = statusByName(run.kind, result)?.meaning ?? 'A result that this version does not know.'
    const head = JSON.stringify({line: lines[index], result, ...(code !== undefined && {code}), reason}).slice(0, -1)
    return [`${head},"row":${wireObject(run.kind, records[index]!)}}\n`]
  })
  if (rows.length === 0) return 0
  const bytes = Buffer.from(rows.join(''))
  let written = 0
  while (written < bytes.length) written += writeSync(fd, bytes, written)
  fsyncSync(fd)
  return bytes.length
}
