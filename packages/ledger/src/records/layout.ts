/**
 * Where the fields of a record lie, counted in 32-bit words: TigerBeetle's own 128-byte layout, lowest word first.
 *
 * Accounts and transfers agree on id, user data, ledger, code, flags and timestamp, so one index serves both. The
 * constants repeat what RECORD_LAYOUT derives from the schema, because the inner loops need them known when they are compiled.
 */

import {FIELDS, type Field} from '../schema/records.js'

export const RECORD_WORDS = 32
export const RECORD_BITS = 5
export const RECORD_BYTES = 128

export const ID = 0

/** Account. */
export const DEBITS_PENDING = 4
export const DEBITS_POSTED = 8
export const CREDITS_PENDING = 12
export const CREDITS_POSTED = 16
const _BALANCE_WORDS = 16
export const RESERVED = 27

/** Transfer. */
export const DEBIT_ACCOUNT = 4
export const CREDIT_ACCOUNT = 8
export const AMOUNT = 12
export const PENDING_ID = 16
export const TIMEOUT = 27
/**
 * A stored post or void has no timeout, so its TIMEOUT word holds the row of the pending transfer it resolved. Replay and
 * the idempotency check find that transfer without a search. Whoever shows a record shows 0 instead.
 */
export const RESOLVED_ROW = TIMEOUT

/** Both. */
export const USER_DATA_128 = 20
export const USER_DATA_64 = 24
export const USER_DATA_32 = 26
export const LEDGER = 28
/** Low half: code. High half: flags. */
export const CODE_AND_FLAGS = 29
export const TIMESTAMP = 30

export const FLAGS_SHIFT = 16
export const CODE_MASK = 0xffff

/** A field of a 128-byte record: its first word, and its place in that word. */
export interface RecordField extends Field {
  readonly word: number
  /** 16 for the upper half of the word, which only a 16-bit field can have. */
  readonly shift: 0 | 16
}

/** The fields of the two stored records, in order. */
export const RECORD_LAYOUT: Readonly<Record<'account' | 'transfer', readonly RecordField[]>> = {
  account: layOut(FIELDS.account),
  transfer: layOut(FIELDS.transfer),
}

/** One field after the other, without gaps. */
function layOut(fields: readonly Field[]): RecordField[] {
  let bit = 0
  return fields.map((field) => {
    const laidOut = {...field, word: bit >>> 5, shift: bit % 32 === 16 ? 16 : 0} as const
    bit += field.bits
    return laidOut
  })
}
