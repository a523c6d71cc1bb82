/** The flag bits of the four records that have flags, named and numbered as in tigerbeetle-node 0.17. */

import type {RecordKind} from './records.js'

export enum AccountFlags {
  none = 0,
  linked = 1,
  debits_must_not_exceed_credits = 2,
  credits_must_not_exceed_debits = 4,
  history = 8,
  imported = 16,
  closed = 32,
}

export enum TransferFlags {
  none = 0,
  linked = 1,
  pending = 2,
  post_pending_transfer = 4,
  void_pending_transfer = 8,
  balancing_debit = 16,
  balancing_credit = 32,
  closing_debit = 64,
  closing_credit = 128,
  imported = 256,
}

export enum AccountFilterFlags {
  none = 0,
  debits = 1,
  credits = 2,
  reversed = 4,
}

export enum QueryFilterFlags {
  none = 0,
  reversed = 1,
}

/** The records that have flags. */
export type FlaggedKind = Exclude<RecordKind, 'account_balance'>

/**
 * Name → bit, by record. The same name is another bit on another record: `imported` is 16 on an account and 256 on a
 * transfer (semantics §1.2, 1.4, 1.6, 1.7).
 */
export const FLAGS: Readonly<Record<FlaggedKind, Readonly<Record<string, number>>>> = {
  account: bitsOf(AccountFlags),
  transfer: bitsOf(TransferFlags),
  account_filter: bitsOf(AccountFilterFlags),
  query_filter: bitsOf(QueryFilterFlags),
}

/** An enum without its reverse mapping and without `none`. */
function bitsOf(flags: Record<string, number | string>): Record<string, number> {
  const bits = Object.entries(flags).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
  return Object.fromEntries(bits.filter(([, bit]) => bit !== 0))
}
