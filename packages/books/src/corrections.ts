/** What takes back: reversals of transfers, closing and reopening of accounts (TigerBeetle: correcting transfers, close account). */

import {ParixError} from '@parix/kit/errors'
import {UINT128_MAX} from '@parix/kit/integers'
import {type Transfer, TransferFlags} from '@parix/ledger/schema'
import {type BalanceSide, type Common, chain, type Ids, type NewTransfer} from './chains.js'
import {hashId} from './chart/chart.js'

/** The id of the kth reversal of a transfer (from 0): derived, so that two processes can't both reverse it. */
export function reversalId(id: bigint, k: number): bigint {
  return hashId('parix-reverse/1', id.toString(), String(k))
}

/**
 * The opposite of a transfer, or of part of it; a pending transfer is voided.
 *
 * @param earlier reversals that exist already, in the order of k
 * @throws ParixError BAD_INPUT when the transfer can't be reversed or less of it is left than `amount`
 */
export function reverse(
  original: Transfer,
  earlier: readonly Transfer[],
  amount: bigint | undefined,
  code: number,
): NewTransfer {
  const id = reversalId(original.id, earlier.length)
  const {flags, user_data_128, user_data_64, user_data_32} = original
  const data = {user_data_128, user_data_64, user_data_32}
  if ((flags & TransferFlags.pending) !== 0) {
    if (amount !== undefined)
      throw new ParixError('BAD_INPUT', 'A pending transfer is voided as a whole: leave the amount out.')
    return {id, amount: 0n, pending_id: original.id, flags: TransferFlags.void_pending_transfer}
  }
  if ((flags & TransferFlags.void_pending_transfer) !== 0)
    throw new ParixError('BAD_INPUT', `Transfer ${original.id} voids a hold: nothing was moved that could be reversed.`)
  const left = original.amount - earlier.reduce((sum, reversal) => sum + reversal.amount, 0n)
  const wanted = amount ?? left
  if (left === 0n || wanted > left) {
    throw new ParixError(
      'BAD_INPUT',
      `Of transfer ${original.id}, ${original.amount - left} of ${original.amount} is reversed already; ${left} is left, ${wanted} was asked for.`,
      {
        code: 'more_than_left',
      },
    )
  }
  const {debit_account_id, credit_account_id, ledger} = original
  return {
    id,
    debit_account_id: credit_account_id,
    credit_account_id: debit_account_id,
    amount: wanted,
    ledger,
    code,
    flags: 0,
    ...data,
  }
}

interface Between {
  account: bigint
  other: bigint
  ledger: number
}

/** Moves all of the balance to `other` and closes the account; voiding the last transfer reopens it. */
export function close({account, other, ledger}: Between, side: BalanceSide, common: Common, ids: Ids): NewTransfer[] {
  const credit = side === 'credit'
  const [debitId, creditId] = credit ? [account, other] : [other, account]
  const balancing = credit ? TransferFlags.balancing_debit : TransferFlags.balancing_credit
  const closing = credit ? TransferFlags.closing_debit : TransferFlags.closing_credit
  return chain(
    [
      {debit: debitId, credit: creditId, amount: UINT128_MAX, ledger, flags: balancing},
      {debit: debitId, credit: creditId, amount: 0n, ledger, flags: closing | TransferFlags.pending},
    ],
    common,
    ids,
  )
}

/** Whether a transfer closes `account`: `tb reopen` voids it. */
export function closesAccount({flags, debit_account_id, credit_account_id}: Transfer, account: bigint): boolean {
  const closesDebit = (flags & TransferFlags.closing_debit) !== 0 && debit_account_id === account
  return closesDebit || ((flags & TransferFlags.closing_credit) !== 0 && credit_account_id === account)
}

export function reopen(closing: Transfer, id: bigint): NewTransfer {
  return {id, amount: 0n, pending_id: closing.id, flags: TransferFlags.void_pending_transfer}
}
