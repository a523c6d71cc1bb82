import {chmodSync, lstatSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {makeDirectory} from '@parix/files/atomic-write'
import {reasonOf} from '@parix/files/errors'
import {distrust} from '@parix/files/ownership'
import {type Environment, stateDirectory} from '@parix/files/paths'
import {ParixError} from '@parix/kit/errors'

/** Where the outbox is. */
export interface OutboxPlace {
  path: string
  /** There is no home: the folder is under the system's temporary one, which may be emptied. The user has to be told. */
  temporary: boolean
}

/**
 * `outbox` in the state directory. Without a home (a bare CI job) in a directory of the user's own under the temporary one: a
 * create call is never made without an outbox.
 *
 * @throws FileError for a relative PARIX_STATE_DIR: it would be another outbox in every directory
 */
export function outboxPlace(environment: Environment): OutboxPlace {
  const state = stateDirectory(environment)
  if (state !== undefined) return {path: join(state, 'outbox'), temporary: false}
  return {
    path: join(environment.TMPDIR || tmpdir(), `parix-state-${process.getuid?.() ?? 'user'}`, 'outbox'),
    temporary: true,
  }
}

/**
 * Makes the folder (0700) where it isn't there. Under the temporary folder anybody could have made it before us.
 *
 * @throws ParixError FAILED when it can't be made, or another user owns it
 */
export function makeOutbox({path, temporary}: OutboxPlace): void {
  try {
    makeDirectory(path)
  } catch (error) {
    throw unwritable(path, error)
  }
  if (temporary) assertOurs(resolve(path, '..'))
  closeToOthers(path)
}

/** Who pays whom is nobody else's business: a folder that was found more open is closed. */
function closeToOthers(path: string): void {
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700)
  } catch {
    // Not ours to change; whether it can be written shows when it is.
  }
}

function assertOurs(path: string): void {
  const found = lstatSync(path)
  if (found.isDirectory() && distrust(found) === undefined && (found.mode & 0o077) === 0) return
  throw unwritable(path, new Error('somebody else can write to it'))
}

/** The outbox could not be written, so nothing was sent. */
export function unwritable(path: string, error: unknown): ParixError {
  return new ParixError('FAILED', `The outbox ${path} can't be written: ${reasonOf(error)}. Nothing was sent.`, {
    code: 'outbox_unwritable',
    hint: 'Set PARIX_STATE_DIR to a directory that you may write to and that outlives this command.',
    cause: error,
  })
}
