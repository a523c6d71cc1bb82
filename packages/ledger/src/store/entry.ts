/**
 * One operation in the log: 32 bytes of header, then what it added, exactly as it lies in memory.
 *
 *    0  magic            4  kind          8  records        12  burnt ids
 *   16  time (u64)      24  checksum of the entry before    28  checksum of this entry
 *
 * The checksum covers the header before it and the body. Because each entry names the one before, an entry that is
 * missing, doubled or in the wrong place is found like a flipped bit. All numbers are little-endian.
 */

import {crc32} from 'node:zlib'
import {EXPIRED_MAX} from '../machine/expire.js'
import {RECORD_BYTES} from '../records/layout.js'
import {BATCH_EVENTS_MAX} from '../schema/limits.js'

export const ENTRY_HEADER_BYTES = 32
const CHECKSUM_AT = 28
const MAGIC = 0x31455850
const FAILED_ID_BYTES = 16
const ROW_BYTES = 4

export enum EntryKind {
  /** Accounts as stored. */
  accounts = 1,
  /** Transfers as stored, then the ids that failed for ever. */
  transfers = 2,
  /** Rows of the pending transfers that expired. */
  expiry = 3,
}

export interface EntryHeader {
  kind: EntryKind
  records: number
  failed: number
  /** The operation's last time slot. */
  time: bigint
  /** Checksum of the entry before. */
  previous: number
  checksum: number
}

export const ENTRY_BYTES_MAX = ENTRY_HEADER_BYTES + BATCH_EVENTS_MAX * (RECORD_BYTES + FAILED_ID_BYTES)

export function bodyBytes({kind, records, failed}: Pick<EntryHeader, 'kind' | 'records' | 'failed'>): number {
  return kind === EntryKind.expiry ? records * ROW_BYTES : records * RECORD_BYTES + failed * FAILED_ID_BYTES
}

/** @returns undefined where no entry can start like this */
export function readHeader(bytes: Buffer, at: number): EntryHeader | undefined {
  if (bytes.readUInt32LE(at) !== MAGIC) return undefined
  const header = {
    kind: bytes.readUInt32LE(at + 4),
    records: bytes.readUInt32LE(at + 8),
    failed: bytes.readUInt32LE(at + 12),
    time: bytes.readBigUInt64LE(at + 16),
    previous: bytes.readUInt32LE(at + 24),
    checksum: bytes.readUInt32LE(at + CHECKSUM_AT),
  }
  const isKnown = header.kind >= EntryKind.accounts && header.kind <= EntryKind.expiry
  const isSmall = header.records <= EXPIRED_MAX && header.failed <= BATCH_EVENTS_MAX
  return isKnown && isSmall ? header : undefined
}

/** Writes header and checksum around a body that is already in its place after them; returns the checksum. */
export function sealEntry(bytes: Buffer, at: number, header: Omit<EntryHeader, 'checksum'>): number {
  bytes.writeUInt32LE(MAGIC, at)
  bytes.writeUInt32LE(header.kind, at + 4)
  bytes.writeUInt32LE(header.records, at + 8)
  bytes.writeUInt32LE(header.failed, at + 12)
  bytes.writeBigUInt64LE(header.time, at + 16)
  bytes.writeUInt32LE(header.previous, at + 24)
  const checksum = checksumOf(bytes, at, bodyBytes(header))
  bytes.writeUInt32LE(checksum, at + CHECKSUM_AT)
  return checksum
}

export function checksumOf(bytes: Buffer, at: number, body: number): number {
  const head = crc32(bytes.subarray(at, at + CHECKSUM_AT))
  return crc32(bytes.subarray(at + ENTRY_HEADER_BYTES, at + ENTRY_HEADER_BYTES + body), head)
}

// The entries of one group commit, one after another, ready to be written in one go.

const FIRST_BYTES = 1 << 16

export class EntryBuffer {
  length = 0
  /** Checksum of the last entry put here. */
  checksum = 0
  private buffer = Buffer.alloc(FIRST_BYTES)

  /** Starts over after the entry with this checksum. */
  reset(checksum: number): void {
    this.length = 0
    this.checksum = checksum
  }

  /** @param parts the body: records, then failed ids, or rows; each part whole words */
  add(kind: EntryKind, records: number, failed: number, time: bigint, parts: readonly Uint32Array[]): void {
    const at = this.length
    this.makeRoom(ENTRY_HEADER_BYTES + bodyBytes({kind, records, failed}))
    let end = at + ENTRY_HEADER_BYTES
    for (const part of parts) {
      this.buffer.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), end)
      end += part.byteLength
    }
    this.checksum = sealEntry(this.buffer, at, {kind, records, failed, time, previous: this.checksum})
    this.length = end
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length)
  }

  private makeRoom(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return
    let size = this.buffer.length
    while (size < this.length + bytes) size *= 2
    const wider = Buffer.alloc(size)
    wider.set(this.bytes())
    this.buffer = wider
  }
}
