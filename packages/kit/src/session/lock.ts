import {randomUUID} from 'node:crypto'
import {closeSync, fstatSync, futimesSync, openSync, renameSync, rmSync, statSync, writeSync} from 'node:fs'
import {hostname} from 'node:os'
import {dirname} from 'node:path'
import {setTimeout as delay} from 'node:timers/promises'
import {ParixError} from '../errors.js'
import {DEAD_AFTER_MS, describe, HEARTBEAT_MS, isLeftOver, look, type Sighting} from './lock-sighting.js'
import {makeFolder} from './whole-write.js'

/**
 * One process at a time, on one file made by `wx`. The holder touches it every second. A lock is left over when its holder's
 * process is gone *and* it has not been touched for 5 s (a dead pid alone proves nothing: containers that share a home have
 * other pids), or when it has not been touched for a minute. Taking over is guarded by a second file, and the lock is
 * replaced by a rename after a second look, so that of many waiters one gets it (threats 5.3–5.5).
 */
export interface Lock {
  /** Whether it is still ours: not taken over while this process slept. */
  isHeld(): boolean
  release(): void
}

export interface LockOptions {
  path: string
  /** Used where `path` can't be made: a read-only home. */
  fallbackPath: string
  waitMaxMs: number
  /** Called once, when waiting takes long, with what is known of the holder. */
  onWait: (holder: string) => void
}

const WORD_AFTER_MS = 3000

/** @throws ParixError UNAVAILABLE after `waitMaxMs`; FAILED where no lock can be made at all */
export async function acquireLock(options: LockOptions): Promise<Lock> {
  try {
    return await waitFor(options.path, options)
  } catch (error) {
    if (!isUnwritable(error)) throw error
  }
  try {
    return await waitFor(options.fallbackPath, options)
  } catch (error) {
    if (!isUnwritable(error)) throw error
    throw new ParixError('FAILED', `No lock can be made at ${options.path}: ${(error as Error).message}.`, {
      code: 'no_lock',
    })
  }
}

async function waitFor(path: string, options: LockOptions): Promise<Lock> {
  makeFolder(dirname(path))
  const started = performance.now()
  let sighting: Sighting | undefined
  let said = false
  for (;;) {
    const lock = create(path) ?? (isLeftOver(sighting) ? await takeOver(path, sighting!) : undefined)
    if (lock !== undefined) return lock
    sighting = look(path, sighting)
    const waited = performance.now() - started
    if (waited > options.waitMaxMs) throw waitedTooLong(sighting)
    if (!said && waited > WORD_AFTER_MS) {
      said = true
      options.onWait(describe(sighting))
    }
    await delay(15 + Math.random() * 30)
  }
}

function create(path: string): Lock | undefined {
  try {
    return hold(path, write(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    throw error
  }
}

function write(path: string): number {
  const descriptor = openSync(path, 'wx', 0o600)
  writeSync(descriptor, JSON.stringify({id: randomUUID(), pid: process.pid, host: hostname()}))
  return descriptor
}

function hold(path: string, descriptor: number): Lock {
  const touch = () => futimesSync(descriptor, new Date(), new Date())
  const heartbeat = setInterval(touch, HEARTBEAT_MS).unref()
  const isHeld = () => {
    const there = statSync(path, {throwIfNoEntry: false})
    return there !== undefined && there.ino === fstatSync(descriptor).ino
  }
  const release = () => {
    clearInterval(heartbeat)
    process.removeListener('exit', release)
    if (isHeld()) rmSync(path, {force: true})
    closeSync(descriptor)
  }
  // A process that is told to end while it holds the lock leaves none behind.
  process.once('exit', release)
  return {isHeld, release}
}

async function takeOver(path: string, sighting: Sighting): Promise<Lock | undefined> {
  const guard = `${path}.guard`
  if (!makeGuard(guard)) return undefined
  let lock: Lock
  try {
    const now = look(path, sighting)
    if (now === undefined || now.id !== sighting.id || now.touchedMs !== sighting.touchedMs) return undefined
    const ours = `${path}.${randomUUID()}`
    const descriptor = write(ours)
    renameSync(ours, path)
    lock = hold(path, descriptor)
  } finally {
    rmSync(guard, {force: true})
  }
  // Should a guard left by a crash have let two of us in: the one whose lock was replaced sees it now.
  await delay(50)
  if (lock.isHeld()) return lock
  lock.release()
  return undefined
}

function makeGuard(guard: string): boolean {
  try {
    closeSync(openSync(guard, 'wx', 0o600))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const made = statSync(guard, {throwIfNoEntry: false})
    if (made !== undefined && Date.now() - made.mtimeMs > DEAD_AFTER_MS) rmSync(guard, {force: true})
    return false
  }
}

/** EEXIST: something that is no folder stands where the folder should be. */
function isUnwritable(error: unknown): boolean {
  return ['EEXIST', 'EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT', 'ENOTDIR'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  )
}

function waitedTooLong(sighting: Sighting | undefined): ParixError {
  return new ParixError('UNAVAILABLE', `${describe(sighting)} holds the session, and did not let go of it in time.`, {
    code: 'session_locked',
    retryable: true,
    next: 'Try again. If that process hangs, end it.',
  })
}
