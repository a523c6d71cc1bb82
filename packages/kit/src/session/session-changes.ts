import {lstatSync, rmdirSync, rmSync, statSync, unlinkSync} from 'node:fs'
import {writeTarget} from '@parix/files/atomic-write'
import {notWritten, reasonOf} from '@parix/files/errors'
import {asideFiles, moveAside, temporaryFiles} from '@parix/files/recover-temp-files'
import {isParixError} from '../errors.js'
import {originKey} from '../origin.js'
import {notSignedIn, notStored} from './session-errors.js'
import {entries, otherFiles, type SessionFiles, type StoredSession} from './session-files.js'
import {otherPath, type SessionPaths} from './session-paths.js'
import type {Session} from './session-schema.js'

/** Which sessions there are, changed. Everything here is for the holder of the lock. */

/** What became of what was there. */
export interface Saved {
  path: string
  /** The session of the same origin that it replaced. */
  replaced: Session | undefined
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
  const active = readOrMove(paths.active)
  const other = readOrMove(otherPath(paths, origin))
  const toActive = activate || active?.origin === origin
  const path = toActive ? paths.active : otherPath(paths, origin)
  const deactivated = toActive && active !== undefined && active.origin !== origin ? active : undefined
  // The one that makes room is stored first: a crash in between leaves it in two places, never in none.
  if (deactivated !== undefined) files.write({...deactivated, path: otherPath(paths, deactivated.origin)})
  files.write({session, origin, active: toActive, path})
  if (toActive) rmSync(otherPath(paths, origin), {force: true})
  const replaced = active?.origin === origin ? active.session : other?.session
  return {path, replaced, deactivated: deactivated?.session, movedAside}
}

/**
 * Checks that `saveSession` will be able to store a session of `origin` and keep the one in use, before anybody signs in.
 *
 * @throws ParixError as `saveSession`
 */
export function assertCanSave(files: SessionFiles, paths: SessionPaths, origin: string): void {
  const active = readOrReplaceable(files, paths.active)
  readOrReplaceable(files, otherPath(paths, origin))
  files.reserve({path: paths.active}).discard()
  if (active === undefined || active === 'replaceable' || active.origin === origin) return
  files.reserve({...active, path: otherPath(paths, active.origin)}).discard()
}

/** @throws ParixError NOT_SIGNED_IN */
export function activateSession(files: SessionFiles, paths: SessionPaths, origin: string): StoredSession {
  const stored = files.of(origin)
  if (stored === undefined) throw notSignedIn(origin)
  if (stored.active) return stored
  saveSession(files, paths, stored.session, true)
  return {...stored, active: true, path: paths.active}
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
  /** Every file that was removed. */
  removed: string[]
  /** What could not be removed, and why. */
  kept: {path: string; reason: string}[]
}

export type WhichSessions = 'active' | 'all' | {origin: string}

/**
 * Removes what it can, and reports what it couldn't (threats 6.3, 6.5).
 *
 * @throws ParixError SESSION_DAMAGED `session_unreadable` when it can't be seen what there is
 */
export function removeSessions(files: SessionFiles, paths: SessionPaths, which: WhichSessions): Removal {
  const removal: Removal = {origins: [], removed: [], kept: []}
  for (const path of pathsOf(files, paths, which)) {
    const origin = originAt(files, path)
    const removed = removeWithTraces(path, removal)
    if (removed && origin !== undefined && !removal.origins.includes(origin)) removal.origins.push(origin)
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
  if (which === 'active') return [paths.active]
  if (which === 'all') return [paths.active, ...otherFiles(paths)]
  const other = otherPath(paths, which.origin)
  return originAt(files, paths.active) === which.origin ? [paths.active, other] : [other]
}

function originAt(files: SessionFiles, path: string): string | undefined {
  try {
    return files.at(path)?.origin
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
