/**
 * Finds transfers by id where ids came in rising order, without spending memory on each.
 *
 * A run is a stretch of rows, one after another, in which every id is above all ids before it, in this run and in
 * earlier ones. So runs are ordered, and an id is found by halving twice: over the runs, then within one. Clients that
 * make their ids as TigerBeetle recommends fill long runs; every other row is filed in an IdIndex.
 */

import type {RecordStore} from './record-store.js'
import {compare128, equal128, GrowingWords} from './words.js'

export class RisingIds {
  /** First row of each run, and the row after its last. */
  private readonly starts = new GrowingWords()
  private readonly ends = new GrowingWords()

  constructor(private readonly rows: RecordStore) {}

  /** Adds a row whose id is above all ids here. */
  add(row: number): void {
    const last = this.ends.length - 1
    if (last >= 0 && this.ends.get(last) === row) {
      this.ends.set(last, row + 1)
      return
    }
    this.starts.push(row)
    this.ends.push(row + 1)
  }

  /** Takes the row out if it is the one added last; false where it is not here at all. */
  removeLast(row: number): boolean {
    const last = this.ends.length - 1
    if (last < 0 || this.ends.get(last) !== row + 1) return false
    this.ends.set(last, row)
    if (this.starts.get(last) === row) {
      this.starts.length--
      this.ends.length--
    }
    return true
  }

  find(words: Uint32Array, at: number): number {
    const run = this.runOf(words, at)
    if (run < 0) return -1
    let low = this.starts.get(run)
    let high = this.ends.get(run)
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.isAbove(middle, words, at)) high = middle
      else low = middle + 1
    }
    const row = low - 1
    return equal128(this.rows.words(row), this.rows.at(row), words, at) ? row : -1
  }

  /** The last run whose first id is not above the wanted one, or -1. */
  private runOf(words: Uint32Array, at: number): number {
    let low = 0
    let high = this.starts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.isAbove(this.starts.get(middle), words, at)) high = middle
      else low = middle + 1
    }
    return low - 1
  }

  private isAbove(row: number, words: Uint32Array, at: number): boolean {
    return compare128(this.rows.words(row), this.rows.at(row), words, at) > 0
  }
}
