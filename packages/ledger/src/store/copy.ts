/** A ledger's files copied to another directory, and put back from there: a snapshot that outlives what was cut off. */

import {closeSync, constants, copyFileSync, fsyncSync, ftruncateSync, openSync, readSync, renameSync} from 'node:fs'
import {StoreError} from '../errors.js'
import {Confirmed} from './confirmed.js'
import {lockDirectory, readingSystem, requireLedger, systemFault} from './directory.js'
import {confirmedPath, LOG_HEAD_BYTES, logPath, readLogHead} from './files.js'
import type {Snapshot} from './rewind.js'

/**
 * Copies a ledger, which may be open, up to a snapshot into a directory that exists and is empty. The copy is a ledger of its
 * own with the same id. File systems that can share blocks between files copy nothing.
 *
 * @throws StoreError MISSING, UNUSABLE, NO_SPACE
 */
export function copyLedger(directory: string, to: string, {length}: Snapshot): void {
  requireLedger(directory)
  readingSystem(to, () => {
    Confirmed.create(confirmedPath(to), length)
    copyLog(logPath(directory), logPath(to), length)
  })
}

/**
 * Puts a copy of a ledger in the place of that ledger: what was stored since is gone for good. Neither must be open.
 *
 * @throws StoreError LOCKED, MISSING, UNUSABLE, NO_SPACE; SNAPSHOT where `from` is of another ledger. Nothing was changed then.
 */
export function replaceLedger(directory: string, from: string): void {
  requireLedger(from)
  requireLedger(directory)
  const lock = readingSystem(directory, () => lockDirectory(directory))
  try {
    if (idOf(logPath(directory)) !== idOf(logPath(from)))
      throw new StoreError('SNAPSHOT', `The snapshot in ${from} is of another ledger. Nothing was changed.`, {
        file: from,
      })
    const length = Confirmed.read(confirmedPath(from))
    const draft = `${logPath(directory)}.new`
    copyLog(logPath(from), draft, length)
    const confirmed = Confirmed.open(confirmedPath(directory))
    try {
      // Nothing is confirmed while the logs change places: whichever is there after a crash opens whole.
      confirmed.lower(LOG_HEAD_BYTES)
      renameSync(draft, logPath(directory))
      confirmed.lower(length)
    } finally {
      confirmed.close()
    }
  } catch (error) {
    throw systemFault(directory, error)
  } finally {
    lock.release()
  }
}

function copyLog(from: string, to: string, length: number): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE)
  const file = openSync(to, 'r+')
  try {
    ftruncateSync(file, length)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function idOf(file: string): string {
  const log = openSync(file, 'r')
  try {
    const head = Buffer.alloc(LOG_HEAD_BYTES)
    readSync(log, head, 0, LOG_HEAD_BYTES, 0)
    return readLogHead(head, file).ledgerId
  } finally {
    closeSync(log)
  }
}
