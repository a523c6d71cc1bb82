import type {Database} from '../store/database.js'
import {hashSecret} from './constants.js'
import type {LoadProvider} from './provider.js'

/** What an API key may do: read, or read and write; in all databases of its organization, or in one. */
export interface ApiKeyRights {
  access: 'read' | 'write'
  databaseId?: string | undefined
  /** Days until it expires; never when left out. */
  lifeDays?: number | undefined
}

export interface ApiKeyRow extends Omit<ApiKeyRights, 'lifeDays'> {
  id: string
  name: string
  /** The first characters, to tell keys apart. */
  start: string
  userId: string
  createdAt: string
  /** To the minute; null: never used. */
  lastUsedAt: string | null
  expiresAt: string | null
}

/** Longest life of a key that ends by itself, in days: what the API key plugin takes. */
export const API_KEY_LIFE_DAYS_MAX = 365

/** Creates a key. The key itself is seen here only: the store has its hash. */
export async function createApiKey(
  loadProvider: LoadProvider,
  userId: string,
  name: string,
  rights: ApiKeyRights,
): Promise<{id: string; key: string}> {
  const provider = await loadProvider()
  const {id, key} = await provider.api.createApiKey({
    body: {
      userId,
      name,
      permissions: {db: rights.access === 'write' ? ['read', 'write'] : ['read']},
      metadata: rights.databaseId ? {databaseId: rights.databaseId} : {},
      ...(rights.lifeDays !== undefined && {expiresIn: rights.lifeDays * DAY_S}),
    },
  })
  return {id, key}
}

export function listApiKeys(database: Database, userId: string): ApiKeyRow[] {
  const rows = database.prepare(`${SELECT} WHERE "referenceId" = ? ORDER BY "createdAt", id`).all(userId)
  return (rows as StoredKey[]).map(fromStore)
}

/** Ends a key of `userId` at once. @returns whether there was such a key */
export function revokeApiKey(database: Database, userId: string, id: string): boolean {
  return database.prepare('DELETE FROM apikey WHERE id = ? AND "referenceId" = ?').run(id, userId).changes > 0
}

/** The key's row, or undefined if it is unknown, switched off or expired. Notes that it was used, to the minute. */
export function findApiKey(database: Database, key: string): ApiKeyRow | undefined {
  const row = database.prepare(`${SELECT} WHERE key = ? AND enabled = 1`).get(hashSecret(key)) as StoredKey | undefined
  if (!row || (row.expiresAt !== null && Date.parse(row.expiresAt) <= Date.now())) return undefined
  noteUse(database, row)
  return fromStore(row)
}

/** At most one write per key and minute, as each waits for the disk. */
function noteUse(database: Database, {id, lastRequest}: StoredKey): void {
  if (lastRequest !== null && Date.now() - Date.parse(lastRequest) < MINUTE_MS) return
  try {
    database.prepare('UPDATE apikey SET "lastRequest" = ? WHERE id = ?').run(new Date().toISOString(), id)
  } catch {
    // A disk that is full takes no notes, and is not a reason to refuse the key.
  }
}

const DAY_S = 24 * 3600
const MINUTE_MS = 60_000

const SELECT =
  'SELECT id, name, start, "referenceId", permissions, metadata, "createdAt", "expiresAt", "lastRequest" FROM apikey'

interface StoredKey {
  id: string
  name: string | null
  start: string | null
  referenceId: string
  permissions: string | null
  metadata: string | null
  createdAt: string
  expiresAt: string | null
  lastRequest: string | null
}

function fromStore(row: StoredKey): ApiKeyRow {
  const permissions = (parse(row.permissions) as {db?: string[]} | null)?.db ?? []
  const databaseId = (parse(row.metadata) as {databaseId?: string} | null)?.databaseId
  return {
    id: row.id,
    name: row.name ?? '',
    start: row.start ?? '',
    userId: row.referenceId,
    createdAt: row.createdAt,
    lastUsedAt: row.lastRequest,
    expiresAt: row.expiresAt,
    access: permissions.includes('write') ? 'write' : 'read',
    ...(databaseId !== undefined && {databaseId}),
  }
}

/** The plugin stores some members as JSON text of JSON text. */
function parse(text: string | null): unknown {
  const value: unknown = text === null ? null : JSON.parse(text)
  return typeof value === 'string' ? JSON.parse(value) : value
}
