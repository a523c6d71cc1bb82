import {lstatSync, rmdirSync, rmSync, statSync, unlinkSync} from 'node:fs'
import {writeTarget} from '@parix/files/atomic-write'
import {notWritten, reasonOf} from '@parix/files/errors'
import {asideFiles, moveAside, temporaryFiles} from '@parix/files/recover-temp-files'
import {isParixError} from '../errors.js'
import {originKey} from '../origin.js'
import {notSignedIn, notStored} from './session-errors.js'
import {entries, keptFiles, otherFiles, type SessionFiles, type StoredSession} from './session-files.js'
import {isSameSession, originOf, type SessionRef} from './session-identity.js'
import {keptPath, otherPath, type SessionPaths} from './session-paths.js'
import type {Session} from './session-schema.js'

/** Which sessions there are, changed. Everything here is for the holder of the lock. */

/** What became of what was there. */
export interface Saved {
  path: string
  /** The session of the same person and organization that it replaced. */
  replaced: Session | undefined
  /** The session of another person or organization that was in use at this service; it is still stored. */
  kept: Session | undefined
  /** The session of another origin that is no longer in use; it is still stored. */
  deactivated: Session | undefined
  /** Where a file that could not be read was moved to. */
  movedAside: string | undefined
}

/** @throws ParixError FAILED `session_not_stored`, SESSION_DAMAGED for what isn't ours */
export function saveSession(files: SessionFiles, paths: SessionPaths, session: Session, activate: boolean): Saved {
  const origin = originKey(new URL(session.baseUrl))
  let movedAside: string | undefined
  const readOrMove = (path: string) => {
    const stored = readOrReplaceable(files, path)
    if (stored !== 'replaceable') return stored
    try {
      movedAside = moveAside(path)
    } catch (error) {
      throw notStored(notWritten(path, error))
    }
    return undefined
  }
  // Before anything is written: what can't be seen can't be kept.
  keptFiles(paths, origin)
  const active = readOrMove(paths.active)
  const other = readOrMove(otherPath(paths, origin))
  const toActive = activate || active?.origin === origin
  const path = toActive ? paths.active : otherPath(paths, origin)
  const deactivated = toActive && active !== undefined && active.origin !== origin ? active : undefined
  const before = active?.origin === origin ? active : other
  const kept = before !== undefined && isToKeep(before.session, session) ? before : undefined
  // What makes room is stored first: a crash in between leaves it in two places, never in none.
  if (kept !== undefined) files.write({...kept, path: keptPath(paths, kept.session)})
  if (deactivated !== undefined) files.write({...deactivated, path: otherPath(paths, deactivated.origin)})
  files.write({session, origin, active: toActive, current: true, path})
  if (toActive) rmSync(otherPath(paths, origin), {force: true})
  removeTwins(files, paths, session)
  return {
    path,
    replaced: kept === undefined ? before?.session : undefined,
    kept: kept?.session,
    deactivated: deactivated?.session,
    movedAside,
  }
}

/** Of another person or organization, and with a token to use. */
function isToKeep(before: Session, session: Session): boolean {
  return !isSameSession(before, session) && (before.accessToken !== '' || before.refreshToken !== null)
}

/** The same person signed in once more, or a crash left a second file: the one in use at the service counts. */
export function removeTwins(files: SessionFiles, paths: SessionPaths, session: Session): void {
  const at = files.of(session)?.path
  for (const path of keptFiles(paths, originOf(session))) {
    if (path !== at && isThat(files, path, session)) rmSync(path, {force: true})
  }
}

function isThat(files: SessionFiles, path: string, session: Session): boolean {
  try {
    const stored = files.at(path)
    return stored !== undefined && isSameSession(stored.session, session)
  } catch {
    return false
  }
}

/**
 * Checks that `saveSession` will be able to store a session of `origin` and keep those in use, before anybody signs in.
 *
 * @throws ParixError as `saveSession`
 */
export function assertCanSave(files: SessionFiles, paths: SessionPaths, origin: string): void {
  const active = readOrReplaceable(files, paths.active)
  const other = readOrReplaceable(files, otherPath(paths, origin))
  keptFiles(paths, origin)
  files.reserve({path: paths.active}).discard()
  for (const stored of [active, other]) {
    if (stored === undefined || stored === 'replaceable') continue
    const path = stored.origin === origin ? keptPath(paths, stored.session) : otherPath(paths, stored.origin)
    files.reserve({...stored, path}).discard()
  }
}

/** @throws ParixError NOT_SIGNED_IN */
export function activateSession(files: SessionFiles, paths: SessionPaths, ref: SessionRef): StoredSession {
  const stored = files.of(ref)
  if (stored === undefined) throw notSignedIn(originOf(ref))
  if (stored.active) return stored
  saveSession(files, paths, stored.session, true)
  rmSync(stored.path, {force: true})
  return {...stored, active: true, current: true, path: paths.active}
}

