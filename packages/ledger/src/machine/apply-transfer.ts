/**
 * What a stored transfer does to the books: balances, pending statuses, closed accounts, history.
 *
 * Nothing is checked here. The create path comes here after its checks, and replay with what the log holds, so both end in
 * the same state. undo.ts is the exact opposite.
 */

import {add128, read64, sub128} from '../memory/words.js'
import {
  AMOUNT,
  CODE_AND_FLAGS,
  CREDITS_PENDING,
  CREDITS_POSTED,
  DEBITS_PENDING,
  DEBITS_POSTED,
  FLAGS_SHIFT,
  RESOLVED_ROW,
  TIMEOUT,
  TIMESTAMP,
} from '../records/layout.js'
import {AccountFlags, TransferFlags} from '../schema/flags.js'
import {Side} from './balance-history.js'
import {type Books, PendingStatus} from './books.js'

const NANOSECONDS = 1_000_000_000n
const CLOSED = AccountFlags.closed << FLAGS_SHIFT
const HISTORY = AccountFlags.history << FLAGS_SHIFT
const RESOLVES = TransferFlags.post_pending_transfer | TransferFlags.void_pending_transfer
const SPECIAL = RESOLVES | TransferFlags.pending

/** Applies the transfer in this row, between these two accounts. */
export function applyTransfer(books: Books, row: number, debit: number, credit: number): void {
  const words = books.transfers.words(row)
  const at = books.transfers.at(row)
  const flags = words[at + CODE_AND_FLAGS]! >>> FLAGS_SHIFT
  const dr = books.accounts.words(debit)
  const d = books.accounts.at(debit)
  const cr = books.accounts.words(credit)
  const c = books.accounts.at(credit)
  if ((flags & SPECIAL) === 0) {
    add128(dr, d + DEBITS_POSTED, words, at + AMOUNT)
    add128(cr, c + CREDITS_POSTED, words, at + AMOUNT)
  } else if ((flags & RESOLVES) !== 0) applyResolution(books, words, at, flags, debit, credit)
  else applyPending(books, row, flags, debit, credit)
  if (((dr[d + CODE_AND_FLAGS]! | cr[c + CODE_AND_FLAGS]!) & HISTORY) !== 0) {
    if ((dr[d + CODE_AND_FLAGS]! & HISTORY) !== 0) books.history.add(row, Side.debit, dr, d)
    if ((cr[c + CODE_AND_FLAGS]! & HISTORY) !== 0) books.history.add(row, Side.credit, cr, c)
  }
}

function applyPending(books: Books, row: number, flags: number, debit: number, credit: number): void {
  const words = books.transfers.words(row)
  const at = books.transfers.at(row)
  const {accounts} = books
  add128(accounts.words(debit), accounts.at(debit) + DEBITS_PENDING, words, at + AMOUNT)
  add128(accounts.words(credit), accounts.at(credit) + CREDITS_PENDING, words, at + AMOUNT)
  books.pending.set(row, PendingStatus.pending)
  if ((flags & TransferFlags.closing_debit) !== 0) setClosed(books, debit, true)
  if ((flags & TransferFlags.closing_credit) !== 0) setClosed(books, credit, true)
  if (words[at + TIMEOUT] !== 0) books.expiry.push(expiryInstant(words, at), row)
}

function applyResolution(
  books: Books,
  words: Uint32Array,
  at: number,
  flags: number,
  debit: number,
  credit: number,
): void {
  const {accounts} = books
  const pending = words[at + RESOLVED_ROW]!
  const isPost = (flags & TransferFlags.post_pending_transfer) !== 0
  releasePending(books, pending, debit, credit)
  if (isPost) {
    add128(accounts.words(debit), accounts.at(debit) + DEBITS_POSTED, words, at + AMOUNT)
    add128(accounts.words(credit), accounts.at(credit) + CREDITS_POSTED, words, at + AMOUNT)
  } else reopenAccounts(books, pending, debit, credit)
  books.pending.set(pending, isPost ? PendingStatus.posted : PendingStatus.voided)
}

/** Gives back what a pending transfer had reserved: always its whole amount. */
export function releasePending(books: Books, pending: number, debit: number, credit: number): void {
  const {accounts, transfers} = books
  const amount = transfers.at(pending) + AMOUNT
  sub128(accounts.words(debit), accounts.at(debit) + DEBITS_PENDING, transfers.words(pending), amount)
  sub128(accounts.words(credit), accounts.at(credit) + CREDITS_PENDING, transfers.words(pending), amount)
}

/** Opens the accounts that this pending transfer had closed. */
export function reopenAccounts(books: Books, pending: number, debit: number, credit: number): void {
  const flags = transferFlags(books, pending)
  if ((flags & TransferFlags.closing_debit) !== 0) setClosed(books, debit, false)
  if ((flags & TransferFlags.closing_credit) !== 0) setClosed(books, credit, false)
}

export function setClosed(books: Books, account: number, closed: boolean): void {
  const words = books.accounts.words(account)
  const at = books.accounts.at(account) + CODE_AND_FLAGS
  words[at] = closed ? words[at]! | CLOSED : words[at]! & ~CLOSED
}

export function transferFlags(books: Books, row: number): number {
  return books.transfers.words(row)[books.transfers.at(row) + CODE_AND_FLAGS]! >>> FLAGS_SHIFT
}

/** From this instant on a pending transfer can't be posted or voided. Only for transfers with a timeout. */
export function expiryInstant(words: Uint32Array, at: number): bigint {
  return read64(words, at + TIMESTAMP) + BigInt(words[at + TIMEOUT]!) * NANOSECONDS
}

/** The last step of a transfer that passed all checks: stored, applied, and indexed for lookups and queries. */
export function storeTransfer(books: Books, words: Uint32Array, at: number, debit: number, credit: number): void {
  const row = books.transfers.append(words, at)
  applyTransfer(books, row, debit, credit)
  books.transferIds.add(row)
  books.transferIndexes.add(row)
}
