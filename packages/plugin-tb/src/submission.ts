import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {parseDuration} from '@parix/kit/duration'
import {isParixError} from '@parix/kit/errors'
import {startProgress, type Terminal, type View} from '@parix/kit/output'
import {commandLine} from '@parix/kit/shell-words'
import {onSignalSay} from '@parix/kit/signals'
import type {CreateKind} from './checks/batch.js'
import {type Entry, eventsOf, kindOf} from './outbox/entry.js'
import {outboxPlace} from './outbox/folder.js'
import {openOutbox} from './outbox/store.js'
import type {LedgerRecord} from './records/kinds.js'
import {numbersBehind} from './results/numbers.js'
import {refusalError} from './results/refusal.js'
import type {CreateAnswer} from './submit/answer.js'
import {createAll} from './submit/create.js'
import {counted} from './submit/endings.js'
import {readBody, type Submission, submitEntry} from './submit/submit-entry.js'
import {DEFAULT_LIMITS, REAL_TIME, type SubmitLimits, type SubmitWorld} from './submit/world.js'
import {createdView} from './views/created.js'
import {count} from './views/tables.js'

/** What a command brings. */
export interface SubmissionOptions {
  api: Api
  terminal: Terminal
  environment: NodeJS.ProcessEnv
  /** `--base-url`, where it was given: the command that goes on needs it as well. */
  baseUrlFlag: string | undefined
  retryFor?: string | undefined
}

export interface RecordsCall {
  kind: CreateKind
  records: readonly LedgerRecord[]
  generated: ReadonlySet<bigint>
  database: ResolvedDatabase
  batchEventsMax: number
}

/** What a create call did, for `--json` and for people. */
export interface Report {
  answer: CreateAnswer
  view: View
  /** What is now true, and how to look at it (rule 19); for stderr, behind the answer. */
  notices: string[]
}

/** Creates by way of the outbox. @throws ParixError REFUSED, OUTCOME_UNKNOWN, … */
export async function submitRecords(options: SubmissionOptions, call: RecordsCall): Promise<Report> {
  const world = openWorld(options)
  let progress = NO_PROGRESS
  try {
    const submission = await createAll(world, {
      ...call,
      resume: (id) => resumeCommand(options, id),
      kept: (entry) => {
        announce(options, entry, call)
        progress = progressOf(options.terminal, entry)
      },
      progress: (answered) => progress.update(answered),
    })
    return await report(options, submission, call.records)
  } finally {
    progress.end()
    onSignalSay(() => {})
  }
}

/** Sends again what is in the outbox. */
export async function resumeEntry(options: SubmissionOptions, entry: Entry): Promise<Report> {
  const world = openWorld(options)
  const records = entry.file.batches.flatMap((batch) => readBody(world, entry, batch))
  const progress = progressOf(options.terminal, entry)
  onSignalSay(() => options.terminal.warn(interrupted(options, entry)))
  try {
    const resume = resumeCommand(options, entry.file.id)
    const submission = await submitEntry(world, entry, {resumed: true, resume, progress: progress.update})
    return await report(options, submission, records)
  } finally {
    progress.end()
    onSignalSay(() => {})
  }
}

function openWorld({api, terminal, environment, retryFor}: SubmissionOptions): SubmitWorld {
  const place = outboxPlace(environment)
  if (place.temporary) {
    terminal.warn(
      `There is no HOME: the outbox is in ${place.path}, which may be emptied. PARIX_STATE_DIR names another folder.`,
    )
  }
  return {api, outbox: openOutbox(place), say: terminal.say, ...REAL_TIME, limits: limitsOf(environment, retryFor)}
}

/** `--retry-for` (or PARIX_RETRY_FOR), and two that are for tests and slow lines. */
function limitsOf(environment: NodeJS.ProcessEnv, retryFor: string | undefined): SubmitLimits {
  const limits = {...DEFAULT_LIMITS}
  if (retryFor !== undefined) limits.retryForMs = parseDuration('--retry-for', retryFor)
  const {PARIX_RETRY_DELAY, PARIX_ANSWER_TIMEOUT} = environment
  if (PARIX_RETRY_DELAY) limits.retryDelayMs = parseDuration('PARIX_RETRY_DELAY', PARIX_RETRY_DELAY)
  if (PARIX_ANSWER_TIMEOUT) limits.answerTimeoutMs = parseDuration('PARIX_ANSWER_TIMEOUT', PARIX_ANSWER_TIMEOUT)
  // A longer time is asked for in order to have more attempts.
  limits.attemptsMax = Math.max(limits.attemptsMax, Math.ceil(limits.retryForMs / limits.retryDelayMsMax) + 8)
  return limits
}

function resumeCommand({baseUrlFlag}: SubmissionOptions, id: string): string {
  return commandLine([
    'parix',
    'tb',
    'outbox',
    'resume',
    id,
    ...(baseUrlFlag === undefined ? [] : ['--base-url', baseUrlFlag]),
  ])
}

