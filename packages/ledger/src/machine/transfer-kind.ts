/** create_transfers: what is checked for each single-phase or pending event, in this order (semantics §6). */

import {compare64, equal128, isMax128, isZero128} from '../memory/words.js'
import type {Results} from '../records/batch.js'
import {
  CODE_AND_FLAGS,
  CODE_MASK,
  CREDIT_ACCOUNT,
  DEBIT_ACCOUNT,
  FLAGS_SHIFT,
  ID,
  LEDGER,
  PENDING_ID,
  TIMEOUT,
  TIMESTAMP,
} from '../records/layout.js'
import {AccountFlags, TransferFlags} from '../schema/flags.js'
import {CreateTransferStatus, ID_BURNING_STATUSES} from '../schema/statuses.js'
import {balanceAmount, isFarFromOverflow, limitStatus, overflowStatus, overflowsTimeout} from './amount-rules.js'
import {storeTransfer} from './apply-transfer.js'
import type {Books} from './books.js'
import {CREATED, type EventKind, type ImportedStatuses} from './create-loop.js'
import {compareExistingTransfer} from './existing-transfer.js'
import {resolvePending} from './resolve-pending.js'
import {regressesTransfers, reportStamp, stampSlot} from './timestamps.js'
import {removeLastTransfer} from './undo.js'

const FLAGS_ALL = 0x1ff
const RESOLVES = TransferFlags.post_pending_transfer | TransferFlags.void_pending_transfer
const CLOSING = TransferFlags.closing_debit | TransferFlags.closing_credit
const BALANCING = TransferFlags.balancing_debit | TransferFlags.balancing_credit
const CLOSED = AccountFlags.closed << FLAGS_SHIFT
const LIMITS =
  (AccountFlags.debits_must_not_exceed_credits | AccountFlags.credits_must_not_exceed_debits) << FLAGS_SHIFT

export class TransferKind implements EventKind {
  readonly importedFlag = TransferFlags.imported
  readonly imported: ImportedStatuses = {
    expected: CreateTransferStatus.imported_event_expected,
    notExpected: CreateTransferStatus.imported_event_not_expected,
    outOfRange: CreateTransferStatus.imported_event_timestamp_out_of_range,
    mustNotAdvance: CreateTransferStatus.imported_event_timestamp_must_not_advance,
  }
  private marked = 0

  constructor(private readonly books: Books) {}

  mark(): void {
    this.marked = this.books.transfers.count
    this.books.transferIds.markHighest()
  }

  rollBack(): void {
    while (this.books.transfers.count > this.marked) removeLastTransfer(this.books)
    this.books.transferIds.restoreHighest()
  }

  refused(words: Uint32Array, at: number, status: number): void {
    if (ID_BURNING_STATUSES.has(status)) this.books.transferIds.addFailed(words, at)
  }

  create(words: Uint32Array, at: number, i: number, results: Results): number {
    const flags = words[at + CODE_AND_FLAGS]! >>> FLAGS_SHIFT
    if ((flags & ~FLAGS_ALL) !== 0) return CreateTransferStatus.reserved_flag
    if (isZero128(words, at + ID)) return CreateTransferStatus.id_must_not_be_zero
    if (isMax128(words, at + ID)) return CreateTransferStatus.id_must_not_be_int_max
    const {transferIds} = this.books
    if (!transferIds.isCertainlyNew(words, at)) {
      const existing = transferIds.find(words, at)
      if (existing >= 0) return compareExistingTransfer(this.books, words, at, existing, i, results)
      if (transferIds.hasFailed(words, at)) return CreateTransferStatus.id_already_failed
    }
    if ((flags & RESOLVES) !== 0) return resolvePending(this.books, words, at, i, results)
    return this.checkFields(words, at, flags) || this.checkAccounts(words, at, i, flags, results)
  }

