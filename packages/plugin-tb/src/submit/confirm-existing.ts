import type {Api} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import type {Json} from '@parix/kit/json'
import type {CreateKind} from '@parix/ledger/schema'
import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import {chainsOf} from '../events/batches.js'
import {isSame} from '../events/compare.js'
import type {EntryFile} from '../outbox/entry.js'
import {kindOf} from '../outbox/entry.js'
import {readRows} from '../reads/query.js'
import {rowRecord} from '../reads/rows.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireIds} from '../records/wire.js'
import {envelopeDoubt} from '../results/envelope.js'
import type {EventOutcome} from '../results/outcome.js'

/**
 * Looks up what a response leaves open, by TigerBeetle's own rules for `exists` (semantics §8, §18):
 * - an event without a result of its own becomes `stored` where the ledger holds it as it was sent, and stays `unnamed` else
 * - an event with an unfamiliar result becomes `stored` likewise, and `refused` else
 * - a chain that was made before is answered `exists` for its first event and `linked_event_failed` for the others, an
 *   account that was closed since `exists_with_different_flags`: they become `exists` where all of it is there
 *
 * @throws TransportError, ParixError when the lookup fails, or its response is not to be relied on
 */
export async function confirmExisting(
  api: Api,
  call: Pick<EntryFile, 'operation' | 'database'>,
  records: readonly LedgerRecord[],
  events: readonly EventOutcome[],
): Promise<EventOutcome[]> {
  const kind = kindOf(call.operation)
  const groups = hiddenSuccesses(kind, records, events)
  const open = events.filter(({state}) => state === 'unnamed' || state === 'unfamiliar').map(({index}) => index)
  const wanted = new Set([...groups.flat(), ...open])
  if (wanted.size === 0) return [...events]
  const stored = await lookUpRecords(
    api,
    call,
    [...wanted].map((index) => records[index]!.id!),
  )
  const asSent = (index: number): LedgerRecord | undefined => {
    const found = stored.get(records[index]!.id!)
    return found && isSame(kind, found, records[index]!) ? found : undefined
  }
  const outcomes = [...events]
  for (const index of open) outcomes[index] = lookedUp(outcomes[index]!, asSent(index))
  for (const group of groups.filter((places) => places.every((index) => asSent(index) !== undefined))) {
    for (const index of group) outcomes[index] = found(outcomes[index]!, 'exists', asSent(index)!)
  }
  return outcomes
}

function lookedUp(event: EventOutcome, stored: LedgerRecord | undefined): EventOutcome {
  if (stored) return found(event, 'stored', stored)
  return event.state === 'unfamiliar' ? {...event, state: 'refused'} : event
}

function found({index, id}: EventOutcome, state: 'exists' | 'stored', stored: LedgerRecord): EventOutcome {
  return {index, id, state, result: state, timestamp: String(stored.timestamp ?? 0n)}
}

/** Positions of the events that may be there already, in groups that are there together or not at all. */
function hiddenSuccesses(
  kind: CreateKind,
  records: readonly LedgerRecord[],
  events: readonly EventOutcome[],
): number[][] {
  const places = records.map((record, index) => ({index, ...(record.flags !== undefined && {flags: record.flags})}))
  const wasClosed = (event: EventOutcome) => kind === 'account' && event.result === 'exists_with_different_flags'
  return chainsOf(kind, places)
    .map((chain) => chain.map(({index}) => index))
    .filter((chain) => {
      const [first, ...others] = chain.map((index) => events[index]!)
      if (others.length === 0) return wasClosed(first!)
      const there = first!.state !== 'refused' || wasClosed(first!)
      return there && others.every(({result}) => result === 'linked_event_failed')
    })
}

/**
 * Objects of a create call by their ids, where the ledger has them.
 *
 * @throws TransportError, ParixError when the lookup fails, or its response is not to be relied on
 */
export async function lookUpRecords(
  api: Api,
  {operation, database}: Pick<EntryFile, 'operation' | 'database'>,
  ids: readonly bigint[],
): Promise<Map<bigint, LedgerRecord>> {
  const lookup = operation === 'create_accounts' ? 'lookup_accounts' : 'lookup_transfers'
  const found = new Map<bigint, LedgerRecord>()
  for (let from = 0; from < ids.length; from += BATCH_EVENTS_MAX) {
    const body = wireIds(ids.slice(from, from + BATCH_EVENTS_MAX))
    const {responsePayload, ...envelope} = await readRows(api, database.id, lookup, body)
    const doubt = envelopeDoubt(envelope as {[key: string]: Json}, {operation: lookup, database})
    if (doubt !== undefined) {
      throw new ParixError('FAILED', `The response to ${lookup} can't be relied on: ${doubt}`, {
        code: 'unexpected_answer',
      })
    }
    for (const row of responsePayload.map(rowRecord)) if (row.id !== undefined) found.set(row.id, row)
  }
  return found
}
