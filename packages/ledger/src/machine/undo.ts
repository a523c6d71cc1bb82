/**
 * Takes back the latest change: the opposite of apply-transfer.ts, row by row from the end.
 *
 * A broken chain and a batch that the disk refused are undone this way, so the common case, where nothing fails, keeps no
 * undo log at all: the stored transfer says what it did.
 */

import {add128, sub128} from '../memory/words.js'
import {
  AMOUNT,
  CODE_AND_FLAGS,
  CREDIT_ACCOUNT,
  CREDITS_PENDING,
  CREDITS_POSTED,
  DEBIT_ACCOUNT,
  DEBITS_PENDING,
  DEBITS_POSTED,
  FLAGS_SHIFT,
  RESOLVED_ROW,
  TIMEOUT,
} from '../records/layout.js'
import {TransferFlags} from '../schema/flags.js'
import {expiryInstant, reopenAccounts, setClosed, transferFlags} from './apply-transfer.js'
import {type Books, PendingStatus} from './books.js'

export function removeLastAccount(books: Books): void {
  const row = books.accounts.count - 1
  books.accountIds.remove(row)
  books.accountIndexes.removeLast(row)
  books.accounts.count = row
}

export function removeLastTransfer(books: Books): void {
  const row = books.transfers.count - 1
  const {transfers, accounts} = books
  const words = transfers.words(row)
  const at = transfers.at(row)
  const flags = words[at + CODE_AND_FLAGS]! >>> FLAGS_SHIFT
  const debit = books.accountIds.find(words, at + DEBIT_ACCOUNT)
  const credit = books.accountIds.find(words, at + CREDIT_ACCOUNT)
  books.history.removeLast(row)
  if ((flags & TransferFlags.pending) !== 0) undoPending(books, row, debit, credit)
  else if ((flags & TransferFlags.void_pending_transfer) !== 0)
    restorePending(books, words[at + RESOLVED_ROW]!, debit, credit)
  else {
    sub128(accounts.words(debit), accounts.at(debit) + DEBITS_POSTED, words, at + AMOUNT)
    sub128(accounts.words(credit), accounts.at(credit) + CREDITS_POSTED, words, at + AMOUNT)
    if ((flags & TransferFlags.post_pending_transfer) !== 0)
      restorePending(books, words[at + RESOLVED_ROW]!, debit, credit)
  }
  books.transferIds.removeLast(row)
  books.transferIndexes.removeLast(row)
  transfers.count = row
}

function undoPending(books: Books, row: number, debit: number, credit: number): void {
  const {accounts, transfers} = books
  const amount = transfers.at(row) + AMOUNT
  sub128(accounts.words(debit), accounts.at(debit) + DEBITS_PENDING, transfers.words(row), amount)
  sub128(accounts.words(credit), accounts.at(credit) + CREDITS_PENDING, transfers.words(row), amount)
  reopenAccounts(books, row, debit, credit)
  books.pending.set(row, PendingStatus.none)
}

/** Makes a posted, voided or expired transfer pending again: the opposite of its release. */
export function restorePending(books: Books, pending: number, debit: number, credit: number): void {
  const {accounts, transfers} = books
  const words = transfers.words(pending)
  const at = transfers.at(pending)
  add128(accounts.words(debit), accounts.at(debit) + DEBITS_PENDING, words, at + AMOUNT)
  add128(accounts.words(credit), accounts.at(credit) + CREDITS_PENDING, words, at + AMOUNT)
  const flags = transferFlags(books, pending)
  if ((flags & TransferFlags.closing_debit) !== 0) setClosed(books, debit, true)
  if ((flags & TransferFlags.closing_credit) !== 0) setClosed(books, credit, true)
  books.pending.set(pending, PendingStatus.pending)
  // The queue may have dropped its entry as resolved; a second entry for one transfer does no harm.
  if (words[at + TIMEOUT] !== 0) books.expiry.push(expiryInstant(words, at), pending)
}
