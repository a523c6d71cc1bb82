/** Everything that a ledger's reads can show, for comparing two states. */

import {type Account, type AccountBalance, AccountFlags, type Ledger, type Transfer} from '@parix/ledger'

export interface Dump {
  accounts: Account[]
  transfers: Transfer[]
  balances: Map<bigint, AccountBalance[]>
}

const ANY = {user_data_128: 0n, user_data_64: 0n, user_data_32: 0, code: 0, timestamp_min: 0n, timestamp_max: 0n}

/** All rows of a query, page by page, each page starting right after the last row of the one before. */
export async function pages<R extends {timestamp: bigint}>(
  ask: (range: {timestamp_min: bigint; timestamp_max: bigint; limit: number}) => Promise<R[]>,
  limit: number,
  reversed = false,
): Promise<R[]> {
  const rows: R[] = []
  let range = {timestamp_min: 0n, timestamp_max: 0n}
  for (;;) {
    const page = await ask({...range, limit})
    rows.push(...page)
    const last = page.at(-1)?.timestamp
    if (last === undefined || page.length < limit) return rows
    if (reversed && last === 1n) return rows
    range = reversed ? {timestamp_min: 0n, timestamp_max: last - 1n} : {timestamp_min: last + 1n, timestamp_max: 0n}
  }
}

export async function dump(ledger: Ledger): Promise<Dump> {
  const accounts = await pages((range) => ledger.queryAccounts({...ANY, ledger: 0, flags: 0, ...range}), 8189)
  const transfers = await pages((range) => ledger.queryTransfers({...ANY, ledger: 0, flags: 0, ...range}), 8189)
  const balances = new Map<bigint, AccountBalance[]>()
  for (const {id, flags} of accounts) {
    if ((flags & AccountFlags.history) === 0) continue
    const filter = {...ANY, account_id: id, flags: 3}
    balances.set(id, await pages((range) => ledger.getAccountBalances({...filter, ...range}), 8189))
  }
  return {accounts, transfers, balances}
}
