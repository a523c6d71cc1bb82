/** The four balances of every `history` account right after each of its transfers (semantics §14.4). */

import {RecordStore} from '../memory/record-store.js'
import {DEBITS_PENDING} from '../records/layout.js'

export enum Side {
  debit = 0,
  credit = 1,
}

export class BalanceHistory {
  /** Sixteen words: the balances as they lie in an account. */
  private readonly balances = new RecordStore(4)
  /** The transfer's row, and which of its two accounts this is. In the order of transfers. */
  private readonly keys = new RecordStore(1)
  private readonly key = new Uint32Array(2)

  add(transfer: number, side: Side, account: Uint32Array, at: number): void {
    this.balances.append(account, at + DEBITS_PENDING)
    this.key[0] = transfer
    this.key[1] = side
    this.keys.append(this.key, 0)
  }

  /** Drops the rows of the last transfer. */
  removeLast(transfer: number): void {
    while (this.keys.count > 0 && this.transferOf(this.keys.count - 1) === transfer) {
      this.keys.count--
      this.balances.count--
    }
  }

  /** The balances after this transfer on this side, as words and where they start; undefined where none were kept. */
  find(transfer: number, side: Side): {words: Uint32Array; at: number} | undefined {
    let row = this.firstOf(transfer)
    if (row < this.keys.count && this.transferOf(row) === transfer && this.sideOf(row) !== side) row++
    if (row >= this.keys.count || this.transferOf(row) !== transfer || this.sideOf(row) !== side) return undefined
    return {words: this.balances.words(row), at: this.balances.at(row)}
  }

  private firstOf(transfer: number): number {
    let low = 0
    let high = this.keys.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.transferOf(middle) < transfer) low = middle + 1
      else high = middle
    }
    return low
  }

  private transferOf(row: number): number {
    return this.keys.words(row)[this.keys.at(row)]!
  }

  private sideOf(row: number): Side {
    return this.keys.words(row)[this.keys.at(row) + 1]!
  }
}
