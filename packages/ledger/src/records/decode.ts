/** Stored records → the objects that the caller reads. */

import {read64, read128} from '../memory/words.js'
import {TransferFlags} from '../schema/flags.js'
import type {Account, AccountBalance, Transfer} from '../schema/records.js'
import {
  AMOUNT,
  CODE_AND_FLAGS,
  CODE_MASK,
  CREDIT_ACCOUNT,
  CREDITS_PENDING,
  CREDITS_POSTED,
  DEBIT_ACCOUNT,
  DEBITS_PENDING,
  DEBITS_POSTED,
  FLAGS_SHIFT,
  ID,
  LEDGER,
  PENDING_ID,
  RESERVED,
  TIMEOUT,
  TIMESTAMP,
  USER_DATA_32,
  USER_DATA_64,
  USER_DATA_128,
} from './layout.js'

const RESOLVES = TransferFlags.post_pending_transfer | TransferFlags.void_pending_transfer

export function decodeAccount(words: Uint32Array, at: number): Account {
  return {
    id: read128(words, at + ID),
    debits_pending: read128(words, at + DEBITS_PENDING),
    debits_posted: read128(words, at + DEBITS_POSTED),
    credits_pending: read128(words, at + CREDITS_PENDING),
    credits_posted: read128(words, at + CREDITS_POSTED),
    user_data_128: read128(words, at + USER_DATA_128),
    user_data_64: read64(words, at + USER_DATA_64),
    user_data_32: words[at + USER_DATA_32]!,
    reserved: words[at + RESERVED]!,
    ledger: words[at + LEDGER]!,
    code: words[at + CODE_AND_FLAGS]! & CODE_MASK,
    flags: words[at + CODE_AND_FLAGS]! >>> FLAGS_SHIFT,
    timestamp: read64(words, at + TIMESTAMP),
  }
}

export function decodeTransfer(words: Uint32Array, at: number): Transfer {
  return {
    id: read128(words, at + ID),
    debit_account_id: read128(words, at + DEBIT_ACCOUNT),
    credit_account_id: read128(words, at + CREDIT_ACCOUNT),
    amount: read128(words, at + AMOUNT),
    pending_id: read128(words, at + PENDING_ID),
    user_data_128: read128(words, at + USER_DATA_128),
    user_data_64: read64(words, at + USER_DATA_64),
    user_data_32: words[at + USER_DATA_32]!,
    timeout: storedTimeout(words, at),
    ledger: words[at + LEDGER]!,
    code: words[at + CODE_AND_FLAGS]! & CODE_MASK,
    flags: words[at + CODE_AND_FLAGS]! >>> FLAGS_SHIFT,
    timestamp: read64(words, at + TIMESTAMP),
  }
}

/** A stored transfer's timeout: that word means something else in a post or void (see RESOLVED_ROW). */
export function storedTimeout(words: Uint32Array, at: number): number {
  return resolves(words, at) ? 0 : words[at + TIMEOUT]!
}

/** Whether this transfer posts or voids another. */
export function resolves(words: Uint32Array, at: number): boolean {
  return ((words[at + CODE_AND_FLAGS]! >>> FLAGS_SHIFT) & RESOLVES) !== 0
}

/** @param balances the sixteen words of a history row @param transfer the transfer it belongs to */
export function decodeBalance(balances: Uint32Array, b: number, transfer: Uint32Array, at: number): AccountBalance {
  return {
    debits_pending: read128(balances, b + DEBITS_PENDING - DEBITS_PENDING),
    debits_posted: read128(balances, b + DEBITS_POSTED - DEBITS_PENDING),
    credits_pending: read128(balances, b + CREDITS_PENDING - DEBITS_PENDING),
    credits_posted: read128(balances, b + CREDITS_POSTED - DEBITS_PENDING),
    timestamp: read64(transfer, at + TIMESTAMP),
  }
}
