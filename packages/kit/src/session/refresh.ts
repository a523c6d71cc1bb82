import {setTimeout as delay} from 'node:timers/promises'
import {hintsOf, isParixError, ParixError} from '../errors.js'
import {isTransportError} from '../http/transport-error.js'
import type {Tokens} from '../oauth/tokens.js'
import {type BaseUrl, parseBaseUrl} from '../origin.js'
import {loginCommand, notSignedIn, sessionEnded} from './session-errors.js'
import type {SessionReservation, StoredSession} from './session-files.js'
import {originOf, type SessionRef} from './session-identity.js'
import type {Session} from './session-schema.js'
import type {LockedStore, SessionStore} from './store.js'

/**
 * A refresh token works once, and at some services a second use signs out every machine of that person. So: under the lock,
 * read again → still needed? → reserve the disk space → refresh → store before anything else. Only a service that *responds*
 * that the grant is invalid ends a session; no error of the network, a proxy, a clock or a disk does (threats section 5).
 */
export interface RefreshWorld {
  store: SessionStore
  refresh(base: BaseUrl, refreshToken: string): Promise<Tokens>
  say: (text: string) => void
  now(): number
}

/** A token is refreshed when it has less than this to live (contract, 'Session file'). */
const EXPIRY_MARGIN_MS = 60_000
const RETRY_AFTER_SECONDS_MAX = 10

/** Whether the token expires within a minute, or its expiry can't be read. */
export function isStale(session: Session, now: number): boolean {
  const expiresAt = Date.parse(session.accessTokenExpiresAt)
  return !(expiresAt - now > EXPIRY_MARGIN_MS)
}

/** Whether the service ended it: the tokens were blanked. */
export function hasEnded(session: Session): boolean {
  return session.accessToken === '' && session.refreshToken === null
}

/**
 * The session that is meant, with a token to use.
 *
 * @param refused a token that the service just answered 401 to: it will not do, whatever its expiry says
 * @throws ParixError NOT_SIGNED_IN, SESSION_ENDED, UNAVAILABLE (the session is unchanged), FAILED
 */
export async function freshSession(world: RefreshWorld, ref: SessionRef, refused?: string): Promise<Session> {
  const usable = ({session}: StoredSession) => !isStale(session, world.now()) && session.accessToken !== refused
  const stored = world.store.read(ref)
  if (stored === undefined) throw notSignedIn(originOf(ref))
  if (usable(stored)) return stored.session
  assertRenewable(stored, refused)
  return world.store.withLock(async (locked) => {
    // The one that was read, whichever is in use by now: another one may be of another organization.
    const current = locked.read(stored.session)
    if (current === undefined) throw notSignedIn(originOf(ref))
    // Another process refreshed while we waited: its token is as good as one of ours.
    if (usable(current)) return current.session
    assertRenewable(current, refused)
    return refreshLocked(world, locked, current, refused)
  })
}

function assertRenewable({session, origin}: StoredSession, refused: string | undefined): void {
  if (hasEnded(session)) throw sessionEnded(origin, 'the service ended it')
  if (session.refreshToken !== null) return
  throw sessionEnded(
    origin,
    refused === undefined ? "its token has expired and can't be renewed" : 'the service refuses it',
  )
}

/** The disk space for the new tokens is taken before the refresh token is spent: it works once (F4, threats 4.14). */
async function refreshLocked(
  world: RefreshWorld,
  locked: LockedStore,
  stored: StoredSession,
  refused: string | undefined,
): Promise<Session> {
  const {session} = stored
  const reservation = reserve(world, locked, stored, refused)
  if (reservation === undefined) return session
  try {
    const tokens = await askForTokens(world, session)
    const renewed: Session = {
      ...session,
      accessToken: tokens.accessToken,
      accessTokenExpiresAt: tokens.accessTokenExpiresAt,
      tokenType: tokens.tokenType,
      refreshToken: tokens.refreshToken ?? session.refreshToken,
      scopes: tokens.scopes ?? session.scopes,
      updatedAt: new Date(world.now()).toISOString(),
    }
    storeRenewed(world, locked, reservation, {...stored, session: renewed}, session)
    locked.pendingRefresh.forget(session.refreshToken ?? '')
    return renewed
  } catch (error) {
    if (!isParixError(error)) throw error
    if (error.code === 'invalid_grant') return endSession(world, locked, stored, error)
    if (isOpen(error)) locked.pendingRefresh.note(session.refreshToken ?? '')
    throw stillSignedIn(error, stored.origin)
  } finally {
    reservation.discard()
  }
}

