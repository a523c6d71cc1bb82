/** The reads once more: naive filters over all rows. */

import {
  AccountFlags as A,
  type Account,
  type AccountBalance,
  type AccountFilter,
  type QueryFilter,
  type Transfer,
} from '@parix/ledger'
import {MAX, TIME_MAX} from './state.js'
import {TransferRules} from './transfer-rules.js'

export class Reads extends TransferRules {
  // §14
  lookupAccounts(ids: bigint[]): Account[] {
    return ids.flatMap((id) => this.account(id) ?? [])
  }

  lookupTransfers(ids: bigint[]): Transfer[] {
    return ids.flatMap((id) => this.transfer(id) ?? [])
  }

  getAccountTransfers(filter: AccountFilter): Transfer[] {
    const {account_id: id, flags} = filter
    if (id === 0n || id === MAX || !(flags & 3) || flags > 7 || !isValidRange(filter)) return []
    const rows = this.state.transfers.filter(
      (t) => (flags & 1 && t.debit_account_id === id) || (flags & 2 && t.credit_account_id === id),
    )
    return pick(rows, {...filter, ledger: 0}, (flags & 4) !== 0)
  }

  getAccountBalances(filter: AccountFilter): AccountBalance[] {
    const account = this.account(filter.account_id)
    if (!account || !(account.flags & A.history)) return []
    return this.getAccountTransfers(filter).map(
      (t) => this.state.history.find((h) => h.account === account.id && h.row.timestamp === t.timestamp)!.row,
    )
  }

  queryAccounts(filter: QueryFilter): Account[] {
    return filter.flags > 1 || !isValidRange(filter) ? [] : pick(this.state.accounts, filter, filter.flags === 1)
  }

  queryTransfers(filter: QueryFilter): Transfer[] {
    return filter.flags > 1 || !isValidRange(filter) ? [] : pick(this.state.transfers, filter, filter.flags === 1)
  }
}

function isValidRange({timestamp_min: from, timestamp_max: to, limit}: AccountFilter | QueryFilter): boolean {
  return from <= TIME_MAX && to <= TIME_MAX && (to === 0n || from <= to) && limit !== 0
}

/** A naive filter over all rows. */
function pick<R extends Account | Transfer>(rows: R[], f: QueryFilter, reversed: boolean): R[] {
  const wanted = rows.filter(
    (row) =>
      (!f.user_data_128 || row.user_data_128 === f.user_data_128) &&
      (!f.user_data_64 || row.user_data_64 === f.user_data_64) &&
      (!f.user_data_32 || row.user_data_32 === f.user_data_32) &&
      (!f.ledger || row.ledger === f.ledger) &&
      (!f.code || row.code === f.code) &&
      row.timestamp >= f.timestamp_min &&
      (!f.timestamp_max || row.timestamp <= f.timestamp_max),
  )
  wanted.sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1))
  if (reversed) wanted.reverse()
  return wanted.slice(0, f.limit)
}
