/**
 * The index of one field in one segment: from a value's bucket to the rows that have it, newest first.
 *
 * Positions fit in 16 bits because a segment has 65,536 rows, so a row costs 2 bytes here and a bucket 4. A list may mix
 * values that share a bucket: whoever walks it compares. The end of a list points at itself.
 */

import {SEGMENT_ROWS} from './record-store.js'

const BUCKET_SHIFT = 17

export class PostingList {
  /** Newest position + 1; 0 = none. */
  private readonly heads = new Uint32Array(1 << (32 - BUCKET_SHIFT))
  private readonly older = new Uint16Array(SEGMENT_ROWS)

  push(hash: number, position: number): void {
    const bucket = hash >>> BUCKET_SHIFT
    const head = this.heads[bucket]!
    this.older[position] = head === 0 ? position : head - 1
    this.heads[bucket] = position + 1
  }

  /** Takes out the newest position of its list. */
  pop(hash: number, position: number): void {
    const older = this.older[position]!
    this.heads[hash >>> BUCKET_SHIFT] = older === position ? 0 : older + 1
  }

  /** The newest position under this hash, or -1. */
  newest(hash: number): number {
    return this.heads[hash >>> BUCKET_SHIFT]! - 1
  }

  /** The one before, or -1. */
  before(position: number): number {
    const older = this.older[position]!
    return older === position ? -1 : older
  }
}
