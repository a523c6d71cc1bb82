import type {Api} from '@parix/kit/api'
import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import {FLAGS, hasFlag} from '../records/flags.js'
import {formatTimestamp} from '../records/times.js'
import {lookUpAccount} from './lookup.js'
import {readPages} from './pages.js'
import {numberIn, type Row} from './rows.js'

/** A pending transfer that was neither posted nor voided. */
export interface PendingTransfer {
  id: string
  debit_account_id: string
  credit_account_id: string
  amount: string
  ledger: number
  code: number
  /** Nanoseconds since 1970. */
  timestamp: string
  /** When it expires; null: never. */
  expires_at: string | null
}

export interface PendingSearch {
  api: Api
  databaseId: string
  databaseName: string
  /** Only transfers that debit or credit this account. */
  account?: bigint | undefined
  /** Milliseconds since 1970. */
  now: number
  /** Called with the number of transfers read so far. */
  progress: (read: number) => void
}

/**
 * What is pending: TigerBeetle keeps that out of sight (semantics §10.1), so every transfer of the account, or of
 * the ledger, is read, and those taken out that a later one posted or voided, or whose time is over.
 *
 * @throws ParixError NOT_FOUND when there is no such account
 */
export async function findPending({
  api,
  databaseId,
  databaseName,
  account,
  now,
  progress,
}: PendingSearch): Promise<PendingTransfer[]> {
  const open = new Map<string, Row>()
  const nowNs = BigInt(now) * 1_000_000n
  let read = 0
  const limit = BigInt(BATCH_EVENTS_MAX)
  const both = FLAGS.account_filter.debits! | FLAGS.account_filter.credits!
  const pages = readPages(
    account === undefined
      ? {api, databaseId, operation: 'query_transfers', kind: 'query_filter', filter: {limit, flags: 0n}}
      : {
          api,
          databaseId,
          operation: 'get_account_transfers',
          kind: 'account_filter',
          filter: {account_id: account, limit, flags: both},
        },
  )
  for await (const rows of pages) {
    for (const row of rows) {
      if (hasFlag('transfer', numberIn(row, 'flags'), 'pending')) open.set(String(row.id), row)
      // A post or void comes after what it resolves, and touches the same accounts.
      else if (numberIn(row, 'pending_id') !== 0n) open.delete(String(row.pending_id))
    }
    read += rows.length
    progress(read)
  }
  // An account that does not exist has no transfers either.
  if (read === 0 && account !== undefined) await lookUpAccount(api, databaseId, databaseName, account)
  return [...open.values()].filter((row) => !(expiry(row) && expiry(row)! <= nowNs)).map(shape)
}

function expiry(row: Row): bigint | undefined {
  const timeout = numberIn(row, 'timeout')
  return timeout === 0n ? undefined : numberIn(row, 'timestamp') + timeout * 1_000_000_000n
}

function shape(row: Row): PendingTransfer {
  const end = expiry(row)
  return {
    id: String(row.id),
    debit_account_id: String(row.debit_account_id),
    credit_account_id: String(row.credit_account_id),
    amount: String(row.amount),
    ledger: Number(row.ledger),
    code: Number(row.code),
    timestamp: String(row.timestamp),
    expires_at: end === undefined ? null : formatTimestamp(end),
  }
}
