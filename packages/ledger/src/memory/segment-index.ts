/**
 * What makes queries fast: for each segment of a RecordStore, posting lists and a zone map of its rows.
 *
 * Each segment has its own, which never change once it is full: nothing is ever rebuilt, and a time range is a range of
 * segments. Posting lists of user data exist only where some row has that field. After a replay, full segments are indexed
 * when a query first comes by or when there is time, so that opening does not wait for it.
 */

import {
  CODE_AND_FLAGS,
  CODE_MASK,
  CREDIT_ACCOUNT,
  DEBIT_ACCOUNT,
  LEDGER,
  USER_DATA_32,
  USER_DATA_64,
  USER_DATA_128,
} from '../records/layout.js'
import {type RecordStore, SEGMENT_BITS, SEGMENT_ROWS} from './record-store.js'
import {hash32, hash64, hash128, isZero128} from './words.js'

const BUCKET_SHIFT = 17

const ZONE_BITS = 10
export const ZONE_ROWS = 1 << ZONE_BITS
const CODE_HALF = 4

export interface SegmentIndex {
  readonly zones: ZoneMap
  /** Only for transfers. */
  readonly debit: PostingList | undefined
  readonly credit: PostingList | undefined
  data128: PostingList | undefined
  data64: PostingList | undefined
  data32: PostingList | undefined
}

export class SegmentIndexes {
  private readonly segments: (SegmentIndex | undefined)[] = []
  /** Segments before this one may still have to be indexed. */
  private checked = Number.POSITIVE_INFINITY

  /** @param byAccount whether the rows are transfers, to be found by their accounts */
  constructor(
    private readonly rows: RecordStore,
    private readonly byAccount: boolean,
  ) {}

  /** Indexes a row just stored. */
  add(row: number): void {
    this.file(this.segments[row >>> SEGMENT_BITS] ?? this.open(row >>> SEGMENT_BITS), row)
  }

  /** The index of a segment that has rows. */
  segment(s: number): SegmentIndex {
    return this.segments[s] ?? this.fill(s)
  }

  /** After a replay that did not add rows here: indexes the last segment, which will get more, and leaves the others. */
  openLast(): void {
    if (this.rows.count > 0) this.fill((this.rows.count - 1) >>> SEGMENT_BITS)
    this.checked = 0
  }

  /** Indexes one segment that openLast left, a few milliseconds of work; false when there are none. */
  catchUp(): boolean {
    const end = (this.rows.count + SEGMENT_ROWS - 1) >>> SEGMENT_BITS
    while (this.checked < end && this.segments[this.checked]) this.checked++
    if (this.checked >= end) return false
    this.fill(this.checked)
    return true
  }

  private fill(s: number): SegmentIndex {
    const segment = this.open(s)
    const end = Math.min(this.rows.count, (s + 1) << SEGMENT_BITS)
    for (let row = s << SEGMENT_BITS; row < end; row++) this.file(segment, row)
    return segment
  }

  private file(segment: SegmentIndex, row: number): void {
    const words = this.rows.words(row)
    const at = this.rows.at(row)
    const position = row & (SEGMENT_ROWS - 1)
    segment.zones.add(position, words[at + LEDGER]!, words[at + CODE_AND_FLAGS]! & CODE_MASK)
    if (this.byAccount) {
      segment.debit!.push(hash128(words, at + DEBIT_ACCOUNT), position)
      segment.credit!.push(hash128(words, at + CREDIT_ACCOUNT), position)
    }
    if (!isZero128(words, at + USER_DATA_128)) {
      segment.data128 ??= new PostingList()
      segment.data128.push(hash128(words, at + USER_DATA_128), position)
    }
    if ((words[at + USER_DATA_64]! | words[at + USER_DATA_64 + 1]!) !== 0) {
      segment.data64 ??= new PostingList()
      segment.data64.push(hash64(words, at + USER_DATA_64), position)
    }
    if (words[at + USER_DATA_32] !== 0) {
      segment.data32 ??= new PostingList()
      segment.data32.push(hash32(words[at + USER_DATA_32]!), position)
    }
  }

  /** Takes out the row added last. Its zone keeps its bits: a zone may promise too much, never too little. */
  removeLast(row: number): void {
    const words = this.rows.words(row)
    const at = this.rows.at(row)
    const position = row & (SEGMENT_ROWS - 1)
    // After a replay it may not be indexed yet; once rows are added to it again, those before them have to be in it.
    const segment = this.segment(row >>> SEGMENT_BITS)
    segment.debit?.pop(hash128(words, at + DEBIT_ACCOUNT), position)
    segment.credit?.pop(hash128(words, at + CREDIT_ACCOUNT), position)
    if (!isZero128(words, at + USER_DATA_128)) segment.data128!.pop(hash128(words, at + USER_DATA_128), position)
    if ((words[at + USER_DATA_64]! | words[at + USER_DATA_64 + 1]!) !== 0) {
      segment.data64!.pop(hash64(words, at + USER_DATA_64), position)
    }
    if (words[at + USER_DATA_32] !== 0) segment.data32!.pop(hash32(words[at + USER_DATA_32]!), position)
  }

  private open(s: number): SegmentIndex {
    const side = () => (this.byAccount ? new PostingList() : undefined)
    const data = {data128: undefined, data64: undefined, data32: undefined}
    const segment: SegmentIndex = {zones: new ZoneMap(), debit: side(), credit: side(), ...data}
    this.segments[s] = segment
    return segment
  }
}

/**
 * The index of one field in one segment: from a value's bucket to the rows that have it, newest first.
 *
 * Positions fit in 16 bits because a segment has 65,536 rows, so a row costs 2 bytes here and a bucket 4. A list may mix
 * values that share a bucket: whoever walks it compares. The end of a list points at itself.
 */
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

/**
 * Which ledgers and codes occur in each stretch of 1,024 rows, as 128 bits each.
 *
 * Ledgers and codes are few and common, so listing their rows would cost memory and save nothing: a query walks the rows
 * and skips the zones that can't have a match.
 */
export class ZoneMap {
  private readonly bits = new Uint32Array((SEGMENT_ROWS >>> ZONE_BITS) * 8)

  add(position: number, ledger: number, code: number): void {
    const zone = (position >>> ZONE_BITS) << 3
    const l = hash32(ledger)
    const c = hash32(code)
    this.bits[zone + (l >>> 30)]! |= 1 << (l & 31)
    this.bits[zone + CODE_HALF + (c >>> 30)]! |= 1 << (c & 31)
  }

  /** False: no row in this position's zone has this ledger and this code (0 = any). */
  mayHave(position: number, ledger: number, code: number): boolean {
    const zone = (position >>> ZONE_BITS) << 3
    return (ledger === 0 || this.has(zone, hash32(ledger))) && (code === 0 || this.has(zone + CODE_HALF, hash32(code)))
  }

  private has(half: number, hash: number): boolean {
    return (this.bits[half + (hash >>> 30)]! & (1 << (hash & 31))) !== 0
  }
}
