/** What differs between two databases, or between two moments of one. Pure: rows in, differences out. */

import {type Account, AccountFlags, FIELDS, type Transfer, TransferFlags} from '@parix/ledger/schema'
import {movedBy} from './holds.js'

export interface FieldDifference {
  field: string
  a: bigint
  b: bigint
}

/**
 * The fields in which two rows of one id differ. Copies have timestamps of their own, or are imported to keep them: both only
 * count with `timestamps`.
 */
export function rowDifferences(
  kind: 'account' | 'transfer',
  a: Account | Transfer,
  b: Account | Transfer,
  timestamps: boolean,
): FieldDifference[] {
  const imported = kind === 'account' ? AccountFlags.imported : TransferFlags.imported
  const differences: FieldDifference[] = []
  for (const {name} of FIELDS[kind]) {
    if (name === 'timestamp' && !timestamps) continue
    const mask = name === 'flags' && !timestamps ? ~BigInt(imported) : -1n
    const [one, other] = [a, b].map((row) => BigInt(row[name as keyof typeof row]) & mask) as [bigint, bigint]
    if (one !== other) differences.push({field: name, a: one, b: other})
  }
  return differences
}

/** What moved on an account between two moments: posted amounts. */
export interface Movement {
  account: bigint
  ledger: number
  debits: bigint
  credits: bigint
  transfers: number
}

/** Adds up what transfers moved, by account. */
export class Movements {
  readonly #byAccount = new Map<bigint, Movement>()
  transfers = 0

  add(transfer: Transfer): void {
    this.transfers++
    const moved = movedBy(transfer)
    if (moved === 0n) return
    const debit = this.#of(transfer.debit_account_id, transfer.ledger)
    debit.debits += moved
    debit.transfers++
    const credit = this.#of(transfer.credit_account_id, transfer.ledger)
    credit.credits += moved
    credit.transfers++
  }

  /** By ledger and account. */
  all(): Movement[] {
    const order = (a: Movement, b: Movement) => a.ledger - b.ledger || (a.account < b.account ? -1 : 1)
    return [...this.#byAccount.values()].sort(order)
  }

  #of(account: bigint, ledger: number): Movement {
    let movement = this.#byAccount.get(account)
    if (movement === undefined) {
      movement = {account, ledger, debits: 0n, credits: 0n, transfers: 0}
      this.#byAccount.set(account, movement)
    }
    return movement
  }
}
