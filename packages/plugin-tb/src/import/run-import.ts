/** Sends a file to the ledger, request by request, while the next one is being built. */

import {createHash} from 'node:crypto'
import {closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync} from 'node:fs'
import {reasonOf} from '@parix/files/errors'
import {deferred} from '@parix/kit/deferred'
import {ParixError} from '@parix/kit/errors'
import type {EventOutcome} from '../results/outcome.js'
import {statusByName} from '../results/statuses.js'
import type {Counts} from '../submit/count-rows.js'
import type {Turn} from '../submit/send-request.js'
import {makeTurn, NOT_ITS_TURN, type WaitingTurn} from '../submit/turn.js'
import {batches, type ImportBatch} from './batches.js'
import type {Position} from './blocks.js'
import {assertUnchanged, digestOf, type Job} from './job.js'
import type {Sent, Totals} from './job-log.js'
import {type BatchTarget, submitBatch, type WhileSending} from './submit-batch.js'
import type {WireRows} from './wire-rows.js'

export interface ImportRun extends BatchTarget {
  job: Job
  /** For errors. */
  name: string
  path: string
  /** Rows that were refused are written here, one JSON object per line. */
  refusedPath: string
  first: Position
  rows(from: Position): AsyncIterable<WireRows>
  batchEventsMax: number
  /** Requests under way at once: more than one where their order does not matter. */
  underWayMax: number
  /** Requests of this size travel before their turn, on a connection of their own; below it, that gains nothing. */
  aheadBytesMin: number
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
 * @throws ParixError BAD_INPUT when lines that were sent have changed in the file; OUTCOME_UNKNOWN when a request has no usable response
 *   (the same command continues); what the service refuses a request with
 */
export async function runImport(run: ImportRun): Promise<ImportResult> {
  const {job, name, path, first} = run
  const {progress} = job
  assertUnchanged(name, path, progress)
  const size = statSync(path).size
  if (progress.finished?.bytes === size) return {...progress.totals, unchanged: true, complete: true}
  const source = openSync(path, 'r')
  let refused: number | undefined
  try {
    refused = openRefused(run)
    const complete = await sendAll(
      run,
      batches(run.rows(progress.next ?? first), progress.next ?? first, run.batchEventsMax),
      {source, refused},
    )
    if (complete) job.finish(size, new Date(run.context.now()))
    return {...progress.totals, unchanged: false, complete}
  } finally {
    closeSync(source)
    if (refused !== undefined) closeSync(refused)
  }
}

/** After the rows of earlier requests; at the end of what is left of them, where somebody took the file away meanwhile. */
function openRefused(run: ImportRun): number {
  const {progress} = run.job
  const {refusedPath} = run
  try {
    const descriptor = openSync(refusedPath, 'a', 0o600)
    progress.refusedBytes = Math.min(progress.refusedBytes, fstatSync(descriptor).size)
    ftruncateSync(descriptor, progress.refusedBytes)
    return descriptor
  } catch (error) {
    throw refusedUnwritable(run, error, 'Nothing was sent.')
  }
}

interface Files {
  source: number
  refused: number
}

/** @returns whether the end was reached */
async function sendAll(run: ImportRun, all: AsyncGenerator<ImportBatch>, files: Files): Promise<boolean> {
  const {job} = run
  const {progress} = job
  /** Requests that may be carried out. */
  const underWay = new Set<Promise<void>>()
  /** The last one that was started, of which the last byte may still be held back. */
  let waiting: Promise<void> | undefined
  let failure: {error: unknown} | undefined
  let stopped = false
  /** Until a request has failed: there are services that read one connection at a time. */
  let ahead = true
  let turn: WaitingTurn | undefined
  const notAhead = () => {
    ahead = false
    turn?.stay()
  }
  const start = (noted: Noted): Started => {
    const sent = deferred()
    let hasEnded = false
    const ended: Promise<void> = sendOne(run, noted, files, {onSent: sent.resolve, failed: notAhead}, turn)
      .then((refused) => {
        run.progress(progress.totals)
        if (refused > 0 && run.onRefused === 'stop') stopped = true
      })
      .catch((error: unknown) => {
        if (error !== NOT_ITS_TURN) throw error
        if (!noted.sentBefore) job.unsent(noted.sent.n)
      })
      .catch((error: unknown) => {
        failure ??= {error}
      })
      .finally(() => {
        hasEnded = true
        underWay.delete(ended)
      })
    return {ended, hasEnded: () => hasEnded, hasLeft: Promise.race([sent.promise, ended])}
  }
  try {
    for (let n = progress.requests, next = all.next(); ; n++) {
      const {done, value: batch} = await next
      if (done === true || stopped || failure !== undefined) break
      // While the one before is under way, it is noted on disk, and all but its last byte is sent.
      const noted = note(run, n, batch, files.source)
      noted.onDisk.catch(() => {})
      const mayGo = () => underWay.size < run.underWayMax
      turn = mayGo() ? undefined : makeTurn(ahead && batch.body.length >= run.aheadBytesMin)
      const started = start(noted)
      waiting = started.ended
      while (!mayGo()) await Promise.race(underWay)
      if (turn && (stopped || failure !== undefined)) {
        turn.giveUp()
        break
      }
      turn?.begin()
      if (!started.hasEnded()) underWay.add(started.ended)
      // The request goes out before the processor is taken for the next one.
      await started.hasLeft
      next = all.next()
      next.catch(() => {})
    }
  } catch (error) {
    failure ??= {error}
  }
  // The files stay open for those that are under way.
  await Promise.all([...underWay, waiting])
  // Closes the file that the rows come from, where not all of them were asked for.
  await all.return(undefined)
  if (failure !== undefined) throw failure.error
  return !stopped
}

interface Started {
  ended: Promise<void>
  hasEnded(): boolean
  /** When all of it has left, or nothing will. */
  hasLeft: Promise<void>
}

/** The turn of a request that is whole only when the log has it on disk, too: it travels while that is written. */
function onceNoted({come, ahead}: Turn, onDisk: Promise<void>): Turn {
  const both = async (promise: Promise<void>) => void (await Promise.all([promise, onDisk]))
  return {come: both(come), ahead: both(ahead)}
}

/** A request that the log has. */
interface Noted {
  batch: ImportBatch
  sent: Sent
  /** By an earlier run, as far as is known. */
  sentBefore: boolean
  onDisk: Promise<void>
}

/** @throws ParixError BAD_INPUT where an earlier run sent other bytes in its place */
function note({job, name}: ImportRun, n: number, batch: ImportBatch, source: number): Noted {
  const {progress} = job
  const sent: Sent = {
    n,
    lines: [batch.from.line, batch.to.line],
    bytes: [batch.from.byte, batch.to.byte],
    rows: batch.count,
    source: digestOf(source, batch.from.byte, batch.to.byte),
    body: createHash('sha256').update(batch.body).digest('hex'),
  }
  const before = progress.ahead.get(n) ?? progress.pending.get(n)
  if (before !== undefined && (before.body !== sent.body || before.bytes[1] !== sent.bytes[1])) {
    throw new ParixError(
      'BAD_INPUT',
      `Lines ${before.lines[0]} to ${before.lines[1] - 1} of ${name} were sent, and its response was lost. They now make another request: the mapping, the chart or --batch-size has changed. Nothing was sent.`,
      {code: 'mapping_changed'},
    )
  }
  const sentBefore = before !== undefined
  return {batch, sent, sentBefore, onDisk: sentBefore ? Promise.resolve() : job.sending(sent)}
}

/** @returns how many of its rows were refused */
async function sendOne(
  run: ImportRun,
  {batch, sent, sentBefore, onDisk}: Noted,
  {refused}: Files,
  whileSending: WhileSending,
  turn: WaitingTurn | undefined,
): Promise<number> {
  const {job} = run
  const {progress} = job
  if (progress.ahead.has(sent.n)) return 0
  const early = turn?.isAhead === true ? onceNoted(turn, onDisk) : undefined
  if (early === undefined) {
    await onDisk
    await turn?.come
  }
  const outcome = await submitBatch(run, batch, sentBefore, whileSending, early).finally(() =>
    // The log is not closed while it is written.
    onDisk.catch(() => {}),
  )
  const counts = 'events' in outcome ? countEvents(outcome.events) : {...outcome, refused: 0}
  const written = 'events' in outcome ? writeRefused(run, batch, outcome.events, refused) : 0
  job.answered(sent, {...counts, refusedBytes: progress.refusedBytes + written})
  return counts.refused
}

function countEvents(events: readonly EventOutcome[]): Counts & {refused: number} {
  const counts = {created: 0, existed: 0, refused: 0}
  for (const {state} of events)
    counts[state === 'created' || state === 'stored' ? 'created' : state === 'exists' ? 'existed' : 'refused']++
  return counts
}

function writeRefused(run: ImportRun, batch: ImportBatch, events: readonly EventOutcome[], fd: number): number {
  const rows = events.flatMap(({state, result, code}, index) => {
    if (state !== 'refused') return []
    const reason = statusByName(run.kind, result)?.meaning ?? 'A result that this version does not know.'
    const line = batch.lines[index]
    const head = JSON.stringify({line, result, ...(code !== undefined && {code}), reason}).slice(0, -1)
    return [`${head},"row":${batch.event(index)}}\n`]
  })
  if (rows.length === 0) return 0
  const bytes = Buffer.from(rows.join(''))
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
    fsyncSync(fd)
  } catch (error) {
    throw refusedUnwritable(run, error, 'The same command continues there; nothing is created twice.')
  }
  return bytes.length
}

function refusedUnwritable({refusedPath}: Pick<ImportRun, 'refusedPath'>, error: unknown, outcome: string): ParixError {
  return new ParixError(
    'FAILED',
    `The file for refused rows, ${refusedPath}, can't be written: ${reasonOf(error)}. ${outcome}`,
    {code: 'refused_unwritable', retryable: true, cause: error},
  )
}
