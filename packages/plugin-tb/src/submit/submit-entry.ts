import {isParixError, type ParixError} from '@parix/kit/errors'
import {halve} from '../events/batches.js'
import {type BatchFile, type Entry, kindOf, type Request} from '../outbox/entry.js'
import {release} from '../outbox/entry-lock.js'
import {readRows, stubResponse} from '../reads/query.js'
import {wireIds, wireList} from '../records/wire.js'
import {type Envelope, ledgerIn, otherLedgerIn} from '../results/envelope.js'
import type {EventOutcome} from '../results/outcome.js'
import type {Classified} from './classify-response.js'
import {confirmExisting} from './confirm-existing.js'
import {outcomesText} from './count-rows.js'
import {type AllThere, noted, type SubmitContext, sendBatch} from './send-request.js'
import {StreamedRequests} from './streamed-requests.js'
import {
  databaseGone,
  type Ending,
  keptAfterRefusal,
  notCarriedOut,
  otherLedger,
  outcomeUnknown,
} from './submit-errors.js'

/** How an entry is submitted. */
export interface SubmitOptions {
  /** The entry was left behind by an earlier command, which may have sent what has no response. */
  resumed: boolean
  /** The command that resumes the entry where this one stops. */
  resume: string
  /** Called after each request with how many events have a response. */
  progress?: (answered: number) => void
}

/** Everything has an outcome. The entry stays in the outbox until that was shown: then `Outbox.strikeOff`. */
export interface Submission {
  entry: Entry
  /** One for each event of the call, in order. Of a streamed entry only those of requests with refusals, at their places. */
  events: EventOutcome[]
  /** Of a streamed entry: events that are in the ledger and not in `events`, by state. */
  counted: Record<'created' | 'exists' | 'stored', number>
  /** The most attempts that one request took; 0 where all outcomes were known from an earlier command. */
  attempts: number
  /** Whether an event may have been created by an earlier attempt than the one that was answered. */
  retried: boolean
  /** What the service said along with the last response. */
  envelope: Envelope
}

/**
 * Sends what has no outcome yet, request by request, and writes each outcome beside its request. Where one can't be found
 * out the entry stays, unless it is certain that nothing of it was carried out.
 *
 * @throws ParixError OUTCOME_UNKNOWN, UNAVAILABLE, NOT_FOUND where the database is gone, CONFLICT at another ledger, or what the
 *   service refused the request with
 */
export async function submitEntry(context: SubmitContext, entry: Entry, options: SubmitOptions): Promise<Submission> {
  const done: Submission = {
    entry,
    events: [],
    counted: {created: 0, exists: 0, stored: 0},
    attempts: 0,
    retried: options.resumed,
    envelope: {},
  }
  const {batches} = entry.file
  let doubtful = options.resumed
  const streamed = entry.file.streamed ? new StreamedRequests(context, entry, options.resumed) : undefined
  try {
    for (let place = 0; place < batches.length; ) {
      const batch = batches[place]!
      const earlier = context.outbox.outcomes(entry, batch)
      if (earlier) add(done, earlier)
      else {
        const step = stepOf(context, {entry, place, batch, done, options})
        if (doubtful) await assertSameLedger(context, step)
        // Of a streamed entry, outcomes of several requests may have been on their way to the disk.
        const sentBefore = doubtful || (options.resumed && streamed !== undefined) || batch.failedAttempts > 0
        const result = streamed
          ? await streamed.send(batch, () => step.request, sentBefore)
          : await sendBatch(context, {entry, batch, request: () => step.request}, sentBefore)
        doubtful = false
        done.attempts = Math.max(done.attempts, result.attempts)
        done.retried ||= result.mayHaveBeenDone
        if (result.outcome.kind !== 'all_there') streamed?.stay()
        if (result.outcome.kind === 'too_much' && divide(context, step)) continue
        if (result.outcome.kind === 'all_there')
          addCounted(context, step, result.outcome, (write) => streamed!.writeLater(write), result.body!)
        else if (result.outcome.kind !== 'answered')
          throw await unanswered(context, step, result.outcome, result.mayHaveBeenDone)
        else add(done, await confirm(context, step, result.outcome))
        done.envelope = result.outcome.envelope
      }
      place++
      options.progress?.(done.events.length)
    }
  } finally {
    await streamed?.end()
  }
  return done
}

