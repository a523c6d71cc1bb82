/** Copies accounts and transfers into a database of the local service, by executing them again at their own times. */

import type {Api} from '@parix/kit/api'
import {AccountFlags} from '@parix/ledger/schema'
import {isLinked, type Row, timeOf} from '../history.js'
import {sendHistory} from '../local-api.js'
import type {RowSource} from './row-source.js'

export interface CopyOptions {
  source: RowSource
  /** Of the local service. */
  api: Api
  /** A database of it that is empty. */
  databaseId: string
  /** The last moment that counts, in nanoseconds; else the newest row at the beginning. */
  at?: bigint | undefined
  /** Changes rows on their way. */
  disguise?: (kind: 'account' | 'transfer', row: Row) => Row
  progress?: (transfers: number) => void
}

export interface Copied {
  accounts: number
  transfers: number
  /** Timestamp of the newest row that may be in it. */
  until: bigint
}

/** @throws ParixError by the status; CONFLICT where rows are not by the rules: `errors` names them */
export async function copyHistory(options: CopyOptions): Promise<Copied> {
  const {source, api, databaseId, disguise = (_, row) => row, progress = () => undefined} = options
  // What is written meanwhile is left out: accounts and transfers have to be of one moment.
  const newest = await source.newest()
  const until = options.at !== undefined && options.at < newest ? options.at : newest
  const accounts: Row[] = []
  for await (const page of source.accounts(until))
    for (const row of page) accounts.push(disguise('account', await asCreated(source, row)))
  let account = 0
  let transfers = 0
  /** A chain that the end of a page has cut. */
  let rest: Row[] = []
  const send = async (rows: Row[], before: bigint | undefined) => {
    const from = account
    while (account < accounts.length && (before === undefined || timeOf(accounts[account]!) < before)) account++
    if (rows.length === 0 && account === from) return
    await sendHistory(api, databaseId, {accounts: accounts.slice(from, account), transfers: rows})
    transfers += rows.length
    progress(transfers)
  }
  for await (const page of source.transfers(until)) {
    const rows = [...rest, ...page.map((row) => disguise('transfer', row))]
    let whole = rows.length
    while (whole > 0 && isLinked(rows[whole - 1]!)) whole--
    rest = rows.slice(whole)
    if (whole > 0) await send(rows.slice(0, whole), timeOf(rows[whole - 1]!))
  }
  await send(rest, undefined)
  return {accounts: accounts.length, transfers, until}
}

/**
 * An account as it was when it was created: one that has transfers was open then, and one without any can't have been closed
 * by one.
 */
async function asCreated(source: RowSource, row: Row): Promise<Row> {
  const flags = Number(row.flags ?? 0)
  if ((flags & AccountFlags.closed) === 0 || !(await source.hasTransfers(row))) return row
  return {...row, flags: flags & ~AccountFlags.closed}
}
