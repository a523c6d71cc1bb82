/** Batches of create_transfers as clients send them: time-based ids of 38 digits, short or long account ids, as strings. */

import {randomBytes} from 'node:crypto'

export const EVENTS = 8189
export const ACCOUNTS = 10_000

export type AccountIds = 'short' | 'long'

/** Account i's id, as decimal text: one to five digits, or 38. */
export function accountId(i: number, kind: AccountIds): string {
  return kind === 'short' ? String(i + 1) : String((1n << 126n) + BigInt(i))
}

export function accountBatches(kind: AccountIds): Buffer[] {
  const batches: Buffer[] = []
  for (let start = 0; start < ACCOUNTS; start += EVENTS) {
    const count = Math.min(EVENTS, ACCOUNTS - start)
    const events = Array.from({length: count}, (_, i) => `{"id":"${accountId(start + i, kind)}","ledger":1,"code":1}`)
    batches.push(Buffer.from(`[${events.join(',')}]`))
  }
  return batches
}

export function transferBatches(count: number, kind: AccountIds): Buffer[] {
  let id = (BigInt(Date.now()) << 80n) | BigInt(`0x${randomBytes(9).toString('hex')}`)
  const pick = () => Math.floor(Math.random() * ACCOUNTS)
  return Array.from({length: count}, () => {
    const events = Array.from({length: EVENTS}, () => {
      const debit = pick()
      const credit = (debit + 1 + Math.floor(Math.random() * (ACCOUNTS - 1))) % ACCOUNTS
      const accounts = `"debit_account_id":"${accountId(debit, kind)}","credit_account_id":"${accountId(credit, kind)}"`
      return `{"id":"${id++}",${accounts},"amount":"${1 + Math.floor(Math.random() * 1000)}","ledger":1,"code":1}`
    })
    return Buffer.from(`[${events.join(',')}]`)
  })
}
