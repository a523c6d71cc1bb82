/**
 * Opening a ledger: the log is read once, from start to end, each entry checked and applied.
 *
 * The next piece of the file is read while this one is applied. A piece fills the memory of a segment of transfers, and
 * becomes one when it is worked off: its pages were first touched by the thread that read, not by this one. What an entry that fails its check means depends on where it
 * is: see `judge`.
 */

import {read} from 'node:fs'
import {promisify} from 'node:util'
import {StoreError} from '../errors.js'
import {applyTransfer} from '../machine/apply-transfer.js'
import type {Books} from '../machine/books.js'
import {expireTransfer} from '../machine/expire.js'
import {CREDIT_ACCOUNT, DEBIT_ACCOUNT, RECORD_WORDS} from '../records/layout.js'
import {
  bodyBytes,
  checksumOf,
  ENTRY_BYTES_MAX,
  ENTRY_HEADER_BYTES,
  type EntryHeader,
  EntryKind,
  readHeader,
} from './entry.js'
import {LOG_HEAD_BYTES, readLogHead} from './files.js'

const readAsync = promisify(read)

/** A shorter log is read in small pieces, so that a small ledger takes little memory. */
const LONG_LOG_BYTES = 64 << 20
const SHORT_PIECE_BYTES = 1 << 20
const NOTHING = new ArrayBuffer(0)
/** Room in front of a piece for the entry that the piece before it cut in two. */
const CARRY_BYTES = (ENTRY_BYTES_MAX + 4095) & ~4095

export interface Recovered {
  /** See `Ledger.id`. */
  ledgerId: string
  /** Where the next entry goes. */
  length: number
  checksum: number
  entries: number
  /** What a write that was never confirmed left behind; it is not part of the ledger. */
  tornTail: {file: string; offset: number; bytes: number} | undefined
}

/** @param confirmed up to here the log was answered @param size of the file */
export async function recover(
  books: Books,
  fd: number,
  file: string,
  confirmed: number,
  size: number,
): Promise<Recovered> {
  if (size < confirmed) {
    const message = `${file} is truncated: it has ${size} bytes, and ${confirmed} were written and answered.`
    throw new StoreError('CORRUPT', message, {file, offset: size})
  }
  const head = Buffer.alloc(LOG_HEAD_BYTES)
  await readAsync(fd, head, 0, LOG_HEAD_BYTES, 0)
  const {ledgerId, checksum} = readLogHead(head, file)
  const scan = new Scan(books, file, checksum)
  beginReplay(books)
  await scan.run(fd, size)
  endReplay(books)
  const bytes = size - scan.offset
  if (bytes > 0) await judge(fd, file, scan, confirmed, size)
  const tornTail = bytes > 0 ? {file, offset: scan.offset, bytes} : undefined
  return {ledgerId, length: scan.offset, checksum: scan.checksum, entries: scan.entries, tornTail}
}

class Scan {
  /** Everything before is whole and applied. */
  offset = LOG_HEAD_BYTES
  entries = 0

  constructor(
    private readonly books: Books,
    private readonly file: string,
    public checksum: number,
  ) {}

  async run(fd: number, size: number): Promise<void> {
    const {transfers} = this.books
    const isLong = size >= LONG_LOG_BYTES
    const memoryBytes = isLong ? transfers.segmentBytes : CARRY_BYTES + SHORT_PIECE_BYTES
    const read = (into: Buffer, position: number) =>
      readAsync(fd, into, CARRY_BYTES, memoryBytes - CARRY_BYTES, position)
    let buffer = Buffer.from(new ArrayBuffer(memoryBytes))
    let worked: typeof buffer | undefined
    let start = CARRY_BYTES
    let position = LOG_HEAD_BYTES
    let reading = read(buffer, position)
    for (;;) {
      // The file may be longer than what is asked for.
      const bytesRead = Math.min((await reading).bytesRead, size - position)
      const end = CARRY_BYTES + bytesRead
      position += bytesRead
      const isLast = bytesRead === 0 || position >= size
      const next = worked ?? Buffer.from(isLast ? NOTHING : new ArrayBuffer(memoryBytes))
      if (!isLast) reading = read(next, position)
      let rest: number
      try {
        rest = this.apply(buffer, start, end)
      } catch (error) {
        // The file must not be closed while it is read.
        if (!isLast) await reading
        throw error
      }
      const isBroken = end - rest >= ENTRY_BYTES_MAX
      if (isLast || isBroken) {
        if (!isLast) await reading
        transfers.dropSpare()
        return
      }
      start = CARRY_BYTES - (end - rest)
      buffer.copy(next, start, rest, end)
      if (isLong) transfers.donate(buffer.buffer as ArrayBuffer)
      else worked = buffer
      buffer = next
    }
  }

