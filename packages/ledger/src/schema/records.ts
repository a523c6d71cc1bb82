/**
 * The records of TigerBeetle: their fields in the order of the 128-byte layout (semantics §1), and the objects that
 * callers exchange, shaped and named as in tigerbeetle-node 0.17. Integers of 64 and 128 bits are bigint, smaller ones number.
 */

import type {CreateAccountStatus, CreateTransferStatus} from './statuses.js'

export type FieldBits = 16 | 32 | 64 | 128

/** A field of a record. All are unsigned integers. */
export interface Field {
  readonly name: string
  readonly bits: FieldBits
  /** Nanoseconds since 1970. */
  readonly time?: true
  /** AMOUNT_MAX is meaningful: as much as possible. */
  readonly max?: true
}

/** The records that are read or written, by the name that `FIELDS` and the flag tables use. */
export type RecordKind = 'account' | 'transfer' | 'account_balance' | 'account_filter' | 'query_filter'

const BALANCES = [
  {name: 'debits_pending', bits: 128},
  {name: 'debits_posted', bits: 128},
  {name: 'credits_pending', bits: 128},
  {name: 'credits_posted', bits: 128},
] as const satisfies readonly Field[]

const USER_DATA = [
  {name: 'user_data_128', bits: 128},
  {name: 'user_data_64', bits: 64},
  {name: 'user_data_32', bits: 32},
] as const satisfies readonly Field[]

const TIMESTAMP = {name: 'timestamp', bits: 64, time: true} as const satisfies Field

const SELECTION = [
  {name: 'timestamp_min', bits: 64, time: true},
  {name: 'timestamp_max', bits: 64, time: true},
  {name: 'limit', bits: 32},
  {name: 'flags', bits: 32},
] as const satisfies readonly Field[]

/** Every field of every record, in order. */
export const FIELDS: Readonly<Record<RecordKind, readonly Field[]>> = {
  account: [
    {name: 'id', bits: 128},
    ...BALANCES,
    ...USER_DATA,
    {name: 'reserved', bits: 32},
    {name: 'ledger', bits: 32},
    {name: 'code', bits: 16},
    {name: 'flags', bits: 16},
    TIMESTAMP,
  ],
  transfer: [
    {name: 'id', bits: 128},
    {name: 'debit_account_id', bits: 128},
    {name: 'credit_account_id', bits: 128},
    {name: 'amount', bits: 128, max: true},
    {name: 'pending_id', bits: 128},
    ...USER_DATA,
    {name: 'timeout', bits: 32},
    {name: 'ledger', bits: 32},
    {name: 'code', bits: 16},
    {name: 'flags', bits: 16},
    TIMESTAMP,
  ],
  account_balance: [...BALANCES, TIMESTAMP],
  account_filter: [{name: 'account_id', bits: 128}, ...USER_DATA, {name: 'code', bits: 16}, ...SELECTION],
  query_filter: [...USER_DATA, {name: 'ledger', bits: 32}, {name: 'code', bits: 16}, ...SELECTION],
}

export interface Account {
  id: bigint
  debits_pending: bigint
  debits_posted: bigint
  credits_pending: bigint
  credits_posted: bigint
  user_data_128: bigint
  user_data_64: bigint
  user_data_32: number
  reserved: number
  ledger: number
  code: number
  flags: number
  timestamp: bigint
}

export interface Transfer {
  id: bigint
  debit_account_id: bigint
  credit_account_id: bigint
  amount: bigint
  pending_id: bigint
  user_data_128: bigint
  user_data_64: bigint
  user_data_32: number
  timeout: number
  ledger: number
  code: number
  flags: number
  timestamp: bigint
}

export interface AccountBalance {
  debits_pending: bigint
  debits_posted: bigint
  credits_pending: bigint
  credits_posted: bigint
  timestamp: bigint
}

export interface AccountFilter {
  account_id: bigint
  user_data_128: bigint
  user_data_64: bigint
  user_data_32: number
  code: number
  timestamp_min: bigint
  timestamp_max: bigint
  limit: number
  flags: number
}

export interface QueryFilter {
  user_data_128: bigint
  user_data_64: bigint
  user_data_32: number
  ledger: number
  code: number
  timestamp_min: bigint
  timestamp_max: bigint
  limit: number
  flags: number
}

export interface CreateAccountResult {
  timestamp: bigint
  status: CreateAccountStatus
}

export interface CreateTransferResult {
  timestamp: bigint
  status: CreateTransferStatus
}

/** Every field is 0: for a record of which some fields are given. */
export const BLANK_ACCOUNT: Account = {
  id: 0n,
  debits_pending: 0n,
  debits_posted: 0n,
  credits_pending: 0n,
  credits_posted: 0n,
  user_data_128: 0n,
  user_data_64: 0n,
  user_data_32: 0,
  reserved: 0,
  ledger: 0,
  code: 0,
  flags: 0,
  timestamp: 0n,
}

export const BLANK_TRANSFER: Transfer = {
  id: 0n,
  debit_account_id: 0n,
  credit_account_id: 0n,
  amount: 0n,
  pending_id: 0n,
  user_data_128: 0n,
  user_data_64: 0n,
  user_data_32: 0,
  timeout: 0,
  ledger: 0,
  code: 0,
  flags: 0,
  timestamp: 0n,
}

/** Filters nothing. A limit of 0 is not valid to TigerBeetle: one must be given. */
export const BLANK_QUERY_FILTER: QueryFilter = {
  user_data_128: 0n,
  user_data_64: 0n,
  user_data_32: 0,
  ledger: 0,
  code: 0,
  timestamp_min: 0n,
  timestamp_max: 0n,
  limit: 0,
  flags: 0,
}
