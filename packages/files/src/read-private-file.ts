import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import {dirname} from 'node:path'
import {errnoOf, FileError, reasonOf} from './errors.js'
import {assertTrusted, assertTrustedDirectory, ownershipFix, type Trust} from './ownership.js'

export interface PrivateFile {
  bytes: Buffer
  /** The file itself, where `path` is a symbolic link: what a write must replace. */
  target: string
  modifiedMs: number
  /** Other users could read it; its mode is 0600 now (`secret` only). */
  wasReadableByOthers: boolean
}

export interface ReadOptions {
  bytesMax: number
  /** Who else may own or write the file. */
  trust?: Trust
  /** Check the directory too, and take read permission from other users. */
  secret?: boolean
}

const {O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0, O_RDONLY} = constants

/**
 * Reads a file and trusts it only if nobody else can have written it. Never blocks: a FIFO or a device is recognized by its
 * type before a byte is read (threats 4.2–4.8).
 *
 * @returns undefined when there is no such file, or it is a symbolic link to nothing
 * @throws FileError unreadable, not_a_file, not_owned, writable_by_others, too_large
 */
export function readPrivateFile(
  path: string,
  {bytesMax, trust = {}, secret = false}: ReadOptions,
): PrivateFile | undefined {
  const target = resolveLink(path)
  if (target === undefined) return undefined
  try {
    assertRegular(path, statSync(target))
    if (secret) assertTrustedDirectory(dirname(target), {secret})
    return readTarget(path, target, {bytesMax, trust, secret})
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw unreadable(path, error)
  }
}

/** The contents as text. @throws FileError as `readPrivateFile`, and not_utf8 */
export function readPrivateText(path: string, options: ReadOptions): string | undefined {
  const file = readPrivateFile(path, options)
  return file && decodeUtf8(path, file.bytes)
}

/** @throws FileError not_utf8 */
export function decodeUtf8(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
  } catch {
    throw new FileError('not_utf8', `${path} is not UTF-8 text.`, {path})
  }
}

/** The file that `path` leads to through symbolic links; undefined when there is none. @throws FileError unreadable */
export function resolveLink(path: string): string | undefined {
  try {
    const stats = lstatSync(path, {throwIfNoEntry: false})
    if (stats === undefined) return undefined
    return stats.isSymbolicLink() ? realpathSync(path) : path
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw unreadable(path, error)
  }
}

/** A failed read as a `FileError`, with the command that fixes it where permission is missing. */
export function unreadable(path: string, error: unknown): FileError {
  if (error instanceof FileError) return error
  const errno = errnoOf(error)
  return new FileError('unreadable', `${path} can't be read: ${reasonOf(error)}.`, {
    path,
    ...(errno !== undefined && {errno}),
    ...(errno === 'EACCES' && permissionFix(path)),
    cause: error,
  })
}

/** The part of the path that refuses: the file itself, or the nearest directory that can be looked at. */
function permissionFix(path: string): {fix: string[]} | {hint: string} {
  for (let part = path; ; part = dirname(part)) {
    try {
      const stats = lstatSync(part)
      if (stats.uid !== process.geteuid?.()) return ownershipFix(part, stats)
      return {fix: ['chmod', stats.isDirectory() ? 'u+rwx' : 'u+rw', part]}
    } catch {
      if (part === dirname(part)) return {hint: `Check the permissions of ${path}.`}
    }
  }
}

function readTarget(path: string, target: string, {bytesMax, trust, secret}: Required<ReadOptions>): PrivateFile {
  const descriptor = openSync(target, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
  try {
    const stats = fstatSync(descriptor)
    assertRegular(path, stats)
    assertTrusted(path, stats, {...trust, secret})
    if (stats.size > bytesMax) throw tooLarge(path, bytesMax)
    const wasReadableByOthers = secret && process.geteuid !== undefined && (stats.mode & 0o077) !== 0
    if (wasReadableByOthers) makePrivate(descriptor)
    return {bytes: readAll(path, descriptor, stats, bytesMax), target, modifiedMs: stats.mtimeMs, wasReadableByOthers}
  } finally {
    closeSync(descriptor)
  }
}

function assertRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return
  const kind = stats.isDirectory()
    ? 'a directory'
    : stats.isFIFO()
      ? 'a named pipe'
      : stats.isSocket()
        ? 'a socket'
        : 'a device'
  throw new FileError('not_a_file', `${path} is ${kind}, not a file.`, {path, hint: `Move it away: ${path}`})
}

/** On a read-only file system the mode stays as it is; the caller warns all the same. */
function makePrivate(descriptor: number): void {
  try {
    fchmodSync(descriptor, 0o600)
  } catch {}
}

function readAll(path: string, descriptor: number, {size}: Stats, bytesMax: number): Buffer {
  // One byte more than there should be: the file may be growing.
  let buffer = Buffer.allocUnsafe(size + 1)
  for (let total = 0; ; ) {
    const bytes = readSync(descriptor, buffer, total, buffer.length - total, null)
    if (bytes === 0) return buffer.subarray(0, total)
    total += bytes
    if (total > bytesMax) throw tooLarge(path, bytesMax)
    if (total === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(total)])
  }
}

function tooLarge(path: string, bytesMax: number): FileError {
  return new FileError('too_large', `${path} is larger than ${bytesMax} bytes.`, {path})
}
