import {rmSync} from 'node:fs'
import {isParixError} from '../errors.js'
import {originKey} from '../origin.js'
import type {SessionFiles, StoredSession} from './files.js'
import {notSignedIn} from './not-signed-in.js'
import {otherPath, type Place} from './place.js'
import type {Session} from './session-text.js'
import {moveAside} from './whole-write.js'

/** What became of what was there. */
export interface Saved {
  path: string
  /** The session of the same origin that it took the place of. */
  replaced: Session | undefined
  /** The session of another origin that is no longer the active one; it is still stored. */
  deactivated: Session | undefined
  /** Where a file that could not be read was moved to. */
  movedAside: string | undefined
}

/** For whoever holds the lock. @throws ParixError FAILED `session_not_stored`, SESSION_DAMAGED for what isn't ours */
export function saveSession(files: SessionFiles, place: Place, session: Session, activate: boolean): Saved {
  const origin = originKey(new URL(session.baseUrl))
  let movedAside: string | undefined
  const readOrMove = (path: string) => {
    try {
      return files.at(path)
    } catch (error) {
      movedAside = moveUnreadable(error, path)
      return undefined
    }
  }
  const active = readOrMove(place.active)
  const other = readOrMove(otherPath(place, origin))
  const toActive = activate || active?.origin === origin
  const path = toActive ? place.active : otherPath(place, origin)
  const deactivated = toActive && active !== undefined && active.origin !== origin ? active : undefined
  // The one that makes room is stored first: a crash in between leaves it in two places, never in none.
  if (deactivated !== undefined) files.write({...deactivated, path: otherPath(place, deactivated.origin)})
  files.write({session, origin, active: toActive, path})
  if (toActive) rmSync(otherPath(place, origin), {force: true})
  const replaced = active?.origin === origin ? active.session : other?.session
  return {path, replaced, deactivated: deactivated?.session, movedAside}
}

/** For whoever holds the lock. @throws ParixError NOT_SIGNED_IN */
export function activateSession(files: SessionFiles, place: Place, origin: string): StoredSession {
  const stored = files.of(origin)
  if (stored === undefined) throw notSignedIn(origin)
  if (stored.active) return stored
  saveSession(files, place, stored.session, true)
  return {...stored, active: true, path: place.active}
}

/** A file of ours that can't be read makes room and is kept; what isn't ours to judge stays, and nothing is stored. */
function moveUnreadable(error: unknown, path: string): string {
  if (!isParixError(error) || error.code === 'session_not_ours' || error.code === 'session_unreadable') throw error
  return moveAside(path)
}
