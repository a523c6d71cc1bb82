import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {parseDuration} from '@parix/kit/duration'
import {startProgress, type Terminal} from '@parix/kit/output'
import {commandLine} from '@parix/kit/shell-words'
import {onSignalSay} from '@parix/kit/signals'
import type {CreateKind} from './checks/batch.js'
import {type Entry, eventsOf} from './outbox/entry.js'
import {outboxPlace} from './outbox/folder.js'
import {openOutbox} from './outbox/store.js'
import type {LedgerRecord} from './records/kinds.js'
import {type Report, report} from './report.js'
import {readBody} from './submit/bodies.js'
import {createAll} from './submit/create.js'
import {counted} from './submit/endings.js'
import {submitEntry} from './submit/submit-entry.js'
import {DEFAULT_LIMITS, REAL_TIME, type SubmitLimits, type SubmitWorld} from './submit/world.js'
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
