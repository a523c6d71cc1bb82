import {randomBytes} from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {ParixError} from '../errors.js'

/**
 * A file is replaced whole: a temporary file in the same folder, fsync, rename, fsync of the folder. A reader sees the old
 * or the new one, never half, and a crash in between leaves a temporary file that the next holder of the lock looks at
 * (threats 4.12, 4.13).
 */

/** @throws ParixError FAILED, code `session_not_stored` */
export function replaceFile(target: string, text: string): void {
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`
  try {
    makeFolder(dirname(target))
    writeNew(temporary, text)
    renameSync(temporary, target)
    syncFolder(dirname(target))
  } catch (error) {
    rmSync(temporary, {force: true})
    throw notStored(target, error as NodeJS.ErrnoException)
  }
}

/** Puts a temporary file of `target` in its place, as the crashed writer would have. */
export function finishReplacing(temporary: string, target: string): void {
  renameSync(temporary, target)
  syncFolder(dirname(target))
}

/** Temporary files that writers of `target` left; while the lock is held, nobody else is writing. */
export function temporaryFiles(target: string): string[] {
  return besides(target, /\.[0-9a-f]{12}\.tmp$/)
}

/** Files that were moved aside. */
export function asideFiles(path: string): string[] {
  return besides(path, /\.aside-[0-9]+$/)
}

/** A damaged file is moved aside, not lost: there may be a refresh token in it. Returns where it is. */
export function moveAside(path: string): string {
  const aside = `${path}.aside-${Date.now()}`
  renameSync(path, aside)
  if (lstatSync(aside).isFile()) chmodSync(aside, 0o600)
  return aside
}

/** 0700 whatever the umask; folders that exist are left as they are. */
export function makeFolder(folder: string): void {
  const first = mkdirSync(folder, {recursive: true, mode: 0o700})
  if (first !== undefined) chmodSync(folder, 0o700)
}

function besides(path: string, ending: RegExp): string[] {
  let names: string[]
  try {
    names = readdirSync(dirname(path))
  } catch {
    return []
  }
  const name = basename(path)
  return names
    .filter((one) => one.startsWith(name) && ending.test(one) && one.replace(ending, '') === name)
    .map((one) => join(dirname(path), one))
}

function writeNew(path: string, text: string): void {
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    fchmodSync(descriptor, 0o600)
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Not every file system can do it; then the rename alone has to do. */
function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {}
}

const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  ENOTDIR: 'a part of the path is not a folder',
}

function notStored(target: string, {code = 'unknown'}: NodeJS.ErrnoException): ParixError {
  const reason = REASONS[code] ?? 'it could not be written'
  return new ParixError('FAILED', `The session could not be stored in ${target}: ${reason} (${code}).`, {
    code: 'session_not_stored',
  })
}
