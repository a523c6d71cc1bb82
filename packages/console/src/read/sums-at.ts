/** Sums by ledger and code as they were at a moment: those of now without what moved since. */

import {movedBy} from '@parix/books/holds'
import type {LedgerReader, ReadLimits} from '../host.js'
import type {AccountKinds} from './account-kinds.js'
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
  kinds: AccountKinds,
): Promise<readonly Group[] | undefined> {
  if (!sums.complete || sums.asOf === undefined) return undefined
  if (sums.asOf < at) return sums.groups
  const groups = new Map(sums.groups.map((group) => [group.ledger * 0x1_0000 + group.code, {...group}]))
  let from = at
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const rows = await reader.queryTransfers(
      queryFilter({timestamp_min: from, timestamp_max: sums.asOf, limit: limits.pageRows}),
    )
    const known = await kinds.of(rows)
    for (const row of rows) {
      const moved = movedBy(row)
      if (moved === 0n) continue
      const debited = groups.get(row.ledger * 0x1_0000 + (known.get(row.debit_account_id)?.code ?? 0))
      const credited = groups.get(row.ledger * 0x1_0000 + (known.get(row.credit_account_id)?.code ?? 0))
      if (debited === undefined || credited === undefined) return undefined
      debited.debits -= moved
      credited.credits -= moved
    }
    if (rows.length < limits.pageRows || rows.at(-1)!.timestamp >= sums.asOf) return [...groups.values()]
    from = rows.at(-1)!.timestamp + 1n
  }
  return undefined
}
