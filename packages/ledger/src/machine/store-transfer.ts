/** The last step of a transfer that passed all checks: stored, settled, and filed for lookups and queries. */

import type {Books} from './books.js'
import {settleTransfer} from './settle.js'

export function storeTransfer(books: Books, words: Uint32Array, at: number, debit: number, credit: number): void {
  const row = books.transfers.append(words, at)
  settleTransfer(books, row, debit, credit)
  fileTransfer(books, row)
}

/** Makes a stored transfer findable. Replay does the same. */
export function fileTransfer(books: Books, row: number): void {
  books.transferIds.add(row)
  books.transferCatalogue.add(row)
}
