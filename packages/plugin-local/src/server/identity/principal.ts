import {API_KEY_HEADER, type Organization, SCOPES} from '@parix/kit/contract'
import type {Database} from '../store/database.js'
import {findApiKey} from './keys.js'
import {findMembership} from './membership.js'
import {findPerson, type Person} from './people.js'
import {hashSecret, PREFIXES} from './provider.js'

/** Who sent a request, as a credential proved it. */
export interface Principal {
  method: 'oauth' | 'api_key'
  user: Person
  /** The organization whose databases these are. */
  organizationId: string
  /** What the caller may know of it: absent without `org:read`. */
  organization?: Organization
  scopes: ReadonlySet<string>
  /** Set for an API key that is good for one database only. */
  databaseId?: string
}

/** Who sent `headers`: by `Authorization: Bearer`, or by the API key header. Undefined: nobody whom we know. */
export function findPrincipal(database: Database, headers: Headers): Principal | undefined {
  const bearer = /^Bearer ([\x21-\x7e]+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  const credential = bearer ?? headers.get(API_KEY_HEADER)?.trim()
  if (!credential) return undefined
  return credential.startsWith(PREFIXES.accessToken) && bearer
    ? byAccessToken(database, credential.slice(PREFIXES.accessToken.length))
    : byApiKey(database, credential)
}

function byAccessToken(database: Database, token: string): Principal | undefined {
  const row = database
    .prepare('SELECT "userId", scopes, "expiresAt", revoked FROM "oauthAccessToken" WHERE token = ?')
    .get(hashSecret(token)) as {userId: string; scopes: string; expiresAt: string; revoked: unknown} | undefined
  if (!row || row.revoked || Date.parse(row.expiresAt) <= Date.now()) return undefined
  return principal(database, 'oauth', row.userId, new Set(JSON.parse(row.scopes) as string[]))
}

function byApiKey(database: Database, key: string): Principal | undefined {
  const row = findApiKey(database, key)
  if (!row) return undefined
  const scopes = new Set(['org:read', 'db:read', ...(row.access === 'write' ? ['db:write'] : [])])
  const found = principal(database, 'api_key', row.userId, scopes)
  return found && {...found, ...(row.databaseId !== undefined && {databaseId: row.databaseId})}
}

function principal(
  database: Database,
  method: Principal['method'],
  userId: string,
  scopes: ReadonlySet<string>,
): Principal | undefined {
  const user = findPerson(database, userId)
  const membership = findMembership(database, userId)
  if (!user || !membership) return undefined
  const known = SCOPES.filter((scope) => scopes.has(scope))
  return {
    method,
    user,
    organizationId: membership.id,
    ...(scopes.has('org:read') && {organization: membership}),
    scopes: new Set(known),
  }
}