/** @returns undefined where the disk refuses and the present token still works: the command continues with that */
function reserve(
  world: RefreshWorld,
  locked: LockedStore,
  stored: StoredSession,
  refused: string | undefined,
): SessionReservation | undefined {
  try {
    return locked.reserve(stored)
  } catch (error) {
    if (!isParixError(error)) throw error
    const {accessToken, accessTokenExpiresAt} = stored.session
    const works = accessToken !== refused && Date.parse(accessTokenExpiresAt) > world.now()
    if (!works) throw notRenewed(error, stored.origin)
    world.say(`Warning: your session expires soon and could not be renewed. ${error.message}`)
    return undefined
  }
}

function notRenewed(error: ParixError, origin: string): ParixError {
  return new ParixError(
    error.kind,
    `Your session at ${origin} can't be renewed: there is no place to store it. ${error.message}`,
    {
      ...error.details,
      code: error.code,
      hint: ['You are still signed in; nothing was sent. Try again once the session can be stored.', ...hintsOf(error)],
    },
  )
}

/** Whether the service may have processed it, and the new tokens were lost. */
function isOpen(error: ParixError): boolean {
  if (isTransportError(error)) return error.sent === 'maybe'
  return error.kind === 'UNAVAILABLE' && error.details.status !== 429
}

/** A 429 was not processed, so the same token may be sent again once, if the wait is short (threats 5.10). */
async function askForTokens(world: RefreshWorld, session: Session): Promise<Tokens> {
  const base = parseBaseUrl(session.baseUrl)
  try {
    return await world.refresh(base, session.refreshToken ?? '')
  } catch (error) {
    const seconds = isParixError(error) && error.details.status === 429 ? error.details.retryAfterSeconds : undefined
    if (seconds === undefined || seconds > RETRY_AFTER_SECONDS_MAX) throw error
    await delay(seconds * 1000)
    return world.refresh(base, session.refreshToken ?? '')
  }
}

/** Should the disk fail even so, the new tokens are good for this command (threats 4.14). */
function storeRenewed(
  world: RefreshWorld,
  locked: LockedStore,
  reservation: SessionReservation,
  renewed: StoredSession,
  before: Session,
): void {
  // The process may have slept with the lock, and another have taken it over and stored a token of its own.
  if (!locked.isHeld() && locked.read(renewed.session)?.session.refreshToken !== before.refreshToken) return
  try {
    reservation.commit(renewed.session)
  } catch (error) {
    if (!isParixError(error)) throw error
    world.say(`Warning: ${error.message} The next command will need a new login: ${loginCommand(renewed.origin)}`)
  }
}

/**
 * Tokens are blanked, so that later commands don't ask in vain; who was signed in, and where, stays. Only if nobody stored
 * another token meanwhile: then that one counts (threats 5.7).
 */
function endSession(world: RefreshWorld, locked: LockedStore, stored: StoredSession, error: ParixError): Session {
  const current = locked.read(stored.session)
  if (current === undefined) throw notSignedIn(stored.origin)
  const changed = current.session.refreshToken !== stored.session.refreshToken
  if (changed && !isStale(current.session, world.now())) return current.session
  if (!changed) blankTokens(locked, current)
  const lost = locked.pendingRefresh.includes(stored.session.refreshToken ?? '')
  locked.pendingRefresh.forget(stored.session.refreshToken ?? '')
  throw sessionEnded(stored.origin, lost ? 'an earlier response was lost, and its token with it' : error.message)
}

function blankTokens(locked: LockedStore, stored: StoredSession): void {
  try {
    locked.write({...stored, session: {...stored.session, accessToken: '', refreshToken: null}})
  } catch {
    // The next command will ask once more and hear the same.
  }
}

/** The error, and that nothing is lost. */
function stillSignedIn(error: ParixError, origin: string): ParixError {
  return new ParixError(error.kind, `Your session at ${origin} could not be renewed: ${error.message}`, {
    ...error.details,
    code: error.code,
    hint: ['You are still signed in: try again.', ...hintsOf(error)],
  })
}
