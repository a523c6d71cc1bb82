import {createHash, randomBytes} from 'node:crypto'
import {chmodSync, lstatSync, type Stats, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {isAbsolute, join, resolve} from 'node:path'
import {makeDirectory} from '@parix/files/atomic-write'
import {reasonOf} from '@parix/files/errors'
import {currentUser, distrust} from '@parix/files/ownership'
import {isChosen, stateDirectory} from '@parix/files/paths'
import {ParixError} from '@parix/kit/errors'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the outbox is. */
export interface OutboxPlace {
  path: string
  /** There is no home: the directory is under the system's temporary one, which may be emptied. The user has to be told. */
  temporary: boolean
}

/**
 * `outbox` in parix's state directory. Without HOME (a bare CI job) in a directory of the user's own under the temporary one: a
 * create call is never made without an outbox.
 *
 * @throws FileError relative_path for a relative PARIX_STATE_DIR
 */
export function outboxPlace(environment: Environment): OutboxPlace {
  const hasHome = [environment.HOME, environment.USERPROFILE].some((path) => path !== undefined && isAbsolute(path))
  const state = isChosen('STATE', environment) || hasHome ? stateDirectory(environment) : undefined
  if (state !== undefined) return {path: join(state, 'outbox'), temporary: false}
  const user = process.getuid?.() ?? 'user'
  return {path: join(environment.TMPDIR || tmpdir(), `parix-state-${user}`, 'outbox'), temporary: true}
}

/** Where imports are recorded: beside the outbox. */
export function importDirectory(environment: Environment): string {
  return join(resolve(outboxPlace(environment).path, '..'), 'import')
}

/**
 * Makes the directory (0700) where it isn't there. Under the temporary one anybody could have made it before us.
 *
 * @throws ParixError FAILED when it can't be made, or another user owns it
 */
export function makeOutbox({path, temporary}: OutboxPlace): void {
  try {
    makeDirectory(path)
  } catch (error) {
    throw unwritable(path, error)
  }
  if (temporary) {
    const parent = join(path, '..')
    const found = lstatSync(parent)
    if (!found.isDirectory() || distrust(found) !== undefined || (found.mode & 0o077) !== 0)
      throw unwritable(path, new Error(`other users can write to ${parent}`))
  }
  closeToOthers(path)
}

/** Who pays whom is nobody else's business: a directory that was found more open is closed. */
function closeToOthers(path: string): void {
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700)
  } catch {
    // Not ours to change; whether it can be written shows when it is.
  }
}

/**
 * Whoever can put an entry into the outbox decides what is paid with this user's credential at the next `resume`: an entry
 * counts only in a directory that this user made and nobody else may write to (threats 4.3 and 4.4, for payments).
 */
export function isOurEntry(directory: string): boolean {
  const found = lstatSync(directory, {throwIfNoEntry: false})
  // One that is gone was struck off by another process: reading it says so.
  return found === undefined || distrust(found) === undefined
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, {throwIfNoEntry: false})
  } catch (error) {
    throw unreadableOutbox(path, error)
  }
}

/** What can't be read is never taken for empty. */
export function unreadableOutbox(path: string, error: unknown): ParixError {
  return new ParixError('FAILED', `The outbox can't be read: ${reasonOf(error)}.`, {
    code: 'outbox_unreadable',
    errors: [`directory: ${path}`],
    cause: error,
  })
}

/**
 * Not passed over in silence: with another's outbox this command may be one that was sent before, and would be paid twice.
 *
 * @throws ParixError FAILED when another user owns the outbox
 */
export function assertOurOutbox(path: string): void {
  const found = statOf(path)
  if (found === undefined || distrust(found) !== 'not_owned') return
  throw new ParixError(
    'FAILED',
    `The outbox ${path} belongs to user ${found.uid}, but you are ${currentUser()}: what is in it could be somebody else's payments. Nothing was sent.`,
    {code: 'outbox_not_ours', hint: 'Run parix as that user, or set PARIX_STATE_DIR to a directory of your own.'},
  )
}

/** The outbox could not be written, so nothing was sent. */
export function unwritable(path: string, error: unknown): ParixError {
  return new ParixError('FAILED', `The outbox ${path} can't be written (${reasonOf(error)}). Nothing was sent.`, {
    code: 'outbox_unwritable',
    hint: 'Set PARIX_STATE_DIR to a directory that you may write to and that outlives this command.',
    cause: error,
  })
}

/** `text` as the name of one directory: readable, and never the same for two texts. */
export function directoryName(text: string): string {
  // A name that begins with a dot is passed over when the outbox is read.
  const readable = text.replace(/^\.+|[^A-Za-z0-9._-]+/g, '_').slice(0, 60)
  if (readable === text && text !== '') return text
  return `${readable}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`
}

/** `20261124-184012-4f3a9c`: sorts by time, and can be read out. */
export function entryId(now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${time}-${randomBytes(4).toString('hex').slice(0, 6)}`
}
