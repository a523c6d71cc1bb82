/** Sums by ledger and code as they were at a moment: those of now without what moved since. */

import {movedBy} from '@parix/books/holds'
import type {LedgerReader, ReadLimits} from '../host.js'
import type {AccountSums, Group} from './account-sums.js'
import {queryFilter} from './filters.js'

/** Pages of transfers that are taken back; a moment that lies further back is not shown. */
const PAGES_MAX = 2

/**
 * @param at nanoseconds: what was created before it counts
 * @returns undefined where more transfers came since than a page may read, accounts are missing from the sums, or it is not
 *   known which transfers are in them
 */
export async function sumsAt(
  reader: LedgerReader,
  limits: ReadLimits,
  sums: AccountSums,
  at: bigint,
): Promise<readonly Group[] | undefined> {
  if (!sums.complete || sums.asOf === undefined) return undefined
  if (sums.asOf < at) return sums.groups
  const groups = new Map(sums.groups.map((group) => [group.ledger * 0x1_0000 + group.code, {...group}]))
  const codes = new Map<bigint, number>()
  let from = at
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const rows = await reader.queryTransfers(
      queryFilter({timestamp_min: from, timestamp_max: sums.asOf, limit: limits.pageRows}),
    )
    const unknown = rows
      .flatMap(({debit_account_id, credit_account_id}) => [debit_account_id, credit_account_id])
      .filter((id) => !codes.has(id))
    await learn(reader, [...new Set(unknown)], codes)
    for (const row of rows) {
      const moved = movedBy(row)
      if (moved === 0n) continue
      const debited = groups.get(row.ledger * 0x1_0000 + (codes.get(row.debit_account_id) ?? 0))
      const credited = groups.get(row.ledger * 0x1_0000 + (codes.get(row.credit_account_id) ?? 0))
      if (debited === undefined || credited === undefined) return undefined
      debited.debits -= moved
      credited.credits -= moved
    }
    if (rows.length < limits.pageRows || rows.at(-1)!.timestamp >= sums.asOf) return [...groups.values()]
    from = rows.at(-1)!.timestamp + 1n
  }
  return undefined
}

const LOOKUP_MAX = 8189

async function learn(reader: LedgerReader, ids: readonly bigint[], codes: Map<bigint, number>): Promise<void> {
  for (let from = 0; from < ids.length; from += LOOKUP_MAX) {
    for (const {id, code} of await reader.lookupAccounts(ids.slice(from, from + LOOKUP_MAX))) codes.set(id, code)
  }
}
