import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {errnoOf} from '@parix/files/errors'
import {describeHolder, type Holder, type Lock, lockHolder, tryLock} from '@parix/files/lock'
import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import type {Entry} from './entry.js'

/**
 * Which process is at work on an entry: a lock in the entry's directory. It keeps two commands from working on the same entry,
 * and distinguishes what a dead one left behind from what a living one is sending. Exactly once doesn't rest on it: the ledger
 * creates the same bytes once, however many send them.
 */
export function lockPath(directory: string): string {
  return join(directory, LOCK_FILE)
}

export const LOCK_FILE = 'claim'
const POLICY = {stale: 'heartbeat', watch: false, createDirectory: false} as const

/** Takes the lock of an entry: the lock; or who holds it, a living process; or `gone`, where the entry was struck off. */
export function lockEntry(directory: string): Lock | Holder | 'gone' {
  try {
    const attempt = tryLock(lockPath(directory), POLICY)
    return 'lock' in attempt ? attempt.lock : attempt.heldBy.holder
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'gone'
    throw error
  }
}

export function isLock(result: ReturnType<typeof lockEntry>): result is Lock {
  return typeof result === 'object' && 'release' in result
}

/** Whether a living process is at work on the entry. One that is gone was held to its end. */
export function isHeld({directory}: Pick<Entry, 'directory'>): boolean {
  return !existsSync(directory) || lockHolder(lockPath(directory), POLICY) !== undefined
}

/** Lets others work on an entry that stays in the outbox. */
export function release(entry: Entry): void {
  entry.lock?.release()
  entry.lock = undefined
}

/** A living command is at work on it. */
export function entryHeld(id: string, holder: Holder): ParixError {
  return new ParixError('UNAVAILABLE', `${describeHolder(holder).replace(/^a/, 'A')} is at work on ${id}.`, {
    code: 'outbox_entry_held',
    retryable: true,
    hint: 'Wait for it to end.',
    next: plainCommand('tb outbox list'),
  })
}
