/** The records as the caller sees them: shapes and names of tigerbeetle-node 0.17. 64 and 128 bits are bigint. */

import type {CreateAccountStatus, CreateTransferStatus} from './statuses.js'

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

/** A pending transfer that the expiry job released, and the time slot its release took. */
export interface ExpiredTransfer {
  id: bigint
  timestamp: bigint
}

/** The results of a batch as columns: event i has `timestamps[i]` and `statuses[i]`. */
export interface EncodedResults {
  timestamps: BigUint64Array
  statuses: Uint32Array
}
