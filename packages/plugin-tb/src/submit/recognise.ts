import type {Api} from '@parix/kit/api'
import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import type {CreateKind} from '../checks/batch.js'
import {chainsOf} from '../checks/split.js'
import {readRows} from '../reads/query.js'
import {rowRecord} from '../reads/rows.js'
import {isSame} from '../records/compare.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireIds} from '../records/wire.js'
import type {EventOutcome} from '../results/outcome.js'

/**
 * Answers that mean success and don't say so (semantics §18). A chain that was made before is answered `exists` for
 * its first event and `linked_event_failed` for the others; an account that was closed since is answered
 * `exists_with_different_flags`. Both are looked up: where the ledger holds what was asked for, the outcome is `exists`.
 *
 * @throws TransportError, ParixError when the lookup fails
 */
export async function recogniseMade(
  api: Api,
  databaseId: string,
  kind: CreateKind,
  records: readonly LedgerRecord[],
  events: readonly EventOutcome[],
): Promise<EventOutcome[]> {
  const groups = doubtful(kind, records, events)
  if (groups.length === 0) return [...events]
  const stored = await lookUp(
    api,
    databaseId,
    kind,
    groups.flat().map((index) => records[index]!.id!),
  )
  const made = new Map<number, EventOutcome>()
  for (const group of groups) {
    const all = group.every((index) => {
      const found = stored.get(records[index]!.id!)
      return found !== undefined && isSame(kind, found, records[index]!)
    })
    if (all) for (const index of group) made.set(index, asExisting(events[index]!, stored.get(records[index]!.id!)!))
  }
  return events.map((event, index) => made.get(index) ?? event)
}

/**
 * The outcome of a request whose answer can't be understood, from the ledger itself: undefined unless every event is there
 * as it was asked for.
 *
 * @throws TransportError, ParixError when the lookup fails
 */
export async function findMade(
  api: Api,
  databaseId: string,
  kind: CreateKind,
  records: readonly LedgerRecord[],
): Promise<EventOutcome[] | undefined> {
  const stored = await lookUp(
    api,
    databaseId,
    kind,
    records.map(({id}) => id!),
  )
  const made = records.map((record, index): EventOutcome | undefined => {
    const found = stored.get(record.id!)
    if (found === undefined || !isSame(kind, found, record)) return undefined
    return {index, id: String(record.id), state: 'stored', result: 'stored', timestamp: String(found.timestamp ?? 0n)}
  })
  return made.every((outcome) => outcome !== undefined) ? made : undefined
}

/** Places of the events that may be there already, in groups that are there together or not at all. */
function doubtful(kind: CreateKind, records: readonly LedgerRecord[], events: readonly EventOutcome[]): number[][] {
  const places = records.map((record, index) => ({index, ...(record.flags !== undefined && {flags: record.flags})}))
  return chainsOf(kind, places)
    .map((chain) => chain.map(({index}) => index))
    .filter((chain) => {
      const [first, ...others] = chain.map((index) => events[index]!)
      if (others.length === 0) return kind === 'account' && first!.result === 'exists_with_different_flags'
      const there =
        first!.state !== 'refused' || (kind === 'account' && first!.result === 'exists_with_different_flags')
      return there && others.every(({result}) => result === 'linked_event_failed')
    })
}

async function lookUp(
  api: Api,
  databaseId: string,
  kind: CreateKind,
  ids: readonly bigint[],
): Promise<Map<bigint, LedgerRecord>> {
  const found = new Map<bigint, LedgerRecord>()
  for (let from = 0; from < ids.length; from += BATCH_EVENTS_MAX) {
    const operation = kind === 'account' ? 'lookup_accounts' : 'lookup_transfers'
    const answer = await readRows(api, databaseId, operation, wireIds(ids.slice(from, from + BATCH_EVENTS_MAX)))
    for (const row of answer.responsePayload.map(rowRecord)) found.set(row.id!, row)
  }
  return found
}

function asExisting({index, id}: EventOutcome, stored: LedgerRecord): EventOutcome {
  return {index, id, state: 'exists', result: 'exists', timestamp: String(stored.timestamp ?? 0n)}
}
