/** What an amount may do: balancing, overflow and limits (semantics §6.23-31, §11). */

import {read128, write128} from '../memory/words.js'
import {
  AMOUNT,
  CODE_AND_FLAGS,
  CREDITS_PENDING,
  CREDITS_POSTED,
  DEBITS_PENDING,
  DEBITS_POSTED,
  FLAGS_SHIFT,
  TIMEOUT,
} from '../records/layout.js'
import {AccountFlags, TransferFlags} from '../schema/flags.js'
import {AMOUNT_MAX, TIMESTAMP_MAX} from '../schema/limits.js'
import {CreateTransferStatus} from '../schema/statuses.js'
import {expiryInstant} from './apply-transfer.js'

/** With these bits clear in every top word, three numbers can't add up to more than 128 bits. */
const TOP_BITS = 0xe0000000
const WORD = 0x100000000

const DEBIT_LIMIT = AccountFlags.debits_must_not_exceed_credits << FLAGS_SHIFT
const CREDIT_LIMIT = AccountFlags.credits_must_not_exceed_debits << FLAGS_SHIFT

/** Lowers the event's amount, in place, to what the balancing flags allow (§11.1). */
export function balanceAmount(
  words: Uint32Array,
  at: number,
  flags: number,
  dr: Uint32Array,
  d: number,
  cr: Uint32Array,
  c: number,
): void {
  let amount = read128(words, at + AMOUNT)
  if ((flags & TransferFlags.balancing_debit) !== 0) {
    amount = least(
      amount,
      read128(dr, d + CREDITS_POSTED) - read128(dr, d + DEBITS_POSTED) - read128(dr, d + DEBITS_PENDING),
    )
  }
  if ((flags & TransferFlags.balancing_credit) !== 0) {
    amount = least(
      amount,
      read128(cr, c + DEBITS_POSTED) - read128(cr, c + CREDITS_POSTED) - read128(cr, c + CREDITS_PENDING),
    )
  }
  write128(words, at + AMOUNT, amount)
}

function least(amount: bigint, room: bigint): bigint {
  if (room < 0n) return 0n
  return amount < room ? amount : room
}

/** Whether the sums are so far below 2^128 that nothing can overflow: true for all but absurd amounts. */
export function isFarFromOverflow(
  words: Uint32Array,
  at: number,
  dr: Uint32Array,
  d: number,
  cr: Uint32Array,
  c: number,
): boolean {
  const top =
    words[at + AMOUNT + 3]! |
    dr[d + DEBITS_PENDING + 3]! |
    dr[d + DEBITS_POSTED + 3]! |
    cr[c + CREDITS_PENDING + 3]! |
    cr[c + CREDITS_POSTED + 3]!
  return (top & TOP_BITS) === 0
}

/** §6.24-28, exactly; 0 when all sums fit. */
export function overflowStatus(
  words: Uint32Array,
  at: number,
  dr: Uint32Array,
  d: number,
  cr: Uint32Array,
  c: number,
): number {
  const amount = read128(words, at + AMOUNT)
  const debitsPending = read128(dr, d + DEBITS_PENDING)
  const debitsPosted = read128(dr, d + DEBITS_POSTED)
  const creditsPending = read128(cr, c + CREDITS_PENDING)
  const creditsPosted = read128(cr, c + CREDITS_POSTED)
  if (((words[at + CODE_AND_FLAGS]! >>> FLAGS_SHIFT) & TransferFlags.pending) !== 0) {
    if (amount + debitsPending > AMOUNT_MAX) return CreateTransferStatus.overflows_debits_pending
    if (amount + creditsPending > AMOUNT_MAX) return CreateTransferStatus.overflows_credits_pending
  }
  if (amount + debitsPosted > AMOUNT_MAX) return CreateTransferStatus.overflows_debits_posted
  if (amount + creditsPosted > AMOUNT_MAX) return CreateTransferStatus.overflows_credits_posted
  if (amount + debitsPending + debitsPosted > AMOUNT_MAX) return CreateTransferStatus.overflows_debits
  if (amount + creditsPending + creditsPosted > AMOUNT_MAX) return CreateTransferStatus.overflows_credits
  return 0
}

/** §6.29, once the event's record holds its timestamp. */
export function overflowsTimeout(words: Uint32Array, at: number): boolean {
  return words[at + TIMEOUT] !== 0 && expiryInstant(words, at) > TIMESTAMP_MAX
}

/** §6.30-31; 0 when no limit is broken. Only after the overflow checks. */
export function limitStatus(
  words: Uint32Array,
  at: number,
  dr: Uint32Array,
  d: number,
  cr: Uint32Array,
  c: number,
): number {
  const amount = at + AMOUNT
  if (
    (dr[d + CODE_AND_FLAGS]! & DEBIT_LIMIT) !== 0 &&
    exceeds(words, amount, dr, d + DEBITS_PENDING, d + DEBITS_POSTED, d + CREDITS_POSTED)
  ) {
    return CreateTransferStatus.exceeds_credits
  }
  if (
    (cr[c + CODE_AND_FLAGS]! & CREDIT_LIMIT) !== 0 &&
    exceeds(words, amount, cr, c + CREDITS_PENDING, c + CREDITS_POSTED, c + DEBITS_POSTED)
  ) {
    return CreateTransferStatus.exceeds_debits
  }
  return 0
}

/** Whether words[w] + account[x] + account[y] > account[limit], as 128-bit numbers whose sum fits. */
function exceeds(words: Uint32Array, w: number, account: Uint32Array, x: number, y: number, limit: number): boolean {
  let carry = 0
  let above = false
  for (let i = 0; i < 4; i++) {
    const sum = words[w + i]! + account[x + i]! + account[y + i]! + carry
    carry = Math.floor(sum / WORD)
    const word = sum - carry * WORD
    const bound = account[limit + i]!
    if (word !== bound) above = word > bound
  }
  return above
}
