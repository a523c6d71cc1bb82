/** What a query asks for, checked and in words: the same for all four (semantics §14.2, §14.3). */

import {RequestError} from '../errors.js'
import {equal64, equal128, isZero128, write64, write128} from '../memory/words.js'
import {check16, check32, put64, put128} from '../records/encode.js'
import {
  CODE_AND_FLAGS,
  CODE_MASK,
  CREDIT_ACCOUNT,
  DEBIT_ACCOUNT,
  LEDGER,
  USER_DATA_32,
  USER_DATA_64,
  USER_DATA_128,
} from '../records/layout.js'
import {AccountFilterFlags, QueryFilterFlags} from '../schema/flags.js'
import {PAGE_ROWS_MAX, TIMESTAMP_MAX} from '../schema/limits.js'
import type {AccountFilter, QueryFilter} from '../schema/records.js'

const ACCOUNT_FLAGS_ALL = AccountFilterFlags.debits | AccountFilterFlags.credits | AccountFilterFlags.reversed

/** Every part that is zero, or false, asks for nothing. */
export interface Selection {
  /** Four words; of a transfer's accounts, with `debits` and `credits` saying which. */
  account: Uint32Array
  debits: boolean
  credits: boolean
  data128: Uint32Array
  data64: Uint32Array
  data32: number
  ledger: number
  code: number
  /** Two words each, inclusive. */
  timeMin: Uint32Array
  timeMax: Uint32Array
  limit: number
  reversed: boolean
}

/** @returns undefined for a filter that is not valid: its response is empty, not an error */
export function selectionOfAccount(filter: AccountFilter): Selection | undefined {
  const {flags} = filter
  checkShared(filter)
  put128(scratch(), 0, filter.account_id, 'account_id')
  const isWhole = filter.account_id !== 0n && filter.account_id !== (1n << 128n) - 1n
  const hasSide = (flags & (AccountFilterFlags.debits | AccountFilterFlags.credits)) !== 0
  if (!isWhole || !hasSide || (flags & ~ACCOUNT_FLAGS_ALL) !== 0 || !hasValidRange(filter)) return undefined
  return {
    ...shared(filter),
    account: words128(filter.account_id),
    debits: (flags & AccountFilterFlags.debits) !== 0,
    credits: (flags & AccountFilterFlags.credits) !== 0,
    ledger: 0,
    reversed: (flags & AccountFilterFlags.reversed) !== 0,
  }
}

/** @returns undefined for a filter that is not valid: its response is empty, not an error */
export function selectionOfQuery(filter: QueryFilter): Selection | undefined {
  const {flags} = filter
  checkShared(filter)
  check32(filter.ledger, 'ledger')
  if ((flags & ~QueryFilterFlags.reversed) !== 0 || !hasValidRange(filter)) return undefined
  return {
    ...shared(filter),
    account: new Uint32Array(4),
    debits: false,
    credits: false,
    ledger: filter.ledger,
    reversed: (flags & QueryFilterFlags.reversed) !== 0,
  }
}

/** Whether every record within the time matches. */
export function isOpen({debits, credits, data128, data64, data32, ledger, code}: Selection): boolean {
  const anyData = !isZero128(data128, 0) || (data64[0]! | data64[1]! | data32) !== 0
  return !debits && !credits && !anyData && ledger === 0 && code === 0
}

/** Whether the record at words[at] has everything that is asked for, time aside. */
export function matches(selection: Selection, words: Uint32Array, at: number): boolean {
  if (selection.debits || selection.credits) {
    const {account} = selection
    const isDebit = selection.debits && equal128(words, at + DEBIT_ACCOUNT, account, 0)
    if (!isDebit && !(selection.credits && equal128(words, at + CREDIT_ACCOUNT, account, 0))) return false
  }
  const {data128, data64, data32, ledger, code} = selection
  if (!isZero128(data128, 0) && !equal128(words, at + USER_DATA_128, data128, 0)) return false
  if ((data64[0]! | data64[1]!) !== 0 && !equal64(words, at + USER_DATA_64, data64, 0)) return false
  if (data32 !== 0 && words[at + USER_DATA_32] !== data32) return false
  if (ledger !== 0 && words[at + LEDGER] !== ledger) return false
  return code === 0 || (words[at + CODE_AND_FLAGS]! & CODE_MASK) === code
}

type AnyFilter = Omit<QueryFilter, 'ledger'>

/** As the official client: wrong numbers and too many rows are errors, whatever else the filter says. */
function checkShared(filter: AnyFilter): void {
  const longs = scratch()
  put128(longs, 0, filter.user_data_128, 'user_data_128')
  put64(longs, 0, filter.user_data_64, 'user_data_64')
  put64(longs, 0, filter.timestamp_min, 'timestamp_min')
  put64(longs, 0, filter.timestamp_max, 'timestamp_max')
  check32(filter.user_data_32, 'user_data_32')
  check16(filter.code, 'code')
  check32(filter.limit, 'limit')
  check32(filter.flags, 'flags')
  if (filter.limit > PAGE_ROWS_MAX) {
    throw new RequestError(
      'ERR_TOO_MUCH_DATA',
      `limit is ${filter.limit}: at most ${PAGE_ROWS_MAX} rows can be asked for.`,
    )
  }
}

function hasValidRange({timestamp_min: min, timestamp_max: max, limit}: AnyFilter): boolean {
  if (min > TIMESTAMP_MAX || max > TIMESTAMP_MAX || limit === 0) return false
  return max === 0n || min <= max
}

function shared(filter: AnyFilter): Omit<Selection, 'account' | 'debits' | 'credits' | 'ledger' | 'reversed'> {
  return {
    data128: words128(filter.user_data_128),
    data64: words64(filter.user_data_64),
    data32: filter.user_data_32,
    code: filter.code,
    timeMin: words64(filter.timestamp_min),
    timeMax: words64(filter.timestamp_max === 0n ? TIMESTAMP_MAX : filter.timestamp_max),
    limit: filter.limit,
  }
}

function scratch(): BigUint64Array {
  return new BigUint64Array(2)
}

function words128(value: bigint): Uint32Array {
  const words = new Uint32Array(4)
  write128(words, 0, value)
  return words
}

function words64(value: bigint): Uint32Array {
  const words = new Uint32Array(2)
  write64(words, 0, value)
  return words
}
