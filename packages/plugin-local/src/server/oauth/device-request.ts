import type {Database} from '../store/database.js'

/** As typed: eight characters, with room for spaces and dashes. */
export const USER_CODE_LETTERS_MAX = 16

/** What a device asks for, by the code that its user reads from its screen. */
export interface DeviceRequest {
  userCode: string
  scope: string
}

/**
 * Finds the request that waits under `typed` and ties it to this person: whoever looked at it first is the only one who
 * can allow it. Better Auth checks that tie when the answer comes.
 *
 * @returns undefined when there is none, it is too old, was decided, or is somebody else's
 */
export function claimDeviceRequest(
  database: Database,
  typed: string,
  userId: string,
  now: Date,
): DeviceRequest | undefined {
  const userCode = typed.replace(/[^a-zA-Z0-9]/g, '').toUpperCase()
  const claim = database.prepare(
    `UPDATE "deviceCode" SET "userId" = ? WHERE "userCode" = ? AND status = 'pending' AND "expiresAt" > ?
     AND ("userId" IS NULL OR "userId" = ?)`,
  )
  if (claim.run(userId, userCode, now.toISOString(), userId).changes === 0) return undefined
  const row = database.prepare('SELECT "userCode", scope FROM "deviceCode" WHERE "userCode" = ?').get(userCode)
  const {scope} = row as {scope: string | null}
  return {userCode, scope: scope ?? ''}
}

/** Replaces the scopes of a request that this person has claimed and not decided on yet. */
export function narrowDeviceRequest(
  database: Database,
  userCode: string,
  userId: string,
  narrow: (scope: string) => string,
): void {
  const claimed = `"userCode" = ? AND "userId" = ? AND status = 'pending'`
  const row = database.prepare(`SELECT scope FROM "deviceCode" WHERE ${claimed}`).get(userCode, userId)
  if (!row) return
  const scope = narrow((row as {scope: string | null}).scope ?? '')
  database.prepare(`UPDATE "deviceCode" SET scope = ? WHERE ${claimed}`).run(scope, userCode, userId)
}