/** A file of ours that can't be read makes room and is kept; what isn't ours to judge stays, and nothing is stored. */
function readOrReplaceable(files: SessionFiles, path: string): StoredSession | undefined | 'replaceable' {
  try {
    return files.at(path)
  } catch (error) {
    if (!isParixError(error) || error.code === 'session_not_ours' || error.code === 'session_unreadable') throw error
    return 'replaceable'
  }
}

export interface Removal {
  /** Origins of removed sessions; damaged files have none. */
  origins: string[]
  /** The sessions that were removed, without those of damaged files. */
  sessions: Session[]
  /** Every file that was removed. */
  removed: string[]
  /** What could not be removed, and why. */
  kept: {path: string; reason: string}[]
}

/** `{origin}`: the one in use there. */
export type WhichSessions = 'active' | 'all' | {origin: string} | {session: Session}

/**
 * Removes what it can, and reports what it couldn't (threats 6.3, 6.5).
 *
 * @throws ParixError SESSION_DAMAGED `session_unreadable` when it can't be seen what there is
 */
export function removeSessions(files: SessionFiles, paths: SessionPaths, which: WhichSessions): Removal {
  const removal: Removal = {origins: [], sessions: [], removed: [], kept: []}
  for (const path of pathsOf(files, paths, which)) {
    const stored = storedAt(files, path)
    if (!removeWithTraces(path, removal) || stored === undefined) continue
    const {origin, session} = stored
    if (!removal.origins.includes(origin)) removal.origins.push(origin)
    if (!removal.sessions.some((other) => isSameSession(other, session))) removal.sessions.push(session)
  }
  removeFile(paths.pendingRefresh, removal)
  if (which === 'all') removeLeftovers(paths, removal)
  return removal
}

/** Whether there is a session directory. @throws ParixError SESSION_DAMAGED `session_unreadable` */
export function hasDirectory(paths: SessionPaths): boolean {
  entries(paths.directory)
  entries(paths.others)
  return lstatSync(paths.directory, {throwIfNoEntry: false}) !== undefined
}

function pathsOf(files: SessionFiles, paths: SessionPaths, which: WhichSessions): string[] {
  if (which === 'all') return [paths.active, ...otherFiles(paths)]
  const meant = which === 'active' ? storedAt(files, paths.active)?.session : sessionOf(files, which)
  // A crash may have left a second file of the same session.
  const twins = meant === undefined ? [] : otherFiles(paths).filter((path) => isThat(files, path, meant))
  if (which === 'active') return [paths.active, ...twins]
  if ('session' in which) return [...(isThat(files, paths.active, which.session) ? [paths.active] : []), ...twins]
  const isActive = storedAt(files, paths.active)?.origin === which.origin
  return [...new Set([...(isActive ? [paths.active] : []), otherPath(paths, which.origin), ...twins])]
}

function sessionOf(files: SessionFiles, which: {origin: string} | {session: Session}): Session | undefined {
  if ('session' in which) return which.session
  try {
    return files.of(which.origin)?.session
  } catch {
    return undefined
  }
}

function storedAt(files: SessionFiles, path: string): StoredSession | undefined {
  try {
    return files.at(path)
  } catch {
    return undefined
  }
}

/** The file, the one behind it if it is a link to ours, and what writers and logins left beside it. */
function removeWithTraces(path: string, removal: Removal): boolean {
  const target = targetOf(path)
  const traces = [...temporaryFiles(path), ...asideFiles(path)]
  if (target !== path) traces.push(...temporaryFiles(target), ...(isOurs(target) ? [target] : []))
  for (const trace of traces) removeFile(trace, removal)
  return removeFile(path, removal)
}

function targetOf(path: string): string {
  try {
    return writeTarget(path)
  } catch {
    return path
  }
}

function isOurs(path: string): boolean {
  const stats = statSync(path, {throwIfNoEntry: false})
  return stats?.isFile() === true && (process.geteuid === undefined || stats.uid === process.geteuid())
}

function removeFile(path: string, removal: Removal): boolean {
  try {
    if (lstatSync(path, {throwIfNoEntry: false}) === undefined) return false
    unlinkSync(path)
    removal.removed.push(path)
    return true
  } catch (error) {
    removal.kept.push({path, reason: reasonOf(error)})
    return false
  }
}

/** After signing out everywhere nothing is left: no files of crashed writers and lock holders either. */
function removeLeftovers(paths: SessionPaths, removal: Removal): void {
  for (const path of [...entries(paths.others), ...entries(paths.directory)]) {
    const isLeftover = /\.([0-9a-f]{12}\.tmp|aside-[0-9]+)$|session\.lock\.[\w.-]+$/.test(path)
    if (isLeftover) removeFile(path, removal)
  }
  try {
    rmdirSync(paths.others)
  } catch {
    // Not there, or with something in it that isn't ours.
  }
}
