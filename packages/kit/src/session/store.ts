import {createHash} from 'node:crypto'
import {readFileSync, rmSync} from 'node:fs'
import {replaceFile} from '@parix/files/atomic-write'
import {errnoOf} from '@parix/files/errors'
import {acquireLock, describeHolder, type Holder, type Lock, type WaitOptions} from '@parix/files/lock'
import type {Organization, User} from '../contract/index.js'
import {ParixError} from '../errors.js'
import {notWritable} from '../file-error.js'
import {holdingSignals} from '../signals.js'
import {
  activateSession,
  assertCanSave,
  hasDirectory,
  type Removal,
  removeSessions,
  removeTwins,
  type Saved,
  saveSession,
  type WhichSessions,
} from './session-changes.js'
import {
  type SessionFiles,
  type SessionList,
  type SessionReservation,
  type StoredSession,
  sessionFiles,
} from './session-files.js'
import type {SessionRef} from './session-identity.js'
import {type SessionPaths, sessionPaths} from './session-paths.js'
import type {Session} from './session-schema.js'

/**
 * The only way to `session.json`.
 *
 * Other parix versions read this file, so its shape is fixed (version 2). Two commands may refresh at the same moment, and
 * a refresh token works once: whoever refreshes holds the lock from reading the old token to writing the new one. A session
 * is in one file only: the one in use in `session.json`, the others in `sessions/`. Several sessions of one service, of other
 * people or organizations, are kept side by side, and one of them is in use there.
 */
export interface SessionStore {
  /** Of the session in use; whether it exists or not. */
  readonly path: string
  /**
   * The session that is meant, or the one in use when left out; undefined when there is none.
   * @throws ParixError SESSION_DAMAGED (also: written by a newer parix, not ours, writable by others, not readable)
   */
  read(ref?: SessionRef): StoredSession | undefined
  /** All sessions, the one in use first, then by origin; unreadable files apart. Never throws for a damaged file. */
  list(): SessionList
  /**
   * Under the lock: writes `session` as the one in use at its service. `activate`: makes it the one in use. A session of another
   * person or organization that was in use there is kept.
   */
  save(session: Session, options: {activate: boolean}): Promise<Saved>
  /** Under the lock: checks that a session of `origin` can be saved, disk space included. @throws ParixError as `save` */
  assertCanSave(origin: string): Promise<void>
  /** Under the lock. @throws ParixError NOT_SIGNED_IN when there is no such session */
  activate(ref: SessionRef): Promise<StoredSession>
  /**
   * Under the lock: the user and organization as the service now says. Tokens stay as they are.
   * @returns the session as it is stored then; undefined when there is none
   */
  updateProfile(ref: SessionRef, profile: Profile): Promise<StoredSession | undefined>
  /** Under the lock. `active`: session.json, whatever it holds. Leaves no temporary files. @throws ParixError SESSION_DAMAGED */
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
  /** As the store's, after finishing what a killed writer left. */
  read(ref: SessionRef): StoredSession | undefined
  /** To the path where it was read. @throws ParixError FAILED, code `session_not_stored` */
  write(stored: StoredSession): void
  /** Takes the disk space for a new version. @throws ParixError FAILED, code `session_not_stored` */
  reserve(stored: StoredSession): SessionReservation
  /** Whether the lock is still ours: not taken over while this process was suspended. */
  isHeld(): boolean
  readonly pendingRefresh: PendingRefresh
}

type Profile = {user: User; organization: Organization}
type Opened = {paths: SessionPaths; files: SessionFiles}

/** Longer than one refresh can take, and than a lock without a sign of life is respected. */
const LOCK_WAIT_MAX_MS = 75_000

export function openSessionStore(options: StoreOptions = {}): SessionStore {
  const {environment = process.env, say = () => {}, lockWaitMaxMs = LOCK_WAIT_MAX_MS} = options
  // Looked for when it is needed: a job with an API key has no session, and may have no home to keep one in.
  let opened: Opened | undefined
  const open = (): Opened => {
    if (opened === undefined) {
      const paths = sessionPaths(environment)
      opened = {paths, files: sessionFiles(paths, onceEach(say))}
    }
    return opened
  }

  const locked = async <T>(work: (lock: Lock) => Promise<T> | T): Promise<T> => {
    const lock = await lockSessions(open().paths, {
      stale: 'heartbeat',
      waitMaxMs: lockWaitMaxMs,
      onWait: (holder) => say(`Waiting for ${describeHolder(holder)}, which is renewing the session …`),
    })
    try {
      return await holdingSignals(async () => work(lock))
    } finally {
      lock.release()
    }
  }

  return {
    get path() {
      return open().paths.active
    },
    read: (ref) => {
      const {paths, files} = open()
      return ref === undefined ? files.at(paths.active) : files.of(ref)
    },
    list: () => open().files.list(),
    save: (session, {activate}) => locked(() => saveSession(open().files, open().paths, session, activate)),
    assertCanSave: (origin) => locked(() => assertCanSave(open().files, open().paths, origin)),
    activate: (ref) => locked(() => activateSession(open().files, open().paths, ref)),
    updateProfile: async (ref, profile) => {
      // Usually nothing has changed, and then no other process has to wait for this one.
      const {stored, updated} = withProfile(open().files, ref, profile)
      return updated === undefined ? stored : locked(() => writeProfile(open(), ref, profile))
    },
    remove: async (which) => {
      const {paths, files} = open()
      if (!hasDirectory(paths)) return {origins: [], sessions: [], removed: [], kept: []}
      return locked(() => removeSessions(files, paths, which))
    },
    withLock: (work) => locked((lock) => work(lockedStore(open(), lock))),
  }
}

