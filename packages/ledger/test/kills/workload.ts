/** What the killed process writes. Batch k of run r is always the same, so that the test knows it without being told. */

import {amount_max, TransferFlags as T, type Transfer} from '@parix/ledger'
import {plainTransfer, seeded} from '../random-events.js'

export const ACCOUNTS = 20

export interface Job {
  transfers: Transfer[]
  /** What it adds to the posted debits and credits of each account, if it is stored. */
  debits: Map<bigint, bigint>
  credits: Map<bigint, bigint>
}

/** Every event of it succeeds: plain transfers, chains, and pending transfers posted or voided in the same batch. */
export function job(run: number, k: number): Job {
  const random = seeded(run * 65_537 + k)
  const below = (n: number) => Math.floor(random() * n)
  const result: Job = {transfers: [], debits: new Map(), credits: new Map()}
  const size = below(20) === 0 ? 3000 : 1 + below(60)
  // Two of three processes take rising ids, the third has its own numbers below them.
  const base = run % 3 === 0 ? 1n << 90n : 1n << 100n
  const nextId = () => base + (BigInt(run) << 50n) + (BigInt(k) << 20n) + BigInt(result.transfers.length)
  const add = (transfer: Transfer, moved: bigint) => {
    result.transfers.push(transfer)
    const {debit_account_id: debit, credit_account_id: credit} = transfer
    if (moved === 0n) return
    result.debits.set(debit, (result.debits.get(debit) ?? 0n) + moved)
    result.credits.set(credit, (result.credits.get(credit) ?? 0n) + moved)
  }
  while (result.transfers.length < size) {
    const debit = BigInt(1 + below(ACCOUNTS))
    const credit = (debit % BigInt(ACCOUNTS)) + 1n
    const amount = BigInt(1 + below(1000))
    const kind = below(6)
    if (kind < 3) add(plainTransfer(nextId(), debit, credit, amount), amount)
    else if (kind === 3) {
      add({...plainTransfer(nextId(), debit, credit, amount), flags: T.linked}, amount)
      add(plainTransfer(nextId(), credit, debit, amount), amount)
    } else {
      const pending = {...plainTransfer(nextId(), debit, credit, amount), flags: T.pending}
      add(pending, 0n)
      const isPost = kind === 4
      const flags = isPost ? T.post_pending_transfer : T.void_pending_transfer
      const end = {...plainTransfer(nextId(), debit, credit, isPost ? amount_max : 0n), flags, pending_id: pending.id}
      add(end, isPost ? amount : 0n)
    }
  }
  return result
}
