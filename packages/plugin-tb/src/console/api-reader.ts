/** The reads of a database over HTTP, in the shapes that the console takes: rows with bigints, as the ledger's own. */

import type {LedgerReader} from '@parix/console'
import type {Api} from '@parix/kit/api'
import type {Operation} from '@parix/kit/contract'
import {
  type Account,
  type AccountBalance,
  type AccountFilter,
  FIELDS,
  type Field,
  type QueryFilter,
  type Transfer,
} from '@parix/ledger/schema'
import {readRows} from '../reads/query.js'
import {numberIn, type Row} from '../reads/rows.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireIds, wireObject} from '../records/wire.js'

/** @throws ParixError by each read as `readRows` does */
export function apiReader(api: Api, databaseId: string): LedgerReader {
  const read = async <T>(operation: Operation, body: string, fields: readonly Field[]): Promise<T[]> => {
    const {responsePayload} = await readRows(api, databaseId, operation, body)
    return responsePayload.map((row) => typed<T>(row, fields))
  }
  const account = (filter: AccountFilter) => wireObject('account_filter', integers(filter))
  const query = (filter: QueryFilter) => wireObject('query_filter', integers(filter))
  return {
    lookupAccounts: async (ids) =>
      ids.length === 0 ? [] : read<Account>('lookup_accounts', wireIds(ids), FIELDS.account),
    lookupTransfers: async (ids) =>
      ids.length === 0 ? [] : read<Transfer>('lookup_transfers', wireIds(ids), FIELDS.transfer),
    getAccountTransfers: (filter) => read<Transfer>('get_account_transfers', account(filter), FIELDS.transfer),
    getAccountBalances: (filter) =>
      read<AccountBalance>('get_account_balances', account(filter), FIELDS.account_balance),
    queryAccounts: (filter) => read<Account>('query_accounts', query(filter), FIELDS.account),
    queryTransfers: (filter) => read<Transfer>('query_transfers', query(filter), FIELDS.transfer),
  }
}

function typed<T>(row: Row, fields: readonly Field[]): T {
  const entries = fields.map(({name, bits}) => {
    const value = numberIn(row, name)
    return [name, bits > 32 ? value : Number(value)]
  })
  return Object.fromEntries(entries) as T
}

function integers(filter: AccountFilter | QueryFilter): LedgerRecord {
  return Object.fromEntries(Object.entries(filter).map(([field, value]) => [field, BigInt(value)]))
}
