/** Rows by time: every store holds its rows in the order of their timestamps, imported ones included (semantics §13). */

import type {RecordStore} from '../memory/record-store.js'
import {compare64} from '../memory/words.js'
import type {Results} from '../records/batch.js'
import {TIMESTAMP} from '../records/layout.js'
import type {Books} from './books.js'

/** The first row whose timestamp is not below time[t], time[t + 1]; the number of rows if there is none. */
export function firstRowNotBefore(rows: RecordStore, time: Uint32Array, t: number): number {
  let low = 0
  let high = rows.count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare64(rows.words(middle), rows.at(middle) + TIMESTAMP, time, t) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether some row has exactly the timestamp of the event at words[at]. */
export function hasTimestamp(rows: RecordStore, words: Uint32Array, at: number): boolean {
  const row = firstRowNotBefore(rows, words, at + TIMESTAMP)
  return row < rows.count && compare64(rows.words(row), rows.at(row) + TIMESTAMP, words, at + TIMESTAMP) === 0
}

/** §6.20a, §7.17: an imported transfer must be newer than all transfers, and its time not that of an account. */
export function regressesTransfers({transfers, accounts}: Books, words: Uint32Array, at: number): boolean {
  const last = transfers.count - 1
  if (last >= 0 && compare64(words, at + TIMESTAMP, transfers.words(last), transfers.at(last) + TIMESTAMP) <= 0)
    return true
  return hasTimestamp(accounts, words, at)
}

/** §5.13: the same for an imported account. */
export function regressesAccounts({transfers, accounts}: Books, words: Uint32Array, at: number): boolean {
  const last = accounts.count - 1
  if (last >= 0 && compare64(words, at + TIMESTAMP, accounts.words(last), accounts.at(last) + TIMESTAMP) <= 0)
    return true
  return hasTimestamp(transfers, words, at)
}

/** The event's record gets its time slot as timestamp. */
export function stampSlot(words: Uint32Array, at: number, i: number, {times}: Results): void {
  words[at + TIMESTAMP] = times[2 * i]!
  words[at + TIMESTAMP + 1] = times[2 * i + 1]!
}

/** The response gets this record's timestamp in place of the time slot. */
export function reportStamp(words: Uint32Array, at: number, i: number, {times}: Results): void {
  times[2 * i] = words[at + TIMESTAMP]!
  times[2 * i + 1] = words[at + TIMESTAMP + 1]!
}
