/** The entries of one group commit, one behind the other, ready to be written in one go. */

import {bodyBytes, ENTRY_HEADER_BYTES, type EntryKind, sealEntry} from './entry.js'

const FIRST_BYTES = 1 << 16

export class EntryBuffer {
  length = 0
  /** Checksum of the last entry put here. */
  checksum = 0
  private buffer = Buffer.alloc(FIRST_BYTES)

  /** Starts over behind the entry with this checksum. */
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
