import {readdirSync, statSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {makeDirectory, type Reservation, replaceFile, reserveReplacement, writeTarget} from '@parix/files/atomic-write'
import {errnoOf, isFileError} from '@parix/files/errors'
import {assertTrustedDirectory} from '@parix/files/ownership'
import {decodeUtf8, readPrivateFile, unreadable} from '@parix/files/read-private-file'
import {recoverTempFiles} from '@parix/files/recover-temp-files'
import {isParixError, type ParixError} from '../errors.js'
import {originKey} from '../origin.js'
import {cannotRead, notStored} from './session-errors.js'
import {isSameSession, originOf, type SessionRef} from './session-identity.js'
import {isKeptOf, otherPath, type SessionPaths} from './session-paths.js'
import {formatSession, parseSession, type Session} from './session-schema.js'

/** The session files: reading needs no lock, writing is for the holder of it. */
export interface SessionFiles {
  /** @throws ParixError SESSION_DAMAGED */
  at(path: string): StoredSession | undefined
  /** The session that is meant. @throws ParixError SESSION_DAMAGED, also where it may be the one that can't be read */
  of(ref: SessionRef): StoredSession | undefined
  list(): SessionList
  /** To the path where it was read. @throws ParixError FAILED, code `session_not_stored` */
  write(stored: StoredSession): void
  /** Takes the disk space for a new session at `path`. @throws ParixError FAILED, code `session_not_stored` */
  reserve(stored: {path: string; session?: Session}): SessionReservation
  /** Finishes or removes what a killed writer of `stored` left. @returns the session as it is now */
  recover(stored: StoredSession): StoredSession
}

export interface SessionReservation {
  /** @throws ParixError FAILED, code `session_not_stored` */
  commit(session: Session): void
  discard(): void
}

export interface StoredSession {
  session: Session
  /** Canonical origin of `session.baseUrl`. */
  origin: string
  /** Whether it is the one in use. */
  active: boolean
  /** Whether it is the one in use at its service: of several sessions there, the one that commands take. */
  current: boolean
  path: string
}

/** A session file that can't be read; for `auth list`, `auth status`, `auth logout`. */
export interface UnreadableSession {
  path: string
  active: boolean
  error: ParixError
}

export interface SessionList {
  sessions: StoredSession[]
  unreadable: UnreadableSession[]
}

const FILE_BYTES_MAX = 256 * 1024
/** How much longer new tokens may be than the old ones. */
const SPARE_BYTES = 8 * 1024

export function sessionFiles(paths: SessionPaths, warn: (text: string) => void): SessionFiles {
  const known = new Map<string, {version: string; stored: StoredSession}>()
  // A command asks several times, and other processes may store another session meanwhile: the file is read again if it changed.
  const at = (path: string): StoredSession | undefined => {
    const version = versionOf(path)
    const before = known.get(path)
    if (before !== undefined && before.version === version) return before.stored
    known.delete(path)
    const text = readText(path, warn)
    if (text === undefined) return undefined
    const session = parseSession(text, path)
    const origin = originKey(new URL(session.baseUrl))
    const active = path === paths.active
    const stored = {session, origin, active, current: active || path === otherPath(paths, origin), path}
    if (version !== undefined) known.set(path, {version, stored})
    return stored
  }
  const other = (origin: string) => {
    const stored = at(otherPath(paths, origin))
    return stored?.origin === origin ? stored : undefined
  }
  const inUseAt = (origin: string): StoredSession | undefined => {
    try {
      const active = at(paths.active)
      return active?.origin === origin ? active : other(origin)
    } catch (error) {
      // A damaged active file says nothing about the other sessions; but it may have been the one in question.
      const found = other(origin)
      if (found === undefined) throw error
      return found
    }
  }
  const of = (ref: SessionRef): StoredSession | undefined => {
    if (typeof ref === 'string') return inUseAt(ref)
    const origin = originOf(ref)
    const candidates = [paths.active, otherPath(paths, origin)]
    let failure: unknown
    const find = (path: string) => {
      try {
        const stored = at(path)
        return stored?.origin === origin && isSameSession(stored.session, ref) ? stored : undefined
      } catch (error) {
        failure ??= error
        return undefined
      }
    }
    for (const path of candidates) {
      const stored = find(path)
      if (stored !== undefined) return stored
    }
    // Looked for last: the session in use is nearly always meant.
    for (const path of keptFiles(paths, origin)) {
      const stored = find(path)
      if (stored !== undefined) return stored
    }
    if (failure !== undefined) throw failure
    return undefined
  }
  const isWhole = (path: string, origin: string) => {
    try {
      const found = at(path)
      return found?.origin === origin && found.session.accessToken !== ''
    } catch {
      return false
    }
  }
  return {
    at,
    of,
    list: () => listSessions(paths, at),
    write: ({path, session}) => write(path, (target) => replaceFile(target, formatSession(session))),
    reserve: ({path, session}) => reserveSession(path, session),
    recover: (stored) =>
      recoverTempFiles(writeTarget(stored.path), (path) => isWhole(path, stored.origin))
        ? (at(stored.path) ?? stored)
        : stored,
  }
}

/** Changes with the contents, the mode and the owner of the file; undefined where it can't be looked at. */
function versionOf(path: string): string | undefined {
  try {
    const {ino, size, mtimeNs, ctimeNs} = statSync(path, {bigint: true})
    return [ino, size, mtimeNs, ctimeNs].join()
  } catch {
    return undefined
  }
}

function readText(path: string, warn: (text: string) => void): string | undefined {
  try {
    const file = readPrivateFile(path, {bytesMax: FILE_BYTES_MAX, secret: true})
    if (file === undefined) return undefined
    if (file.wasReadableByOthers) warn(`Warning: other users could read your session (${path}). Its mode is 0600 now.`)
    return decodeUtf8(path, file.bytes)
  } catch (error) {
    throw cannotRead(path, error)
  }
}

function reserveSession(path: string, session: Session | undefined): SessionReservation {
  const bytes = (session === undefined ? 0 : Buffer.byteLength(formatSession(session))) + SPARE_BYTES
  const reservation: Reservation = write(path, (target) => reserveReplacement(target, bytes))
  return {
    discard: reservation.discard,
    commit: (renewed) => write(path, () => reservation.commit(formatSession(renewed))),
  }
}

/** In a directory that nobody else can write to. */
function write<T>(path: string, work: (path: string) => T): T {
  try {
    const directory = dirname(writeTarget(path))
    try {
      makeDirectory(directory)
    } catch {
      // `work` fails for the same reason, and says it.
    }
    checkDirectory(path, directory)
    return work(path)
  } catch (error) {
    throw isParixError(error) ? error : notStored(error)
  }
}

function checkDirectory(path: string, directory: string): void {
  try {
    assertTrustedDirectory(directory, {secret: true})
  } catch (error) {
    // That it could not be created is said by the write.
    if (!isFileError(error) && ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return
    throw cannotRead(path, unreadable(directory, error))
  }
}

function listSessions(paths: SessionPaths, at: SessionFiles['at']): SessionList {
  const sessions: StoredSession[] = []
  const unreadable: UnreadableSession[] = []
  const attempt = <T>(path: string, work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      if (!isParixError(error)) throw error
      unreadable.push({path, active: path === paths.active, error})
      return undefined
    }
  }
  for (const path of [paths.active, ...(attempt(paths.others, () => otherFiles(paths)) ?? [])]) {
    const stored = attempt(path, () => at(path))
    // After a crash one session can be in two places: the one in use counts.
    if (stored !== undefined && !sessions.some(({session}) => isSameSession(session, stored.session)))
      sessions.push(stored)
  }
  return {sessions, unreadable}
}

/** The files of sessions of this origin that are not in use there. @throws ParixError SESSION_DAMAGED */
export function keptFiles(paths: SessionPaths, origin: string): string[] {
  return entries(paths.others).filter((path) => isKeptOf(origin, path))
}

/** The files in `sessions/`. @throws ParixError SESSION_DAMAGED when the directory can't be read */
export function otherFiles(paths: SessionPaths): string[] {
  return entries(paths.others).filter((path) => basename(path).endsWith('.json'))
}

/** What is in a directory; empty where there is none. @throws ParixError SESSION_DAMAGED `session_unreadable` */
export function entries(directory: string): string[] {
  try {
    return readdirSync(directory)
      .sort()
      .map((name) => join(directory, name))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw cannotRead(directory, unreadable(directory, error))
  }
}
