import {join} from 'node:path'
import {errnoOf} from '@parix/files/errors'
import {type Holder, type Lock, lockHolder, tryLock} from '@parix/files/lock'

/**
 * Which process works on an entry: a lock in the entry's directory. It keeps two commands from working on the same entry, and
 * distinguishes what a dead process left behind from what a living one is sending. Exactly once doesn't depend on it: the same
 * bytes sent twice are created once by the ledger.
 */
export type Claim = Holder

const FILE = 'claim'
const POLICY = {stale: 'heartbeat', watch: false, createDirectory: false} as const

const claims = new Map<string, Lock>()

/** Claims an entry whose directory nobody else can see yet. `claimMoved` says where it appears. */
export function writeClaim(folder: string): void {
  takeClaim(folder)
}

/** To be called after the directory of a claimed entry was renamed. */
export function claimMoved(from: string, to: string): void {
  const lock = claims.get(from)
  if (lock === undefined) return
  lock.movedTo(join(to, FILE))
  claims.delete(from)
  claims.set(to, lock)
}

/** Claims the entry in `folder`: `taken`; or who has it, a living process; or `gone`, where it was removed meanwhile. */
export function takeClaim(folder: string): 'taken' | 'gone' | Claim {
  try {
    const attempt = tryLock(join(folder, FILE), POLICY)
    if ('heldBy' in attempt) return attempt.heldBy.holder
    claims.set(folder, attempt.lock)
    return 'taken'
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'gone'
    throw error
  }
}

/** The living process that has claimed an entry; undefined when there is none. */
export function readClaim(folder: string): Claim | undefined {
  return lockHolder(join(folder, FILE), POLICY)
}

export function releaseClaim(folder: string): void {
  claims.get(folder)?.release()
  claims.delete(folder)
}
