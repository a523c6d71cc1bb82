import {randomUUID} from 'node:crypto'
import {linkSync, lstatSync, readFileSync, renameSync, utimesSync} from 'node:fs'
import {hostname} from 'node:os'
import {dirname} from 'node:path'
import {createVolatileFile, makeDirectory, removeQuietly} from './atomic-write.js'
import {type Clock, systemClock} from './clock.js'
import {errnoOf} from './errors.js'
import {liveness, ownIdentity, type ProcessIdentity} from './process-identity.js'

/**
 * One process at a time. The lock is a file that names its holder. It is created with its contents in one step (a temporary
 * file, linked to the name), so nobody reads half a lock, and a full disk leaves nothing behind.
 *
 * A lock is stale when its process is gone. Where that is certain (same boot and PID namespace) it is taken over at once;
 * where it is a guess, only after the holder has not touched the file for a while. The right to replace the lock with id X is
 * itself a lock, `<path>.<X>`: of many waiters one gets it, and it looks once more before it renames (threats 5.3–5.5).
 */
export interface Lock {
  /** Whether it is still ours: not taken over while this process was suspended, nor removed. */
  isHeld(): boolean
  /** Does nothing the second time. */
  release(): void
  /** To be called after the directory of the lock was renamed. */
  movedTo(path: string): void
}

export interface Holder extends ProcessIdentity {
  id: string
  /** ISO 8601, UTC; empty where unknown. */
  since: string
}

export interface LockPolicy {
  /**
   * `heartbeat`: the holder touches its lock every second, and a lock that nobody touched for a minute is stale whatever its
   * process does. `process`: only the end of the process ends it; one on another host counts as alive for ever.
   */
  stale: 'heartbeat' | 'process'
  /**
   * `false`: what the file says is enough, without watching it for a moment. For work that does no harm when it is done twice.
   */
  watch?: boolean
  /** `false`: where the directory is missing, locking fails with ENOENT. */
  createDirectory?: boolean
  clock?: Clock
}

/** Untouched for this long, the lock of a process that is probably gone is stale. */
export const GONE_AFTER_MS = 5000
/** Untouched for this long, the lock of any process is stale. */
export const SILENT_AFTER_MS = 60_000
export const HEARTBEAT_MS = 1000

/**
 * What a waiter saw of another's lock, and since when by its own monotonic clock: wall clocks jump, and after a suspend every
 * living lock looks old.
 */
export interface Sighting {
  holder: Holder
  touchedMs: number
  sinceMs: number
}

export type Attempt = {lock: Lock} | {heldBy: Sighting}

/**
 * Takes the lock, or says who holds it. Pass the last `heldBy` as `before` when trying again.
 *
 * @throws Node's error where the file can't be created
 */
export function tryLock(path: string, policy: LockPolicy, before?: Sighting): Attempt {
  const {clock = systemClock, createDirectory = true} = policy
  if (createDirectory) makeDirectory(dirname(path))
  for (;;) {
    const seen = look(path, clock, before)
    if (seen === undefined) {
      const mine = create(path, policy)
      if (mine !== undefined) return {lock: mine}
      // Another process was faster.
      continue
    }
    if (!isStale(seen, policy)) return {heldBy: seen}
    const result = takeOver(path, seen, policy)
    if (result !== undefined) return result
  }
}

/** Who holds the lock at `path`; undefined when nobody does. A stale lock counts as nobody's. */
export function lockHolder(path: string, policy: LockPolicy): Holder | undefined {
  const seen = look(path, policy.clock ?? systemClock, undefined)
  return seen === undefined || isStale(seen, policy) ? undefined : seen.holder
}

export interface WaitOptions extends LockPolicy {
  waitMaxMs: number
  /** Called once, when waiting takes longer than 3 s. */
  onWait?: (holder: Holder) => void
}

const NOTICE_AFTER_MS = 3000

/** @returns the lock, or who held it after `waitMaxMs` @throws Node's error where the file can't be created */
export async function acquireLock(path: string, options: WaitOptions): Promise<Attempt> {
  const {clock = systemClock, waitMaxMs, onWait} = options
  const started = clock.monotonicMs()
  let seen: Sighting | undefined
  let noticed = false
  for (;;) {
    const attempt = tryLock(path, options, seen)
    if ('lock' in attempt) return attempt
    seen = attempt.heldBy
    const waited = clock.monotonicMs() - started
    if (waited > waitMaxMs) return attempt
    if (!noticed && waited > NOTICE_AFTER_MS) {
      noticed = true
      onWait?.(seen.holder)
    }
    await clock.delay(15 + Math.random() * 30)
  }
}

/**
 * For a file that one process at a time may write: takes `<path>.lock` until this process ends.
 *
 * @returns the lock, or who holds it, as `describeHolder` puts it
 * @throws Node's error where the lock can't be created
 */
export function lockFile(path: string): Lock | string {
  const attempt = tryLock(`${path}.lock`, {stale: 'process', createDirectory: false})
  return 'lock' in attempt ? attempt.lock : describeHolder(attempt.heldBy.holder)
}

/** `another parix (process 42)`, for a person. */
export function describeHolder({pid, host}: Holder): string {
  if (pid <= 0) return 'another parix'
  return host === hostname() ? `another parix (process ${pid})` : `another parix (process ${pid} on ${host})`
}

