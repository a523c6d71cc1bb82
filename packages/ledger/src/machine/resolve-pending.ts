/** Posting and voiding a pending transfer: what is checked, in this order (semantics §7). */

import {compare128, copy128, equal128, isMax128, isZero128, read64} from '../memory/words.js'
import type {Results} from '../records/batch.js'
import {
  AMOUNT,
  CODE_AND_FLAGS,
  CODE_MASK,
  CREDIT_ACCOUNT,
  DEBIT_ACCOUNT,
  FLAGS_SHIFT,
  ID,
  LEDGER,
  PENDING_ID,
  RESOLVED_ROW,
  TIMEOUT,
  USER_DATA_32,
  USER_DATA_64,
  USER_DATA_128,
} from '../records/layout.js'
import {AccountFlags, TransferFlags} from '../schema/flags.js'
import {CreateTransferStatus} from '../schema/statuses.js'
import {expiryInstant, storeTransfer} from './apply-transfer.js'
import {type Books, PendingStatus} from './books.js'
import {CREATED} from './create-loop.js'
import {regressesTransfers, reportStamp, stampSlot} from './timestamps.js'

const BOTH = TransferFlags.post_pending_transfer | TransferFlags.void_pending_transfer
const NOT_HERE =
  TransferFlags.pending |
  TransferFlags.balancing_debit |
  TransferFlags.balancing_credit |
  TransferFlags.closing_debit |
  TransferFlags.closing_credit
const CLOSED = AccountFlags.closed << FLAGS_SHIFT

export function resolvePending(books: Books, words: Uint32Array, at: number, i: number, results: Results): number {
  const flags = words[at + CODE_AND_FLAGS]! >>> FLAGS_SHIFT
  const status = checkFields(words, at, flags)
  if (status !== 0) return status
  const pending = books.transferIds.find(words, at + PENDING_ID)
  if (pending < 0) return CreateTransferStatus.pending_transfer_not_found
  return (
    checkPending(books, words, at, flags, pending) ||
    checkStatus(books, pending, i, results) ||
    checkImported(books, words, at, flags, pending) ||
    resolve(books, words, at, flags, pending, i, results)
  )
}

/** §7.1-5. */
function checkFields(words: Uint32Array, at: number, flags: number): number {
  if ((flags & BOTH) === BOTH || (flags & NOT_HERE) !== 0) return CreateTransferStatus.flags_are_mutually_exclusive
  if (isZero128(words, at + PENDING_ID)) return CreateTransferStatus.pending_id_must_not_be_zero
  if (isMax128(words, at + PENDING_ID)) return CreateTransferStatus.pending_id_must_not_be_int_max
  if (equal128(words, at + PENDING_ID, words, at + ID)) return CreateTransferStatus.pending_id_must_be_different
  if (words[at + TIMEOUT] !== 0) return CreateTransferStatus.timeout_reserved_for_pending_transfer
  return 0
}

/** §7.7-14: does the event fit the pending transfer? Leaves the amount to move in the event's record. */
function checkPending(books: Books, words: Uint32Array, at: number, flags: number, pending: number): number {
  const p = books.transfers.words(pending)
  const q = books.transfers.at(pending)
  if (((p[q + CODE_AND_FLAGS]! >>> FLAGS_SHIFT) & TransferFlags.pending) === 0) {
    return CreateTransferStatus.pending_transfer_not_pending
  }
  if (!isZero128(words, at + DEBIT_ACCOUNT) && !equal128(words, at + DEBIT_ACCOUNT, p, q + DEBIT_ACCOUNT)) {
    return CreateTransferStatus.pending_transfer_has_different_debit_account_id
  }
  if (!isZero128(words, at + CREDIT_ACCOUNT) && !equal128(words, at + CREDIT_ACCOUNT, p, q + CREDIT_ACCOUNT)) {
    return CreateTransferStatus.pending_transfer_has_different_credit_account_id
  }
  if (words[at + LEDGER] !== 0 && words[at + LEDGER] !== p[q + LEDGER]) {
    return CreateTransferStatus.pending_transfer_has_different_ledger
  }
  const code = words[at + CODE_AND_FLAGS]! & CODE_MASK
  if (code !== 0 && code !== (p[q + CODE_AND_FLAGS]! & CODE_MASK)) {
    return CreateTransferStatus.pending_transfer_has_different_code
  }
  const isVoid = (flags & TransferFlags.void_pending_transfer) !== 0
  const meansAll = isVoid ? isZero128(words, at + AMOUNT) : isMax128(words, at + AMOUNT)
  if (meansAll) copy128(words, at + AMOUNT, p, q + AMOUNT)
  const amounts = compare128(words, at + AMOUNT, p, q + AMOUNT)
  if (amounts > 0) return CreateTransferStatus.exceeds_pending_transfer_amount
  if (isVoid && amounts < 0) return CreateTransferStatus.pending_transfer_has_different_amount
  return 0
}

