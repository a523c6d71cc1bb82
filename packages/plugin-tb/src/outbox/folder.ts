import {chmodSync, lstatSync, mkdirSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {isAbsolute, join, resolve} from 'node:path'
import {ParixError} from '@parix/kit/errors'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the outbox is. */
export interface OutboxPlace {
  path: string
  /** There is no home: the folder is under the system's temporary one, which may be emptied. The user has to be told. */
  temporary: boolean
}

/**
 * PARIX_STATE_DIR, else `$XDG_STATE_HOME/parix`, else `~/.local/state/parix`, and `outbox` in it. Without a home (a bare CI
 * job) a folder of the user's own under the temporary one: a create call is never made without an outbox.
 */
export function outboxPlace(environment: Environment): OutboxPlace {
  const {PARIX_STATE_DIR, XDG_STATE_HOME} = environment
  if (PARIX_STATE_DIR) return {path: join(resolve(PARIX_STATE_DIR), 'outbox'), temporary: false}
  if (XDG_STATE_HOME && isAbsolute(XDG_STATE_HOME)) {
    return {path: join(XDG_STATE_HOME, 'parix', 'outbox'), temporary: false}
  }
  // A relative HOME would mean another outbox in every folder that one stands in.
  const home = [environment.HOME, environment.USERPROFILE].find((path) => path !== undefined && isAbsolute(path))
  if (home) return {path: join(home, '.local', 'state', 'parix', 'outbox'), temporary: false}
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
    mkdirSync(path, {recursive: true, mode: 0o700})
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
  const me = process.getuid?.()
  if (found.isDirectory() && (me === undefined || found.uid === me) && (found.mode & 0o077) === 0) return
  throw unwritable(path, new Error('somebody else can write to it'))
}

/** The outbox could not be written, so nothing was sent. */
export function unwritable(path: string, error: unknown): ParixError {
  const message = error instanceof Error ? error.message : String(error)
  return new ParixError('FAILED', `The outbox ${path} can't be written (${message}). Nothing was sent.`, {
    code: 'outbox_unwritable',
    next: 'Set PARIX_STATE_DIR to a folder that you may write to and that outlives this command.',
    cause: error,
  })
}