  /** Applies the whole entries in buffer[at..end]; returns where the first starts that is not whole or not right. */
  private apply(buffer: Buffer, at: number, end: number): number {
    while (end - at >= ENTRY_HEADER_BYTES) {
      const header = readHeader(buffer, at)
      if (header === undefined || header.previous !== this.checksum) return at
      const body = bodyBytes(header)
      if (end - at < ENTRY_HEADER_BYTES + body || checksumOf(buffer, at, body) !== header.checksum) return at
      const words = new Uint32Array(buffer.buffer, buffer.byteOffset + at + ENTRY_HEADER_BYTES, body / 4)
      this.applyChecked(() => applyEntry(this.books, header, words))
      this.checksum = header.checksum
      this.entries++
      this.offset += ENTRY_HEADER_BYTES + body
      at += ENTRY_HEADER_BYTES + body
    }
    return at
  }

  private applyChecked(apply: () => void): void {
    try {
      apply()
    } catch (error) {
      const {file, offset} = this
      const message = `${file} does not make sense at byte ${offset}: ${error instanceof Error ? error.message : String(error)}`
      throw new StoreError('CORRUPT', message, {file, offset, cause: error})
    }
  }
}

/**
 * Is the broken entry at the end of the log a write that was cut short, or damage? It is damage, and opening stops, when
 * the entry had been confirmed, or when a whole entry follows that names it as the one before.
 */
async function judge(fd: number, file: string, scan: Scan, confirmed: number, size: number): Promise<void> {
  const {offset} = scan
  if (offset < confirmed || (await isFollowed(fd, offset, size))) {
    const message = `${file} is damaged at byte ${offset}: an operation that had been answered is not what was written.`
    throw new StoreError('CORRUPT', message, {file, offset})
  }
}

async function isFollowed(fd: number, offset: number, size: number): Promise<boolean> {
  const {buffer} = await readAsync(
    fd,
    Buffer.alloc(2 * ENTRY_BYTES_MAX),
    0,
    Math.min(2 * ENTRY_BYTES_MAX, size - offset),
    offset,
  )
  if (size - offset < ENTRY_HEADER_BYTES) return false
  const broken = readHeader(buffer, 0)
  if (broken === undefined) return false
  const next = ENTRY_HEADER_BYTES + bodyBytes(broken)
  if (size - offset < next + ENTRY_HEADER_BYTES) return false
  const header = readHeader(buffer, next)
  if (header === undefined || header.previous !== broken.checksum) return false
  const body = bodyBytes(header)
  return size - offset >= next + ENTRY_HEADER_BYTES + body && checksumOf(buffer, next, body) === header.checksum
}

// Applies the log's entries to empty books. No rule is checked: what is in the log has passed them all.
//
// Nothing here looks up a transfer by its id or runs a query, so those indexes are made afterwards, in one go.

function beginReplay(books: Books): void {
  books.transferIds.deferFiling()
}

function endReplay(books: Books): void {
  books.transferIds.fileDeferred()
  books.accountIndexes.openLast()
  books.transferIndexes.openLast()
}

/** @param body the entry's body as words; read before this returns, not kept */
function applyEntry(books: Books, header: EntryHeader, body: Uint32Array): void {
  if (header.kind === EntryKind.accounts) applyAccounts(books, body, header.records)
  else if (header.kind === EntryKind.transfers) applyTransfers(books, body, header)
  else for (const row of body) expireTransfer(books, row)
  books.lastTime = header.time
}

function applyAccounts(books: Books, body: Uint32Array, records: number): void {
  books.accounts.appendMany(body, records)
  for (let row = books.accounts.count - records; row < books.accounts.count; row++) books.accountIds.add(row)
}

function applyTransfers(books: Books, body: Uint32Array, {records, failed}: EntryHeader): void {
  const {transfers, accountIds} = books
  transfers.appendMany(body, records)
  for (let row = transfers.count - records; row < transfers.count; row++) {
    const words = transfers.words(row)
    const at = transfers.at(row)
    const debit = accountIds.find(words, at + DEBIT_ACCOUNT)
    const credit = accountIds.find(words, at + CREDIT_ACCOUNT)
    if (debit < 0 || credit < 0)
      throw new StoreError('CORRUPT', 'a transfer names an account that the log does not have.')
    applyTransfer(books, row, debit, credit)
    books.transferIds.add(row)
  }
  const ids = records * RECORD_WORDS
  for (let i = 0; i < failed; i++) books.transferIds.addFailed(body, ids + i * 4)
}
