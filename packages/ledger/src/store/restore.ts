/** Going back in a ledger's log: to a snapshot on disk, or as a copy in memory that leaves the files alone. */

import {closeSync, fstatSync, fsyncSync, ftruncateSync, openSync} from 'node:fs'
import {StoreError} from '../errors.js'
import {Books} from '../machine/books.js'
import {Confirmed} from './confirmed.js'
import {lockDirectory, readingSystem, requireLedger, systemFault} from './directory.js'
import {confirmedPath, logPath} from './files.js'
import {type Recovered, recover} from './recovery.js'
import type {Snapshot} from './rewind.js'

/**
 * Cuts a ledger's log back to a snapshot: everything stored since is gone for good. The ledger must not be open.
 *
 * @throws StoreError LOCKED, MISSING, UNUSABLE, CORRUPT; SNAPSHOT where it is of another ledger, or of a part of the log
 * that has been cut off since. Nothing was changed then.
 */
export async function restoreLedger(directory: string, snapshot: Snapshot): Promise<void> {
  requireLedger(directory)
  const lock = readingSystem(directory, () => lockDirectory(directory))
  try {
    await readLog(directory, snapshot)
    const confirmed = Confirmed.open(confirmedPath(directory))
    // The confirmed length first: a crash in between leaves a log that is longer than confirmed, which opens as it was.
    try {
      confirmed.lower(snapshot.length)
    } finally {
      confirmed.close()
    }
    const fd = openSync(logPath(directory), 'r+')
    try {
      ftruncateSync(fd, snapshot.length)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw systemFault(directory, error)
  } finally {
    lock.release()
  }
}

/**
 * Reads a log into memory without a lock: bytes that were confirmed never change, even while another process appends.
 *
 * @param snapshot where to end; else the confirmed length
 */
export async function readLog(directory: string, snapshot?: Snapshot): Promise<{books: Books; recovered: Recovered}> {
  requireLedger(directory)
  const file = logPath(directory)
  const fd = readingSystem(file, () => openSync(file, 'r'))
  try {
    const confirmed = Confirmed.read(confirmedPath(directory))
    const end = snapshot?.length ?? confirmed
    if (end > fstatSync(fd).size) throw otherSnapshot(file, 'the log is shorter.')
    const books = new Books()
    // A snapshot that does not end with an entry is not a damaged log.
    const recovered = await recover(books, fd, file, snapshot ? 0 : confirmed, end)
    if (snapshot && recovered.ledgerId !== snapshot.ledgerId) throw otherSnapshot(file, 'it is of another ledger.')
    if (snapshot && (recovered.length !== end || recovered.checksum !== snapshot.checksum)) {
      throw otherSnapshot(file, 'no entry of the log ends there, or another one does.')
    }
    return {books, recovered}
  } finally {
    closeSync(fd)
  }
}

function otherSnapshot(file: string, why: string): StoreError {
  return new StoreError('SNAPSHOT', `The snapshot does not fit ${file}: ${why} Nothing was changed.`, {file})
}
