import {readdirSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {isParixError, type ParixError} from '../errors.js'
import {originKey} from '../origin.js'
import {otherPath, type Place} from './place.js'
import {assertFolder, readSafely, resolveLink} from './safe-file.js'
import {formatSession, parseSession, type Session} from './session-text.js'
import {makeFolder, replaceFile} from './whole-write.js'

/** The session files of one place: reading needs no lock, writing is for whoever holds it. */
export interface SessionFiles {
  /** @throws ParixError SESSION_DAMAGED */
  at(path: string): StoredSession | undefined
  /** The session of that origin, wherever it is. @throws ParixError SESSION_DAMAGED */
  of(origin: string): StoredSession | undefined
  list(): SessionList
  /** In the place where it was read. @throws ParixError FAILED, code `session_not_stored` */
  write(stored: StoredSession): void
}

export interface StoredSession {
  session: Session
  /** Canonical origin of `session.baseUrl`. */
  origin: string
  active: boolean
  path: string
}

/** Something in the store that can't be read; for `auth list`, `auth status`, `auth logout`. */
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

export function sessionFiles(place: Place, warn: (text: string) => void): SessionFiles {
  const at = (path: string): StoredSession | undefined => {
    const file = readSafely(path, FILE_BYTES_MAX)
    if (file === undefined) return undefined
    if (file.wasOpen) warn(`Warning: other users could read your session (${path}). Its mode is 0600 now.`)
    const session = parseSession(file.text, path)
    return {session, origin: originKey(new URL(session.baseUrl)), active: path === place.active, path}
  }
  const other = (origin: string) => {
    const stored = at(otherPath(place, origin))
    return stored?.origin === origin ? stored : undefined
  }
  const of = (origin: string): StoredSession | undefined => {
    try {
      const active = at(place.active)
      return active?.origin === origin ? active : other(origin)
    } catch (error) {
      // A damaged active file says nothing about the other sessions; but it may have been the one in question.
      const found = other(origin)
      if (found === undefined) throw error
      return found
    }
  }
  return {at, of, list: () => listSessions(place, at), write: writeSession}
}

/** A file behind a link is replaced itself, and the link stays; a link that leads nowhere is replaced. */
export function writeTarget(path: string): string {
  return resolveLink(path) ?? path
}

function writeSession({path, session}: StoredSession): void {
  const target = writeTarget(path)
  const folder = dirname(target)
  try {
    makeFolder(folder)
  } catch {
    // `replaceFile` says why.
  }
  if (resolveLink(folder) !== undefined) assertFolder(folder)
  replaceFile(target, formatSession(session))
}

function listSessions(place: Place, at: SessionFiles['at']): SessionList {
  const sessions: StoredSession[] = []
  const unreadable: UnreadableSession[] = []
  for (const path of [place.active, ...otherFiles(place)]) {
    try {
      const stored = at(path)
      // After a crash one session can be in two places: the active one counts.
      if (stored !== undefined && !sessions.some(({origin}) => origin === stored.origin)) sessions.push(stored)
    } catch (error) {
      if (!isParixError(error)) throw error
      unreadable.push({path, active: path === place.active, error})
    }
  }
  return {sessions, unreadable}
}

export function otherFiles(place: Place): string[] {
  try {
    const names = readdirSync(place.others).filter((name) => name.endsWith('.json'))
    return names.sort().map((name) => join(place.others, name))
  } catch {
    return []
  }
}
