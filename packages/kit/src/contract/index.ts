/** What the CLI and the service agree on: addresses, headers and the shapes of JSON. Types and constants only. */

export * from './databases.js'

/** Where Parix is, when nothing says otherwise. */
export const DEFAULT_BASE_URL = 'https://parix.io'

/** Where `parix local start` listens unless told otherwise. */
export const LOCAL_PORT = 5173

/** The first-party public OAuth client: no secret, PKCE S256 always. */
export const CLIENT_ID = 'parix'

/** What `auth login` asks for; the service may grant less. */
export const SCOPES = [
  'openid',
  'profile',
  'email',
  'offline_access',
  'org:read',
  'db:read',
  'db:write',
  'billing:read',
] as const

/** Paths under the base URL. A base URL may have a path of its own, which stays in front. */
export const PATHS = {
  authorize: '/api/oauth/cli/authorize',
  callback: '/api/oauth/cli/callback',
  consentGranted: '/cli-oauth-consent-granted',
  token: '/api/auth/oauth2/token',
  userinfo: '/api/auth/oauth2/userinfo',
  issuer: '/api/auth',
  discovery: '/api/auth/.well-known/openid-configuration',
  api: '/api/v1',
  apiKeys: '/settings/api-keys',
} as const

/** The header that carries an API key. */
export const API_KEY_HEADER = 'x-api-key'

/** What the CLI's own callback listener answers to, on 127.0.0.1. */
export const LOOPBACK_CALLBACK_PATH = '/callback'

/** What `state` holds, as base64url of JSON: the service reads `redirectUri` to know where to bounce the browser. */
export interface CliState {
  nonce: string
  redirectUri: string
}

/** RFC 9457 problem details, with the members that Parix adds. Older routes answer only `message` or `error`. */
export interface Problem {
  type?: string
  title?: string
  status?: number
  detail?: string
  instance?: string
  errors?: string[]
  fieldErrors?: Record<string, string[]>
  /** Set when TigerBeetle refused events of a create batch (409): one entry per event that was not created. */
  tbResults?: RefusedEvent[]
  message?: string
  error?: string
}

/** One event that TigerBeetle did not create. */
export interface RefusedEvent {
  /** The event's place in the batch, from 0. */
  index: number
  /** TigerBeetle's name for the result, such as `exceeds_credits`. */
  result: string
  /** TigerBeetle's number for it. Numbers differ between accounts and transfers: go by the name. */
  code: number
}

/** A signed-in person, as stored and as `userinfo` gives it. Everything but `id` may be null. */
export interface User {
  id: string
  email: string | null
  emailVerified: boolean | null
  name: string | null
  image: string | null
}

/** The organization in use. */
export interface Organization {
  id: string | null
  name: string | null
  slug: string | null
  memberRole: string | null
}

/**
 * `session.json`, version 2. Existing installations have this file, and other parix versions read it: the shape is fixed,
 * and fields that we don't know are kept.
 */
export interface SessionFile {
  version: 2
  baseUrl: string
  accessToken: string
  /** ISO 8601, UTC. */
  accessTokenExpiresAt: string
  refreshToken: string | null
  tokenType: string
  scopes: string[]
  createdAt: string
  updatedAt: string
  user: User
  organization: Organization
}

/** `GET /api/v1/session`. The hosted service may send more; every part may be missing. */
export interface SessionResponse {
  ok?: boolean
  auth?: {
    /** How the caller proved who they are. */
    method?: 'oauth' | 'api_key' | string
    user?: {id?: string; email?: string | null; name?: string | null}
    organization?: Partial<Organization>
    scopes?: string[]
  }
}

/** `GET /api/auth/oauth2/userinfo` (OpenID Connect Core §5.3), with the claims that Parix adds. */
export interface UserinfoResponse {
  sub: string
  email?: string
  email_verified?: boolean
  name?: string
  picture?: string
  organization_id?: string
  organization_name?: string
  organization_slug?: string
  member_role?: string
}

/** The eight operations, as they appear in the path `/databases/{id}/tb/{operation}`. */
export const OPERATIONS = [
  'create_accounts',
  'create_transfers',
  'lookup_accounts',
  'lookup_transfers',
  'get_account_transfers',
  'get_account_balances',
  'query_accounts',
  'query_transfers',
] as const

export type Operation = (typeof OPERATIONS)[number]

/** The response to every operation; `responsePayload` holds the rows. `mode: "stub"`: nothing was stored. */
export interface OperationResponse<Row = unknown> {
  ok: boolean
  operation: Operation
  operationLabel: string
  databaseId: string
  databaseName: string
  /**
   * Identifies the ledger behind the database: the same for as long as it exists, and another for any other ledger, one
   * under the same database id included. Absent where the service has none.
   */
  ledgerId?: string | null
  clusterId: string | null
  provider: string | null
  replicaCount: number | null
  targetHost: string | null
  mode: 'live' | 'stub'
  persisted: boolean
  docsUrl: string | null
  message: string
  requestPayload: unknown
  responsePayload: Row[]
}

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
