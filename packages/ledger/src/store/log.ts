/**
 * The log: every operation that changed the books, appended and synced before it is answered.
 *
 * It is never rewritten, and it is the whole store: opening a ledger reads it once. A write that fails is cut off again, so
 * that the file always ends with an answered entry or with one that is about to be.
 */

import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import {promisify} from 'node:util'
import {StoreError} from '../errors.js'
import {Confirmed} from './confirmed.js'
import {EntryBuffer} from './entry.js'
import {confirmedPath, LOG_HEAD_BYTES, logPath, makeLogHead} from './files.js'

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** What the log asks of a disk, so that a test can hand over one that is full or fails. */
export interface Disk {
  /** Writes all of the bytes at this place of the file, or throws. */
  write(fd: number, bytes: Uint8Array, position: number): void
  /** Returns when the file's content is safe from a power cut. */
  sync(fd: number): Promise<void>
  syncAtOnce(fd: number): void
  truncate(fd: number, length: number): void
}

const fdatasyncAsync = promisify(fdatasync)

export const realDisk: Disk = {
  write(fd, bytes, position) {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, position + done)
  },
  sync: (fd) => fdatasyncAsync(fd),
  syncAtOnce: (fd) => fsyncSync(fd),
  truncate: (fd, length) => ftruncateSync(fd, length),
}

/** Leaves it to the system when the content gets to the disk: it survives the end of the process, and not a power cut. */
export const unsyncedDisk: Disk = {...realDisk, sync: async () => undefined, syncAtOnce: () => undefined}

export interface Journal {
  /** Entries waiting for the next commit. */
  readonly entries: EntryBuffer
  /** Bytes that are durable, and the checksum of the last entry in them. */
  readonly size: number
  readonly lastChecksum: number
  /** Throws when an earlier failure left the journal in doubt. */
  assertUsable(): void
  /** Makes the waiting entries durable. When it throws, they are gone. */
  commit(): Promise<void>
  /** Reads what is durable, from `position` on. @returns how many bytes there were */
  read(into: Uint8Array, position: number): number
  /** Forgets, durably, everything after an entry. Nothing waits for a commit then. */
  cut(length: number, checksum: number): void
  close(): void
}

/** Keeps nothing: the journal of a ledger that lives as long as its process. */
export class MemoryJournal implements Journal {
  readonly entries = new EntryBuffer()
  readonly size = 0
  readonly lastChecksum = 0

  assertUsable(): void {}

  async commit(): Promise<void> {
    this.entries.reset(0)
  }

  read(): number {
    return 0
  }

  cut(): void {}

  close(): void {}
}

export class Log implements Journal {
  readonly entries = new EntryBuffer()
  private broken: StoreError | undefined

  /** @param length where the next entry goes @param checksum of the last entry */
  constructor(
    private readonly file: string,
    private readonly fd: number,
    private readonly confirmed: Confirmed,
    private readonly disk: Disk,
    private length: number,
    private checksum: number,
  ) {
    this.entries.reset(checksum)
  }

  get size(): number {
    return this.length
  }

  get lastChecksum(): number {
    return this.checksum
  }

  assertUsable(): void {
    if (this.broken) throw this.broken
  }

  /** When it throws, the entries are gone from the file, too. */
  async commit(): Promise<void> {
    try {
      this.disk.write(this.fd, this.entries.bytes(), this.length)
      await this.disk.sync(this.fd)
    } catch (error) {
      this.takeBack(error)
      throw failure(this.file, error)
    }
    this.length += this.entries.length
    this.checksum = this.entries.checksum
    this.entries.reset(this.checksum)
    this.confirm()
  }

  read(into: Uint8Array, position: number): number {
    return readSync(this.fd, into, 0, into.length, position)
  }

  cut(length: number, checksum: number): void {
    // The confirmed length first: a crash in between leaves a log that is longer than confirmed, which opens as it was.
    this.confirmed.lower(length, (fd) => this.disk.syncAtOnce(fd))
    this.disk.truncate(this.fd, length)
    this.disk.syncAtOnce(this.fd)
    this.length = length
    this.checksum = checksum
    this.entries.reset(checksum)
  }

  close(): void {
    this.confirmed.close()
    closeSync(this.fd)
  }

  private takeBack(error: unknown): void {
    this.entries.reset(this.checksum)
    try {
      this.disk.truncate(this.fd, this.length)
    } catch {
      const message = `Writing to ${this.file} failed and could not be taken back. Close the ledger and open it again.`
      this.broken = new StoreError('BROKEN', message, {file: this.file, offset: this.length, cause: error})
    }
  }

  /** Without it a damaged tail might later pass for a torn one; the entries themselves are safe. */
  private confirm(): void {
    try {
      this.confirmed.write(this.length)
    } catch {
      // The next commit writes it again.
    }
  }
}

/**
 * Creates the files of an empty ledger. The log appears last and whole, so a directory with a log has everything, and a
 * confirmed length beyond an empty log without a log means that the log was lost.
 */
export function createFiles(directory: string, durable = true): void {
  Confirmed.create(confirmedPath(directory), LOG_HEAD_BYTES, durable)
  const draft = `${logPath(directory)}.new`
  writeFileSync(draft, makeLogHead(), {flush: durable, mode: 0o600})
  renameSync(draft, logPath(directory))
  if (durable) syncDirectory(directory)
}

function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(directory, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function failure(file: string, cause: unknown): StoreError {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  if (FULL.has(code)) {
    return new StoreError(
      'NO_SPACE',
      `No space left on disk for ${file}. Nothing was stored; free some space and try again.`,
      {
        file,
        cause,
      },
    )
  }
  const message = `Writing to ${file} failed (${code || String(cause)}). Nothing was stored; try again.`
  return new StoreError('WRITE_FAILED', message, {file, cause})
}
