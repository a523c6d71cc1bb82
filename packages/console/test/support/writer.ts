import type {LedgerWriter} from '@parix/console'
import {type Ledger, id as newId, openMemoryLedger} from '@parix/ledger'
import {BLANK_QUERY_FILTER} from '@parix/ledger/schema'

/** A copy for trials: what the accounts hold, without the transfers behind it. */
export function writerOf(ledger: Ledger, trials = {copies: 0}): LedgerWriter {
  return {
    newId,
    createAccounts: (events) => ledger.createAccounts(events),
    createTransfers: (events) => ledger.createTransfers(events),
    async onCopy(work) {
      trials.copies++
      const copy = await openMemoryLedger()
      const everything = {...BLANK_QUERY_FILTER, limit: 8189}
      const blank = {timestamp: 0n, debits_posted: 0n, debits_pending: 0n, credits_posted: 0n, credits_pending: 0n}
      await copy.createAccounts((await ledger.queryAccounts(everything)).map((row) => ({...row, ...blank})))
      await copy.createTransfers((await ledger.queryTransfers(everything)).map((row) => ({...row, timestamp: 0n})))
      return work(copy)
    },
  }
}
