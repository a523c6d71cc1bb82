import {randomUUID} from 'node:crypto'
import {hashSecret, PREFIXES} from '../identity/constants.js'
import type {Database} from '../store/database.js'

/**
 * A grant is one sign-in: what grew from one authorization code or one device code, through all its refreshes.
 *
 * Better Auth ends every token of (client, user) when a refresh token comes back a second time: with one client for all of
 * a user's machines that signs out each of them. It keeps the authorization code's id through all rotations, though, so
 * the grant can be told, and only that one ends (RFC 9700 §4.14.2 asks for no more). Tokens of the device grant have no
 * such id: they get one when they are issued.
 */
export interface RefreshTokenRow {
  id: string
  clientId: string
  userId: string
  grantId: string | null
  revoked: string | null
}

export function findRefreshToken(database: Database, token: string): RefreshTokenRow | undefined {
  return database
    .prepare(
      `SELECT id, "clientId", "userId", "authorizationCodeId" AS "grantId", revoked FROM "oauthRefreshToken" WHERE token = ?`,
    )
    .get(storedForm(token, PREFIXES.refreshToken)) as RefreshTokenRow | undefined
}

/** Ends the grant of a refresh token: all its refresh and access tokens are invalid from now on. */
export function endGrant(database: Database, row: RefreshTokenRow): void {
  const [column, value] = row.grantId ? ['"authorizationCodeId"', row.grantId] : ['id', row.id]
  const tokens = `SELECT id FROM "oauthRefreshToken" WHERE ${column} = ?`
  database.transaction(() => {
    database.prepare(`DELETE FROM "oauthAccessToken" WHERE "refreshId" IN (${tokens})`).run(value)
    database.prepare(`DELETE FROM "oauthRefreshToken" WHERE ${column} = ?`).run(value)
  })()
}

/** Gives a freshly issued refresh token a grant of its own where it has none. */
export function startGrant(database: Database, token: string): void {
  const row = findRefreshToken(database, token)
  if (!row || row.grantId) return
  const grantId = randomUUID()
  database.transaction(() => {
    database.prepare('UPDATE "oauthRefreshToken" SET "authorizationCodeId" = ? WHERE id = ?').run(grantId, row.id)
    database
      .prepare('UPDATE "oauthAccessToken" SET "authorizationCodeId" = ? WHERE "refreshId" = ?')
      .run(grantId, row.id)
  })()
}

/** Ends one access token. */
export function endAccessToken(database: Database, token: string): void {
  database.prepare('DELETE FROM "oauthAccessToken" WHERE token = ?').run(storedForm(token, PREFIXES.accessToken))
}

/** Takes dead tokens off the store; called at start. */
export function forgetExpiredTokens(database: Database, now: Date): void {
  for (const table of ['"oauthAccessToken"', '"oauthRefreshToken"', '"deviceCode"', 'verification', 'session']) {
    database.prepare(`DELETE FROM ${table} WHERE "expiresAt" < ?`).run(now.toISOString())
  }
}

function storedForm(token: string, prefix: string): string {
  return hashSecret(token.startsWith(prefix) ? token.slice(prefix.length) : token)
}
