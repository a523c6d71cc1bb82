/**
 * Where a watch continues: a file that is replaced whole after each batch was delivered. Whatever kills the watch, events
 * after the cursor come again and none is lost.
 */

import {readFileSync, statSync} from 'node:fs'
import {replaceFile} from '@parix/files/atomic-write'
import {errnoOf, isFileError, reasonOf} from '@parix/files/errors'
import {type Lock, lockFile} from '@parix/files/lock'
import {ParixError} from '@parix/kit/errors'

/** How far a watch has come. All in nanoseconds since 1970. */
export interface Position {
  /** The last transfer that was delivered. */
  last: bigint
  /** Expiries up to here were delivered. */
  expired: bigint
  /** The oldest pending transfer that may still expire. */
  holdsFrom: bigint | undefined
}

/** What is watched: a cursor is good for one service, database and filter. */
export type Subject = Readonly<Record<string, string | null>>

export interface Cursor {
  /** Undefined for a new one. */
  readonly position: Position | undefined
  /** @throws ParixError FAILED when the file can't be written */
  save(position: Position): void
  release(): void
}

const FORMAT = 'parix-cursor/1'

/**
 * @throws ParixError BAD_INPUT for a file that is not a cursor, or one of another database or filter; CONFLICT where another
 *   process watches with it
 */
export function openCursor(path: string, subject: Subject): Cursor {
  const lock = lockCursor(path)
  try {
    return {
      position: readPosition(path, subject),
      save: ({last, expired, holdsFrom}) => {
        const file = {
          format: FORMAT,
          ...subject,
          last: String(last),
          expired: String(expired),
          holdsFrom: holdsFrom === undefined ? null : String(holdsFrom),
        }
        write(path, `${JSON.stringify(file, null, 2)}\n`)
      },
      release: () => lock.release(),
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

function lockCursor(path: string): Lock {
  let lock: Lock | string
  try {
    lock = lockFile(path)
  } catch (error) {
    throw notWritable(path, error)
  }
  if (typeof lock !== 'string') return lock
  throw new ParixError('CONFLICT', `${path} is in use by ${lock}.`, {
    code: 'cursor_in_use',
    retryable: true,
  })
}

function readPosition(path: string, subject: Subject): Position | undefined {
  let text: string
  try {
    if (!statSync(path).isFile()) throw new Error('it is not a file')
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw new ParixError('BAD_INPUT', `The cursor ${path} can't be read: ${reasonOf(error)}.`, {code: 'bad_cursor'})
  }
  const file = parse(text)
  const {last, expired, holdsFrom} = file ?? {}
  if (
    file?.format !== FORMAT ||
    !isDigits(last) ||
    !isDigits(expired) ||
    !(holdsFrom === null || isDigits(holdsFrom))
  ) {
    throw new ParixError('BAD_INPUT', `${path} is not a cursor of tb watch. It is left as it is.`, {code: 'bad_cursor'})
  }
  const different = Object.keys(subject).filter((name) => (file[name] ?? null) !== subject[name])
  if (different.length > 0) {
    const changes = different.map(
      (name) => `${name} was ${file[name] ?? 'not given'}, now ${subject[name] ?? 'not given'}`,
    )
    throw new ParixError('BAD_INPUT', `The cursor ${path} is of another watch: ${changes.join('; ')}.`, {
      code: 'cursor_differs',
    })
  }
  return {
    last: BigInt(last),
    expired: BigInt(expired),
    holdsFrom: holdsFrom === null ? undefined : BigInt(holdsFrom),
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function isDigits(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,20}$/.test(value)
}

function write(path: string, text: string): void {
  try {
    replaceFile(path, text, 'keep')
  } catch (error) {
    throw notWritable(path, error)
  }
}

function notWritable(path: string, error: unknown): ParixError {
  const reason = isFileError(error) ? error.message : `The cursor ${path} can't be written: ${reasonOf(error)}.`
  return new ParixError('FAILED', reason, {code: 'cursor_failed', cause: error})
}
