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

/** A reversal that was refused uses its id up. That many in a row are looked past where many transfers are looked at. */
const FIRST_REVERSALS = 4

/** Where the reversals of transfers are looked for: from the id that each may have to the transfer that it takes back. */
export function firstReversalIds(ids: readonly bigint[]): Map<bigint, bigint> {
  const of = new Map<bigint, bigint>()
  for (let k = 0; k < FIRST_REVERSALS; k++) for (const id of ids) of.set(reversalId(id, k), id)
  return of
}

/** What is known of the reversals of a transfer. */
export interface Reversals {
  /** Those that exist, in the order of k. */
  earlier: readonly Transfer[]
  /** The next k whose id is free: ids of refused reversals can't be used again. */
  k: number
}

export const NOT_REVERSED: Reversals = {earlier: [], k: 0}

/**
 * The opposite of a transfer, or of part of it; a pending transfer is voided.
 *
 * @param amount all that is left where undefined
 * @param code that of the original where undefined
 * @throws ParixError BAD_INPUT when the transfer can't be reversed or less of it is left than `amount`
 */
export function reverse(
  original: Transfer,
  {earlier, k}: Reversals,
  amount: bigint | undefined,
  code: number | undefined,
  amountText: (amount: bigint, ledger: number) => string = String,
): NewTransfer {
  const id = reversalId(original.id, k)
  const {flags, user_data_128, user_data_64, user_data_32, ledger} = original
  const data = {user_data_128, user_data_64, user_data_32}
  if ((flags & TransferFlags.pending) !== 0) {
    if (amount !== undefined)
      throw new ParixError(
        'BAD_INPUT',
        'A pending transfer is voided as a whole: leave the amount out. Nothing was sent.',
      )
    return {id, amount: 0n, pending_id: original.id, flags: TransferFlags.void_pending_transfer}
  }
  if ((flags & TransferFlags.void_pending_transfer) !== 0)
    throw new ParixError(
      'BAD_INPUT',
      `Transfer ${original.id} voids a hold: nothing was moved that could be reversed. Nothing was sent.`,
    )
  const left = leftOf(original, earlier)
  const wanted = amount ?? left
  if (left === 0n || wanted > left) {
    const text = (value: bigint) => amountText(value, ledger)
    throw new ParixError(
      'BAD_INPUT',
      `Of transfer ${original.id}, ${text(original.amount - left)} of ${text(original.amount)} is reversed already; ${text(left)} is left, ${text(wanted)} was asked for. Nothing was sent.`,
      {
        code: 'more_than_left',
      },
    )
  }
  const {debit_account_id, credit_account_id} = original
  return {
    id,
    debit_account_id: credit_account_id,
    credit_account_id: debit_account_id,
    amount: wanted,
    ledger,
    code: code ?? original.code,
    flags: 0,
    ...data,
  }
}

/** What of a transfer is not reversed; of a pending one all or nothing. */
export function leftOf({amount, flags}: Transfer, earlier: readonly Transfer[]): bigint {
  if ((flags & TransferFlags.pending) !== 0) return earlier.length > 0 ? 0n : amount
  return amount - earlier.reduce((sum, reversal) => sum + reversal.amount, 0n)
}

/**
 * Takes back a whole chain, the last transfer first, so that each balance goes back the way that it came. What the chain
 * itself has voided is left out, and so is what was reversed before. Empty where nothing is left.
 */
export function reverseChain(
  transfers: readonly Transfer[],
  reversalsOf: (id: bigint) => Reversals,
  code: number | undefined,
): NewTransfer[] {
  const resolved = new Set(transfers.map(({pending_id}) => pending_id))
  const moving = transfers.filter((transfer) => {
    const {id, flags} = transfer
    if ((flags & TransferFlags.void_pending_transfer) !== 0 || resolved.has(id)) return false
    const {earlier} = reversalsOf(id)
    return (flags & TransferFlags.pending) !== 0 ? earlier.length === 0 : leftOf(transfer, earlier) > 0n
  })
  return moving.reverse().map((transfer, index) => {
    const reversal = reverse(transfer, reversalsOf(transfer.id), undefined, code)
    return index < moving.length - 1 ? {...reversal, flags: reversal.flags | TransferFlags.linked} : reversal
  })
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
