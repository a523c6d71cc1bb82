import type {SCOPES} from '@parix/kit/contract'
import type {Principal} from '../identity/principal.js'
import {ApiFault} from './problem.js'

/** @throws ApiFault 403 that names the scope (RFC 6750 §3.1) */
export function requireScope(principal: Principal, scope: (typeof SCOPES)[number]): void {
  if (principal.scopes.has(scope)) return
  const has = [...principal.scopes].join(' ') || 'none'
  const what = principal.method === 'api_key' ? 'API key' : 'token'
  throw new ApiFault(
    403,
    'scope-missing',
    `This needs the scope ${scope}, which this ${what} lacks. It has: ${has}.`,
    {},
    {'www-authenticate': `Bearer realm="parix", error="insufficient_scope", scope="${scope}"`},
  )
}

/** @throws ApiFault 403 when the caller's key is for another database, whether or not this one exists */
export function requireDatabaseOfKey(principal: Principal, databaseId: string): void {
  if (principal.databaseId === undefined || principal.databaseId === databaseId) return
  throw keyOfAnotherDatabase(`This API key is for the database ${principal.databaseId} only.`)
}

/** @throws ApiFault 403 when the caller's key is for one database: it makes no others, and switches nothing for them */
export function requireAllDatabases(principal: Principal): void {
  if (principal.databaseId === undefined) return
  throw keyOfAnotherDatabase(`This API key is for the database ${principal.databaseId} only.`)
}

/** @throws ApiFault 403 when the caller shows an API key: one that got out must not create others, nor end them */
export function requireSignIn(principal: Principal): void {
  if (principal.method !== 'api_key') return
  const detail = "An API key can't create, list or revoke API keys: this needs somebody who is signed in."
  throw new ApiFault(403, 'sign-in-needed', detail)
}

function keyOfAnotherDatabase(detail: string): ApiFault {
  return new ApiFault(403, 'key-of-another-database', detail)
}
