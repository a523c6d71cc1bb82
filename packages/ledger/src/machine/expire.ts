/** The expiry job: releases pending transfers whose time has come (semantics §10.3). */

import {CREDIT_ACCOUNT, DEBIT_ACCOUNT} from '../records/layout.js'
import {expiryInstant, releasePending, reopenAccounts} from './apply-transfer.js'
import {type Books, PendingStatus} from './books.js'
import {restorePending} from './undo.js'

/** At most this many in one run of the job; the rest in the next. */
export const EXPIRED_MAX = 8190

/** Releases what is due at `now`, in the order of expiry, and returns the rows of the transfers. */
export function expireDue(books: Books, now: bigint): number[] {
  const rows: number[] = []
  const {expiry} = books
  while (rows.length < EXPIRED_MAX && expiry.next !== undefined && expiry.next <= now) {
    const row = expiry.nextRow
    const isDue = stillHolds(books, row, expiry.next)
    expiry.pop()
    if (!isDue) continue
    expireTransfer(books, row)
    rows.push(row)
  }
  return rows
}

/** Whether anything may be due, so that hosts can ask often at no cost. */
export function mayBeDue(books: Books, now: bigint): boolean {
  return books.expiry.next !== undefined && books.expiry.next <= now
}

/** Replay calls this with the rows that the log names. */
export function expireTransfer(books: Books, row: number): void {
  const [debit, credit] = accountsOf(books, row)
  releasePending(books, row, debit, credit)
  reopenAccounts(books, row, debit, credit)
  books.pending.set(row, PendingStatus.expired)
}

export function unexpireTransfer(books: Books, row: number): void {
  const [debit, credit] = accountsOf(books, row)
  restorePending(books, row, debit, credit)
}

/** An entry can be stale: its transfer was resolved, or taken back and its row given to another. */
function stillHolds(books: Books, row: number, instant: bigint): boolean {
  if (row >= books.transfers.count || books.pending.get(row) !== PendingStatus.pending) return false
  return expiryInstant(books.transfers.words(row), books.transfers.at(row)) === instant
}

function accountsOf(books: Books, row: number): [debit: number, credit: number] {
  const words = books.transfers.words(row)
  const at = books.transfers.at(row)
  return [books.accountIds.find(words, at + DEBIT_ACCOUNT), books.accountIds.find(words, at + CREDIT_ACCOUNT)]
}