/** A request of the entry, and what is known around it. */
interface Step {
  entry: Entry
  place: number
  batch: BatchFile
  request: Request
  done: Submission
  options: SubmitOptions
}

/** A request is read from the disk when it is looked at: of a streamed entry that is seldom. */
function stepOf(context: SubmitContext, known: Omit<Step, 'request'>): Step {
  let request: Request | undefined
  return {
    ...known,
    get request() {
      request ??= context.outbox.request(known.entry, known.batch)
      return request
    },
  }
}

function add(done: Submission, events: readonly EventOutcome[]): void {
  const offset = done.events.length
  if (done.entry.file.streamed && !events.some(({state}) => state === 'refused')) {
    for (const {state} of events) done.counted[state as 'created']++
    done.events.length += events.length
    return
  }
  for (const event of events) done.events.push({...event, index: offset + event.index})
}

/** A request of a streamed entry in which every event is there: its outcomes go to the disk without being taken apart. */
function addCounted(
  context: SubmitContext,
  {entry, batch, done}: Step,
  outcome: AllThere,
  writeLater: StreamedRequests['writeLater'],
  body: Buffer,
): void {
  const {created, existed, rows, envelope} = outcome
  noteLedger(context, entry, envelope)
  const {outbox} = context
  writeLater(() => noted(context, () => outbox.saveOutcomeBytes(entry, batch, outcomesText(body, rows))))
  done.counted.created += created
  done.counted.exists += existed
  done.events.length += batch.events
}

/**
 * Looks up what the response leaves open, and writes the outcomes down. One event that can't be confirmed leaves the request
 * without an outcome.
 */
async function confirm(
  context: SubmitContext,
  step: Step,
  answered: Classified & {kind: 'answered'},
): Promise<EventOutcome[]> {
  const {entry, batch, request} = step
  const {doubt, envelope} = answered
  noteLedger(context, entry, envelope)
  const fail = (reason: string, events: readonly EventOutcome[]) => {
    batch.failedAttempts++
    batch.lastFault = reason
    noted(context, () => context.outbox.save(entry))
    release(entry)
    return outcomeUnknown(ending(step, reason, events))
  }
  const because =
    doubt === undefined ? 'the response does not name every event' : `the response can't be relied on: ${doubt}`
  let events: EventOutcome[]
  try {
    events = await confirmExisting(context.api, entry.file, request.records, answered.events)
  } catch (error) {
    if (!isParixError(error)) throw error
    throw fail(`${because}; looking it up failed: ${error.message}`, answered.events)
  }
  const open = events.filter(({state}) => state === 'unnamed')
  if (open.length > 0) {
    const missing = open.length === 1 ? `id ${open[0]!.id} is` : `${open.length} of them are`
    throw fail(`${because}; looked up, ${missing} not in the ledger as sent`, events)
  }
  if (doubt !== undefined)
    context.say(`The response can't be relied on: ${doubt}. Looked up: all of it is in the ledger.`)
  noted(context, () => context.outbox.saveOutcomes(entry, batch, events))
  return events
}

function noteLedger(context: SubmitContext, entry: Entry, envelope: Envelope): void {
  const ledger = ledgerIn(envelope)
  if (ledger === undefined) return
  const {origin, database} = entry.file
  // Known for a call that names the database by its id, which asks for nothing before it is sent.
  if (context.outbox.ledgerOf(origin, database.id) !== ledger)
    noted(context, () => context.outbox.noteLedger(origin, database.id, ledger))
  if (entry.file.ledger !== undefined) return
  entry.file.ledger = ledger
  if (entry.file.batches.length > 1) noted(context, () => context.outbox.save(entry))
}

