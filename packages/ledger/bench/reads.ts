/** How long each read takes, in the middle of what is stored: the median of several, and the rows it gave. */

import {AccountFilterFlags, BATCH_EVENTS_MAX, type Ledger, QueryFilterFlags} from '@parix/ledger'
import {ACCOUNTS, below, median} from './load.js'

const ROUNDS = 15
const ANY = {user_data_128: 0n, user_data_64: 0n, user_data_32: 0, code: 0, timestamp_min: 0n, timestamp_max: 0n}

export interface Read {
  name: string
  medianMs: number
  rows: number
}

export async function readAll(ledger: Ledger, ids: readonly bigint[]): Promise<Read[]> {
  const limit = BATCH_EVENTS_MAX
  const both = AccountFilterFlags.debits | AccountFilterFlags.credits
  const account = () => ({...ANY, account_id: BigInt(1 + below(ACCOUNTS))})
  const anyAccounts = () => Array.from({length: limit}, () => BigInt(1 + below(ACCOUNTS)))
  const anyTransfers = () => Array.from({length: limit}, () => ids[below(ids.length)]!)
  const reversed = QueryFilterFlags.reversed
  return [
    await time('lookup_accounts, 8,189 random ids', () => ledger.lookupAccounts(anyAccounts())),
    await time('lookup_transfers, 8,189 random ids', () => ledger.lookupTransfers(anyTransfers())),
    await time('get_account_transfers, all', () => ledger.getAccountTransfers({...account(), limit, flags: both})),
    await time('get_account_transfers, newest 10', () =>
      ledger.getAccountTransfers({...account(), limit: 10, flags: both | AccountFilterFlags.reversed}),
    ),
    await time('query_transfers, newest 8,189', () =>
      ledger.queryTransfers({...ANY, ledger: 1, limit, flags: reversed}),
    ),
    await time('query_transfers, a code that no row has', () =>
      ledger.queryTransfers({...ANY, ledger: 0, code: 2, limit, flags: 0}),
    ),
    await time('query_transfers, a user_data_64 that no row has', () =>
      ledger.queryTransfers({...ANY, ledger: 0, user_data_64: 5n, limit, flags: 0}),
    ),
    await time('query_accounts, first 8,189', () => ledger.queryAccounts({...ANY, ledger: 1, limit, flags: 0})),
  ]
}

async function time(name: string, read: () => Promise<unknown[]>): Promise<Read> {
  const times: number[] = []
  let rows = 0
  for (let i = 0; i < ROUNDS; i++) {
    const started = performance.now()
    rows += (await read()).length
    times.push(performance.now() - started)
  }
  return {name, medianMs: median(times), rows: Math.round(rows / ROUNDS)}
}
