import type {LedgerWriter} from '@parix/console'
import {type Ledger, id as newId, openMemoryLedger} from '@parix/ledger'

/** A copy for trials: what the accounts hold, without the transfers behind it. */
export function writerOf(ledger: Ledger, trials = {copies: 0}): LedgerWriter {
  return {
    newId,
    createAccounts: (events) => ledger.createAccounts(events),
    createTransfers: (events) => ledger.createTransfers(events),
    async onCopy(work) {
      trials.copies++
      const copy = await openMemoryLedger()
      const everything = {
        user_data_128: 0n,
        user_data_64: 0n,
        user_data_32: 0,
        ledger: 0,
        code: 0,
        timestamp_min: 0n,
        timestamp_max: 0n,
        limit: 8189,
        flags: 0,
      }
      const blank = {timestamp: 0n, debits_posted: 0n, debits_pending: 0n, credits_posted: 0n, credits_pending: 0n}
      await copy.createAccounts((await ledger.queryAccounts(everything)).map((row) => ({...row, ...blank})))
      await copy.createTransfers((await ledger.queryTransfers(everything)).map((row) => ({...row, timestamp: 0n})))
      return work(copy)
    },
  }
}
