/** Demo books in numbers, as the ledger has them now. */

import type {Api} from '@parix/kit/api'
import {BUSINESSES, type DemoKind} from './businesses.js'
import {houseId} from './demo-accounts.js'
import {money} from './demo-files.js'

export interface DemoLedger {
  ledger: string
  accounts: number
  /** Money as decimal text. */
  balanced: boolean
  moved: string
  held: string
  bank: string
  fees: string
}

interface AccountRow {
  id: string
  ledger: number
  debits_pending: string
  debits_posted: string
  credits_pending: string
  credits_posted: string
}

const PAGE_ROWS = 8189

/** Every account is looked at once: 100,000 of them take a dozen requests. */
export async function summarize(api: Api, databaseId: string, kind: DemoKind): Promise<DemoLedger[]> {
  const accounts = await readAccounts(api, databaseId)
  return BUSINESSES[kind].currencies.map((currency, index) => {
    const own = accounts.filter(({ledger}) => ledger === currency.ledger)
    const sum = (column: 'debits_posted' | 'credits_posted' | 'debits_pending') =>
      own.reduce((all, row) => all + BigInt(row[column]), 0n)
    const balance = (id: bigint) => {
      const row = own.find((account) => account.id === String(id))
      return row === undefined ? 0n : BigInt(row.debits_posted) - BigInt(row.credits_posted)
    }
    const moved = sum('debits_posted')
    return {
      ledger: currency.name,
      accounts: own.length,
      balanced: moved === sum('credits_posted'),
      moved: money(moved, currency),
      held: money(sum('debits_pending'), currency),
      bank: money(balance(houseId('bank', index as 0 | 1)), currency),
      fees: money(-balance(houseId('fees', index as 0 | 1)), currency),
    }
  })
}

async function readAccounts(api: Api, databaseId: string): Promise<AccountRow[]> {
  const rows: AccountRow[] = []
  let from = 0n
  for (;;) {
    const filter = {timestamp_min: String(from), limit: PAGE_ROWS}
    const {responsePayload: page} = await api.post<{responsePayload: (AccountRow & {timestamp: string})[]}>(
      `/databases/${databaseId}/tb/query_accounts`,
      filter,
      {idempotent: true},
    )
    rows.push(...page)
    if (page.length < PAGE_ROWS) return rows
    from = BigInt(page.at(-1)!.timestamp) + 1n
  }
}
