/** The latest transfers of one account as a statement with running balances, from what the ledger holds now. */

import type {Chart} from '@parix/books/chart'
import {firstReversalIds} from '@parix/books/corrections'
import {movedBy, resolvesHold} from '@parix/books/holds'
import {buildStatement, type Posted, type Statement} from '@parix/books/statement'
import {type Account, AccountFlags, type Transfer} from '@parix/ledger/schema'
import type {LedgerReader} from '../host.js'
import {accountFilter} from './filters.js'

export interface AccountHistory {
  account: Account
  statement: Statement
  /** Oldest first. */
  transfers: readonly Transfer[]
  /** Older transfers than these exist. */
  more: boolean
  /** The balances of the statement are those of the ledger; false where too much lies between the rows and now. */
  balanced: boolean
}

/** Transfers that a page takes in: enough for the line of balances. */
const ROWS_MAX = 500
/** Transfers between the page and now that are read for an account without history. */
const SINCE_MAX = 8189
const TRIES_MAX = 3

/**
 * @param before nanoseconds: only older transfers; left out: up to now
 * @returns undefined where there is no such account
 */
export async function readAccountHistory(
  reader: LedgerReader,
  id: bigint,
  chart: Chart | undefined,
  {before, now}: {before: bigint | undefined; now: bigint},
): Promise<AccountHistory | undefined> {
  for (let tries = 1; ; tries++) {
    const [account] = await reader.lookupAccounts([id])
    if (account === undefined) return undefined
    const transfers = await newestTransfers(reader, id, before)
    const closing = before === undefined ? posted(account) : await postedBefore(reader, account, before)
    const [again] = await reader.lookupAccounts([id])
    // Transfers were created between the reads: their rows and the balance don't belong together.
    if (again !== undefined && !samePosted(account, again) && tries < TRIES_MAX) continue
    return build({reader, account, transfers, closing, chart, to: before ?? now})
  }
}

async function newestTransfers(reader: LedgerReader, id: bigint, before: bigint | undefined): Promise<Transfer[]> {
  const to = before === undefined ? 0n : before - 1n
  const rows = await reader.getAccountTransfers(
    accountFilter({account_id: id, timestamp_max: to, limit: ROWS_MAX + 1, newestFirst: true}),
  )
  return rows.reverse()
}

/** Posted sums right before a moment: the ledger keeps them for accounts with history, else what came since is taken away. */
async function postedBefore(reader: LedgerReader, account: Account, before: bigint): Promise<Posted | undefined> {
  if ((account.flags & AccountFlags.history) !== 0) {
    const [balance] = await reader.getAccountBalances(
      accountFilter({account_id: account.id, timestamp_max: before - 1n, limit: 1, newestFirst: true}),
    )
    return balance === undefined ? {debits: 0n, credits: 0n} : posted(balance)
  }
  const since = await reader.getAccountTransfers(
    accountFilter({account_id: account.id, timestamp_min: before, limit: SINCE_MAX}),
  )
  return since.length === SINCE_MAX ? undefined : without(posted(account), since, account.id)
}

interface Parts {
  reader: LedgerReader
  account: Account
  transfers: Transfer[]
  closing: Posted | undefined
  chart: Chart | undefined
  to: bigint
}

async function build({reader, account, transfers, closing, chart, to}: Parts): Promise<AccountHistory> {
  const more = transfers.length > ROWS_MAX
  const rows = more ? transfers.slice(1) : transfers
  const opening = closing === undefined ? {debits: 0n, credits: 0n} : without(closing, rows, account.id)
  const last = rows.at(-1)?.timestamp ?? 0n
  const statement = buildStatement(
    {
      account: account.id,
      type: chart?.typeOf(account.code),
      from: rows[0]?.timestamp ?? 0n,
      to: to > last ? to : last + 1n,
      holds: 'fold',
      opening,
      ...(closing !== undefined && {closing}),
      earlier: await earlierHolds(reader, rows),
      reversals: await reversalsOf(reader, rows),
    },
    rows,
  )
  return {account, statement, transfers: rows, more, balanced: closing !== undefined}
}

/** Pending transfers from before these rows that they post or void. */
async function earlierHolds(reader: LedgerReader, rows: readonly Transfer[]): Promise<Map<bigint, Transfer>> {
  const here = new Set(rows.map(({id}) => id))
  const ids = rows.filter((row) => resolvesHold(row) && !here.has(row.pending_id)).map(({pending_id}) => pending_id)
  const found = ids.length === 0 ? [] : await reader.lookupTransfers([...new Set(ids)])
  return new Map(found.map((transfer) => [transfer.id, transfer]))
}

async function reversalsOf(reader: LedgerReader, rows: readonly Transfer[]): Promise<Map<bigint, bigint>> {
  const originals = firstReversalIds(rows.map(({id}) => id))
  const found = originals.size === 0 ? [] : await reader.lookupTransfers([...originals.keys()])
  return new Map(found.map(({id}) => [originals.get(id)!, id]))
}

/** `sums` as they were before `rows` moved money. */
function without(sums: Posted, rows: readonly Transfer[], id: bigint): Posted {
  let {debits, credits} = sums
  for (const row of rows) {
    if (row.debit_account_id === id) debits -= movedBy(row)
    else credits -= movedBy(row)
  }
  return {debits, credits}
}

function posted({
  debits_posted: debits,
  credits_posted: credits,
}: Pick<Account, 'debits_posted' | 'credits_posted'>): Posted {
  return {debits, credits}
}

function samePosted(a: Account, b: Account): boolean {
  return a.debits_posted === b.debits_posted && a.credits_posted === b.credits_posted
}
