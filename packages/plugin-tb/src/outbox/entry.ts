import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Lock} from '@parix/files/lock'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {isJsonObject} from '@parix/kit/json'
import type {CreateKind} from '@parix/ledger/schema'
import type {LedgerRecord} from '../records/kinds.js'

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
  /** For whom it was made, where that was known: an API key names no organization. */
  organization?: EntryOrganization
  database: Pick<ResolvedDatabase, 'id' | 'name'>
  /** ISO 8601, UTC. */
  createdAt: string
  /** SHA-256 of the call without generated ids: the same command, given again, has the same key. */
  contentKey: string
  /** Which ledger the service answered from before the entry was made, or at its first response; see `ledgerIn`. */
  ledger?: string
  /** Its requests are read and sent one by one, and its outcomes stay on disk: it may be larger than memory. */
  streamed?: true
  batches: BatchFile[]
}

export interface EntryOrganization {
  id: string
  name: string | null
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
  organization?: EntryOrganization
  database: Pick<ResolvedDatabase, 'id' | 'name'>
  contentKey: string
  ledger?: string
  batches: Request[]
}

/** As `NewEntry`, for a file that may be larger than memory. */
export interface StreamedEntry extends Omit<NewEntry, 'batches'> {
  batches: AsyncIterable<{body: Uint8Array; events: number; firstId: string; lastId: string}>
}

/** The bytes of one request, and the events that they are. */
export interface Request {
  body: string
  records: readonly LedgerRecord[]
}

/** An entry of the outbox, and where it is. */
export interface Entry {
  directory: string
  file: EntryFile
  /** Held while this process is at work on it. */
  lock?: Lock | undefined
  /** Requests that this process put into it, by the name of their file: what was just written is not read back. */
  requests: Map<string, Request>
}

/** A directory where an entry should be, and isn't one that this version can read. Nothing of it may be taken for answered. */
export interface UnreadableEntry {
  id: string
  directory: string
  /** A clause: `it was written by a newer parix (version 2)`. */
  reason: string
  newer: boolean
}

export const ENTRY_FILE = 'entry.json'
const VERSION = 1

/**
 * The entry in `directory`, or why it can't be read: whatever is in a file that isn't exactly what this version writes may be a
 * payment that was sent.
 */
export function readEntryFile(directory: string): EntryFile | Pick<UnreadableEntry, 'reason' | 'newer'> {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(join(directory, ENTRY_FILE), 'utf8'))
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    return {
      newer: false,
      reason: code === 'ENOENT' ? `it has no ${ENTRY_FILE}` : `its ${ENTRY_FILE} can't be read (${message})`,
    }
  }
  if (!isJsonObject(value)) return {newer: false, reason: `its ${ENTRY_FILE} is damaged`}
  if (typeof value.version === 'number' && value.version > VERSION)
    return {
      newer: true,
      reason: `it was written by a newer parix (version ${value.version} of the outbox, this one reads ${VERSION})`,
    }
  const wrong = damage(value)
  if (wrong !== undefined) return {newer: false, reason: `its ${ENTRY_FILE} is damaged: ${wrong}`}
  const file = value as unknown as EntryFile
  const names = namesIn(directory)
  const missing = file.batches.find(({body}) => !names.includes(body))
  return missing === undefined ? file : {newer: false, reason: `its ${missing.body} is missing`}
}

/** None where another process has struck the entry off since `entry.json` was read: whoever lists looks again whether it is there. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** What of an `entry.json` isn't as this version writes it. */
function damage(file: Record<string, unknown>): string | undefined {
  const texts = ['id', 'baseUrl', 'origin', 'createdAt', 'contentKey']
  const text = texts.find((name) => typeof file[name] !== 'string')
  if (file.version !== VERSION) return 'version'
  if (text !== undefined) return text
  if (file.operation !== 'create_accounts' && file.operation !== 'create_transfers') return 'operation'
  if (!isJsonObject(file.database) || typeof file.database.id !== 'string' || typeof file.database.name !== 'string')
    return 'database'
  if (file.organization !== undefined && (!isJsonObject(file.organization) || typeof file.organization.id !== 'string'))
    return 'organization'
  if (file.ledger !== undefined && typeof file.ledger !== 'string') return 'ledger'
  if (!Array.isArray(file.batches) || file.batches.length === 0 || !file.batches.every(isBatch)) return 'batches'
  return undefined
}

/** Names are checked as well: a body is read from the entry's own directory and from nowhere else. */
function isBatch(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    typeof value.body === 'string' &&
    /^request-[0-9ab]+\.json$/.test(value.body) &&
    Number.isSafeInteger(value.events) &&
    Number.isSafeInteger(value.failedAttempts) &&
    typeof value.firstId === 'string' &&
    typeof value.lastId === 'string'
  )
}

export function kindOf(operation: CreateOperation): CreateKind {
  return operation === 'create_accounts' ? 'account' : 'transfer'
}

export function eventsOf({file}: Entry): number {
  return file.batches.reduce((sum, {events}) => sum + events, 0)
}

/** The line of a request in `entry.json`. */
export function batchFile(body: string, records: readonly LedgerRecord[]): BatchFile {
  return {
    body,
    events: records.length,
    firstId: String(records[0]?.id),
    lastId: String(records.at(-1)?.id),
    failedAttempts: 0,
  }
}
