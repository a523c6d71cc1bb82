/** Everything that a statement is made from, read from the database. */

import type {Chart} from '@parix/books/chart'
import {firstReversalIds} from '@parix/books/corrections'
import {movedBy, resolvesHold} from '@parix/books/holds'
import {
  buildStatement,
  byOccurrence,
  type Posted,
  type Statement,
  StatementError,
  type StatementRow,
} from '@parix/books/statement'
import {ParixError} from '@parix/kit/errors'
import {type Account, AccountFlags, type Transfer} from '@parix/ledger/schema'
import {readRows} from '../reads/query.js'
import {rowRecord} from '../reads/rows.js'
import {wireObject} from '../records/wire.js'
import type {Period} from './period.js'
import {accountsById, accountTransferPages, type BookReader, existingAccount, transfersById} from './read-books.js'

export interface StatementRead {
  statement: Statement
  account: Account
  /** Rows that were folded because the account has no history of balances. */
  folded: number
}

/**
 * @throws ParixError NOT_FOUND when there is no such account; REFUSED when the rows don't lead to its balance, even when read again
 */
export async function readStatement(
  reader: BookReader,
  id: bigint,
  period: Period,
  holds: 'fold' | 'show' | 'hide',
  chart: Chart | undefined,
  by: 'recorded' | 'occurred' = 'recorded',
): Promise<StatementRead> {
  if (by === 'occurred') return readByOccurrence(reader, id, period, holds, chart)
  for (let attempt = 1; ; attempt++) {
    try {
      return await readOnce(reader, id, period, holds, chart)
    } catch (error) {
      if (!(error instanceof StatementError)) throw error
      // Somebody may have written between the rows and the balance: once more.
      if (attempt < 2) continue
      const {computed, actual} = error
      throw new ParixError(
        'REFUSED',
        `The rows of account ${id} do not lead to its balance: they make debits of ${computed.debits} and credits of ${computed.credits}, the account has ${actual.debits} and ${actual.credits}. No statement is shown.`,
        {
          code: 'statement_differs',
        },
      )
    }
  }
}

/** What was recorded late may have happened in any period, so every row of the account is read, and proved by its balance. */
async function readByOccurrence(
  reader: BookReader,
  id: bigint,
  {from, to}: Period,
  holds: 'fold' | 'show' | 'hide',
  chart: Chart | undefined,
): Promise<StatementRead> {
  const now = BigInt(Date.now()) * 1_000_000n
  const {statement, account} = await readStatement(reader, id, {from: 0n, to: now + 1n, now: true}, holds, chart)
  const earlier = statement.rows.length
  const periodic = byOccurrence(statement, {from, to}, occurrence(chart))
  return {statement: periodic, account, folded: earlier - periodic.rows.length}
}

/** No calendar goes beyond this, in nanoseconds. */
const TIME_MAX = 8_640_000_000_000_000n * 1_000_000n

/** The user data that the chart calls a time; without one user_data_64, which TigerBeetle recommends for it. */
export function occurrenceBits(chart: Chart | undefined): '128' | '64' | '32' {
  const meanings = Object.entries(chart?.compiled.userData.transfer ?? {})
  return (meanings.find(([, {as}]) => as === 'time')?.[0] ?? '64') as '128' | '64' | '32'
}

function occurrence(chart: Chart | undefined): (row: StatementRow) => bigint {
  const bits = occurrenceBits(chart)
  return ({timestamp, userData128, userData64, userData32}) => {
    const time = {128: userData128, 64: userData64, 32: BigInt(userData32)}[bits]
    return time === 0n || time > TIME_MAX ? timestamp : time
  }
}

async function readOnce(
  reader: BookReader,
  id: bigint,
  period: Period,
  holds: 'fold' | 'show' | 'hide',
  chart: Chart | undefined,
): Promise<StatementRead> {
  const account = await existingAccount(reader, id)
  const {from, to, now} = period
  const history = (account.flags & AccountFlags.history) !== 0
  const before =
    from === 0n
      ? {posted: NOTHING, rows: 0}
      : history
        ? {posted: await postedAt(reader, id, from - 1n), rows: 0}
        : await fold(reader, id, from - 1n)
  const transfers: Transfer[] = []
  // The present is the ledger's: the clock of the service may be ahead of this one.
  for await (const page of accountTransferPages(reader, id, {from, ...(!now && {to: to - 1n})})) transfers.push(...page)
  const last = transfers.at(-1)?.timestamp ?? 0n
  const closing = now ? await postedNow(reader, id) : history ? await postedAt(reader, id, to - 1n) : undefined
  const statement = buildStatement(
    {
      account: id,
      type: chart?.typeOf(account.code),
      from,
      to: last < to ? to : last + 1n,
      holds,
      opening: before.posted,
      ...(closing !== undefined && {closing}),
      earlier: await earlierHolds(reader, transfers),
      reversals: await reversalsOf(reader, transfers),
    },
    transfers,
  )
  return {statement, account, folded: before.rows}
}

const NOTHING: Posted = {debits: 0n, credits: 0n}

async function postedNow(reader: BookReader, id: bigint): Promise<Posted> {
  const account = (await accountsById(reader, [id])).get(id)
  return account === undefined ? NOTHING : {debits: account.debits_posted, credits: account.credits_posted}
}

/** The balance after the last event at or before `at`: accounts with the flag history keep one for each. */
async function postedAt({api, databaseId}: BookReader, id: bigint, at: bigint): Promise<Posted> {
  // A timestamp_max of 0 would be none.
  if (at < 1n) return NOTHING
  const filter = {account_id: id, timestamp_max: at, limit: 1n, flags: 7n}
  const {responsePayload} = await readRows(
    api,
    databaseId,
    'get_account_balances',
    wireObject('account_filter', filter),
  )
  const row = responsePayload[0]
  if (row === undefined) return NOTHING
  const {debits_posted = 0n, credits_posted = 0n} = rowRecord(row)
  return {debits: debits_posted, credits: credits_posted}
}

async function fold(reader: BookReader, id: bigint, until: bigint): Promise<{posted: Posted; rows: number}> {
  const posted = {debits: 0n, credits: 0n}
  let rows = 0
  for await (const page of accountTransferPages(reader, id, {to: until})) {
    rows += page.length
    for (const transfer of page) {
      if (transfer.debit_account_id === id) posted.debits += movedBy(transfer)
      else posted.credits += movedBy(transfer)
    }
  }
  return {posted, rows}
}

/** Pending transfers from before the period that its rows post or void. */
async function earlierHolds(reader: BookReader, transfers: readonly Transfer[]): Promise<Map<bigint, Transfer>> {
  const here = new Set(transfers.map(({id}) => id))
  const ids = transfers
    .filter((transfer) => resolvesHold(transfer) && !here.has(transfer.pending_id))
    .map(({pending_id}) => pending_id)
  return ids.length === 0 ? new Map() : transfersById(reader, ids)
}

async function reversalsOf(reader: BookReader, transfers: readonly Transfer[]): Promise<Map<bigint, bigint>> {
  const originals = firstReversalIds(transfers.map(({id}) => id))
  if (originals.size === 0) return new Map()
  const found = await transfersById(reader, [...originals.keys()])
  return new Map([...originals].filter(([id]) => found.has(id)).map(([id, original]) => [original, id]))
}
