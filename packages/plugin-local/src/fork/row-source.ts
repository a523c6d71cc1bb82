/** Where the rows of a fork come from: a database of a service, by its public operations, or a ledger on this disk. */

import {type Api, PAGE_BYTES_MAX, readOperation} from '@parix/kit/api'
import {isParixError, ParixError} from '@parix/kit/errors'
import type {Ledger} from '@parix/ledger'
import {AccountFilterFlags, PAGE_ROWS_MAX, QueryFilterFlags} from '@parix/ledger/schema'
import {type Row, timeOf} from '../history.js'

export interface RowSource {
  /** Pages of accounts, by time. @param to the last timestamp that counts */
  accounts(to: bigint): AsyncGenerator<Row[]>
  /** Pages of transfers, by time. */
  transfers(to: bigint): AsyncGenerator<Row[]>
  /** Of the newest row of all; 0 where there is none. */
  newest(): Promise<bigint>
  hasTransfers(account: Row): Promise<boolean>
}

type Filter = Record<string, bigint | number>
type Query = (
  operation: 'query_accounts' | 'query_transfers' | 'get_account_transfers',
  filter: Filter,
) => Promise<Row[]>

/** @throws ParixError by the status, also where the database is a stub */
export function apiSource(api: Api, databaseId: string): RowSource {
  return sourceOf(async (operation, filter) => {
    const body = JSON.stringify(filter, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
    const response = await api.json(
      {
        method: 'POST',
        target: `/databases/${encodeURIComponent(databaseId)}/tb/${operation}`,
        headers: {'content-type': 'application/json'},
        body,
        idempotent: true,
        responseBytesMax: PAGE_BYTES_MAX,
      },
      readOperation,
    )
    if (response.mode === 'stub')
      throw new ParixError('FAILED', 'This database is a stub, with no ledger behind it: there is nothing to copy.')
    return response.responsePayload as unknown as Row[]
  })
}

const NO_FILTER = {user_data_128: 0n, user_data_64: 0n, user_data_32: 0, code: 0, timestamp_min: 0n, timestamp_max: 0n}

export function ledgerSource(ledger: Ledger): RowSource {
  return sourceOf(async (operation, filter) => {
    const whole = {...NO_FILTER, ledger: 0, account_id: 0n, flags: 0, limit: PAGE_ROWS_MAX, ...filter}
    const rows =
      operation === 'query_accounts'
        ? await ledger.queryAccounts(whole)
        : await (operation === 'query_transfers' ? ledger.queryTransfers(whole) : ledger.getAccountTransfers(whole))
    return rows as unknown as Row[]
  })
}

function sourceOf(query: Query): RowSource {
  const newest = async (operation: 'query_accounts' | 'query_transfers') => {
    const [row] = await query(operation, {limit: 1, flags: QueryFilterFlags.reversed})
    return row === undefined ? 0n : timeOf(row)
  }
  return {
    accounts: (to) => pages(query, 'query_accounts', to),
    transfers: (to) => pages(query, 'query_transfers', to),
    async newest() {
      const times = await Promise.all([newest('query_accounts'), newest('query_transfers')])
      return times.sort((a, b) => (a < b ? 1 : -1))[0]!
    },
    async hasTransfers({id}) {
      const flags = AccountFilterFlags.debits | AccountFilterFlags.credits
      return (await query('get_account_transfers', {account_id: BigInt(id!), limit: 1, flags})).length > 0
    },
  }
}

/** While a page is worked on the next one is under way. What the service calls too large is asked for in halves. */
async function* pages(
  query: Query,
  operation: 'query_accounts' | 'query_transfers',
  to: bigint,
): AsyncGenerator<Row[]> {
  if (to === 0n) return
  let limit: number = PAGE_ROWS_MAX
  const ask = async (from: bigint): Promise<Row[]> => {
    try {
      return await query(operation, {timestamp_min: from, timestamp_max: to, limit})
    } catch (error) {
      if (!isTooLarge(error) || limit === 1) throw error
      limit = Math.ceil(limit / 2)
      return ask(from)
    }
  }
  let coming: Promise<Row[]> | undefined = ask(1n)
  while (coming !== undefined) {
    const page: Row[] = await coming
    const last = page.at(-1)
    coming = last !== undefined && page.length >= limit && timeOf(last) < to ? ask(timeOf(last) + 1n) : undefined
    // It is awaited later, or never, where the page before could not be stored.
    coming?.catch(() => undefined)
    if (page.length > 0) yield page
  }
}

function isTooLarge(error: unknown): boolean {
  return isParixError(error) && (error.details.status === 413 || error.code === 'answer_too_big')
}
