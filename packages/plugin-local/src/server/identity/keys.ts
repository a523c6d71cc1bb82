import type {Database} from '../store/database.js'
import {hashSecret, type Provider} from './provider.js'

/** What an API key may do: read, or read and write; in all databases of its organization, or in one. */
export interface ApiKeyRights {
  access: 'read' | 'write'
  databaseId?: string | undefined
}

export interface ApiKeyRow extends ApiKeyRights {
  id: string
  name: string
  /** The first characters, to tell keys apart. */
  start: string
  userId: string
  createdAt: string
}

/** Makes a key. What is returned is the only time that the key itself is seen. */
export async function createApiKey(
  provider: Provider,
  userId: string,
  name: string,
  rights: ApiKeyRights,
): Promise<string> {
  const {key} = await provider.api.createApiKey({
    body: {
      userId,
      name,
      permissions: {db: rights.access === 'write' ? ['read', 'write'] : ['read']},
      metadata: rights.databaseId ? {databaseId: rights.databaseId} : {},
    },
  })
  return key
}

export function listApiKeys(database: Database, userId: string): ApiKeyRow[] {
  const rows = database.prepare(`${SELECT} WHERE "referenceId" = ? ORDER BY "createdAt", id`).all(userId)
  return (rows as StoredKey[]).map(fromStore)
}

/** Ends a key of `userId` at once. @returns whether there was such a key */
export function revokeApiKey(database: Database, userId: string, id: string): boolean {
  return database.prepare('DELETE FROM apikey WHERE id = ? AND "referenceId" = ?').run(id, userId).changes > 0
}

/** The key's row, or undefined where it is unknown, switched off or expired. */
export function findApiKey(database: Database, key: string): ApiKeyRow | undefined {
  const row = database.prepare(`${SELECT} WHERE key = ? AND enabled = 1`).get(hashSecret(key)) as StoredKey | undefined
  if (!row || (row.expiresAt !== null && Date.parse(row.expiresAt) <= Date.now())) return undefined
  return fromStore(row)
}

const SELECT = 'SELECT id, name, start, "referenceId", permissions, metadata, "createdAt", "expiresAt" FROM apikey'

interface StoredKey {
  id: string
  name: string | null
  start: string | null
  referenceId: string
  permissions: string | null
  metadata: string | null
  createdAt: string
  expiresAt: string | null
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
    access: permissions.includes('write') ? 'write' : 'read',
    ...(databaseId !== undefined && {databaseId}),
  }
}

/** The plugin stores some members as JSON text of JSON text. */
function parse(text: string | null): unknown {
  const value: unknown = text === null ? null : JSON.parse(text)
  return typeof value === 'string' ? JSON.parse(value) : value
}
