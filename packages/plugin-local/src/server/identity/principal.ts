import {API_KEY_HEADER, type Organization, PATHS, SCOPES} from '@parix/kit/contract'
import {findRefreshToken} from '../oauth/grants.js'
import type {Database} from '../store/database.js'
import {hashSecret, PREFIXES} from './constants.js'
import {findApiKey} from './keys.js'
import {findMembership, findPerson, type Person} from './people.js'
import type {LoadProvider} from './provider.js'

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

const TOKEN_PATH = `${PATHS.issuer}/oauth2/token`
const FORM_BYTES_MAX = 64 * 1024

/**
 * Whose request this is, by its credential, by what a token request redeems, or by the browser's session. A request that
 * shows nothing belongs to the only organization, if there is only one.
 *
 * @returns also the request to pass on: that of a token endpoint has had its body read
 */
export async function attributeRequest(
  database: Database,
  loadProvider: LoadProvider,
  request: Request,
): Promise<{organizationId: string | undefined; request: Request}> {
  const principal = findPrincipal(database, request.headers)
  if (principal) return {organizationId: principal.organizationId, request}
  if (request.method === 'POST' && new URL(request.url).pathname === TOKEN_PATH) {
    const length = Number(request.headers.get('content-length') ?? Number.NaN)
    if (length <= FORM_BYTES_MAX) {
      const {method, headers, url} = request
      const body = await request.text()
      const organizationId = organizationOf(database, redeemer(database, new URLSearchParams(body)))
      return {organizationId, request: new Request(url, {method, headers, body})}
    }
  }
  return {organizationId: organizationOf(database, await findBrowserUser(loadProvider, request.headers)), request}
}

/** The id of the person whose browser sent this. A session is a cookie: without one the provider is not asked. */
export async function findBrowserUser(loadProvider: LoadProvider, headers: Headers): Promise<string | undefined> {
  if (!headers.has('cookie')) return undefined
  const provider = await loadProvider()
  const session = await provider.api.getSession({headers})
  return session?.user.id
}

function organizationOf(database: Database, userId: string | undefined): string | undefined {
  if (userId !== undefined) return findMembership(database, userId)?.id
  const rows = database.prepare('SELECT id FROM organization LIMIT 2').all() as {id: string}[]
  return rows.length === 1 ? rows[0]!.id : undefined
}

/** The person whose refresh token, authorization code or device code is being redeemed. */
function redeemer(database: Database, form: URLSearchParams): string | undefined {
  const [refreshToken, code, deviceCode] = ['refresh_token', 'code', 'device_code'].map((name) => form.get(name))
  if (refreshToken) return findRefreshToken(database, refreshToken)?.userId
  if (code) {
    const row = database.prepare('SELECT value FROM verification WHERE identifier = ?').get(hashSecret(code))
    const {userId} = JSON.parse((row as {value: string} | undefined)?.value ?? '{}') as {userId?: string}
    return userId
  }
  if (!deviceCode) return undefined
  const row = database.prepare('SELECT "userId" FROM "deviceCode" WHERE "deviceCode" = ?').get(deviceCode)
  return (row as {userId: string | null} | undefined)?.userId ?? undefined
}
