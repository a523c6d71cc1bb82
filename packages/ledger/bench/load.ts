/** What the benchmark sends: 10,000 accounts, uniformly random pairs, rising ids. */

import {type Account, BATCH_EVENTS_MAX, id, type Transfer} from '@parix/ledger'

export const ACCOUNTS = 10_000

const NO_DATA = {user_data_128: 0n, user_data_64: 0n, user_data_32: 0, ledger: 1, code: 1, flags: 0, timestamp: 0n}

export function makeAccounts(): Account[] {
  const zero = {debits_pending: 0n, debits_posted: 0n, credits_pending: 0n, credits_posted: 0n, reserved: 0}
  return Array.from({length: ACCOUNTS}, (_, i) => ({id: BigInt(i + 1), ...zero, ...NO_DATA}))
}

export function makeTransfers(count = BATCH_EVENTS_MAX): Transfer[] {
  return Array.from({length: count}, () => {
    const debit = below(ACCOUNTS)
    const credit = (debit + 1 + below(ACCOUNTS - 1)) % ACCOUNTS
    return {
      id: id(),
      debit_account_id: BigInt(debit + 1),
      credit_account_id: BigInt(credit + 1),
      amount: BigInt(1 + below(1000)),
      pending_id: 0n,
      timeout: 0,
      ...NO_DATA,
    }
  })
}

export function below(n: number): number {
  return Math.floor(Math.random() * n)
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
