import {isParixError, ParixError} from '@parix/kit/errors'
import {keepClaim} from '../outbox/claim.js'
import {type BatchFile, type Entry, kindOf} from '../outbox/entry.js'
import {batchFile, release} from '../outbox/store.js'
import {stubAnswer} from '../reads/operate.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireList} from '../records/wire.js'
import type {EventOutcome} from '../results/outcome.js'
import {openIds, readBody} from './bodies.js'
import {type Ending, keptAfterRefusal, notCarriedOut, outcomeUnknown} from './endings.js'
import {halve} from './halve.js'
import {findMade, recogniseMade} from './recognise.js'
import {type SendResult, sendBatch} from './send-batch.js'
import type {Envelope, Verdict} from './verdict.js'
import type {SubmitWorld} from './world.js'

/** How an entry is submitted. */
export interface SubmitOptions {
  /** The entry was left behind by an earlier command, which may have sent what has no answer. */
  resumed: boolean
  /** The command that goes on where this one stops. */
  resume: string
  /** Called after each request with how many events have an answer. */
  progress?: (answered: number) => void
}

/** Everything was answered, and the entry is off the outbox. */
export interface Submission {
  entry: Entry
  /** One for each event of the call, in order. */
  events: EventOutcome[]
  /** The most attempts that one request took. */
  attempts: number
  /** Whether an event may have been made by an earlier attempt than the one that was answered. */
  retried: boolean
  /** What the service said along with the last answer. */
  envelope: Envelope
}

/**
 * Sends what has no answer yet, request by request, and strikes the entry off when all is answered. Where that can't be
 * reached the entry stays, unless it is certain that nothing of it was carried out.
 *
 * @throws ParixError OUTCOME_UNKNOWN, UNAVAILABLE, or what the service refused the request with
 */
export async function submitEntry(world: SubmitWorld, entry: Entry, options: SubmitOptions): Promise<Submission> {
  const claim = keepClaim(entry.folder)
  try {
    return await submitAll(world, entry, options)
  } finally {
    claim.stop()
  }
}

async function submitAll(world: SubmitWorld, entry: Entry, options: SubmitOptions): Promise<Submission> {
  const done: Submission = {entry, events: [], attempts: 0, retried: options.resumed, envelope: {}}
  const {batches} = entry.file
  let doubtful = options.resumed
  for (let place = 0; place < batches.length; ) {
    const batch = batches[place]!
    const earlier = world.outbox.answer(entry, batch) as EventOutcome[] | undefined
    if (earlier) add(done, earlier)
    else {
      const records = readBody(world, entry, batch)
      const result = await send(world, entry, batch, records, doubtful || batch.failedAttempts > 0)
      doubtful = false
      done.attempts = Math.max(done.attempts, result.attempts)
      done.retried ||= result.mayHaveBeenDone
      const {verdict} = result
      if (verdict.kind === 'too_much' && divide(world, entry, place, records)) continue
      if (verdict.kind !== 'answered' && verdict.kind !== 'unreadable')
        throw ended(world, entry, verdict, result, done, options)
      add(done, await settle(world, entry, batch, records, verdict, done, options))
      done.envelope = verdict.envelope
    }
    place++
    options.progress?.(done.events.length)
  }
  noted(world, () => world.outbox.strikeOff(entry))
  return done
}

/** What is only noted down must not turn a payment that was made into a failure: at worst it is sent again, and exists. */
function noted(world: SubmitWorld, write: () => void): void {
  try {
    write()
  } catch (error) {
    if (!isParixError(error)) throw error
    world.say(`${error.message} Going on without: what was answered may be asked again, and is not made again.`)
  }
}

function add(done: Submission, events: readonly EventOutcome[]): void {
  const offset = done.events.length
  for (const event of events) done.events.push({...event, index: offset + event.index})
}

