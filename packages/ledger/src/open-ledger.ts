import {closeSync, fstatSync, ftruncateSync, openSync} from 'node:fs'
import {Ledger} from './ledger.js'
import {Books} from './machine/books.js'
import {wallClock} from './machine/clock.js'
import {Confirmed} from './store/confirmed.js'
import {findLedger, lockDirectory, readingSystem, requireLedger, systemFault} from './store/directory.js'
import {confirmedPath, logPath} from './store/files.js'
import {createFiles, type Disk, Log, MemoryJournal, realDisk, unsyncedDisk} from './store/log.js'
import {type Recovered, recover} from './store/recovery.js'
import {readLog} from './store/restore.js'
import type {Snapshot} from './store/rewind.js'

export interface OpenOptions {
  /** Where the ledger's files are. One process opens it at a time. */
  directory: string
  /**
   * Whether to start a ledger where there is none, directory included; default true. A host that knows that there was one
   * says false: its loss is refused as MISSING then, and nothing is created.
   */
  create?: boolean
  /** The clock: nanoseconds since the epoch. Default: the wall clock. */
  now?: () => bigint
  /**
   * Whether what is confirmed is safe from a power cut; default true. False, for a directory that goes with its process, is quicker:
   * what is confirmed survives the end of the process alone.
   */
  durable?: boolean
  /** For tests of disks that are full or fail. */
  disk?: Disk
}

/**
 * Opens the ledger in a directory, or starts one. Where files of a ledger are lost beside others, it is refused, whatever
 * `create` says.
 *
 * What a crash left half-written was never answered: it is dropped, and `ledger.recovered.tornTail` says so.
 * @throws StoreError LOCKED, MISSING, UNUSABLE, NO_SPACE, CORRUPT (with file and offset) or VERSION
 */
export async function openLedger(options: OpenOptions): Promise<Ledger> {
  const {directory, create = true, now = wallClock, durable = true, disk = durable ? realDisk : unsyncedDisk} = options
  if (create) findLedger(directory)
  else requireLedger(directory)
  const lock = readingSystem(directory, () => lockDirectory(directory))
  const toClose: (() => void)[] = [() => lock.release()]
  try {
    // Looked at again under the lock: another process may have removed or created it in the meantime.
    if (create && !findLedger(directory)) createFiles(directory, durable)
    requireLedger(directory)
    const file = logPath(directory)
    const fd = openSync(file, 'r+')
    toClose.unshift(() => closeSync(fd))
    const books = new Books()
    const size = fstatSync(fd).size
    const recovered = await recover(books, fd, file, Confirmed.read(confirmedPath(directory)), size)
    const log = await openLog(directory, fd, recovered, disk)
    const stopCatchingUp = catchUp(books)
    return new Ledger({books, log, now}, recovered, () => {
      stopCatchingUp()
      log.close()
      lock.release()
    })
  } catch (error) {
    for (const close of toClose) close()
    throw systemFault(directory, error)
  }
}

export interface MemoryOptions {
  /** The clock, as for openLedger. */
  now?: () => bigint
  /** A ledger to start from; its files are read up to what was confirmed, and left alone. It may be open elsewhere. */
  copyOf?: {directory: string; snapshot?: Snapshot}
}

/**
 * A ledger in memory: the same rules, nothing durable. For dry runs, beginning empty or with what a ledger on disk holds.
 * @throws StoreError as openLedger, and SNAPSHOT
 */
export async function openMemoryLedger({now = wallClock, copyOf}: MemoryOptions = {}): Promise<Ledger> {
  const nothing = {ledgerId: '', length: 0, checksum: 0, entries: 0, tornTail: undefined}
  const {books, recovered} = copyOf
    ? await readLog(copyOf.directory, copyOf.snapshot)
    : {books: new Books(), recovered: nothing}
  const stopCatchingUp = catchUp(books)
  return new Ledger({books, log: new MemoryJournal(), now}, recovered, stopCatchingUp)
}

async function openLog(directory: string, fd: number, recovered: Recovered, disk: Disk): Promise<Log> {
  if (recovered.tornTail) ftruncateSync(fd, recovered.length)
  // A crash may have come before the sync of what was just read: it counts from now on, so it must be on disk.
  await disk.sync(fd)
  const confirmed = Confirmed.open(confirmedPath(directory))
  confirmed.write(recovered.length)
  return new Log(logPath(directory), fd, confirmed, disk, recovered.length, recovered.checksum)
}

/** Makes what queries need and opening left out, a few milliseconds at a time, whenever nothing else is to be done. */
function catchUp({accountIndexes, transferIndexes}: Books): () => void {
  let turn = setImmediate(function step() {
    if (accountIndexes.catchUp() || transferIndexes.catchUp()) turn = setImmediate(step)
  })
  return () => clearImmediate(turn)
}
