import type {ResolvedDatabase} from '@parix/kit/databases'
import type {CreateKind} from '../checks/batch.js'

/** Of the two operations that change something. */
export type CreateOperation = 'create_accounts' | 'create_transfers'

/** `entry.json`: one call, whose requests (batches) are files beside it. */
export interface EntryFile {
  version: 1
  id: string
  operation: CreateOperation
  baseUrl: string
  /** Key of the service's sessions; see `BaseUrl.origin`. */
  origin: string
  database: Pick<ResolvedDatabase, 'id' | 'name'>
  /** ISO 8601, UTC. */
  createdAt: string
  /** SHA-256 of the call without generated ids: the same command, given again, has the same key. */
  contentKey: string
  batches: BatchFile[]
}

/** One request. `body` holds the bytes that are sent, every time the same. */
export interface BatchFile {
  /** Name of the file with the body. */
  body: string
  events: number
  firstId: string
  lastId: string
  /** Attempts that ended without a usable answer, and what was seen of the last. One more may have been under way. */
  failedAttempts: number
  lastFault?: string
}

/** What a new entry is made of. */
export interface NewEntry {
  operation: CreateOperation
  baseUrl: string
  origin: string
  database: Pick<ResolvedDatabase, 'id' | 'name'>
  contentKey: string
  batches: {body: string; ids: readonly bigint[]}[]
}

/** An entry of the outbox, and where it is. */
export interface Entry {
  folder: string
  file: EntryFile
}

export function kindOf(operation: CreateOperation): CreateKind {
  return operation === 'create_accounts' ? 'account' : 'transfer'
}

export function eventsOf({file}: Entry): number {
  return file.batches.reduce((sum, {events}) => sum + events, 0)
}
