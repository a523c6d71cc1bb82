/**
 * Conditions on balances that hold at the moment at which a chain is executed, because the ledger checks them in the same
 * chain (TigerBeetle's recipes balance-conditional transfers, balance bounds, balance-invariant transfers, rate limiting). Each is a part of a chain, to be
 * joined before or after the transfers that it guards; afterwards no balance shows that it was there.
 */

import {UINT128_MAX} from '@parix/kit/integers'
import {TransferFlags} from '@parix/ledger/schema'
import type {BalanceSide, Move} from './chains.js'

/** What voids the pending transfer at `index` of its part. */
function voiding(index: number): Move {
  return {debit: 0n, credit: 0n, amount: 0n, ledger: 0, flags: TransferFlags.void_pending_transfer, pendingIndex: index}
}

export interface AvailableGuard {
  /** Has a limit: debits_must_not_exceed_credits for `credit`, the other one for `debit`. */
  account: bigint
  side: BalanceSide
  ledger: number
  control: bigint
  threshold: bigint
}

/** Fails unless the account has `threshold` at least. Goes before what it guards. */
export function availableMoves({account, side, ledger, control, threshold}: AvailableGuard): Move[] {
  const [debit, credit] = side === 'credit' ? [account, control] : [control, account]
  return [{debit, credit, amount: threshold, ledger, flags: TransferFlags.pending}, voiding(0)]
}

export interface BoundGuard {
  account: bigint
  side: BalanceSide
  ledger: number
  /** Has the limit that the account would have if its balance were on the other side. */
  control: bigint
  /** Funds the control account for the moment of the check. */
  operator: bigint
  bound: bigint
}

/** Fails unless the account's balance is at most `bound`. Goes after what it guards. */
export function boundMoves({account, side, ledger, control, operator, bound}: BoundGuard): Move[] {
  const flip = (one: bigint, two: bigint) => (side === 'credit' ? {debit: one, credit: two} : {debit: two, credit: one})
  const balancing = side === 'credit' ? TransferFlags.balancing_debit : TransferFlags.balancing_credit
  return [
    {...flip(control, operator), amount: bound, ledger},
    {...flip(account, control), amount: UINT128_MAX, ledger, flags: balancing | TransferFlags.pending},
    voiding(1),
    {...flip(operator, control), amount: bound, ledger},
  ]
}

export interface LimitGuard {
  account: bigint
  ledger: number
  /** The flag that the account was created without. */
  limit: 'debits_must_not_exceed_credits' | 'credits_must_not_exceed_debits'
  /** Has this limit, and no balance. */
  control: bigint
}

/**
 * Fails unless the limit holds for the account, as if it had been created with it. Goes after what it guards: what is beyond
 * the limit, if anything, is moved to the control account, which may not take it.
 */
export function limitMoves({account, ledger, limit, control}: LimitGuard): Move[] {
  const [debit, credit, balancing] =
    limit === 'credits_must_not_exceed_debits'
      ? [account, control, TransferFlags.balancing_debit]
      : [control, account, TransferFlags.balancing_credit]
  return [{debit, credit, amount: 1n, ledger, flags: balancing | TransferFlags.pending}, voiding(0)]
}

export interface RateGuard {
  /** Holds what is left of the rate, with debits_must_not_exceed_credits. */
  account: bigint
  operator: bigint
  ledger: number
  amount: bigint
  /** Seconds after which the amount is available again. */
  seconds: number
}

/** Fails unless `amount` is left of the rate, and takes it from there until the time is over. Goes before what it guards. */
export function rateMoves({account, operator, ledger, amount, seconds}: RateGuard): Move[] {
  return [{debit: account, credit: operator, amount, ledger, flags: TransferFlags.pending, timeout: seconds}]
}
