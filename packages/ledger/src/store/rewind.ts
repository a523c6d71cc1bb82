/**
 * Going back to a snapshot in a ledger that is open: the log says what was added after it, and each addition is taken back
 * from the end by the same functions that undo a batch which the disk refused.
 */

import {RequestError, StoreError} from '../errors.js'
import {unexpireTransfer} from '../machine/expire.js'
import {removeLastAccount, removeLastTransfer} from '../machine/undo.js'
import type {Workplace} from '../operations.js'
import {bodyBytes, ENTRY_HEADER_BYTES, type EntryHeader, EntryKind, readHeader} from './entry.js'
import {LOG_HEAD_BYTES} from './files.js'
import type {Operation} from './group-commit.js'
import type {Journal} from './log.js'

/** A place in a ledger's log, made by `Ledger.snapshot`. Plain data: it can be stored as JSON. */
export interface Snapshot {
  ledgerId: string
  /** Bytes of the log. */
  length: number
  /** Of the last entry before it. */
  checksum: number
  /** The ledger's last time slot, in decimal. */
  time: string
}

/** An entry after the snapshot, as far as it is needed to take it back. */
interface Addition extends Pick<EntryHeader, 'kind' | 'records' | 'failed'> {
  /** Of an expiry: the pending transfers. */
  rows: Uint32Array
}

const NO_ROWS = new Uint32Array(0)

export class RewindOperation implements Operation<void> {
  readonly alone = true

  constructor(
    private readonly place: Workplace,
    private readonly ledgerId: string,
    private readonly snapshot: Snapshot,
  ) {}

  run(): void {
    const {books, log} = this.place
    const {length, checksum, time} = this.snapshot
    if (log.size === 0) throw new RequestError('ERR_IN_MEMORY', 'A ledger in memory has no snapshots.')
    log.assertUsable()
    if (this.snapshot.ledgerId !== this.ledgerId) throw otherSnapshot('it is of another ledger.')
    const additions = readAdditions(log, this.snapshot)
    if (additions.length === 0) return
    // The disk first, as it may refuse; what follows can't fail.
    log.cut(length, checksum)
    for (const addition of additions.toReversed()) takeBack(this.place, addition)
    books.lastTime = BigInt(time)
  }
}

function takeBack({books}: Workplace, {kind, records, failed, rows}: Addition): void {
  if (kind === EntryKind.expiry) for (const row of rows.toReversed()) unexpireTransfer(books, row)
  else if (kind === EntryKind.accounts) for (let i = 0; i < records; i++) removeLastAccount(books)
  else {
    for (let i = 0; i < records; i++) removeLastTransfer(books)
    for (let i = 0; i < failed; i++) books.transferIds.removeLastFailed()
  }
}

/** @throws StoreError SNAPSHOT unless entries follow each other from the snapshot to the end of the log */
function readAdditions(log: Journal, {length, checksum}: Snapshot): Addition[] {
  if (length < LOG_HEAD_BYTES || length > log.size) throw otherSnapshot('the log is shorter.')
  const additions: Addition[] = []
  const read = createReader(log)
  let previous = checksum
  let at = length
  while (at < log.size) {
    const head = read(at, ENTRY_HEADER_BYTES)
    const header = head.length === ENTRY_HEADER_BYTES ? readHeader(head, 0) : undefined
    if (header === undefined || header.previous !== previous) break
    const body = bodyBytes(header)
    const isExpiry = header.kind === EntryKind.expiry
    const rows = isExpiry ? rowsOf(read(at + ENTRY_HEADER_BYTES, body)) : NO_ROWS
    additions.push({kind: header.kind, records: header.records, failed: header.failed, rows})
    previous = header.checksum
    at += ENTRY_HEADER_BYTES + body
  }
  if (at === log.size && previous === log.lastChecksum) return additions
  throw otherSnapshot('no entry of the log ends there, or another one does.')
}

function rowsOf(bytes: Buffer): Uint32Array {
  return Uint32Array.from({length: bytes.length / 4}, (_, i) => bytes.readUInt32LE(i * 4))
}

const PIECE_BYTES = 1 << 20

/** Entries of one transfer are small: they are read a piece at a time. */
function createReader(log: Journal): (position: number, bytes: number) => Buffer {
  let piece = Buffer.alloc(0)
  let start = 0
  return (position, bytes) => {
    if (position < start || position + bytes > start + piece.length) {
      const into = Buffer.alloc(Math.min(Math.max(PIECE_BYTES, bytes), log.size - position))
      piece = into.subarray(0, log.read(into, position))
      start = position
    }
    return piece.subarray(position - start, position - start + bytes)
  }
}

function otherSnapshot(why: string): StoreError {
  return new StoreError('SNAPSHOT', `The snapshot does not fit the ledger: ${why} Nothing was changed.`)
}
