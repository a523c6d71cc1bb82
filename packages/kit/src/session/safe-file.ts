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
import {userInfo} from 'node:os'
import {dirname} from 'node:path'
import {ParixError} from '../errors.js'

/**
 * Reads a file that holds secrets, and trusts it only if nobody else can have written it (threats 4.2–4.8). Never
 * waits: a FIFO or a device in its place is told by its kind before a byte is read.
 */
export interface SafeFile {
  text: string
  /** The file itself, where `path` is a link to it: what a write must replace. */
  target: string
  modifiedMs: number
  /** Others could read it; its mode is 0600 now. */
  wasOpen: boolean
}

const {O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0, O_RDONLY} = constants

/** @returns undefined when there is no such file (also: a link that leads nowhere) @throws ParixError SESSION_DAMAGED */
export function readSafely(path: string, bytesMax: number): SafeFile | undefined {
  const target = resolveLink(path)
  if (target === undefined) return undefined
  assertRegular(path, statSync(target))
  assertFolder(dirname(target))
  const descriptor = openSync(target, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
  try {
    const stats = fstatSync(descriptor)
    assertRegular(path, stats)
    assertOurs(path, stats)
    if (stats.size > bytesMax) throw damaged(path)
    const wasOpen = onUnix() && (stats.mode & 0o077) !== 0
    if (wasOpen) tighten(descriptor)
    return {text: decode(path, readAll(descriptor, bytesMax)), target, modifiedMs: stats.mtimeMs, wasOpen}
  } finally {
    closeSync(descriptor)
  }
}

/** The file that `path` leads to; undefined when there is none. @throws ParixError SESSION_DAMAGED, FAILED (not permitted) */
export function resolveLink(path: string): string | undefined {
  try {
    const stats = lstatSync(path, {throwIfNoEntry: false})
    if (stats === undefined) return undefined
    return stats.isSymbolicLink() ? realpathSync(path) : path
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new ParixError('SESSION_DAMAGED', `The session file can't be read: ${path} (${code}).`, {
      code: 'session_unreadable',
    })
  }
}

/** A folder that others can write to, its owner included, may hold anybody's file. @throws ParixError SESSION_DAMAGED */
export function assertFolder(folder: string): void {
  if (!onUnix()) return
  const stats = statSync(folder)
  const uid = process.geteuid?.()
  if (stats.uid !== uid && stats.uid !== 0) {
    throw notOurs(
      `The folder ${folder} belongs to user ${stats.uid}, but you are ${userName(uid)}: what is in it could be somebody else's.`,
      'Run parix as the user who signed in, or set HOME to your own.',
    )
  }
  if ((stats.mode & 0o022) === 0) return
  throw notOurs(
    `Others can write to the folder ${folder}: what is in it could be somebody else's.`,
    `chmod 700 ${folder}`,
  )
}

export function damaged(path: string): ParixError {
  return new ParixError('SESSION_DAMAGED', `The session file is damaged: ${path}. Sign in again.`, {
    next: 'parix auth login',
  })
}

function assertRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return
  const kind = stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device'
  throw unsafe(`The session file ${path} is ${kind}, not a file.`, `Move it away, then: parix auth login`)
}

function assertOurs(path: string, stats: Stats): void {
  if (!onUnix()) return
  const uid = process.geteuid?.()
  if (stats.uid !== uid) {
    throw notOurs(
      `The session file ${path} belongs to user ${stats.uid}, but you are ${userName(uid)}.`,
      'Run parix as the user who signed in, or set HOME to your own.',
    )
  }
  if ((stats.mode & 0o022) !== 0) {
    throw unsafe(`Others can write to the session file ${path}: it could be somebody else's.`, `chmod 600 ${path}`)
  }
}

/** Beyond what we may put right: nothing is stored beside it, and it isn't moved away. */
function notOurs(message: string, next: string): ParixError {
  return new ParixError('SESSION_DAMAGED', message, {code: 'session_not_ours', next})
}

function unsafe(message: string, next: string): ParixError {
  return new ParixError('SESSION_DAMAGED', message, {code: 'session_unsafe', next})
}

function userName(uid: number | undefined): string {
  try {
    return `${userInfo().username} (${uid})`
  } catch {
    return `user ${uid}`
  }
}

/** On a read-only disk the mode stays as it is; the warning is given all the same. */
function tighten(descriptor: number): void {
  try {
    fchmodSync(descriptor, 0o600)
  } catch {}
}

function readAll(descriptor: number, bytesMax: number): Buffer {
  const buffer = Buffer.alloc(bytesMax + 1)
  let bytes = 0
  for (let got = -1; got !== 0 && bytes < buffer.length; bytes += got) {
    got = readSync(descriptor, buffer, bytes, buffer.length - bytes, null)
  }
  return buffer.subarray(0, bytes)
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
  } catch {
    throw damaged(path)
  }
}

/** Windows has no owner and mode of this kind; its profile folders are private. */
function onUnix(): boolean {
  return process.geteuid !== undefined
}
