import {type Entry, eventsOf} from './entry.js'
import {isHeld} from './entry-lock.js'
import type {Outbox} from './store.js'

/** An entry of the outbox, as `--json` shows it. */
export interface EntrySummary {
  id: string
  operation: string
  baseUrl: string
  /** For whom it was made, where that was known. */
  organization?: {id: string; name: string | null}
  database: {id: string; name: string}
  createdAt: string
  events: number
  answered: number
  /** Attempts that ended without a usable answer; one more may have been under way. */
  failedAttempts: number
  lastFault: string | null
  firstId: string
  lastId: string
  /** Whether a living command is at work on it. */
  held: boolean
}

export function summarize(outbox: Outbox, entry: Entry): EntrySummary {
  const {id, operation, baseUrl, organization, database, createdAt, batches} = entry.file
  const open = batches.filter((batch) => outbox.outcomes(entry, batch) === undefined)
  return {
    id,
    operation,
    baseUrl,
    ...(organization && {organization}),
    database,
    createdAt,
    events: eventsOf(entry),
    answered: eventsOf(entry) - open.reduce((sum, {events}) => sum + events, 0),
    failedAttempts: batches.reduce((sum, batch) => sum + batch.failedAttempts, 0),
    lastFault: batches.findLast(({lastFault}) => lastFault !== undefined)?.lastFault ?? null,
    firstId: batches[0]!.firstId,
    lastId: batches.at(-1)!.lastId,
    held: isHeld(entry),
  }
}