/** In the session directory, or in the temporary directory where that can't be written to. */
async function lockSessions(paths: SessionPaths, options: WaitOptions): Promise<Lock> {
  try {
    return await lockAt(paths.lock, options)
  } catch (error) {
    if (!isUnwritable(error)) throw error
  }
  try {
    return await lockAt(paths.fallbackLock, options)
  } catch (error) {
    if (!isUnwritable(error)) throw error
    throw notWritable(paths.lock, error, 'no_lock')
  }
}

async function lockAt(path: string, options: WaitOptions): Promise<Lock> {
  const attempt = await acquireLock(path, options)
  if ('lock' in attempt) return attempt.lock
  throw waitedTooLong(attempt.heldBy.holder)
}

/** EEXIST: a file is where the directory should be. */
function isUnwritable(error: unknown): boolean {
  return ['EEXIST', 'EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT', 'ENOTDIR'].includes(errnoOf(error) ?? '')
}

function waitedTooLong(holder: Holder): ParixError {
  return new ParixError(
    'UNAVAILABLE',
    `${describeHolder(holder)} is using the session and did not release it in time.`,
    {
      code: 'session_locked',
      retryable: true,
      hint: 'Try again. If that process hangs, end it.',
    },
  )
}

function lockedStore({paths, files}: Opened, lock: Lock): LockedStore {
  return {
    read: (ref) => {
      const stored = files.of(ref)
      return stored && files.recover(stored)
    },
    write: files.write,
    reserve: files.reserve,
    isHeld: lock.isHeld,
    pendingRefresh: pendingRefresh(paths.pendingRefresh),
  }
}

function writeProfile({files, paths}: Opened, ref: SessionRef, profile: Profile): StoredSession | undefined {
  const {stored, updated} = withProfile(files, ref, profile)
  if (updated === undefined) return stored
  files.write(updated)
  // Now that it is known who signed in: an earlier session of the same person and organization is over.
  removeTwins(files, paths, updated.session)
  return updated
}

/** The session that is meant, and the same with the new profile unless nothing would change. */
function withProfile(
  files: SessionFiles,
  ref: SessionRef,
  profile: Profile,
): {stored?: StoredSession; updated?: StoredSession} {
  const stored = files.of(ref)
  if (stored === undefined) return {}
  const {session} = stored
  const updated = {
    ...session,
    user: {...session.user, ...profile.user},
    organization: {...session.organization, ...profile.organization},
  }
  if (JSON.stringify(updated) === JSON.stringify(session)) return {stored}
  return {stored, updated: {...stored, session: {...updated, updatedAt: new Date().toISOString()}}}
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

/**
 * A refresh whose response never came may have used up the token. Should the service then say that the grant has ended, the
 * message can say why (threats 5.12). Only fingerprints of tokens are kept, one per line, and only until the next
 * response.
 */
interface PendingRefresh {
  note(refreshToken: string): void
  includes(refreshToken: string): boolean
  forget(refreshToken: string): void
}

/** For the holder of the lock. Best effort: without it a message says less, and nothing else changes. */
function pendingRefresh(path: string): PendingRefresh {
  const noted = () => attempt(() => readFileSync(path, 'utf8').split('\n').filter(Boolean)) ?? []
  const without = (refreshToken: string) => noted().filter((line) => line !== fingerprint(refreshToken))
  const write = (lines: string[]) =>
    attempt(() => (lines.length === 0 ? rmSync(path, {force: true}) : replaceFile(path, lines.join('\n'))))
  return {
    note: (refreshToken) => write([...without(refreshToken), fingerprint(refreshToken)].slice(-NOTED_MAX)),
    includes: (refreshToken) => noted().includes(fingerprint(refreshToken)),
    forget: (refreshToken) => write(without(refreshToken)),
  }
}

const NOTED_MAX = 20

function fingerprint(refreshToken: string): string {
  return createHash('sha256').update(refreshToken).digest('hex')
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
