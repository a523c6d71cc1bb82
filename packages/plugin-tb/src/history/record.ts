/**
 * What was written to which ledger, on this machine: one line of JSON per call, in a file per day (UTC). It answers "why was
 * it refused last week", which no ledger can: a refused event leaves nothing there.
 *
 * It is a record beside the payment and never part of it: where it can't be written the payment stands as it is.
 */

import {closeSync, constants, fstatSync, openSync, readSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {makeDirectory} from '@parix/files/atomic-write'
import {errnoOf, reasonOf} from '@parix/files/errors'
import type {Environment} from '@parix/files/paths'
import {isParixError, type ParixError} from '@parix/kit/errors'
import {readSettings, settingsPath} from '@parix/kit/settings'
import type {CreateKind} from '@parix/ledger/schema'
import type {Job} from '../import/job.js'
import {outboxPlace} from '../outbox/directory.js'
import {type Entry, eventsOf} from '../outbox/entry.js'
import type {LedgerRecord} from '../records/kinds.js'
import type {EventOutcome} from '../results/outcome.js'

/** `created`: all of it is in the ledger. `unknown`: it may be; the call is in the outbox. `not_sent`: certainly nothing was done. */
export type HistoryOutcome = 'created' | 'refused' | 'unknown' | 'not_sent'

export interface HistoryEvent {
  id: string
  /** TigerBeetle's name; `unknown` where there is no response. */
  result: string
  /** Nanoseconds since 1970. */
  timestamp?: string
  /** Fields as they were sent; integers as text. */
  sent: Record<string, string>
}

/** One line of a history file. Integers of 64 and 128 bits are text. */
export interface HistoryLine {
  version: 1
  /** Id of the outbox entry, or of the import. A call that is resumed has a line for each command. */
  id: string
  /** ISO 8601, UTC. */
  at: string
  /** `tb entry`. */
  command: string
  baseUrl: string
  /** For which organization, where that was known. */
  organization?: string
  database: {id: string; name: string}
  operation: string
  outcome: HistoryOutcome
  /** Number of events of the call, and how many of them were refused. */
  count: number
  refused: number
  firstId?: string | undefined
  lastId?: string | undefined
  /** The events, unless there are many: then only refused ones, the first of them. */
  events: HistoryEvent[]
  /** What was said where it did not succeed, with the numbers behind a refusal. */
  error?: {code: string; message: string; details: string[]}
  /** Of an import: the file. */
  file?: string
}

/** More events of a call than this are not listed one by one. */
const EVENTS_MAX = 200

/** Whether something is written: PARIX_HISTORY, else `history` in the user's settings; on where neither says. */
export function historyIsOn(environment: Environment): boolean {
  const said = environment.PARIX_HISTORY
  if (said !== undefined && said !== '') return !/^(0|off|no|false)$/i.test(said)
  try {
    return readSettings(settingsPath('user', environment, '/'))?.history !== false
  } catch {
    // Settings that can't be read are an error of the commands that need them.
    return true
  }
}

/** `history` in the state directory, beside the outbox. */
export function historyDirectory(environment: Environment): string {
  return join(outboxPlace(environment).path, '..', 'history')
}

/** A call that came to an end, whichever. */
export interface EndedCall {
  command: string
  entry: Entry
  /** Its events; undefined for a large file, which is not in memory. */
  records: readonly LedgerRecord[] | undefined
  /** Undefined where there is none for the call as a whole. */
  outcomes?: readonly EventOutcome[] | undefined
  error?: unknown
}

/** The line of a call of the outbox. */
export function lineOf({command, entry, records, outcomes, error}: EndedCall, now: Date): HistoryLine {
  const {id, baseUrl, organization, database, operation, batches} = entry.file
  const refused = outcomes?.filter(({state}) => state === 'refused') ?? []
  const few = records !== undefined && records.length <= EVENTS_MAX
  const listed = few ? records.map((_, index) => index) : refused.slice(0, EVENTS_MAX).map(({index}) => index)
  // Of a streamed call they have gaps, which `flatMap` passes over.
  const outcomeAt = new Map(outcomes?.flatMap((outcome) => [[outcome.index, outcome] as const]))
  const ids = new Map(refused.map((event) => [event.index, BigInt(event.id)]))
  return {
    version: 1,
    id,
    at: now.toISOString(),
    command,
    baseUrl,
    ...(organization && {organization: organization.name ?? organization.id}),
    database: {id: database.id, name: database.name},
    operation,
    outcome: outcomeOf(outcomes, refused.length, error),
    count: eventsOf(entry),
    refused: refused.length,
    firstId: batches[0]?.firstId,
    lastId: batches.at(-1)?.lastId,
    events: listed.map((index) => eventOf(records?.[index] ?? {id: ids.get(index)!}, outcomeAt.get(index), error)),
    ...(error !== undefined && {error: errorOf(error)}),
  }
}

function outcomeOf(outcomes: EndedCall['outcomes'], refused: number, error: unknown): HistoryOutcome {
  if (outcomes !== undefined) return refused > 0 ? 'refused' : 'created'
  const kept = isParixError(error) && error.details.outbox !== undefined
  return kept ? 'unknown' : 'not_sent'
}

function eventOf(record: LedgerRecord, outcome: EventOutcome | undefined, error: unknown): HistoryEvent {
  const sent: Record<string, string> = {}
  for (const [field, value] of Object.entries(record)) if (field !== 'id') sent[field] = String(value)
  const result = outcome?.result ?? outcomeOf(undefined, 0, error)
  return {
    id: String(record.id),
    result,
    ...(outcome?.timestamp !== undefined && {timestamp: outcome.timestamp}),
    sent,
  }
}

function errorOf(error: unknown): NonNullable<HistoryLine['error']> {
  if (!isParixError(error)) return {code: 'internal', message: String(error), details: []}
  const {code, message, details} = error as ParixError
  return {code, message, details: [...(details.errors ?? [])].slice(0, EVENTS_MAX)}
}

/**
 * Appends a line. What goes wrong is said and nothing more: the payment is not what failed.
 *
 * @param line made only where the history is on
 */
export function remember(environment: Environment, say: (sentence: string) => void, line: () => HistoryLine): void {
  try {
    if (!historyIsOn(environment)) return
    const written = line()
    append(historyDirectory(environment), `${written.at.slice(0, 10)}.ndjson`, `${JSON.stringify(written)}\n`)
  } catch (error) {
    say(`This is not in the history of this machine: ${reasonOf(error).replace(/\.$/, '')}.`)
  }
}

/** The parts of an import that its line needs. */
interface ImportedCall {
  kind: CreateKind
  environment: Environment
  database: {id: string; name: string}
  terminal: {say(sentence: string): void}
}

/** One line for the whole run: what became of each row is in the job, and in the file of refused rows. */
export function rememberImport(
  {kind, environment, database: {id, name}, terminal}: ImportedCall,
  {file, progress}: Pick<Job, 'file' | 'progress'>,
  source: string,
  failure: unknown,
): void {
  const {rows, refused} = progress.totals
  const inDoubt = progress.pending.size > 0
  if (rows === 0 && !inDoubt && failure === undefined) return
  remember(environment, terminal.say, () => ({
    version: 1,
    id: file.id,
    at: new Date().toISOString(),
    command: `tb import ${kind}s`,
    baseUrl: file.baseUrl,
    ...(file.organization && {organization: file.organization.name ?? file.organization.id}),
    database: {id, name},
    operation: `create_${kind}s`,
    outcome: inDoubt ? 'unknown' : refused > 0 ? 'refused' : rows > 0 ? 'created' : 'not_sent',
    count: rows,
    refused,
    events: [],
    file: source,
    ...(failure !== undefined && {error: errorOf(failure)}),
  }))
}

const {O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW = 0} = constants

/** One write, so that lines of several processes never mix. A line that a crash cut off is closed first. */
function append(directory: string, name: string, line: string): void {
  const file = openIn(directory, name)
  try {
    const {size} = fstatSync(file)
    const last = Buffer.alloc(1)
    const isCut = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a
    const bytes = Buffer.from(isCut ? `\n${line}` : line)
    if (writeSync(file, bytes) !== bytes.length) throw new Error('the line could not be written as a whole.')
  } finally {
    closeSync(file)
  }
}

function openIn(directory: string, name: string): number {
  const open = () => openSync(join(directory, name), O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW, 0o600)
  try {
    return open()
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    makeDirectory(directory)
    return open()
  }
}
