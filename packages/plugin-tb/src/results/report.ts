import type {Chart} from '@parix/books/chart'
import type {Api} from '@parix/kit/api'
import {isParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {placeText} from '@parix/kit/origin'
import type {Terminal, View} from '@parix/kit/output'
import type {CreateKind} from '@parix/ledger/schema'
import {kindOf} from '../outbox/entry.js'
import type {LedgerRecord} from '../records/kinds.js'
import type {CreateCall} from '../submit/place-call.js'
import type {Submission} from '../submit/submit-entry.js'
import {createdView} from '../views/created.js'
import {count} from '../views/tables.js'
import type {Envelope} from './envelope.js'
import {lookUpMoved, type Moved} from './moved.js'
import {numbersBehind} from './numbers.js'
import type {EventOutcome} from './outcome.js'
import {refusalError} from './refusal.js'

/** One row per created event, in order. */
export interface CreatedRow {
  index: number
  id: string
  /** `created`, `exists` (there before, with the same contents), or `stored`: one of both, the service did not say which. */
  result: string
  /** Nanoseconds since 1970. */
  timestamp?: string
}

/** What the creating commands print with `--json`: the service's own fields, and these. */
export interface CreateResult extends Envelope {
  ok: true
  operation: string
  databaseId: string
  databaseName: string
  responsePayload: (CreatedRow & Envelope)[]
  /** The most attempts that a request took. */
  attempts: number
  /** Whether an earlier attempt than the one that was answered may have made it. */
  retried: boolean
}

/** What a create call did, for `--json` and for people. */
export interface Report {
  result: CreateResult
  view: View
  /** What is now true, and how to look at it (rule 19); for stderr, after the result. */
  notices: string[]
}

/** The events of a submission, as they were sent. */
interface Reported {
  records: readonly LedgerRecord[]
  placeOf?: CreateCall['placeOf']
}

export interface ReportOptions {
  api: Api
  terminal: Terminal
  chart?: Chart
  calm?: boolean
}

/** What a submission came to. @throws ParixError REFUSED where the ledger refused events */
export async function report(
  options: ReportOptions,
  submission: Submission,
  {records, placeOf}: Reported,
): Promise<Report> {
  const kind = kindOf(submission.entry.file.operation)
  await throwRefusal(options, submission, {records, placeOf})
  const moved = await lookUpMoved(options.api, submission.entry.file, records, submission.events)
  const notices = noticesOf(kind, submission, options.api)
  if (moved === undefined) notices.push(MOVED_UNKNOWN)
  return {
    result: createResult(submission, moved),
    view: createdView(kind, records, submission.events, moved, options.chart),
    notices,
  }
}

/** @throws ParixError REFUSED where the ledger refused events */
export async function throwRefusal(
  {api, terminal, calm}: ReportOptions,
  submission: Submission,
  {records, placeOf}: Reported,
): Promise<void> {
  const {entry, events, retried} = submission
  const kind = kindOf(entry.file.operation)
  const refused = events.filter(({state}) => state === 'refused')
  if (refused.length === 0) return
  const numbers = await numbersBehind(api, entry.file.database.id, records, refused).catch((error: unknown) => {
    // The refusal stands without them.
    if (isParixError(error)) return new Map<number, string>()
    throw error
  })
  const error = refusalError({kind, database: databaseName(submission), records, events, retried, numbers, placeOf})!
  if (error.message.startsWith('ALARM') && calm !== true) {
    terminal.warn(' ONE ID, TWO DIFFERENT CONTENTS ', ['red', 'bold', 'inverse'])
  }
  throw error
}

/** What is now true, and what else there is to say. */
export function noticesOf(kind: CreateKind, submission: Submission, api: Api): string[] {
  const {events, retried, attempts} = submission
  const name = databaseName(submission)
  const found = submission.counted.exists + events.filter(({state}) => state === 'exists').length
  const tries = attempts > 1 ? ` after ${attempts} attempts` : ''
  const one = events.length === 1
  const notices = [
    `${count(kind, events.length)} ${one ? 'is' : 'are'} in ${name} at ${placeText(api.base)}${tries}${one ? '' : ', each once'}.`,
  ]
  if (found > 0 && retried)
    notices.push(`${count(kind, found)} had been created by an earlier attempt, whose response was lost.`)
  if (found > 0 && !retried) notices.push(`${count(kind, found)} had been there before, with the same contents.`)
  const lookup = kind === 'account' ? 'lookup-accounts' : 'lookup-transfers'
  if (one)
    notices.push(
      `Look at it: ${renderCommand(nextCommand(`tb ${lookup}`, {args: [name], flags: {id: events[0]!.id}}), api.base)}`,
    )
  return notices
}

/** As the service spells it; a database that was given by its id has no other name before. */
export function databaseName({entry, envelope}: Submission): string {
  return typeof envelope.databaseName === 'string' ? envelope.databaseName : entry.file.database.name
}

export function createResult(submission: Submission, moved?: ReadonlyMap<number, Moved>): CreateResult {
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
    responsePayload: createdRows(events, moved),
    attempts,
    retried,
  }
}

export const MOVED_UNKNOWN = 'What they moved could not be looked up; the amounts shown are those that were asked for.'

/** @param moved see `lookUpMoved` */
export function createdRows(
  events: readonly EventOutcome[],
  moved?: ReadonlyMap<number, Moved>,
): CreateResult['responsePayload'] {
  return events.map(({index, id, result, timestamp}) => ({
    index,
    id,
    result,
    ...(timestamp !== undefined && {timestamp}),
    ...movedFields(moved?.get(index)),
  }))
}

/** `amount` is what moved; `requested_amount` is absent where the request leaves it to the ledger. */
function movedFields(moved: Moved | undefined): {[field: string]: string} {
  if (moved === undefined) return {}
  const {from, to, amount, requested, pending} = moved
  return {
    debit_account_id: String(from),
    credit_account_id: String(to),
    amount: String(amount),
    ...(requested !== undefined && {requested_amount: String(requested)}),
    ...(pending && {
      pending_id: String(pending.id),
      pending_amount: String(pending.held),
      given_back: String(pending.givenBack),
      // A post or void resolves all of the pending transfer.
      remaining: '0',
    }),
  }
}
