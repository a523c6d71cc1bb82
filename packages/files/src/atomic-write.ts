import {randomBytes} from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import {dirname, resolve} from 'node:path'
import {errnoOf, type FileError, notWritten} from './errors.js'
import {resolveLink} from './read-private-file.js'

/**
 * A file is replaced whole: a temporary file in the same directory, fsync, rename, fsync of the directory. A reader sees the
 * old contents or the new, never half, and a crash in between leaves a temporary file (`recover-temp-files`). A symbolic link
 * stays a link: the file it leads to is replaced (threats 4.12, 4.13).
 */

/** Mode of a replaced file: a number, or `keep` the present one (0644 for a new file). */
export type Mode = number | 'keep'

/** @returns the path that was replaced @throws FileError not_written: the file is as it was, no temporary file is left */
export function replaceFile(path: string, content: string | Uint8Array, mode: Mode = 0o600): string {
  return replace(path, content, mode, true)
}

/**
 * As `replaceFile`, without the wait for the disk: for what says nothing after a power cut, which may leave the old contents or an
 * empty file.
 *
 * @throws as there
 */
export function replaceVolatileFile(path: string, content: string | Uint8Array): string {
  return replace(path, content, 0o600, false)
}

function replace(path: string, content: string | Uint8Array, mode: Mode, durable: boolean): string {
  const target = writeTarget(path)
  try {
    makeDirectory(dirname(target))
    replaceInDirectory(target, content, {mode: mode === 'keep' ? presentMode(target) : mode, durable})
    return target
  } catch (error) {
    throw notWritten(target, error)
  }
}

/**
 * As `replaceFile`, in a directory that must be there, and not through a symbolic link.
 *
 * @param durable whether it waits for the disk; see `replaceVolatileFile`
 * @throws Node's error: the file is as it was, no temporary file is left
 */
export function replaceInDirectory(
  path: string,
  content: string | Uint8Array,
  {mode = 0o600, durable = true}: {mode?: number; durable?: boolean} = {},
): void {
  const temporary = temporaryPath(path)
  try {
    create(temporary, content, mode, durable)
    if (durable) renameDurably(temporary, path)
    else renameSync(temporary, path)
  } catch (error) {
    removeQuietly(temporary)
    throw error
  }
}

/**
 * Asks, before work that takes long, whether `replaceFile` could write to `path`: a temporary file is created beside it, and
 * removed.
 *
 * @throws FileError not_written
 */
export function assertReplaceable(path: string): void {
  const target = writeTarget(path)
  try {
    if (statSync(target, {throwIfNoEntry: false})?.isDirectory())
      throw Object.assign(new Error('a directory'), {code: 'EISDIR'})
  } catch (error) {
    throw notWritten(target, error)
  }
  reserveReplacement(target, 0).discard()
}

/** A replacement whose disk space is taken already. */
export interface Reservation {
  /** Writes `content` and renames it into place. @throws FileError not_written; the file is as it was */
  commit(content: string | Uint8Array): void
  /** Removes the temporary file; does nothing after `commit`. */
  discard(): void
}

/**
 * Takes the disk space for a replacement of `path` before the caller does what can't be undone: the temporary file is
 * created, filled to `bytes` and synced.
 *
 * @throws FileError not_written: full or read-only disk, no permission; nothing is left
 */
export function reserveReplacement(path: string, bytes: number, mode = 0o600): Reservation {
  const target = writeTarget(path)
  const temporary = temporaryPath(target)
  let pending = true
  const discard = () => {
    if (pending) removeQuietly(temporary)
    pending = false
  }
  try {
    makeDirectory(dirname(target))
    // Random: a file system that compresses would store zeros in no space at all.
    createFile(temporary, randomBytes(bytes), mode)
  } catch (error) {
    discard()
    throw notWritten(target, error)
  }
  return {
    discard,
    commit(content) {
      try {
        overwrite(temporary, content)
        renameDurably(temporary, target)
        pending = false
      } catch (error) {
        discard()
        throw notWritten(target, error)
      }
    },
  }
}