function send(
  world: SubmitWorld,
  entry: Entry,
  batch: BatchFile,
  records: readonly LedgerRecord[],
  sentBefore: boolean,
): Promise<SendResult> {
  const {operation, database} = entry.file
  const request = {
    operation,
    kind: kindOf(operation),
    databaseId: database.id,
    body: world.outbox.body(entry, batch),
    ids: records.map(({id}) => String(id)),
    sentBefore,
  }
  return sendBatch(world, request, (reason) => {
    batch.failedAttempts++
    batch.lastFault = reason
    noted(world, () => world.outbox.save(entry))
  })
}

/** An answer, with a look at the ledger where it hides a success; kept while other requests of the entry are open. */
async function settle(
  world: SubmitWorld,
  entry: Entry,
  batch: BatchFile,
  records: readonly LedgerRecord[],
  verdict: Answered,
  done: Submission,
  options: SubmitOptions,
): Promise<EventOutcome[]> {
  const {batches} = entry.file
  try {
    const events = await outcomes(world, entry, records, verdict)
    if (batches.length > 1) noted(world, () => world.outbox.saveAnswer(entry, batch, events))
    return events
  } catch (error) {
    if (!isParixError(error)) throw error
    release(entry)
    throw outcomeUnknown(ending(world, entry, error.message, done, options))
  }
}

type Answered = Verdict & {kind: 'answered' | 'unreadable'}

/** @throws ParixError where the ledger had to be asked, and could not be, or has not all of it */
async function outcomes(
  {api, say}: SubmitWorld,
  {file}: Entry,
  records: readonly LedgerRecord[],
  verdict: Answered,
): Promise<EventOutcome[]> {
  const kind = kindOf(file.operation)
  if (verdict.kind === 'answered') return recogniseMade(api, file.database.id, kind, records, verdict.events)
  const events = await findMade(api, file.database.id, kind, records)
  if (events === undefined) throw new ParixError('FAILED', `${verdict.reason}; looked up, the ledger has not all of it`)
  say(`The service gave ${verdict.reason}. Looked up, all of it is in the ledger.`)
  return events
}

/** The entry's next request in two, durable before any of it is sent. False where it is one chain, which is never cut. */
function divide(world: SubmitWorld, entry: Entry, place: number, records: readonly LedgerRecord[]): boolean {
  const kind = kindOf(entry.file.operation)
  const halves = halve(kind, records)
  if (halves === undefined) return false
  const {body, failedAttempts} = entry.file.batches[place]!
  const parts = halves.map((half, index) => {
    const name = body.replace('.json', `${'ab'[index]}.json`)
    world.outbox.addBody(entry, name, wireList(kind, half))
    const ids = half.map(({id}) => id!)
    return {...batchFile(name, ids), failedAttempts}
  })
  entry.file.batches.splice(place, 1, ...parts)
  world.outbox.save(entry)
  world.say(
    `The service takes less at once: ${records.length} events go out as ${halves[0].length} and ${halves[1].length}.`,
  )
  return true
}

/** What to throw where a request has no outcome, and whether the entry stays. */
function ended(
  world: SubmitWorld,
  entry: Entry,
  verdict: Exclude<Verdict, Answered>,
  {mayHaveBeenDone}: SendResult,
  done: Submission,
  options: SubmitOptions,
): ParixError {
  const nothingDone = !mayHaveBeenDone && done.events.length === 0 && !options.resumed
  if (nothingDone || verdict.kind === 'stub') noted(world, () => world.outbox.strikeOff(entry))
  else release(entry)
  if (verdict.kind === 'stub') return stubAnswer(verdict.envelope.message)
  if (verdict.kind === 'rejected' || verdict.kind === 'too_much') {
    const end = ending(world, entry, verdict.error.message, done, options)
    return nothingDone ? verdict.error : keptAfterRefusal(verdict.error, end, mayHaveBeenDone)
  }
  const end = ending(world, entry, verdict.reason, done, options)
  return nothingDone ? notCarriedOut(end, verdict.afterMs) : outcomeUnknown(end)
}

function ending(world: SubmitWorld, entry: Entry, reason: string, done: Submission, {resume}: SubmitOptions): Ending {
  return {entry, reason, ids: openIds(world, entry), answered: done.events, resume}
}
