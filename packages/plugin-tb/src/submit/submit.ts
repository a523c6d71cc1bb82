import type {Chart} from '@parix/books/chart'
import type {Api} from '@parix/kit/api'
import type {Effect} from '@parix/kit/command'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {startProgress, type Terminal} from '@parix/kit/output'
import {onSignalSay} from '@parix/kit/signals'
import type {CreateKind} from '@parix/ledger/schema'
import {outboxPlace} from '../outbox/directory.js'
import {type Entry, eventsOf, kindOf} from '../outbox/entry.js'
import {release} from '../outbox/entry-lock.js'
import {openOutbox} from '../outbox/store.js'
import type {ReceiptFile} from '../receipts/receipt.js'
import type {LedgerRecord} from '../records/kinds.js'
import {databaseName, type Report, report} from '../results/report.js'
import {type FileReport, reportFile} from '../results/report-file.js'
import {count} from '../views/tables.js'
import {
  type CreateCall,
  type FileCall,
  leftWithKey,
  type PlacedCall,
  placeFile,
  placeInOutbox,
  recordsOf,
} from './place-call.js'
import {limitsOf, noted, REAL_TIME, type SubmitContext} from './send-request.js'
import {type Submission, submitEntry} from './submit-entry.js'
import {counted} from './submit-errors.js'

/** What a command brings. */
export interface SubmissionOptions {
  api: Api
  terminal: Terminal
  environment: NodeJS.ProcessEnv
  retryFor?: string | undefined
  /** See `ParixCommand.announce`: an entry leaves the outbox when its outcome was shown. */
  announce: (effect: Effect) => void
  /** For names and money in the table. */
  chart?: Chart
  /** Says what is about to be sent, in place of the generated ids. */
  placed?: (records: readonly LedgerRecord[]) => void
  /** Which command it is, for the history: `tb entry`. */
  command?: string
  /** Where the receipt goes; see `--receipt`. */
  receipt?: ReceiptFile | undefined
  /** An id that another process gave other contents is expected, and handled by the caller. */
  calm?: boolean
}

/** Creates by way of the outbox. @throws ParixError REFUSED, OUTCOME_UNKNOWN, … */
export async function submitRecords(options: SubmissionOptions, call: CreateCall): Promise<Report> {
  const context = openContext(options)
  const large = call.records.length > call.batchEventsMax
  const writing = large ? startProgress(options.terminal, {text: 'Writing the outbox'}) : NO_PROGRESS
  const placed = atOnce(() => placeInOutbox(context, call), writing.end)
  if (options.placed === undefined) sayGenerated(options, placed, call.kind)
  else options.placed(placed.records)
  const {records} = placed
  return submitPlaced(options, context, placed, (submission) =>
    report(options, submission, {records, placeOf: call.placeOf}),
  )
}

/** The same for a file whose events are never all in memory. */
export async function submitFile(options: SubmissionOptions, call: FileCall & {name: string}): Promise<FileReport> {
  const context = openContext(options)
  const writing = startProgress(options.terminal, {text: 'Writing the outbox'})
  const {entry, resumed} = await placeFile(context, call).finally(writing.end)
  const {generated, events} = call.file
  const ids = generated === events ? idsAround(entry) : undefined
  if (generated > 0) sayManyGenerated(options, entry, {generated, ids})
  const placeOf = (index: number) => call.name + call.file.where(index)
  return submitPlaced(options, context, {entry, resumed}, (submission) =>
    reportFile(options, context.outbox, submission, {placeOf}),
  )
}

/** Resumes the call with this key that an earlier command left behind; undefined where there is none. */
export async function resumeKey(
  options: SubmissionOptions,
  database: ResolvedDatabase,
  key: string,
): Promise<Report | undefined> {
  const context = openContext(options)
  const placed = leftWithKey(context, database, key)
  if (placed === undefined) return undefined
  const {records} = placed
  options.placed?.(records)
  return submitPlaced(options, context, placed, (submission) => report(options, submission, {records}))
}

