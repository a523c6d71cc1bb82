import {createHash} from 'node:crypto'
import {readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {replaceFile} from './whole-write.js'

/**
 * A refresh whose answer never came may have used up the token. Should the service then say that the grant is over, the
 * person learns why (threats 5.12). Only a fingerprint of the token is kept, and only until the next answer.
 */
export interface LostAnswers {
  note(refreshToken: string): void
  includes(refreshToken: string): boolean
  forget(): void
}

export function lostAnswerPath(folder: string): string {
  return join(folder, 'session.lost-answer')
}

/** For whoever holds the lock. Best effort: without it a sentence is missing, no more. */
export function lostAnswers(folder: string): LostAnswers {
  const path = lostAnswerPath(folder)
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
