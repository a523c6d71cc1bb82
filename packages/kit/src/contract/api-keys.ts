/** An API key, without the key itself. */
export interface ApiKey {
  id: string
  name: string
  /** The first characters of the key, to tell keys apart. */
  start: string | null
  /** `write` may read, too. */
  access: string | null
  /** The only database that it is good for; null: all databases of the organization. */
  databaseId: string | null
  /** Null also where the database is gone. */
  databaseName: string | null
  /** ISO 8601, UTC. */
  createdAt: string | null
  /** Null: never used. */
  lastUsedAt: string | null
  /** Null: good until it is revoked. */
  expiresAt: string | null
}

/** `GET /api/v1/api-keys`. */
export interface ListApiKeysResponse {
  ok: boolean
  apiKeys: ApiKey[]
}

/** `POST /api/v1/api-keys`. */
export interface CreateApiKeyRequest {
  name: string
  access: 'read' | 'write'
  databaseId?: string
  expiresInDays?: number
}

/** The only response that holds a key. */
export interface CreatedApiKeyResponse {
  ok: boolean
  apiKey: ApiKey
  key: string
}

/** `DELETE /api/v1/api-keys/{id}`: the key as it was. */
export interface RevokedApiKeyResponse {
  ok: boolean
  apiKey: ApiKey
}