function create(path: string, policy: LockPolicy): Lock | undefined {
  const id = randomUUID()
  const draft = `${path}.${id}.new`
  createVolatileFile(draft, describeSelf(id))
  try {
    linkSync(draft, path)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return undefined
    // A file system without hard links (exFAT, some network shares): not in one step, but exclusive as well.
    if (!createExclusive(path, id)) return undefined
  } finally {
    removeQuietly(draft)
  }
  return hold(path, id, policy)
}

function createExclusive(path: string, id: string): boolean {
  try {
    createVolatileFile(path, describeSelf(id))
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

function describeSelf(id: string): string {
  return JSON.stringify({id, ...ownIdentity(), since: new Date().toISOString()})
}

/** Locks that this process holds; released when it ends. */
const held = new Set<Lock>()

function releaseAll(): void {
  for (const lock of held) lock.release()
}

function hold(initialPath: string, id: string, {stale, clock = systemClock}: LockPolicy): Lock {
  let path = initialPath
  const isHeld = () => readHolder(path)?.id === id
  const touch = () => {
    try {
      const now = new Date(clock.wallMs())
      if (isHeld()) utimesSync(path, now, now)
    } catch {
      // Removed in between, or the disk is gone: `isHeld` says so to whoever asks.
    }
  }
  const stop = stale === 'heartbeat' ? clock.every(HEARTBEAT_MS, touch) : () => {}
  const lock: Lock = {
    isHeld,
    release() {
      if (!held.delete(lock)) return
      stop()
      if (isHeld()) removeQuietly(path)
    },
    movedTo(newPath) {
      path = newPath
    },
  }
  if (held.size === 0 && !process.listeners('exit').includes(releaseAll)) process.once('exit', releaseAll)
  held.add(lock)
  return lock
}

/**
 * Replaces the stale lock. Whoever died in the middle of this left `<path>.<X>` behind, which is then replaced in the same way.
 *
 * @returns undefined when things changed meanwhile: try again
 */
function takeOver(path: string, stale: Sighting, policy: LockPolicy): Attempt | undefined {
  const {clock = systemClock} = policy
  const rightPath = `${path}.${stale.holder.id}`
  const right = tryLock(rightPath, {stale: 'process', createDirectory: false, clock})
  if ('heldBy' in right) {
    // Held for microseconds, unless its process died on a host that can't be asked.
    if (clock.wallMs() - right.heldBy.touchedMs > SILENT_AFTER_MS) removeQuietly(rightPath)
    return {heldBy: stale}
  }
  try {
    const now = look(path, clock, stale)
    if (now === undefined || now.holder.id !== stale.holder.id || now.touchedMs !== stale.touchedMs) return undefined
    const id = randomUUID()
    const draft = `${path}.${id}.new`
    try {
      createVolatileFile(draft, describeSelf(id))
      renameSync(draft, path)
    } finally {
      removeQuietly(draft)
    }
    return {lock: hold(path, id, policy)}
  } finally {
    right.lock.release()
  }
}

function look(path: string, clock: Clock, before: Sighting | undefined): Sighting | undefined {
  const now = clock.monotonicMs()
  const touchedMs = lstatSync(path, {throwIfNoEntry: false})?.mtimeMs
  if (touchedMs === undefined) return undefined
  const holder = readHolder(path) ?? parseHolder('')
  const unchanged = before?.holder.id === holder.id && before.touchedMs === touchedMs
  return {holder, touchedMs, sinceMs: unchanged ? before.sinceMs : now}
}

function isStale(
  {holder, touchedMs, sinceMs}: Sighting,
  {stale, watch = true, clock = systemClock}: LockPolicy,
): boolean {
  const {alive, certain} = liveness(holder)
  const watchedMs = clock.monotonicMs() - sinceMs
  const untouchedMs = Math.max(clock.wallMs() - touchedMs, watchedMs)
  if (!alive && certain) return true
  if (!alive && (stale === 'process' || !watch)) {
    // A lock without a name may be one that is being written at this moment, where it can't be linked.
    return holder.pid > 0 || untouchedMs > GONE_AFTER_MS
  }
  if (stale === 'process') return false
  if (!alive) return untouchedMs > GONE_AFTER_MS && watchedMs > HEARTBEAT_MS * 1.5
  return untouchedMs > SILENT_AFTER_MS && (!watch || watchedMs > HEARTBEAT_MS * 3)
}

function readHolder(path: string): Holder | undefined {
  try {
    return parseHolder(readFileSync(path, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    // Node leaves the path out where it is a directory.
    throw Object.assign(error as Error, {path})
  }
}

/** A lock that an older parix or a power cut left empty, or damaged, names no process. */
function parseHolder(text: string): Holder {
  const {id, pid, host, boot, namespace, started, since} = parseObject(text)
  return {
    id: typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : 'unknown',
    pid: Number.isSafeInteger(pid) ? (pid as number) : 0,
    host: typeof host === 'string' ? host : hostname(),
    boot: textOf(boot),
    namespace: textOf(namespace),
    started: textOf(started),
    since: textOf(since),
  }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
