import type {IntegerBits} from '@parix/kit/integers'

/** The four kinds of object that callers write (semantics §1). Each has fields and flags of its own. */
export type RecordKind = 'account' | 'transfer' | 'account_filter' | 'query_filter'

/** One object, checked: every field that was given, by TigerBeetle's name. What was left out is absent. */
export type LedgerRecord = Readonly<Record<string, bigint>>

export interface FieldRule {
  bits: IntegerBits
  /** Nanoseconds since 1970: RFC 3339 times are read too. */
  time?: true
  /** `max` is read as 2^128 − 1: 'all of it'. */
  max?: true
}

const USER_DATA = {user_data_128: {bits: 128}, user_data_64: {bits: 64}, user_data_32: {bits: 32}} as const
const BALANCES = {
  debits_pending: {bits: 128},
  debits_posted: {bits: 128},
  credits_pending: {bits: 128},
  credits_posted: {bits: 128},
} as const
const TIMES = {timestamp_min: {bits: 64, time: true}, timestamp_max: {bits: 64, time: true}} as const

/** Fields in the order in which they are sent. */
export const FIELDS: Readonly<Record<RecordKind, Readonly<Record<string, FieldRule>>>> = {
  account: {
    id: {bits: 128},
    ...BALANCES,
    ...USER_DATA,
    reserved: {bits: 32},
    ledger: {bits: 32},
    code: {bits: 16},
    flags: {bits: 16},
    timestamp: {bits: 64, time: true},
  },
  transfer: {
    id: {bits: 128},
    debit_account_id: {bits: 128},
    credit_account_id: {bits: 128},
    amount: {bits: 128, max: true},
    pending_id: {bits: 128},
    ...USER_DATA,
    timeout: {bits: 32},
    ledger: {bits: 32},
    code: {bits: 16},
    flags: {bits: 16},
    timestamp: {bits: 64, time: true},
  },
  account_filter: {
    account_id: {bits: 128},
    ...USER_DATA,
    code: {bits: 16},
    ...TIMES,
    limit: {bits: 32},
    flags: {bits: 32},
  },
  query_filter: {
    ...USER_DATA,
    ledger: {bits: 32},
    code: {bits: 16},
    ...TIMES,
    limit: {bits: 32},
    flags: {bits: 32},
  },
}

/** The names that our own flags have for a transfer's accounts; read in JSON too. */
export const SHORT_NAMES: Readonly<Record<string, string>> = {from: 'debit_account_id', to: 'credit_account_id'}

/** `a transfer`, for sentences. */
export const CALLED: Readonly<Record<RecordKind, {one: string; many: string}>> = {
  account: {one: 'account', many: 'accounts'},
  transfer: {one: 'transfer', many: 'transfers'},
  account_filter: {one: 'account filter', many: 'account filters'},
  query_filter: {one: 'query filter', many: 'query filters'},
}
