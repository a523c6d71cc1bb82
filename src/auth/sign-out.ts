import {nextCommand, renderCommand} from '@parix/kit/next-command'
import type {Discovered} from '@parix/kit/oauth'
import {type BaseUrl, parseBaseUrl} from '@parix/kit/origin'
import {
  chooseSession,
  isSameSession,
  type Removal,
  resolveBaseUrl,
  type Session,
  type SessionStore,
  type StoredSession,
  wantedOrganization,
} from '@parix/kit/session'
import {cleanLine} from '@parix/kit/text'
import {type SessionSummary, whoText} from './sessions.js'

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
  /** The sessions that were removed. */
  sessions: Pick<SessionSummary, 'baseUrl' | 'user' | 'organization'>[]
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
  /** The sessions that are left, the one in use first. */
  left: Pick<SessionSummary, 'baseUrl' | 'user' | 'organization'>[]
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
  const outcomes = await revokeSessions(which, world, sessions)
  const {sessions: gone, removed, kept} = await world.store.remove(which)
  const withOutcome = (wanted: Revocation) =>
    baseUrls(gone.filter((session) => outcomes.find((one) => isSameSession(one.session, session))?.outcome === wanted))
  const left = world.store.list().sessions.map(({session}) => session)
  return {
    signedOut: baseUrls(gone),
    sessions: gone.map(shown),
    revoked: withOutcome('revoked'),
    notRevoked: withOutcome('untold'),
    removed,
    kept,
    stillSignedIn: baseUrls(left),
    left: left.map(shown),
  }
}

function baseUrls(sessions: readonly Session[]): string[] {
  return [...new Set(sessions.map(({baseUrl}) => baseUrl))]
}

function shown({baseUrl, user, organization}: Session): SignOutResult['left'][number] {
  return {baseUrl, user, organization}
}

type Outcome = {session: Session; outcome: Revocation}

/** Under the lock, so that no other process swaps the token for a new one meanwhile. */
async function revokeSessions(
  which: WhichSessions,
  world: SignOutWorld,
  sessions: readonly StoredSession[],
): Promise<Outcome[]> {
  const targets = sessions.filter((stored) => isMeant(stored, which))
  if (!targets.some(({session}) => session.refreshToken)) return []
  const signal = AbortSignal.timeout(REVOCATION_MS_MAX)
  try {
    return await world.store.withLock((locked) =>
      Promise.all(
        targets.map(async ({session}) => ({session, outcome: await revokeOne(locked.read(session), world, signal)})),
      ),
    )
  } catch {
    // The lock can't be had: removing says why, if it fails for the same reason.
    return targets.map(({session}) => ({session, outcome: 'untold'}))
  }
}

function isMeant({origin, active, current, session}: StoredSession, which: WhichSessions): boolean {
  if (which === 'all') return true
  if (which === 'active') return active
  return 'session' in which ? isSameSession(session, which.session) : current && origin === which.origin
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
export function signOutText(
  {signedOut, sessions, stillSignedIn, removed, kept}: SignOutResult,
  where?: string,
): string {
  // Where there were several, the service does not say which one is over.
  const several = sessions.length !== signedOut.length || stillSignedIn.some((baseUrl) => signedOut.includes(baseUrl))
  if (sessions.length > 0 && several) {
    return `Signed out at ${sessions.map((session) => `${cleanLine(session.baseUrl)} as ${whoText(session)}`).join('; ')}.`
  }
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
  const [next] = result.left
  if (next !== undefined) {
    const several = result.left.length !== result.stillSignedIn.length || result.signedOut.includes(next.baseUrl)
    const flags = several ? {organization: next.organization.id || next.user.email || undefined} : {}
    const where = several
      ? result.left.map((session) => `${cleanLine(session.baseUrl)} as ${whoText(session)}`).join('; ')
      : result.stillSignedIn.join(', ')
    const use = renderCommand(nextCommand('auth switch', {args: [next.baseUrl], flags}))
    notes.push(`You are still signed in at ${where}. To use it: ${use}`)
  }
  if (environment.PARIX_API_KEY?.trim()) notes.push('PARIX_API_KEY is set: commands still use that key.')
  return notes
}

/**
 * Which sessions are meant: all, the one of the service that a flag or PARIX_BASE_URL names, or the one in use. A damaged
 * session.json may be of any service, so it is removed where the variable's service has no other session.
 */
export function whichSessions(
  flags: {all: boolean; 'base-url'?: string | undefined; organization?: string | undefined},
  environment: NodeJS.ProcessEnv,
  store: SessionStore,
): {which: WhichSessions; where?: string} {
  if (flags.all) return {which: 'all'}
  const wanted = wantedOrganization(flags.organization, environment)
  if (wanted !== undefined) {
    const {base} = resolveBaseUrl({flag: flags['base-url'], environment: withoutKey(environment), store})
    return {which: {session: chooseSession(store, base, wanted).session}, where: base.url.href}
  }
  const flag = flags['base-url']
  if (flag !== undefined) return {which: {origin: parseBaseUrl(flag).origin}, where: flag}
  const variable = environment.PARIX_BASE_URL?.trim()
  if (!variable) return {which: 'active'}
  const {origin} = parseBaseUrl(variable, 'PARIX_BASE_URL')
  const {sessions, unreadable} = store.list()
  const damaged = !sessions.some((stored) => stored.origin === origin) && unreadable.some(({active}) => active)
  return {which: damaged ? 'active' : {origin}, where: variable}
}

/** Which service is in use does not depend on a key: what is ended is a session. */
function withoutKey({PARIX_API_KEY: _, ...environment}: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return environment
}