  /** §6.7-15. */
  private checkFields(words: Uint32Array, at: number, flags: number): number {
    if (isZero128(words, at + DEBIT_ACCOUNT)) return CreateTransferStatus.debit_account_id_must_not_be_zero
    if (isMax128(words, at + DEBIT_ACCOUNT)) return CreateTransferStatus.debit_account_id_must_not_be_int_max
    if (isZero128(words, at + CREDIT_ACCOUNT)) return CreateTransferStatus.credit_account_id_must_not_be_zero
    if (isMax128(words, at + CREDIT_ACCOUNT)) return CreateTransferStatus.credit_account_id_must_not_be_int_max
    if (equal128(words, at + DEBIT_ACCOUNT, words, at + CREDIT_ACCOUNT))
      return CreateTransferStatus.accounts_must_be_different
    if (!isZero128(words, at + PENDING_ID)) return CreateTransferStatus.pending_id_must_be_zero
    if ((flags & TransferFlags.pending) === 0) {
      if (words[at + TIMEOUT] !== 0) return CreateTransferStatus.timeout_reserved_for_pending_transfer
      if ((flags & CLOSING) !== 0) return CreateTransferStatus.closing_transfer_must_be_pending
    }
    if (words[at + LEDGER] === 0) return CreateTransferStatus.ledger_must_not_be_zero
    if ((words[at + CODE_AND_FLAGS]! & CODE_MASK) === 0) return CreateTransferStatus.code_must_not_be_zero
    return 0
  }

  /** §6.16-32. */
  private checkAccounts(words: Uint32Array, at: number, i: number, flags: number, results: Results): number {
    const {accounts, accountIds} = this.books
    const debit = accountIds.find(words, at + DEBIT_ACCOUNT)
    if (debit < 0) return CreateTransferStatus.debit_account_not_found
    const credit = accountIds.find(words, at + CREDIT_ACCOUNT)
    if (credit < 0) return CreateTransferStatus.credit_account_not_found
    const dr = accounts.words(debit)
    const d = accounts.at(debit)
    const cr = accounts.words(credit)
    const c = accounts.at(credit)
    if (dr[d + LEDGER] !== cr[c + LEDGER]) return CreateTransferStatus.accounts_must_have_the_same_ledger
    if (dr[d + LEDGER] !== words[at + LEDGER])
      return CreateTransferStatus.transfer_must_have_the_same_ledger_as_accounts
    if ((flags & TransferFlags.imported) !== 0) {
      const status = this.checkImported(words, at, dr, d, cr, c)
      if (status !== 0) return status
    }
    if ((dr[d + CODE_AND_FLAGS]! & CLOSED) !== 0) return CreateTransferStatus.debit_account_already_closed
    if ((cr[c + CODE_AND_FLAGS]! & CLOSED) !== 0) return CreateTransferStatus.credit_account_already_closed
    if ((flags & BALANCING) !== 0) balanceAmount(words, at, flags, dr, d, cr, c)
    if (!isFarFromOverflow(words, at, dr, d, cr, c)) {
      const status = overflowStatus(words, at, dr, d, cr, c)
      if (status !== 0) return status
    }
    const isImported = (flags & TransferFlags.imported) !== 0
    if (!isImported) stampSlot(words, at, i, results)
    if (overflowsTimeout(words, at)) return CreateTransferStatus.overflows_timeout
    if (((dr[d + CODE_AND_FLAGS]! | cr[c + CODE_AND_FLAGS]!) & LIMITS) !== 0) {
      const status = limitStatus(words, at, dr, d, cr, c)
      if (status !== 0) return status
    }
    if (isImported) reportStamp(words, at, i, results)
    storeTransfer(this.books, words, at, debit, credit)
    return CREATED
  }

  /** §6.20. */
  private checkImported(
    words: Uint32Array,
    at: number,
    dr: Uint32Array,
    d: number,
    cr: Uint32Array,
    c: number,
  ): number {
    if (regressesTransfers(this.books, words, at)) return CreateTransferStatus.imported_event_timestamp_must_not_regress
    if (compare64(words, at + TIMESTAMP, dr, d + TIMESTAMP) <= 0) {
      return CreateTransferStatus.imported_event_timestamp_must_postdate_debit_account
    }
    if (compare64(words, at + TIMESTAMP, cr, c + TIMESTAMP) <= 0) {
      return CreateTransferStatus.imported_event_timestamp_must_postdate_credit_account
    }
    return words[at + TIMEOUT] === 0 ? 0 : CreateTransferStatus.imported_event_timeout_must_be_zero
  }
}
