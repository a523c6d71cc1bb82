/**
 * What makes queries fast: for each segment of a RecordStore, the chains and zones of its rows.
 *
 * Each segment has its own, which never change once it is full: nothing is ever rebuilt, and a time range is a range of
 * segments. Chains of user data exist only where some row has that field.
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
import {Chain} from './chain.js'
import {type RecordStore, SEGMENT_BITS, SEGMENT_ROWS} from './record-store.js'
import {hash32, hash64, hash128, isZero128} from './words.js'
import {Zones} from './zones.js'

export interface SegmentCatalogue {
  readonly zones: Zones
  /** Only for transfers. */
  readonly debit: Chain | undefined
  readonly credit: Chain | undefined
  data128: Chain | undefined
  data64: Chain | undefined
  data32: Chain | undefined
}

export class Catalogue {
  readonly segments: SegmentCatalogue[] = []

  /** @param byAccount whether the rows are transfers, to be found by their accounts */
  constructor(
    private readonly rows: RecordStore,
    private readonly byAccount: boolean,
  ) {}

  add(row: number): void {
    const words = this.rows.words(row)
    const at = this.rows.at(row)
    const position = row & (SEGMENT_ROWS - 1)
    const segment = this.segments[row >>> SEGMENT_BITS] ?? this.open()
    segment.zones.add(position, words[at + LEDGER]!, words[at + CODE_AND_FLAGS]! & CODE_MASK)
    if (this.byAccount) {
      segment.debit!.push(hash128(words, at + DEBIT_ACCOUNT), position)
      segment.credit!.push(hash128(words, at + CREDIT_ACCOUNT), position)
    }
    if (!isZero128(words, at + USER_DATA_128)) {
      segment.data128 ??= new Chain()
      segment.data128.push(hash128(words, at + USER_DATA_128), position)
    }
    if ((words[at + USER_DATA_64]! | words[at + USER_DATA_64 + 1]!) !== 0) {
      segment.data64 ??= new Chain()
      segment.data64.push(hash64(words, at + USER_DATA_64), position)
    }
    if (words[at + USER_DATA_32] !== 0) {
      segment.data32 ??= new Chain()
      segment.data32.push(hash32(words[at + USER_DATA_32]!), position)
    }
  }

  /** Takes out the row added last. Its zone keeps its bits: a zone may promise too much, never too little. */
  removeLast(row: number): void {
    const words = this.rows.words(row)
    const at = this.rows.at(row)
    const position = row & (SEGMENT_ROWS - 1)
    const segment = this.segments[row >>> SEGMENT_BITS]!
    segment.debit?.pop(hash128(words, at + DEBIT_ACCOUNT), position)
    segment.credit?.pop(hash128(words, at + CREDIT_ACCOUNT), position)
    if (!isZero128(words, at + USER_DATA_128)) segment.data128!.pop(hash128(words, at + USER_DATA_128), position)
    if ((words[at + USER_DATA_64]! | words[at + USER_DATA_64 + 1]!) !== 0) {
      segment.data64!.pop(hash64(words, at + USER_DATA_64), position)
    }
    if (words[at + USER_DATA_32] !== 0) segment.data32!.pop(hash32(words[at + USER_DATA_32]!), position)
  }

  private open(): SegmentCatalogue {
    const side = () => (this.byAccount ? new Chain() : undefined)
    const segment = {
      zones: new Zones(),
      debit: side(),
      credit: side(),
      data128: undefined,
      data64: undefined,
      data32: undefined,
    }
    this.segments.push(segment)
    return segment
  }
}