/** Sends again what is in the outbox. */
export async function resumeEntry(options: SubmissionOptions, entry: Entry): Promise<Report | FileReport> {
  const context = openContext(options)
  if (entry.file.streamed) {
    return submitPlaced(options, context, {entry, resumed: true}, (submission) =>
      reportFile(options, context.outbox, submission, {amongOthers: true}),
    )
  }
  const records = recordsOf(context.outbox, entry)
  return submitPlaced(options, context, {entry, resumed: true}, (submission) => report(options, submission, {records}))
}

function atOnce<T>(work: () => T, end: () => void): T {
  try {
    return work()
  } finally {
    end()
  }
}

async function submitPlaced<Shown>(
  options: SubmissionOptions,
  context: SubmitContext,
  {entry, resumed}: Pick<PlacedCall, 'entry' | 'resumed'>,
  reportOf: (submission: Submission) => Promise<Shown>,
): Promise<Shown> {
  const {terminal} = options
  const resume = resumeCommand(options, entry.file.id)
  const progress = progressOf(terminal, entry)
  onSignalSay(() => terminal.warn(interrupted(entry, resume)))
  let submission: Submission | undefined
  let failure: unknown
  try {
    admitReceipt(options, context, {entry, resumed})
    submission = await submitEntry(context, entry, {resumed, resume, progress: progress.update})
    onSignalSay(() => terminal.warn(`Interrupted. ${inLedger(submission!)}\nNext: ${resume}`))
    await writeReceipt(options, context, submission)
    options.announce(effectOf(context, submission, resume))
    return await reportOf(submission)
  } catch (error) {
    failure = error
    onSignalSay(() => {})
    throw error
  } finally {
    const {remember, lineOf} = await import('../history/record.js')
    const {command = 'tb'} = options
    remember(options.environment, terminal.say, () => {
      const records = entry.file.streamed ? undefined : recordsOf(context.outbox, entry)
      return lineOf({command, entry, records, outcomes: submission?.events, error: failure}, new Date(context.now()))
    })
    progress.end()
  }
}

/** A call that is new leaves the outbox again where its receipt would replace another; nothing was sent. */
function admitReceipt(
  {receipt}: SubmissionOptions,
  {outbox}: SubmitContext,
  {entry, resumed}: Pick<PlacedCall, 'entry' | 'resumed'>,
): void {
  try {
    receipt?.admit(entry)
  } catch (error) {
    if (resumed) release(entry)
    else outbox.strikeOff(entry)
    throw error
  }
}

/** Before the entry may leave the outbox: a receipt that can't be written is written when the same command is given again. */
async function writeReceipt(
  {receipt, api, calm}: SubmissionOptions,
  {outbox}: SubmitContext,
  submission: Submission,
): Promise<void> {
  const refused = submission.events.some(({state}) => state === 'refused')
  // What is tried again has its receipt then.
  if (receipt === undefined || (calm === true && refused)) return
  try {
    await receipt.write(api, submission, recordsOf(outbox, submission.entry))
  } catch (error) {
    release(submission.entry)
    throw error
  }
}

/** The entry stays until the outcome was shown: only then is the same command, given again, a new call. */
function effectOf(context: SubmitContext, submission: Submission, resume: string): Effect {
  const {entry} = submission
  return {
    shown: () => noted(context, () => context.outbox.strikeOff(entry)),
    unshown(why) {
      release(entry)
      return new ParixError('UNAVAILABLE', `${inLedger(submission)} ${why}`, {
        code: 'output_failed',
        errors: ['The outcome is kept in the outbox: the same command shows it, and creates nothing a second time.'],
        ids: entry.file.streamed ? idsAround(entry) : submission.events.map(({id}) => id),
        outbox: entry.file.id,
        retryable: true,
        next: resume,
      })
    },
  }
}

/** `1 transfer (id 7) is in books.` */
function inLedger(submission: Submission): string {
  const {entry, events} = submission
  const name = databaseName(submission)
  const refused = events.filter(({state}) => state === 'refused').length
  const there = events.length - refused
  const created =
    there === 0 ? '' : `${counted(entry, there)} (id ${idsThere(submission)}) ${there === 1 ? 'is' : 'are'} in ${name}.`
  return `${created}${refused === 0 ? '' : ` ${counted(entry, refused)} ${refused === 1 ? 'was' : 'were'} refused.`}`.trim()
}

