import {nextCommand, renderCommand} from '@parix/kit/next-command'
import type {Discovered} from '@parix/kit/oauth'
import {type BaseUrl, parseBaseUrl} from '@parix/kit/origin'
import type {Removal, SessionStore, StoredSession} from '@parix/kit/session'
import {cleanLine} from '@parix/kit/text'

export type WhichSessions = Parameters<SessionStore['remove']>[0]

export interface SignOutWorld {
  store: SessionStore
  discover(base: BaseUrl, signal: AbortSignal): Promise<Discovered>
  revoke(base: BaseUrl, endpoint: URL, refreshToken: string, timeoutMs: number, signal: AbortSignal): Promise<void>
}

/** Whether the service knows. `needless`: there was no token left to revoke. */
type Revocation = 'revoked' | 'untold' | 'needless'

/** What `auth logout --json` prints. */
export interface SignOutResult {
  /** Base URLs whose session was removed. */
  signedOut: string[]
  /** Those of them whose service has confirmed that the session is over. */
  revoked: string[]
  /** Those whose service could not be told, or offers no way to: it may hold the session until it ends by itself. */
  notRevoked: string[]
  /** Files that were removed. */
  removed: string[]
  /** Files that could not be. */
  kept: Removal['kept']
  /** Base URLs where one is still signed in. */
  stillSignedIn: string[]
}

const REVOCATION_MS_MAX = 2_000

/**
 * Tells the service, as a courtesy that never takes longer than two seconds and never fails the command, and removes the
 * session from this machine, whatever state its file is in (threats 6.1–6.5).
 */
export async function signOut(which: WhichSessions, world: SignOutWorld): Promise<SignOutResult> {
  const {sessions, unreadable} = world.store.list()
  // Before the service is told: what can't be seen could not be removed.
  const unseen = unreadable.find(({error}) => error.code === 'session_unreadable')
  if (unseen !== undefined) throw unseen.error
  const names = new Map(sessions.map(({origin, session}) => [origin, session.baseUrl]))
  const name = (origin: string) => names.get(origin) ?? origin
  const outcomes = await revokeSessions(which, world)
  const {origins, removed, kept} = await world.store.remove(which)
  const withOutcome = (wanted: Revocation) => origins.filter((origin) => outcomes.get(origin) === wanted).map(name)
  return {
    signedOut: origins.map(name),
    revoked: withOutcome('revoked'),
    notRevoked: withOutcome('untold'),
    removed,
    kept,
    stillSignedIn: world.store.list().sessions.map(({session}) => session.baseUrl),
  }
}

/** Under the lock, so that no other process swaps the token for a new one meanwhile. */
async function revokeSessions(which: WhichSessions, world: SignOutWorld): Promise<Map<string, Revocation>> {
  const targets = world.store.list().sessions.filter((stored) => isMeant(stored, which))
  if (!targets.some(({session}) => session.refreshToken)) return new Map()
  const signal = AbortSignal.timeout(REVOCATION_MS_MAX)
  try {
    return await world.store.withLock(async (locked) => {
      const outcomes = targets.map(async ({origin}): Promise<[string, Revocation]> => {
        return [origin, await revokeOne(locked.read(origin), world, signal)]
      })
      return new Map(await Promise.all(outcomes))
    })
  } catch {
    // The lock can't be had: removing says why, if it fails for the same reason.
    return new Map(targets.map(({origin}) => [origin, 'untold']))
  }
}

function isMeant({origin, active}: StoredSession, which: WhichSessions): boolean {
  if (which === 'all') return true
  return which === 'active' ? active : origin === which.origin
}

async function revokeOne(
  stored: StoredSession | undefined,
  {discover, revoke}: SignOutWorld,
  signal: AbortSignal,
): Promise<Revocation> {
  if (!stored?.session.refreshToken) return 'needless'
  try {
    const base = parseBaseUrl(stored.session.baseUrl)
    const {revocationEndpoint} = await discover(base, signal)
    if (revocationEndpoint === undefined) return 'untold'
    await revoke(base, revocationEndpoint, stored.session.refreshToken, REVOCATION_MS_MAX, signal)
    return 'revoked'
  } catch {
    return 'untold'
  }
}

/** The result, for a person. */
export function signOutText({signedOut, removed, kept}: SignOutResult, where?: string): string {
  if (signedOut.length > 0) return `Signed out at ${signedOut.join(', ')}.`
  if (kept.length > 0) return 'Not signed out: the session could not be removed.'
  const state = where === undefined ? 'You are not signed in.' : `You are not signed in at ${cleanLine(where)}.`
  return removed.length > 0 ? `Removed ${removed.join(', ')}. ${state}` : state
}

/** What is not as one might expect: one sentence each, on stderr. */
export function signOutNotes(result: SignOutResult, environment: NodeJS.ProcessEnv): string[] {
  const notes = result.notRevoked.map(
    (baseUrl) =>
      `Warning: ${baseUrl} was not notified, and may keep the session until it expires. You can end it there, in a browser.`,
  )
  for (const {path, reason} of result.kept) notes.push(`Warning: could not remove ${path}: ${reason}`)
  const [next] = result.stillSignedIn
  if (next !== undefined) {
    notes.push(
      `You are still signed in at ${result.stillSignedIn.join(', ')}. To use it: ${renderCommand(nextCommand('auth switch', {args: [next]}))}`,
    )
  }
  if (environment.PARIX_API_KEY?.trim()) notes.push('PARIX_API_KEY is set: commands still use that key.')
  return notes
}

/**
 * Which sessions are meant: all, the one of the service that a flag or PARIX_BASE_URL names, or the one in use. A damaged
 * session.json may be of any service, so it is removed where the variable's service has no other session.
 */
export function whichSessions(
  flags: {all: boolean; 'base-url'?: string | undefined},
  environment: NodeJS.ProcessEnv,
  store: Pick<SessionStore, 'list'>,
): {which: WhichSessions; where?: string} {
  if (flags.all) return {which: 'all'}
  const flag = flags['base-url']
  if (flag !== undefined) return {which: {origin: parseBaseUrl(flag).origin}, where: flag}
  const variable = environment.PARIX_BASE_URL?.trim()
  if (!variable) return {which: 'active'}
  const {origin} = parseBaseUrl(variable, 'PARIX_BASE_URL')
  const {sessions, unreadable} = store.list()
  const damaged = !sessions.some((stored) => stored.origin === origin) && unreadable.some(({active}) => active)
  return {which: damaged ? 'active' : {origin}, where: variable}
}
