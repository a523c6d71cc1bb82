import {existsSync} from 'node:fs'
import type {Organization, User} from '../contract/index.js'
import {holdingSignals} from '../signals.js'
import {type SessionFiles, type SessionList, type StoredSession, sessionFiles} from './files.js'
import {acquireLock, type Lock} from './lock.js'
import {type LostAnswers, lostAnswers} from './lost-answer.js'
import {adoptOrphan} from './orphans.js'
import {type Place, sessionPlace} from './place.js'
import {type Removal, removeSessions, type WhichSessions} from './removal.js'
import {activateSession, type Saved, saveSession} from './save.js'
import type {Session} from './session-text.js'

/**
 * The one door to `session.json`.
 *
 * Other parix versions read this file, so its shape is fixed (version 2). Two commands may refresh at the same moment, and
 * a refresh token works once: whoever refreshes holds the lock from reading the old token to writing the new one. A session
 * lives in one file only: the active one in `session.json`, the others in `sessions/`, one an origin.
 */
export interface SessionStore {
  /** Of the active session; whether it exists or not. */
  readonly path: string
  /**
   * The session of that origin, or the active one when left out; undefined when there is none.
   * @throws ParixError SESSION_DAMAGED (also: written by a newer parix, not ours, writable by others)
   */
  read(origin?: string): StoredSession | undefined
  /** All sessions, the active one first, then by origin; unreadable files apart. Never throws for a damaged file. */
  list(): SessionList
  /** Under the lock: writes `session` as the one of its origin. `activate`: makes it the active one. */
  save(session: Session, options: {activate: boolean}): Promise<Saved>
  /** Under the lock. @throws ParixError NOT_SIGNED_IN when there is no session of that origin */
  activate(origin: string): Promise<StoredSession>
  /** Under the lock: who and which organization, as the service now says. Tokens stay as they are. */
  updateProfile(origin: string, profile: {user: User; organization: Organization}): Promise<void>
  /** Under the lock. `active`: session.json, whatever it holds. Leaves no temp files and nothing moved aside. */
  remove(which: WhichSessions): Promise<Removal>
  /** Under the cross-process lock; signals are held until `work` is over. @throws ParixError UNAVAILABLE when waited too long */
  withLock<T>(work: (locked: LockedStore) => Promise<T>): Promise<T>
}

export interface StoreOptions {
  environment?: NodeJS.ProcessEnv
  /** Warnings for the person (file mode, waiting for a lock); nothing is said when left out. */
  say?: (text: string) => void
  /** How long to wait for another process. */
  lockWaitMaxMs?: number
}

/** What may only be done while the lock is held. */
export interface LockedStore {
  /** As the store's, after what a crashed writer left has been put in order. */
  read(origin: string): StoredSession | undefined
  /** In the place where it was read. @throws ParixError FAILED, code `session_not_stored` */
  write(stored: StoredSession): void
  /** Whether the lock is still ours: not taken over while this process slept. */
  isHeld(): boolean
  /** Refresh tokens that may be used up. */
  readonly lostAnswers: LostAnswers
}

/** Longer than one refresh can take, and than a lock without a sign of life is respected. */
const LOCK_WAIT_MAX_MS = 75_000

export function openSessionStore(options: StoreOptions = {}): SessionStore {
  const {environment = process.env, say = () => {}, lockWaitMaxMs = LOCK_WAIT_MAX_MS} = options
  // Looked for when it is needed: a job with an API key has no session, and may have no home to keep one in.
  let opened: {place: Place; files: SessionFiles} | undefined
  const open = () => {
    if (opened === undefined) {
      const place = sessionPlace(environment)
      opened = {place, files: sessionFiles(place, onceEach(say))}
    }
    return opened
  }

  const locked = async <T>(work: (lock: Lock) => Promise<T> | T): Promise<T> => {
    const onWait = (holder: string) => say(`Waiting for ${holder}, which is renewing the session …`)
    const {place} = open()
    const lock = await acquireLock({
      path: place.lock,
      fallbackPath: place.fallbackLock,
      waitMaxMs: lockWaitMaxMs,
      onWait,
    })
    try {
      return await holdingSignals(async () => work(lock))
    } finally {
      lock.release()
    }
  }

  return {
    get path() {
      return open().place.active
    },
    read: (origin) => {
      const {place, files} = open()
      return origin === undefined ? files.at(place.active) : files.of(origin)
    },
    list: () => open().files.list(),
    save: (session, {activate}) => locked(() => saveSession(open().files, open().place, session, activate)),
    activate: (origin) => locked(() => activateSession(open().files, open().place, origin)),
    updateProfile: async (origin, profile) => {
      // Usually nothing has changed, and then no other process has to wait for this one.
      if (withProfile(open().files, origin, profile) === undefined) return
      await locked(() => writeProfile(open().files, origin, profile))
    },
    remove: async (which) => {
      const {place, files} = open()
      if (!existsSync(place.folder)) return {origins: [], removed: [], kept: []}
      return locked(() => removeSessions(files, place, which))
    },
    withLock: (work) => locked((lock) => work(lockedStore(open(), lock))),
  }
}

function lockedStore({place, files}: {place: Place; files: SessionFiles}, lock: Lock): LockedStore {
  return {
    read: (origin) => {
      const stored = files.of(origin)
      return stored && adoptOrphan(stored, files)
    },
    write: files.write,
    isHeld: lock.isHeld,
    lostAnswers: lostAnswers(place.folder),
  }
}

type Profile = {user: User; organization: Organization}

function writeProfile(files: SessionFiles, origin: string, profile: Profile): void {
  const updated = withProfile(files, origin, profile)
  if (updated !== undefined) files.write(updated)
}

/** The session of that origin with the new profile; undefined when there is none, or nothing would change. */
function withProfile(files: SessionFiles, origin: string, profile: Profile): StoredSession | undefined {
  const stored = files.of(origin)
  if (stored === undefined) return undefined
  const {session} = stored
  const updated = {
    ...session,
    user: {...session.user, ...profile.user},
    organization: {...session.organization, ...profile.organization},
  }
  if (JSON.stringify(updated) === JSON.stringify(session)) return undefined
  return {...stored, session: {...updated, updatedAt: new Date().toISOString()}}
}

/** A command reads the session more than once; a warning is given the first time. */
function onceEach(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>()
  return (text) => {
    if (said.has(text)) return
    said.add(text)
    say(text)
  }
}
