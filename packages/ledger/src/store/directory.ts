/**
 * What is in a ledger's directory, before anything in it is touched: a whole ledger, none, or what a loss has left. A loss
 * is refused: a ledger that starts empty where one has been answers "not found" for money that was moved.
 */

import {lstatSync, readdirSync, type Stats, statSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {type Lock, tryLock} from '@parix/files/lock'
import {StoreError} from '../errors.js'
import {Confirmed} from './confirmed.js'
import {confirmedPath, LOG_HEAD_BYTES, logPath} from './files.js'

/**
 * @returns whether there is a ledger; false for a directory that is missing or has none, or in which a crash interrupted
 * the creation of one
 * @throws StoreError MISSING, CORRUPT, UNUSABLE
 */
export function findLedger(directory: string): boolean {
  const dir = look(directory, 'directory')
  if (!dir) return false
  const log = look(logPath(directory), 'file')
  const confirmed = look(confirmedPath(directory), 'file')
  if (log && confirmed) return true
  if (!log && !confirmed) return false
  if (log) throw missing(confirmedPath(directory), 'its log is there, but it is unknown how much of it was confirmed.')
  const length = readingSystem(confirmedPath(directory), () => Confirmed.read(confirmedPath(directory)))
  // Creation writes the confirmed length first: without a log it says that nothing was ever stored.
  if (length <= LOG_HEAD_BYTES) return false
  throw missing(logPath(directory), `${length} bytes of it were written and confirmed.`)
}

/** @throws StoreError MISSING: nothing of a ledger is in `directory` */
export function requireLedger(directory: string): void {
  if (findLedger(directory)) return
  const dir = look(directory, 'directory')
  const what = dir ? `has no ledger.log${isEmpty(directory) ? '; it is empty' : ''}` : 'does not exist'
  const message = `The ledger in ${directory} is missing: the directory ${what}. Nothing was created in its place. Restore it from a backup.`
  throw new StoreError('MISSING', message, {file: directory})
}

/** Runs `work` and turns what the system refuses into words. @throws StoreError UNUSABLE, NO_SPACE */
export function readingSystem<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw systemFault(path, error)
  }
}

/** @returns the error itself where it is not of the system */
export function systemFault(path: string, error: unknown): unknown {
  const {code, syscall} = error as NodeJS.ErrnoException
  if (error instanceof StoreError || code === undefined || syscall === undefined) return error
  const file = (error as NodeJS.ErrnoException).path ?? path
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError('NO_SPACE', `No space left on the disk of ${file}.`, {file, cause: error})
  }
  return new StoreError('UNUSABLE', `${file} can't be used: ${REASONS[code] ?? code} (${code}).`, {file, cause: error})
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is not a directory',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  EIO: 'the disk failed',
}

/** @returns undefined where there is nothing; a symbolic link that leads nowhere is something */
function look(path: string, wanted: 'file' | 'directory'): Stats | undefined {
  const stats = readingSystem(path, () => {
    const found = statSync(path, {throwIfNoEntry: false})
    if (found || !lstatSync(path, {throwIfNoEntry: false})) return found
    throw new StoreError('MISSING', `${path} is a symbolic link to something that does not exist.`, {file: path})
  })
  if (!stats) return undefined
  const fits = wanted === 'file' ? stats.isFile() : stats.isDirectory()
  if (!fits) throw new StoreError('UNUSABLE', `${path} is not a ${wanted}.`, {file: path})
  const me = process.getuid?.()
  if (me !== undefined && stats.uid !== me) {
    const message = `${path} belongs to user ${stats.uid}, and this process runs as user ${me}.`
    throw new StoreError('UNUSABLE', message, {file: path})
  }
  return stats
}

function isEmpty(directory: string): boolean {
  return readingSystem(directory, () => readdirSync(directory).every((name) => name.startsWith('ledger.lock')))
}

function missing(file: string, why: string): StoreError {
  const message = `${file} is missing: ${why} Nothing was created in its place. Restore it from a backup.`
  return new StoreError('MISSING', message, {file})
}

/**
 * One process at a time. A lock whose process is gone is taken over at once; one of a process on another machine, which can't
 * be asked, never.
 *
 * @throws StoreError LOCKED, with the process that holds the directory
 */
export function lockDirectory(directory: string): Lock {
  const file = join(directory, 'ledger.lock')
  const attempt = tryLock(file, {stale: 'process'})
  if ('lock' in attempt) return attempt.lock
  const {pid, host, since} = attempt.heldBy.holder
  const holder = pid === process.pid ? 'this process' : pid > 0 ? `process ${pid}` : 'another process'
  const where = host === hostname() ? '' : ` on ${host} (if that is gone for good, remove ${file})`
  throw new StoreError('LOCKED', `${directory} is open in ${holder}${where}${since && ` since ${since}`}.`, {file})
}
