/** Events as the caller gives them → 128-byte records. Throws before anything was stored if a value doesn't fit. */

import {FieldRangeError, FieldTypeError} from '../errors.js'
import type {Account, Transfer} from '../schema/records.js'
import type {Batch} from './batch.js'
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
  LEDGER,
  PENDING_ID,
  RECORD_BITS,
  RESERVED,
  TIMEOUT,
  TIMESTAMP,
  USER_DATA_32,
  USER_DATA_64,
  USER_DATA_128,
} from './layout.js'

export function encodeAccounts(events: readonly Account[], {words, longs}: Batch): void {
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!
    const at = i << RECORD_BITS
    const long = at >>> 1
    put128(longs, long, event.id, 'id', i)
    put128(longs, long + DEBITS_PENDING / 2, event.debits_pending, 'debits_pending', i)
    put128(longs, long + DEBITS_POSTED / 2, event.debits_posted, 'debits_posted', i)
    put128(longs, long + CREDITS_PENDING / 2, event.credits_pending, 'credits_pending', i)
    put128(longs, long + CREDITS_POSTED / 2, event.credits_posted, 'credits_posted', i)
    words[at + RESERVED] = check32(event.reserved, 'reserved', i)
    encodeShared(event, i, words, longs)
  }
}

export function encodeTransfers(events: readonly Transfer[], {words, longs}: Batch): void {
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!
    const at = i << RECORD_BITS
    const long = at >>> 1
    put128(longs, long, event.id, 'id', i)
    put128(longs, long + DEBIT_ACCOUNT / 2, event.debit_account_id, 'debit_account_id', i)
    put128(longs, long + CREDIT_ACCOUNT / 2, event.credit_account_id, 'credit_account_id', i)
    put128(longs, long + AMOUNT / 2, event.amount, 'amount', i)
    put128(longs, long + PENDING_ID / 2, event.pending_id, 'pending_id', i)
    words[at + TIMEOUT] = check32(event.timeout, 'timeout', i)
    encodeShared(event, i, words, longs)
  }
}

function encodeShared(event: Account | Transfer, i: number, words: Uint32Array, longs: BigUint64Array): void {
  const at = i << RECORD_BITS
  const long = at >>> 1
  put128(longs, long + USER_DATA_128 / 2, event.user_data_128, 'user_data_128', i)
  put64(longs, long + USER_DATA_64 / 2, event.user_data_64, 'user_data_64', i)
  words[at + USER_DATA_32] = check32(event.user_data_32, 'user_data_32', i)
  words[at + LEDGER] = check32(event.ledger, 'ledger', i)
  words[at + CODE_AND_FLAGS] = check16(event.code, 'code', i) | (check16(event.flags, 'flags', i) << FLAGS_SHIFT)
  put64(longs, long + TIMESTAMP / 2, event.timestamp, 'timestamp', i)
}

/** Ids for a lookup: four words each. */
export function encodeIds(ids: readonly bigint[]): Uint32Array {
  const longs = new BigUint64Array(ids.length * 2)
  for (let i = 0; i < ids.length; i++) put128(longs, i * 2, ids[i]!, 'id', i)
  return new Uint32Array(longs.buffer)
}

const U64_MAX = (1n << 64n) - 1n
const U128_MAX = (1n << 128n) - 1n

/** Puts the caller's number into record memory. @throws FieldTypeError, FieldRangeError for what doesn't fit, naming field and index */
export function put128(longs: BigUint64Array, at: number, value: bigint, field: string, index?: number): void {
  if (typeof value !== 'bigint') throw wrongType(field, index, 'a bigint', value)
  longs[at] = value
  if (value >= 0n && value <= U64_MAX) {
    longs[at + 1] = 0n
    return
  }
  if (value < 0n || value > U128_MAX) throw outOfRange(field, index, 128, value)
  longs[at + 1] = value >> 64n
}

export function put64(longs: BigUint64Array, at: number, value: bigint, field: string, index?: number): void {
  if (typeof value !== 'bigint') throw wrongType(field, index, 'a bigint', value)
  if (value < 0n || value > U64_MAX) throw outOfRange(field, index, 64, value)
  longs[at] = value
}

export function check32(value: number, field: string, index?: number): number {
  if (typeof value !== 'number' || value >>> 0 !== value) throw notWhole(field, index, 32, value)
  return value
}

export function check16(value: number, field: string, index?: number): number {
  if (typeof value !== 'number' || (value & 0xffff) !== value) throw notWhole(field, index, 16, value)
  return value
}

function notWhole(field: string, index: number | undefined, bits: number, value: unknown): Error {
  if (typeof value !== 'number') return wrongType(field, index, 'a number', value)
  return outOfRange(field, index, bits, value)
}

function outOfRange(field: string, index: number | undefined, bits: number, value: bigint | number): FieldRangeError {
  return new FieldRangeError(
    field,
    index,
    `${place(field, index)} must be a whole number of at most ${bits} bits, not ${value}.`,
  )
}

function wrongType(field: string, index: number | undefined, wanted: string, value: unknown): FieldTypeError {
  const got = value === null ? 'null' : typeof value
  return new FieldTypeError(field, index, `${place(field, index)} must be ${wanted}, not ${got}.`)
}

function place(field: string, index: number | undefined): string {
  return index === undefined ? field : `${field} of event ${index}`
}