/** A new file with all of `content` on disk. @throws Node's error (EEXIST when it exists); no part of the file is left then */
export function createFile(path: string, content: string | Uint8Array, mode = 0o600): void {
  create(path, content, mode, true)
}

/** As `createFile`, without the wait for the disk: for what need not survive a power cut, such as a lock. @throws as there */
export function createVolatileFile(path: string, content: string | Uint8Array): void {
  create(path, content, 0o600, false)
}

/**
 * As `createFile`, of which the disk is waited for by the caller, who makes the next one meanwhile.
 *
 * @returns when it is on disk; rejects with Node's error, and no part of the file is left then
 * @throws Node's error where it can't be written; nothing is left
 */
export function createFileSoon(path: string, content: string | Uint8Array): Promise<void> {
  const descriptor = createOpen(path, content, 0o600)
  return new Promise((resolve, reject) =>
    fdatasync(descriptor, (error) => {
      closeSync(descriptor)
      if (error === null) return resolve()
      removeQuietly(path)
      reject(error)
    }),
  )
}

/** @returns its descriptor */
function createOpen(path: string, content: string | Uint8Array, mode: number): number {
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    // Against the umask, too.
    fchmodSync(descriptor, mode)
    writeAll(descriptor, content)
    return descriptor
  } catch (error) {
    removeQuietly(path)
    closeSync(descriptor)
    throw error
  }
}

function create(path: string, content: string | Uint8Array, mode: number, durable: boolean): void {
  const descriptor = createOpen(path, content, mode)
  try {
    if (durable) fsyncSync(descriptor)
  } catch (error) {
    removeQuietly(path)
    throw error
  } finally {
    closeSync(descriptor)
  }
}

/** The directory and its parents, 0700 whatever the umask; directories that exist keep their mode. @throws Node's error */
export function makeDirectory(path: string): void {
  const first = firstMissing(resolve(path))
  if (first !== undefined) mkdirUnlessThere(first)
  mkdirSync(path, {recursive: true, mode: 0o700})
  if (first !== undefined && process.platform !== 'win32') chmodSync(path, 0o700)
}

/** The outermost of the directories that are missing. */
function firstMissing(path: string): string | undefined {
  let missing: string | undefined
  for (let at = path; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing = at
  return missing
}

/** By one call: where a file system takes no new entries, such as /proc, `recursive` tries for ever. */
function mkdirUnlessThere(path: string): void {
  try {
    mkdirSync(path, {mode: 0o700})
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
  }
}

/** Renames, and makes the new name durable. @throws Node's error */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to)
  syncDirectory(dirname(to))
}

/** Makes the names in a directory durable where the file system can (Windows needs no such call). */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    fsyncSync(descriptor)
  } catch {
    // Not every file system can; then the rename alone has to do.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** Clean-up after another error, which must not be hidden by one of its own. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, {force: true})
  } catch {
    // Where it can't be removed, it could hardly be created.
  }
}

/** A name beside `target` that nobody else uses, recognized by `temporaryFiles`. */
export function temporaryPath(target: string): string {
  return `${target}.${randomBytes(6).toString('hex')}.tmp`
}

/** The file that a write to `path` replaces: behind a symbolic link, the file it leads to. @throws FileError not_written */
export function writeTarget(path: string): string {
  try {
    return resolveLink(path) ?? path
  } catch (error) {
    throw notWritten(path, (error as FileError).details.cause)
  }
}

/** Text is written with the spaces that fill the file in one call, so that a process killed after it leaves whole JSON. */
function overwrite(path: string, content: string | Uint8Array): void {
  const descriptor = openSync(path, 'r+')
  try {
    const bytes = Buffer.from(content as string)
    const rest = typeof content === 'string' ? Math.max(0, fstatSync(descriptor).size - bytes.length) : 0
    writeAll(descriptor, rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(rest, ' ')]))
    ftruncateSync(descriptor, bytes.length)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** `writeSync` may write a part only. */
function writeAll(descriptor: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done, done)
}

function presentMode(path: string): number {
  return (statSync(path, {throwIfNoEntry: false})?.mode ?? 0o644) & 0o777
}
