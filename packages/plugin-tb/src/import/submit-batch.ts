/** How a batch of an import becomes requests, and what became of each of its events. */

import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import type {CreateKind} from '@parix/ledger/schema'
import {chainsOf} from '../events/batches.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireList} from '../records/wire.js'
import type {EventOutcome} from '../results/outcome.js'
import {confirmExisting} from '../submit/confirm-existing.js'
import type {Counts} from '../submit/count-rows.js'
import {type SubmitContext, sendCounted, sendRequest, type Turn} from '../submit/send-request.js'
import type {ImportBatch} from './batches.js'

/** Where batches go. */
export interface BatchTarget {
  context: Omit<SubmitContext, 'outbox'>
  kind: CreateKind
  database: ResolvedDatabase
}

export interface WhileSending {
  /** All of the request has left. */
  onSent(): void
  /** An attempt has failed, or the service takes less at once. */
  failed(): void
}

/**
 * One request, or its halves where the service takes less at once. Every event has an outcome afterwards.
 *
 * @param turn before it comes, all but the last byte goes out; undefined where it has
 * @throws what `turn.come` rejects with: then nothing was sent that could be carried out
 */
export async function submitBatch(
  run: BatchTarget,
  batch: ImportBatch,
  sentBefore: boolean,
  {onSent, failed}: WhileSending,
  turn?: Turn,
): Promise<Counts | {events: EventOutcome[]}> {
  const {context, kind, database} = run
  const request = {
    operation: operationOf(kind),
    kind,
    database,
    body: batch.body,
    responseMemory: batch.responseMemory,
    events: batch.count,
    sentBefore,
    onSent,
    ...(turn && {turn}),
    get ids() {
      return batch.records().map(({id}) => String(id))
    },
  }
  const {outcome, mayHaveBeenDone, attempts} = await sendCounted(context as SubmitContext, request, failed, failed)
  if (outcome.kind === 'all_there') {
    // An attempt that was cut may still hold its bytes.
    if (attempts === 1) batch.release()
    return {created: outcome.created, existed: outcome.existed}
  }
  const records = batch.records()
  if (outcome.kind === 'too_much') {
    failed()
    return {events: await submitHalves(run, records, sentBefore, outcome.error)}
  }
  return {events: await eventsOf(run, records, outcome, mayHaveBeenDone)}
}

async function submitHalves(
  run: BatchTarget,
  records: LedgerRecord[],
  sentBefore: boolean,
  tooMuch: ParixError,
): Promise<EventOutcome[]> {
  const {context, kind, database} = run
  const halves = halvesOf(kind, records)
  if (halves === undefined) throw tooMuch
  const results: EventOutcome[] = []
  for (const half of halves) {
    const body = wireList(kind, half)
    const ids = half.map(({id}) => String(id))
    const request = {operation: operationOf(kind), kind, database, body, ids, sentBefore}
    const {outcome, mayHaveBeenDone} = await sendRequest(context as SubmitContext, request, () => {})
    const events =
      outcome.kind === 'too_much'
        ? await submitHalves(run, half, sentBefore, outcome.error)
        : await eventsOf(run, half, outcome, mayHaveBeenDone)
    results.push(...events)
  }
  return results.map((event, index) => ({...event, index}))
}

type Outcome = Awaited<ReturnType<typeof sendRequest>>['outcome']

/** @throws ParixError where an event has no outcome */
async function eventsOf(
  run: BatchTarget,
  records: LedgerRecord[],
  outcome: Outcome,
  mayHaveBeenDone: boolean,
): Promise<EventOutcome[]> {
  const {context, kind, database} = run
  if (outcome.kind === 'rejected' || outcome.kind === 'too_much') throw outcome.error
  if (outcome.kind !== 'answered') {
    const reason = outcome.kind === 'stub' ? 'the gateway is a stub and stores nothing' : outcome.reason
    throw unknownOutcome(run, records, reason, mayHaveBeenDone)
  }
  const call = {operation: operationOf(kind), database}
  const events = await confirmExisting(context.api as Api, call, records, outcome.events)
  if (events.some(({state}) => state === 'unnamed'))
    throw unknownOutcome(run, records, outcome.doubt ?? 'the response does not name every event', true)
  return events
}

function operationOf(kind: CreateKind): 'create_accounts' | 'create_transfers' {
  return kind === 'account' ? 'create_accounts' : 'create_transfers'
}

function halvesOf(kind: CreateKind, records: LedgerRecord[]): [LedgerRecord[], LedgerRecord[]] | undefined {
  const chains = chainsOf(kind, records)
  if (chains.length < 2) return undefined
  const middle = chains.length >> 1
  return [chains.slice(0, middle).flat(), chains.slice(middle).flat()]
}

function unknownOutcome(
  {database}: BatchTarget,
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
