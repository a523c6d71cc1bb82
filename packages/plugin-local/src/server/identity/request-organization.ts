import {PATHS} from '@parix/kit/contract'
import {findRefreshToken} from '../oauth/grants.js'
import type {Database} from '../store/database.js'
import {findMembership} from './membership.js'
import {findPrincipal} from './principal.js'
import {hashSecret, type Provider} from './provider.js'

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
  provider: Provider,
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
  const session = request.headers.has('cookie') ? await provider.api.getSession({headers: request.headers}) : null
  return {organizationId: organizationOf(database, session?.user.id), request}
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