/** §7.15-16: is it still pending, also by this event's time slot? The expiry job may not have run yet. */
function checkStatus(books: Books, pending: number, i: number, {times}: Results): number {
  const status = books.pending.get(pending)
  if (status === PendingStatus.posted) return CreateTransferStatus.pending_transfer_already_posted
  if (status === PendingStatus.voided) return CreateTransferStatus.pending_transfer_already_voided
  if (status === PendingStatus.expired) return CreateTransferStatus.pending_transfer_expired
  if (timeoutOf(books, pending) === 0) return 0
  const expires = expiryInstant(books.transfers.words(pending), books.transfers.at(pending))
  return expires <= read64(times, 2 * i) ? CreateTransferStatus.pending_transfer_expired : 0
}

/**
 * §7.17. A real server panics when an imported event resolves an unexpired pending transfer that has a timeout; this
 * ledger refuses that event as if the event itself had one.
 */
function checkImported(books: Books, words: Uint32Array, at: number, flags: number, pending: number): number {
  if ((flags & TransferFlags.imported) === 0) return 0
  if (regressesTransfers(books, words, at)) return CreateTransferStatus.imported_event_timestamp_must_not_regress
  return timeoutOf(books, pending) === 0 ? 0 : CreateTransferStatus.imported_event_timeout_must_be_zero
}

/** §7.18-19. */
function resolve(
  books: Books,
  words: Uint32Array,
  at: number,
  flags: number,
  pending: number,
  i: number,
  results: Results,
): number {
  const p = books.transfers.words(pending)
  const q = books.transfers.at(pending)
  const debit = books.accountIds.find(p, q + DEBIT_ACCOUNT)
  const credit = books.accountIds.find(p, q + CREDIT_ACCOUNT)
  if ((flags & TransferFlags.post_pending_transfer) !== 0) {
    if (isClosed(books, debit)) return CreateTransferStatus.debit_account_already_closed
    if (isClosed(books, credit)) return CreateTransferStatus.credit_account_already_closed
  }
  inherit(words, at, p, q)
  words[at + RESOLVED_ROW] = pending
  if ((flags & TransferFlags.imported) !== 0) reportStamp(words, at, i, results)
  else stampSlot(words, at, i, results)
  storeTransfer(books, words, at, debit, credit)
  return CREATED
}

function isClosed({accounts}: Books, row: number): boolean {
  return (accounts.words(row)[accounts.at(row) + CODE_AND_FLAGS]! & CLOSED) !== 0
}

function timeoutOf({transfers}: Books, row: number): number {
  return transfers.words(row)[transfers.at(row) + TIMEOUT]!
}

/** The stored transfer has the pending transfer's accounts, ledger and code, and its user data where it has none. */
function inherit(words: Uint32Array, at: number, p: Uint32Array, q: number): void {
  copy128(words, at + DEBIT_ACCOUNT, p, q + DEBIT_ACCOUNT)
  copy128(words, at + CREDIT_ACCOUNT, p, q + CREDIT_ACCOUNT)
  if (isZero128(words, at + USER_DATA_128)) copy128(words, at + USER_DATA_128, p, q + USER_DATA_128)
  if ((words[at + USER_DATA_64]! | words[at + USER_DATA_64 + 1]!) === 0) {
    words[at + USER_DATA_64] = p[q + USER_DATA_64]!
    words[at + USER_DATA_64 + 1] = p[q + USER_DATA_64 + 1]!
  }
  if (words[at + USER_DATA_32] === 0) words[at + USER_DATA_32] = p[q + USER_DATA_32]!
  words[at + LEDGER] = p[q + LEDGER]!
  const flags = words[at + CODE_AND_FLAGS]! & ~CODE_MASK
  words[at + CODE_AND_FLAGS] = flags | (p[q + CODE_AND_FLAGS]! & CODE_MASK)
}