const IDS_SHOWN_MAX = 20

/** Flaw 2: an id that we made is on the screen, and on the disk, before anything is sent. */
function announce(options: SubmissionOptions, entry: Entry, {kind, records, generated}: RecordsCall): void {
  onSignalSay(() => options.terminal.warn(interrupted(options, entry)))
  if (generated.size === 0) return
  const ids = [...generated]
  const called = kind === 'account' ? 'Account' : 'Transfer'
  if (ids.length <= IDS_SHOWN_MAX) for (const id of ids) options.terminal.say(`${called} ${id} (generated id)`)
  else options.terminal.say(`${count(kind, ids.length)} with generated ids, from ${ids[0]} to ${ids.at(-1)}`)
  if (records.length > 1) options.terminal.say(`Kept until all is answered: parix tb outbox show ${entry.file.id}`)
}

function interrupted(options: SubmissionOptions, entry: Entry): string {
  const {file} = entry
  const {firstId, lastId} = {firstId: file.batches[0]!.firstId, lastId: file.batches.at(-1)!.lastId}
  const ids = firstId === lastId ? `id ${firstId}` : `ids ${firstId} to ${lastId}`
  return `Interrupted. Whether ${counted(entry, eventsOf(entry))} (${ids}) in ${file.database.name} came about is not known; kept in the outbox.\nNext: ${resumeCommand(options, file.id)}`
}

interface AnswerProgress {
  update(answered: number): void
  end(): void
}

const NO_PROGRESS: AnswerProgress = {update: () => {}, end: () => {}}

/** A single request is waited for by the line that every request has. */
function progressOf(terminal: Terminal, entry: Entry): AnswerProgress {
  if (entry.file.batches.length < 2) return NO_PROGRESS
  const state = (done: number) => ({text: 'Sending', done, total: eventsOf(entry), unit: counted(entry, 2).slice(2)})
  const progress = startProgress(terminal, state(0))
  return {update: (answered) => progress.update(state(answered)), end: progress.end}
}

async function report(
  options: SubmissionOptions,
  submission: Submission,
  records: readonly LedgerRecord[],
): Promise<Report> {
  const kind = kindOf(submission.entry.file.operation)
  await throwRefusal(options, submission, kind, records)
  return {
    answer: createAnswer(submission),
    view: createdView(kind, records, submission.events),
    notices: noticesOf(kind, submission),
  }
}

async function throwRefusal(
  {api, terminal}: SubmissionOptions,
  submission: Submission,
  kind: CreateKind,
  records: readonly LedgerRecord[],
): Promise<void> {
  const {entry, events, retried} = submission
  const refused = events.filter(({state}) => state === 'refused')
  if (refused.length === 0) return
  const numbers = await numbersBehind(api, entry.file.database.id, records, refused).catch((error: unknown) => {
    // The refusal stands without them.
    if (isParixError(error)) return new Map<number, string>()
    throw error
  })
  const error = refusalError({kind, database: databaseName(submission), records, events, retried, numbers})!
  if (error.message.startsWith('ALARM')) {
    terminal.warn(terminal.paint.stderr(['red', 'bold', 'inverse'], ' ONE ID, TWO DIFFERENT CONTENTS '))
  }
  throw error
}

function noticesOf(kind: CreateKind, submission: Submission): string[] {
  const {events, retried, attempts} = submission
  const name = databaseName(submission)
  const found = events.filter(({state}) => state === 'exists').length
  const tries = attempts > 1 ? ` after ${attempts} attempts` : ''
  const one = events.length === 1
  const notices = [`${count(kind, events.length)} ${one ? 'is' : 'are'} in ${name}${tries}${one ? '' : ', each once'}.`]
  if (found > 0 && retried)
    notices.push(`${count(kind, found)} had been made by an earlier attempt, whose answer was lost.`)
  if (found > 0 && !retried) notices.push(`${count(kind, found)} had been there before, with the same contents.`)
  const lookup = kind === 'account' ? 'lookup-accounts' : 'lookup-transfers'
  if (one) notices.push(`Look at it: ${commandLine(['parix', 'tb', lookup, name, '--id', events[0]!.id])}`)
  return notices
}

/** As the service spells it; a database that was given by its id has no other name before. */
function databaseName({entry, envelope}: Submission): string {
  return typeof envelope.databaseName === 'string' ? envelope.databaseName : entry.file.database.name
}

function createAnswer(submission: Submission): CreateAnswer {
  const {entry, events, attempts, retried, envelope} = submission
  const {operation, database, batches} = entry.file
  const {requestPayload, ...said} = envelope
  return {
    ...said,
    ok: true,
    operation,
    databaseId: database.id,
    databaseName: databaseName(submission),
    ...(requestPayload !== undefined && batches.length === 1 && {requestPayload}),
    responsePayload: events.map(({index, id, result, timestamp}) => ({
      index,
      id,
      result,
      ...(timestamp !== undefined && {timestamp}),
    })),
    attempts,
    retried,
  }
}
