import type {Organization, SessionFile, User} from '../contract/index.js'

/** A session as stored. Fields that we don't know are carried along and written back. Blanked tokens: '' and null. */
export type Session = SessionFile

export interface StoreOptions {
  environment?: NodeJS.ProcessEnv
  /** Warnings for the person (file mode, waiting for a lock); nothing is said when left out. */
  say?: (text: string) => void
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
  error: Error
}

export interface Removal {
  /** Origins of removed sessions; damaged files have none. */
  origins: string[]
  /** Every file that was removed. */
  removed: string[]
  /** What could not be removed, and why. */
  kept: {path: string; reason: string}[]
}

export interface SessionStore {
  /** Of the active session; whether it exists or not. */
  readonly path: string
  /**
   * The session of that origin, or the active one when left out; undefined when there is none.
   * @throws ParixError SESSION_DAMAGED (also: written by a newer parix, not ours, writable by others)
   */
  read(origin?: string): StoredSession | undefined
  /** All sessions, the active one first, then by origin; unreadable files apart. Never throws for a damaged file. */
  list(): {sessions: StoredSession[]; unreadable: UnreadableSession[]}
  /** Under the lock: writes `session` as the one of its origin. `activate`: makes it the active one. Returns what it replaced. */
  save(session: Session, options: {activate: boolean}): Promise<{path: string; replaced: Session | undefined}>
  /** @throws ParixError NOT_SIGNED_IN when there is no session of that origin */
  activate(origin: string): Promise<StoredSession>
  /** Under the lock: who and which organization, as the service now says. Tokens stay as they are. */
  updateProfile(origin: string, profile: {user: User; organization: Organization}): Promise<void>
  /** Under the lock. `active`: session.json, whatever it holds. Leaves no temp files and nothing moved aside. */
  remove(which: 'active' | 'all' | {origin: string}): Promise<Removal>
  /** Under the cross-process lock, with signals held until `work` is over. @throws ParixError UNAVAILABLE when waited too long */
  withLock<T>(work: (locked: LockedStore) => Promise<T>): Promise<T>
}

/** What may only be done while the lock is held. */
export interface LockedStore {
  read(origin: string): StoredSession | undefined
  write(stored: StoredSession): void
}

export function openSessionStore(_options: StoreOptions = {}): SessionStore {
  throw new Error('being written')
}
