/** create_accounts: what is checked for each event, in this order (semantics §5). */

import {equal64, equal128, isMax128, isZero128} from '../memory/words.js'
import type {Results} from '../records/batch.js'
import {
  CODE_AND_FLAGS,
  CODE_MASK,
  CREDITS_PENDING,
  CREDITS_POSTED,
  DEBITS_PENDING,
  DEBITS_POSTED,
  FLAGS_SHIFT,
  ID,
  LEDGER,
  RESERVED,
  USER_DATA_32,
  USER_DATA_64,
  USER_DATA_128,
} from '../records/layout.js'
import {AccountFlags} from '../schema/flags.js'
import {CreateAccountStatus} from '../schema/statuses.js'
import type {Books} from './books.js'
import {CREATED, type EventKind, type ImportedStatuses} from './create-loop.js'
import {regressesAccounts, reportStamp, stampSlot} from './timestamps.js'
import {removeLastAccount} from './undo.js'

const FLAGS_ALL = 0x3f
const LIMITS = AccountFlags.debits_must_not_exceed_credits | AccountFlags.credits_must_not_exceed_debits

export class AccountKind implements EventKind {
  readonly importedFlag = AccountFlags.imported
  readonly imported: ImportedStatuses = {
    expected: CreateAccountStatus.imported_event_expected,
    notExpected: CreateAccountStatus.imported_event_not_expected,
    outOfRange: CreateAccountStatus.imported_event_timestamp_out_of_range,
    mustNotAdvance: CreateAccountStatus.imported_event_timestamp_must_not_advance,
  }
  private marked = 0

  constructor(private readonly books: Books) {}

  mark(): void {
    this.marked = this.books.accounts.count
  }

  rollBack(): void {
    while (this.books.accounts.count > this.marked) removeLastAccount(this.books)
  }

  refused(): void {}

  create(words: Uint32Array, at: number, i: number, results: Results): number {
    const flags = words[at + CODE_AND_FLAGS]! >>> FLAGS_SHIFT
    if (words[at + RESERVED] !== 0) return CreateAccountStatus.reserved_field
    if ((flags & ~FLAGS_ALL) !== 0) return CreateAccountStatus.reserved_flag
    if (isZero128(words, at + ID)) return CreateAccountStatus.id_must_not_be_zero
    if (isMax128(words, at + ID)) return CreateAccountStatus.id_must_not_be_int_max
    const existing = this.books.accountIds.find(words, at)
    if (existing >= 0) return this.compareExisting(words, at, i, existing, results)
    if ((flags & LIMITS) === LIMITS) return CreateAccountStatus.flags_are_mutually_exclusive
    if (!isZero128(words, at + DEBITS_PENDING)) return CreateAccountStatus.debits_pending_must_be_zero
    if (!isZero128(words, at + DEBITS_POSTED)) return CreateAccountStatus.debits_posted_must_be_zero
    if (!isZero128(words, at + CREDITS_PENDING)) return CreateAccountStatus.credits_pending_must_be_zero
    if (!isZero128(words, at + CREDITS_POSTED)) return CreateAccountStatus.credits_posted_must_be_zero
    if (words[at + LEDGER] === 0) return CreateAccountStatus.ledger_must_not_be_zero
    if ((words[at + CODE_AND_FLAGS]! & CODE_MASK) === 0) return CreateAccountStatus.code_must_not_be_zero
    if ((flags & AccountFlags.imported) !== 0 && regressesAccounts(this.books, words, at)) {
      return CreateAccountStatus.imported_event_timestamp_must_not_regress
    }
    if ((flags & AccountFlags.imported) !== 0) reportStamp(words, at, i, results)
    else stampSlot(words, at, i, results)
    fileAccount(this.books, this.books.accounts.append(words, at))
    return CREATED
  }

  /** The idempotency check (§8.1): flags as they are now, so an account closed meanwhile differs. */
  private compareExisting(words: Uint32Array, at: number, i: number, existing: number, results: Results): number {
    const e = this.books.accounts.words(existing)
    const f = this.books.accounts.at(existing)
    const codeAndFlags = words[at + CODE_AND_FLAGS]! ^ e[f + CODE_AND_FLAGS]!
    if (codeAndFlags >>> FLAGS_SHIFT !== 0) return CreateAccountStatus.exists_with_different_flags
    if (!equal128(words, at + USER_DATA_128, e, f + USER_DATA_128))
      return CreateAccountStatus.exists_with_different_user_data_128
    if (!equal64(words, at + USER_DATA_64, e, f + USER_DATA_64))
      return CreateAccountStatus.exists_with_different_user_data_64
    if (words[at + USER_DATA_32] !== e[f + USER_DATA_32]) return CreateAccountStatus.exists_with_different_user_data_32
    if (words[at + LEDGER] !== e[f + LEDGER]) return CreateAccountStatus.exists_with_different_ledger
    if (codeAndFlags !== 0) return CreateAccountStatus.exists_with_different_code
    reportStamp(e, f, i, results)
    return CreateAccountStatus.exists
  }
}

/** Makes a stored account findable. Replay does the same. */
export function fileAccount(books: Books, row: number): void {
  books.accountIds.add(row)
  books.accountIndexes.add(row)
}
