/** Rows of a database as the ledger's own types, page by page, for charts, statements, reports and audits. */

import type {Api} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import {
  type Account,
  AccountFilterFlags,
  FIELDS,
  PAGE_ROWS_MAX,
  QueryFilterFlags,
  type Transfer,
} from '@parix/ledger/schema'
import type {Page} from '../reads/page.js'
import {paginate} from '../reads/paginate.js'
import {readRows} from '../reads/query.js'
import {rowRecord} from '../reads/rows.js'
import type {FieldName, LedgerRecord} from '../records/kinds.js'
import {wireIds, wireObject} from '../records/wire.js'

export interface BookReader {
  api: Api
  databaseId: string
}

/** Bounds are inclusive, in nanoseconds; what is left out does not filter. Before the first nanosecond there are no rows. */
export interface BookFilter {
  from?: bigint
  to?: bigint
  ledger?: number
  code?: number
  userData128?: bigint
  /** The newest first; only for the transfers of one account. */
  reversed?: boolean
}

const TRANSFER_COLUMNS = FIELDS.transfer.map(({name}) => name)
const ACCOUNT_COLUMNS = FIELDS.account.map(({name}) => name)

export async function* accountPages({api, databaseId}: BookReader, filter: BookFilter = {}): AsyncGenerator<Account[]> {
  if (endsBeforeTime(filter)) return
  const read = {
    api,
    databaseId,
    operation: 'query_accounts',
    kind: 'query_filter',
    filter: queryFilter(filter),
  } as const
  for await (const page of paginate(read, ACCOUNT_COLUMNS)) yield rowsOf<Account>(page, 'account')
}

/** Every account, in the order of creation. */
export async function readAccounts(reader: BookReader): Promise<Map<bigint, Account>> {
  const accounts = new Map<bigint, Account>()
  for await (const page of accountPages(reader)) for (const account of page) accounts.set(account.id, account)
  return accounts
}

/** How often accounts that are not right are read again, because somebody wrote while they were read page by page. */
const ROUNDS_MAX = 3

/**
 * Every account as of one moment. Accounts that are read page by page while others write are not: they are read again until
 * they are right, or nobody wrote meanwhile.
 *
 * @param hint what can be asked of the database instead
 * @returns the newest transfer of that moment as well; 0 where there is none
 * @throws ParixError UNAVAILABLE when others write so fast that the accounts can't be read for one moment
 */
export async function accountsOfOneMoment(
  reader: BookReader,
  isRight: (accounts: ReadonlyMap<bigint, Account>) => boolean,
  hint: string,
): Promise<{accounts: Map<bigint, Account>; newest: bigint}> {
  for (let round = 1; ; round++) {
    const newest = await newestTransfer(reader)
    const accounts = await readAccounts(reader)
    if (isRight(accounts) || (await newestTransfer(reader)) === newest) return {accounts, newest}
    if (round === ROUNDS_MAX)
      throw new ParixError(
        'UNAVAILABLE',
        `Others write to the database while its accounts are read page by page, so they are never of one moment. ${hint}`,
        {code: 'busy_ledger', retryable: true},
      )
  }
}

export async function* transferPages(
  {api, databaseId}: BookReader,
  filter: BookFilter = {},
): AsyncGenerator<Transfer[]> {
  if (endsBeforeTime(filter)) return
  const read = {
    api,
    databaseId,
    operation: 'query_transfers',
    kind: 'query_filter',
    filter: queryFilter(filter),
  } as const
  for await (const page of paginate(read, TRANSFER_COLUMNS)) yield rowsOf<Transfer>(page, 'transfer')
}

