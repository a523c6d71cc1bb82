/**
 * Which transfer has this id, and which ids are burnt (semantics §9).
 *
 * An id above every id seen so far is certainly new: that is the usual case, and it costs one comparison.
 */

import {IdIndex} from './id-index.js'
import {RecordStore} from './record-store.js'
import {RisingIds} from './rising-ids.js'
import {compare128, copy128, GrowingWords} from './words.js'

export class TransferIds {
  /** Ids that a transient failure burnt for ever, in the order it happened. */
  readonly failed = new RecordStore(2)
  private readonly failedIds = new IdIndex(this.failed)
  private readonly rising: RisingIds
  private readonly others: IdIndex
  /** The greatest id seen, stored or burnt. */
  private readonly highest = new Uint32Array(4)
  private readonly marked = new Uint32Array(4)
  private deferred: GrowingWords | undefined

  constructor(private readonly transfers: RecordStore) {
    this.rising = new RisingIds(transfers)
    this.others = new IdIndex(transfers)
  }

  /** True: neither stored nor burnt. False: look. */
  isCertainlyNew(words: Uint32Array, at: number): boolean {
    return compare128(words, at, this.highest, 0) > 0
  }

  find(words: Uint32Array, at: number): number {
    const row = this.others.count === 0 ? -1 : this.others.find(words, at)
    return row >= 0 ? row : this.rising.find(words, at)
  }

  hasFailed(words: Uint32Array, at: number): boolean {
    return this.failed.count > 0 && this.failedIds.find(words, at) >= 0
  }

  /** Files a row just stored. */
  add(row: number): void {
    const words = this.transfers.words(row)
    const at = this.transfers.at(row)
    if (this.isCertainlyNew(words, at)) {
      copy128(this.highest, 0, words, at)
      this.rising.add(row)
    } else if (this.deferred) this.deferred.push(row)
    else this.others.add(row)
  }

  /** Takes out the row filed last. */
  removeLast(row: number): void {
    if (!this.rising.removeLast(row)) this.others.remove(row)
  }

  addFailed(words: Uint32Array, at: number): void {
    this.failedIds.add(this.failed.append(words, at))
    if (this.isCertainlyNew(words, at)) copy128(this.highest, 0, words, at)
  }

  removeLastFailed(): void {
    this.failedIds.remove(this.failed.count - 1)
    this.failed.count--
  }

  /** Remembers the greatest id, for restoreHighest. */
  markHighest(mark: Uint32Array = this.marked): void {
    copy128(mark, 0, this.highest, 0)
  }

  restoreHighest(mark: Uint32Array = this.marked): void {
    copy128(this.highest, 0, mark, 0)
  }

  /** While a log is replayed nothing is looked up by id, so what needs the hash table is filed at the end, in one go. */
  deferFiling(): void {
    this.deferred = new GrowingWords()
  }

  fileDeferred(): void {
    if (this.deferred && this.deferred.length > 0) this.others.addMany(this.deferred.view())
    this.deferred = undefined
  }
}
