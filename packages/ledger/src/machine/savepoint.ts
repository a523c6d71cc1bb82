/** Where the books stood before an operation, so that it can be taken back whole when the disk refuses it. */

import type {Books} from './books.js'
import {unexpireTransfer} from './expire.js'
import {removeLastAccount, removeLastTransfer} from './undo.js'

export interface Savepoint {
  readonly accounts: number
  readonly transfers: number
  readonly failed: number
  readonly highestId: Uint32Array
  readonly lastTime: bigint
}

export function takeSavepoint(books: Books): Savepoint {
  const highestId = new Uint32Array(4)
  books.transferIds.markHighest(highestId)
  return {
    accounts: books.accounts.count,
    transfers: books.transfers.count,
    failed: books.transferIds.failed.count,
    highestId,
    lastTime: books.lastTime,
  }
}

/** @param expired the rows that the operation had expired, in that order */
export function returnTo(books: Books, savepoint: Savepoint, expired: readonly number[] = []): void {
  for (const row of expired.toReversed()) unexpireTransfer(books, row)
  while (books.transfers.count > savepoint.transfers) removeLastTransfer(books)
  while (books.accounts.count > savepoint.accounts) removeLastAccount(books)
  while (books.transferIds.failed.count > savepoint.failed) books.transferIds.removeLastFailed()
  books.transferIds.restoreHighest(savepoint.highestId)
  books.lastTime = savepoint.lastTime
}