/** Transfers that debit or credit one account. */
export async function* accountTransferPages(
  {api, databaseId}: BookReader,
  account: bigint,
  {from, to, code, reversed}: BookFilter = {},
): AsyncGenerator<Transfer[]> {
  if (endsBeforeTime({to})) return
  const order = reversed === true ? AccountFilterFlags.reversed : 0
  const filter: LedgerRecord = {
    account_id: account,
    ...(from !== undefined && {timestamp_min: from}),
    ...(to !== undefined && {timestamp_max: to}),
    ...(code !== undefined && {code: BigInt(code)}),
    limit: BigInt(PAGE_ROWS_MAX),
    flags: BigInt(AccountFilterFlags.debits | AccountFilterFlags.credits | order),
  }
  const read = {api, databaseId, operation: 'get_account_transfers', kind: 'account_filter', filter} as const
  for await (const page of paginate(read, TRANSFER_COLUMNS)) yield rowsOf<Transfer>(page, 'transfer')
}

/** TigerBeetle takes a `timestamp_max` of 0 for none, and would return every row. */
function endsBeforeTime({to}: {to?: bigint | undefined}): boolean {
  return to !== undefined && to < 1n
}

/** The timestamp of the newest transfer; 0 where there is none. */
export async function newestTransfer({api, databaseId}: BookReader): Promise<bigint> {
  const filter = wireObject('query_filter', {limit: 1n, flags: BigInt(QueryFilterFlags.reversed)})
  const {responsePayload} = await readRows(api, databaseId, 'query_transfers', filter)
  return responsePayload[0] === undefined ? 0n : (rowRecord(responsePayload[0]).timestamp ?? 0n)
}

/** Accounts by their ids, those that exist. */
export async function accountsById(
  {api, databaseId}: BookReader,
  ids: readonly bigint[],
): Promise<Map<bigint, Account>> {
  return byId<Account>(await lookUp(api, databaseId, 'lookup_accounts', ids), 'account')
}

/** @throws ParixError NOT_FOUND */
export async function existingAccount(reader: BookReader, id: bigint): Promise<Account> {
  const account = (await accountsById(reader, [id])).get(id)
  if (account !== undefined) return account
  throw new ParixError('NOT_FOUND', `There is no account ${id}.`, {code: 'account_not_found'})
}

export async function transfersById(
  {api, databaseId}: BookReader,
  ids: readonly bigint[],
): Promise<Map<bigint, Transfer>> {
  return byId<Transfer>(await lookUp(api, databaseId, 'lookup_transfers', ids), 'transfer')
}

async function lookUp(
  api: Api,
  databaseId: string,
  operation: 'lookup_accounts' | 'lookup_transfers',
  ids: readonly bigint[],
): Promise<LedgerRecord[]> {
  const found: LedgerRecord[] = []
  for (let from = 0; from < ids.length; from += PAGE_ROWS_MAX) {
    const {responsePayload} = await readRows(api, databaseId, operation, wireIds(ids.slice(from, from + PAGE_ROWS_MAX)))
    for (const row of responsePayload) found.push(rowRecord(row))
  }
  return found
}

function byId<Row extends Account | Transfer>(
  records: readonly LedgerRecord[],
  kind: 'account' | 'transfer',
): Map<bigint, Row> {
  const rows = records.map((record) => {
    const row: Record<string, bigint | number> = {}
    for (const {name, bits} of FIELDS[kind]) {
      const value = record[name as FieldName] ?? 0n
      row[name] = bits > 32 ? value : Number(value)
    }
    return row as unknown as Row
  })
  return new Map(rows.map((row) => [row.id, row]))
}

function rowsOf<Row>(page: Page, kind: 'account' | 'transfer'): Row[] {
  const fields = FIELDS[kind]
  const rows: Row[] = new Array(page.count)
  for (let index = 0; index < page.count; index++) {
    const row: Record<string, bigint | number> = {}
    for (const {name, bits} of fields) row[name] = bits > 32 ? page.bigint(index, name) : page.number(index, name)
    rows[index] = row as Row
  }
  return rows
}

function queryFilter({from, to, ledger, code, userData128}: BookFilter): LedgerRecord {
  return {
    ...(from !== undefined && {timestamp_min: from}),
    ...(to !== undefined && {timestamp_max: to}),
    ...(ledger !== undefined && {ledger: BigInt(ledger)}),
    ...(code !== undefined && {code: BigInt(code)}),
    ...(userData128 !== undefined && {user_data_128: userData128}),
    limit: BigInt(PAGE_ROWS_MAX),
  }
}
