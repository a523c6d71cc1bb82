/** The idempotency check: an event whose id is already stored, compared field by field (semantics §8.2). */

import {compare128, equal64, equal128, isMax128, isZero128} from '../memory/words.js'
import type {Results} from '../records/batch.js'
import {resolves, storedTimeout} from '../records/decode.js'
import {
  AMOUNT,
  CODE_AND_FLAGS,
  CODE_MASK,
  CREDIT_ACCOUNT,
  DEBIT_ACCOUNT,
  FLAGS_SHIFT,
  LEDGER,
  PENDING_ID,
  RESOLVED_ROW,
  TIMEOUT,
  USER_DATA_32,
  USER_DATA_64,
  USER_DATA_128,
} from '../records/layout.js'
import {TransferFlags} from '../schema/flags.js'
import {CreateTransferStatus} from '../schema/statuses.js'
import type {Books} from './books.js'
import {reportStamp} from './timestamps.js'

const BALANCING = TransferFlags.balancing_debit | TransferFlags.balancing_credit

/** @param row the stored transfer with the event's id */
export function compareExistingTransfer(
  books: Books,
  words: Uint32Array,
  at: number,
  row: number,
  i: number,
  results: Results,
): number {
  const e = books.transfers.words(row)
  const f = books.transfers.at(row)
  if ((words[at + CODE_AND_FLAGS]! ^ e[f + CODE_AND_FLAGS]!) >>> FLAGS_SHIFT !== 0) {
    return CreateTransferStatus.exists_with_different_flags
  }
  if (!equal128(words, at + PENDING_ID, e, f + PENDING_ID)) return CreateTransferStatus.exists_with_different_pending_id
  if (words[at + TIMEOUT] !== storedTimeout(e, f)) return CreateTransferStatus.exists_with_different_timeout
  const status = resolves(e, f) ? compareResolution(books, words, at, e, f) : compareMovement(words, at, e, f)
  if (status === CreateTransferStatus.exists) reportStamp(e, f, i, results)
  return status
}

/** The single-phase and pending column of §8.2. */
function compareMovement(words: Uint32Array, at: number, e: Uint32Array, f: number): number {
  if (!equal128(words, at + DEBIT_ACCOUNT, e, f + DEBIT_ACCOUNT)) {
    return CreateTransferStatus.exists_with_different_debit_account_id
  }
  if (!equal128(words, at + CREDIT_ACCOUNT, e, f + CREDIT_ACCOUNT)) {
    return CreateTransferStatus.exists_with_different_credit_account_id
  }
  const amounts = compare128(words, at + AMOUNT, e, f + AMOUNT)
  const isBalancing = ((e[f + CODE_AND_FLAGS]! >>> FLAGS_SHIFT) & BALANCING) !== 0
  if (isBalancing ? amounts < 0 : amounts !== 0) return CreateTransferStatus.exists_with_different_amount
  if (!equal128(words, at + USER_DATA_128, e, f + USER_DATA_128))
    return CreateTransferStatus.exists_with_different_user_data_128
  if (!equal64(words, at + USER_DATA_64, e, f + USER_DATA_64))
    return CreateTransferStatus.exists_with_different_user_data_64
  if (words[at + USER_DATA_32] !== e[f + USER_DATA_32]) return CreateTransferStatus.exists_with_different_user_data_32
  if (words[at + LEDGER] !== e[f + LEDGER]) return CreateTransferStatus.exists_with_different_ledger
  if (words[at + CODE_AND_FLAGS] !== e[f + CODE_AND_FLAGS]) return CreateTransferStatus.exists_with_different_code
  return CreateTransferStatus.exists
}

/** The post and void column: what the event leaves out means the pending transfer's value. */
function compareResolution(books: Books, words: Uint32Array, at: number, e: Uint32Array, f: number): number {
  const p = books.transfers.words(e[f + RESOLVED_ROW]!)
  const q = books.transfers.at(e[f + RESOLVED_ROW]!)
  if (!isZero128(words, at + DEBIT_ACCOUNT) && !equal128(words, at + DEBIT_ACCOUNT, e, f + DEBIT_ACCOUNT)) {
    return CreateTransferStatus.exists_with_different_debit_account_id
  }
  if (!isZero128(words, at + CREDIT_ACCOUNT) && !equal128(words, at + CREDIT_ACCOUNT, e, f + CREDIT_ACCOUNT)) {
    return CreateTransferStatus.exists_with_different_credit_account_id
  }
  if (!sameResolvedAmount(words, at, e, f, p, q)) return CreateTransferStatus.exists_with_different_amount
  const [from128, at128] = isZero128(words, at + USER_DATA_128) ? [p, q] : [words, at]
  if (!equal128(from128, at128 + USER_DATA_128, e, f + USER_DATA_128)) {
    return CreateTransferStatus.exists_with_different_user_data_128
  }
  const [from64, at64] = (words[at + USER_DATA_64]! | words[at + USER_DATA_64 + 1]!) === 0 ? [p, q] : [words, at]
  if (!equal64(from64, at64 + USER_DATA_64, e, f + USER_DATA_64))
    return CreateTransferStatus.exists_with_different_user_data_64
  const data32 = words[at + USER_DATA_32] === 0 ? p[q + USER_DATA_32] : words[at + USER_DATA_32]
  if (data32 !== e[f + USER_DATA_32]) return CreateTransferStatus.exists_with_different_user_data_32
  if (words[at + LEDGER] !== 0 && words[at + LEDGER] !== e[f + LEDGER])
    return CreateTransferStatus.exists_with_different_ledger
  const code = words[at + CODE_AND_FLAGS]! & CODE_MASK
  if (code !== 0 && code !== (e[f + CODE_AND_FLAGS]! & CODE_MASK))
    return CreateTransferStatus.exists_with_different_code
  return CreateTransferStatus.exists
}

/** 'All of it' (post: the maximum, void: 0) passes where all of the pending amount was moved. */
function sameResolvedAmount(
  words: Uint32Array,
  at: number,
  e: Uint32Array,
  f: number,
  p: Uint32Array,
  q: number,
): boolean {
  const isPost = ((e[f + CODE_AND_FLAGS]! >>> FLAGS_SHIFT) & TransferFlags.post_pending_transfer) !== 0
  const meansAll = isPost ? isMax128(words, at + AMOUNT) : isZero128(words, at + AMOUNT)
  return meansAll ? equal128(e, f + AMOUNT, p, q + AMOUNT) : equal128(words, at + AMOUNT, e, f + AMOUNT)
}