/** What may have been sent to one ledger must not be sent to another, where it is new. */
async function assertSameLedger(context: SubmitContext, step: Step): Promise<void> {
  const {ledger, operation, database} = step.entry.file
  if (ledger === undefined) return
  const lookup = operation === 'create_accounts' ? 'lookup_accounts' : 'lookup_transfers'
  try {
    const {responsePayload: _, ...envelope} = await readRows(
      context.api,
      database.id,
      lookup,
      wireIds([step.request.records[0]!.id!]),
    )
    const now = otherLedgerIn(envelope as unknown as Envelope, ledger)
    if (now !== undefined) throw otherLedger(ending(step, ''), now)
  } catch (error) {
    // A service that can't be asked says so again when the call is sent.
    if (!isParixError(error) || error.code === 'other_ledger') throw error
  }
}

/** The entry's next request in two, durable before any of it is sent. False where it is one chain, which is never cut. */
function divide(context: SubmitContext, {entry, place, batch, request}: Step): boolean {
  const kind = kindOf(entry.file.operation)
  const halves = halve(kind, request.records)
  if (halves === undefined) return false
  const {body, failedAttempts} = batch
  const parts = halves.map((records, index) => {
    const name = body.replace('.json', `${'ab'[index]}.json`)
    return {...context.outbox.addRequest(entry, name, {body: wireList(kind, records), records}), failedAttempts}
  })
  entry.file.batches.splice(place, 1, ...parts)
  context.outbox.save(entry)
  const sizes = halves.map(({length}) => length).join(' and ')
  context.say(`The service takes less at once: sending ${request.records.length} events as ${sizes}.`)
  return true
}

/** What to throw where a request has no outcome, and whether the entry stays. */
async function unanswered(
  context: SubmitContext,
  step: Step,
  outcome: Exclude<Classified, {kind: 'answered'}>,
  mayHaveBeenDone: boolean,
): Promise<ParixError> {
  const {entry, done, options} = step
  const nothingDone = !mayHaveBeenDone && done.events.length === 0 && !options.resumed
  if (nothingDone) noted(context, () => context.outbox.strikeOff(entry))
  else release(entry)
  if (outcome.kind === 'stub') {
    const stub = stubResponse(outcome.envelope.message, entry.file.database.id)
    return nothingDone ? stub : keptAfterRefusal(stub, ending(step, stub.message), true)
  }
  if (outcome.kind === 'rejected' || outcome.kind === 'too_much') {
    if (nothingDone) return outcome.error
    const end = ending(step, outcome.error.message)
    if (outcome.error.kind === 'NOT_FOUND' && (await isGone(context, entry))) return databaseGone(end)
    return keptAfterRefusal(outcome.error, end, mayHaveBeenDone)
  }
  const end = ending(step, outcome.reason)
  return nothingDone ? notCarriedOut(end, outcome.afterMs) : outcomeUnknown(end)
}

/** Whether the service says in so many words that there is no such database. */
async function isGone({api}: SubmitContext, {file}: Entry): Promise<boolean> {
  try {
    await api.get(`/databases/${encodeURIComponent(file.database.id)}`)
    return false
  } catch (error) {
    return isParixError(error) && error.kind === 'NOT_FOUND'
  }
}

/** `events`: what is known of the request under way. */
function ending(
  {entry, place, request, done, options}: Step,
  reason: string,
  events: readonly EventOutcome[] = [],
): Ending {
  const offset = done.events.length
  const isOpen = ({state}: EventOutcome) => state === 'unnamed' || state === 'unfamiliar'
  return {
    entry,
    reason,
    ids: events.length === 0 ? request.records.map(({id}) => String(id)) : events.filter(isOpen).map(({id}) => id),
    unsent: entry.file.batches.slice(place + 1).reduce((sum, batch) => sum + batch.events, 0),
    unsentInDoubt: options.resumed && entry.file.streamed === true,
    // The events of a streamed entry have gaps, which stay.
    known: done.events.concat(
      events.filter((event) => !isOpen(event)).map((event) => ({...event, index: offset + event.index})),
    ),
    resume: options.resume,
  }
}