function idsThere({entry, events}: Submission): string {
  if (entry.file.streamed) return idsAround(entry).join(' to ')
  const there = events.filter(({state}) => state !== 'refused')
  if (there.length <= IDS_SHOWN_MAX) return there.map(({id}) => id).join(', ')
  return `${there[0]!.id} to ${there.at(-1)!.id}`
}

/** The first and the last id of an entry. */
function idsAround({file: {batches}}: Entry): string[] {
  return [batches[0]!.firstId, batches.at(-1)!.lastId]
}

function openContext({api, terminal, environment, retryFor}: SubmissionOptions): SubmitContext {
  const place = outboxPlace(environment)
  if (place.temporary) {
    terminal.warn(
      `There is no HOME: the outbox is in ${place.path}, which may be emptied. PARIX_STATE_DIR names another directory.`,
    )
  }
  return {api, outbox: openOutbox(place), say: terminal.say, ...REAL_TIME, limits: limitsOf(environment, retryFor)}
}

function resumeCommand({api}: SubmissionOptions, id: string): string {
  return renderCommand(nextCommand('tb outbox resume', {args: [id]}), api.base)
}

const IDS_SHOWN_MAX = 20

/** Flaw 2: an id that we generated is on the screen, and on the disk, before anything is sent. */
function sayGenerated(
  {terminal}: Pick<SubmissionOptions, 'terminal'>,
  {entry, records, generated}: PlacedCall,
  kind: CreateKind,
): void {
  if (generated.length === 0) return
  if (generated.length > IDS_SHOWN_MAX) {
    const ids = [generated[0]!, generated.at(-1)!].map(String)
    sayManyGenerated({terminal}, entry, {generated: generated.length, ids})
    return
  }
  const called = kind === 'account' ? 'Account' : 'Transfer'
  for (const id of generated) terminal.say(`${called} ${id} (generated id)`)
  if (records.length > 1) sayKept(terminal, entry)
}

/** @param ids the first and the last, where they are known */
function sayManyGenerated(
  {terminal}: Pick<SubmissionOptions, 'terminal'>,
  entry: Entry,
  {generated, ids}: {generated: number; ids: string[] | undefined},
): void {
  const range = ids === undefined ? '' : `, from ${ids.join(' to ')}`
  terminal.say(`${count(kindOf(entry.file.operation), generated)} with generated ids${range}`)
  sayKept(terminal, entry)
}

function sayKept(terminal: Terminal, entry: Entry): void {
  terminal.say(
    `Kept until all of it has an outcome: ${renderCommand(nextCommand('tb outbox show', {args: [entry.file.id]}))}`,
  )
}

function interrupted(entry: Entry, resume: string): string {
  const {batches, database} = entry.file
  const events = eventsOf(entry)
  const [firstId, lastId] = [batches[0]!.firstId, batches.at(-1)!.lastId]
  const ids = events === 1 ? `id ${firstId}` : `ids ${firstId} to ${lastId}`
  return `Interrupted. It is unknown whether ${counted(entry, events)} (${ids}) in ${database.name} ${events === 1 ? 'was' : 'were'} created; kept in the outbox.\nNext: ${resume}`
}

interface ResponseProgress {
  update(answered: number): void
  end(): void
}

const NO_PROGRESS: ResponseProgress = {update: () => {}, end: () => {}}

/** A single request is waited for by the line that every request has. */
function progressOf(terminal: Terminal, entry: Entry): ResponseProgress {
  if (entry.file.batches.length < 2) return NO_PROGRESS
  const state = (done: number) => ({text: 'Sending', done, total: eventsOf(entry), unit: counted(entry, 2).slice(2)})
  const progress = startProgress(terminal, state(0))
  return {update: (answered) => progress.update(state(answered)), end: progress.end}
}
