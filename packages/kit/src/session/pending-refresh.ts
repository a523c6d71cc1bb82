import {createHash} from 'node:crypto'
import {readFileSync, rmSync} from 'node:fs'
import {replaceFile} from '@parix/files/atomic-write'

/**
 * A refresh whose response never came may have used up the token. Should the service then say that the grant has ended, the
 * message can say why (threats 5.12). Only a fingerprint of the token is kept, and only until the next response.
 */
export interface PendingRefresh {
  note(refreshToken: string): void
  includes(refreshToken: string): boolean
  forget(): void
}

/** For the holder of the lock. Best effort: without it a message says less, and nothing else changes. */
export function pendingRefresh(path: string): PendingRefresh {
  return {
    note: (refreshToken) => attempt(() => replaceFile(path, fingerprint(refreshToken))),
    includes: (refreshToken) => attempt(() => readFileSync(path, 'utf8') === fingerprint(refreshToken)) ?? false,
    forget: () => attempt(() => rmSync(path, {force: true})),
  }
}

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
