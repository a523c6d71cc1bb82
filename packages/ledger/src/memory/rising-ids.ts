/**
 * Finds transfers by id where ids came in rising order, without spending memory on each.
 *
 * A run is a stretch of rows, one behind the other, in which every id is above all ids before it, in this run and in
 * earlier ones. So runs are ordered, and an id is found by halving twice: over the runs, then within one. Clients that
 * make their ids as TigerBeetle recommends fill long runs; every other row is filed in an IdIndex.
 */

import {GrowingWords} from './growing-words.js'
import type {RecordStore} from './record-store.js'
import {compare128} from './words.js'

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
    const run = this.lastNotAbove(0, this.starts.length, words, at, (i) => this.starts.get(i))
    if (run < 0) return -1
    const start = this.starts.get(run)
    const row = start + this.lastNotAbove(0, this.ends.get(run) - start, words, at, (i) => start + i)
    return compare128(this.rows.words(row), this.rows.at(row), words, at) === 0 ? row : -1
  }

  /** The last i in from..to whose row has an id not above the wanted one, or -1. */
  private lastNotAbove(from: number, to: number, words: Uint32Array, at: number, rowOf: (i: number) => number): number {
    let low = from
    let high = to
    while (low < high) {
      const middle = (low + high) >>> 1
      const row = rowOf(middle)
      if (compare128(this.rows.words(row), this.rows.at(row), words, at) <= 0) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
