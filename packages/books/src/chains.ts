/** Chains of linked transfers: all of a chain is stored, or none of it. */

import {type Transfer, TransferFlags} from '@parix/ledger/schema'
import {hashId} from './chart/chart.js'

/** A transfer to create; what is left out is 0. */
export type NewTransfer = Pick<Transfer, 'id' | 'amount' | 'flags'> & Partial<Transfer>

/** Gives the id of the nth transfer of a chain, from 0. */
export type Ids = (index: number) => bigint

/** Ids from a key: the same key gives the same ids, so a second run is answered `exists`. */
export function idsOfKey(kind: string, key: string): Ids {
  return (index) => hashId(`parix-${kind}/1`, key, String(index))
}

/** Fields that every transfer of a chain has. */
export interface Common {
  code: number
  user_data_128?: bigint
  user_data_64?: bigint
  user_data_32?: number
}

/** Which side of an account has the balance that its limit protects. */
export type BalanceSide = 'debit' | 'credit'

export interface Move {
  debit: bigint
  credit: bigint
  amount: bigint
  ledger: number
  flags?: number
  /** Seconds, of a pending transfer. */
  timeout?: number
  /** The place in the chain of the pending transfer that this one voids. */
  pendingIndex?: number
}

/** Linked but for the last, which ends the chain. */
export function chain(moves: readonly Move[], common: Common, ids: Ids): NewTransfer[] {
  return moves.map(({debit, credit, amount, ledger, flags = 0, timeout, pendingIndex}, index) => {
    const linked = index < moves.length - 1 ? TransferFlags.linked : 0
    // A void takes accounts, ledger and code from what it voids.
    if (pendingIndex !== undefined)
      return {id: ids(index), amount, pending_id: ids(pendingIndex), flags: flags | linked}
    return {
      id: ids(index),
      debit_account_id: debit,
      credit_account_id: credit,
      amount,
      ledger,
      flags: flags | linked,
      ...(timeout !== undefined && {timeout}),
      ...common,
    }
  })
}

/** Several parts as one chain: what a part voids is counted from its own start. */
export function joined(...parts: readonly (readonly Move[])[]): Move[] {
  const moves: Move[] = []
  for (const part of parts) {
    const start = moves.length
    for (const move of part)
      moves.push(move.pendingIndex === undefined ? move : {...move, pendingIndex: start + move.pendingIndex})
  }
  return moves
}
