/** What the model keeps, and what its rules share. */

import {AccountFlags as A, type Account, type AccountBalance, type Transfer} from '@parix/ledger'

export const MAX = (1n << 128n) - 1n
export const TIME_MAX = (1n << 63n) - 1n

export interface State {
  accounts: Account[]
  transfers: Transfer[]
  status: Map<bigint, 'pending' | 'posted' | 'voided' | 'expired'>
  history: {account: bigint; row: AccountBalance}[]
}

export interface Outcome {
  status: number
  timestamp: bigint
}

export class ModelState {
  state: State = {accounts: [], transfers: [], status: new Map(), history: []}
  readonly failed = new Set<bigint>()
  lastTime = 0n

  account(id: bigint): Account | undefined {
    return this.state.accounts.find((account) => account.id === id)
  }

  transfer(id: bigint): Transfer | undefined {
    return this.state.transfers.find((transfer) => transfer.id === id)
  }

  protected regresses(timestamp: bigint): boolean {
    const largest = newest(this.state.transfers)
    return timestamp <= largest || this.state.accounts.some((account) => account.timestamp === timestamp)
  }

  protected store(transfer: Transfer, dr: Account, cr: Account): void {
    this.state.transfers.push(transfer)
    for (const account of [dr, cr]) {
      if (!(account.flags & A.history)) continue
      const {debits_pending, debits_posted, credits_pending, credits_posted} = account
      const row = {debits_pending, debits_posted, credits_pending, credits_posted, timestamp: transfer.timestamp}
      this.state.history.push({account: account.id, row})
    }
  }
}

export function newest(rows: {timestamp: bigint}[]): bigint {
  let largest = 0n
  for (const {timestamp} of rows) if (timestamp > largest) largest = timestamp
  return largest
}
