import type {Api} from '@parix/kit/api'
import {formatTimestamp} from '@parix/kit/timestamps'
import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import {FLAGS} from '../records/flags.js'
import {lookUpAccount} from './lookup.js'
import type {Page} from './page.js'
import {type PagedRead, paginate} from './paginate.js'

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
  /** Only those that expire within this many milliseconds, the next first. */
  expiringMs?: number | undefined
  /** Those whose time was over before they were posted or voided, in place of those that are open. */
  lapsed?: boolean
  /** Called with the number of transfers read so far. */
  progress: (read: number) => void
}

/**
 * What is pending: TigerBeetle keeps that out of sight (semantics §10.1), so every transfer of the account, or of
 * the ledger, is read, and those taken out that a later one posted or voided, or whose time is over. Posting a part releases
 * the rest, so the amount of an open one is what is left of it.
 *
 * @throws ParixError NOT_FOUND when there is no such account
 */
export async function findPending({
  api,
  databaseId,
  databaseName,
  account,
  now,
  expiringMs,
  lapsed = false,
  progress,
}: PendingSearch): Promise<PendingTransfer[]> {
  const open = new Map<string, PendingTransfer & {expiry: bigint | undefined}>()
  const nowNs = BigInt(now) * 1_000_000n
  let read = 0
  const limit = BigInt(BATCH_EVENTS_MAX)
  const both = FLAGS.account_filter.debits! | FLAGS.account_filter.credits!
  const query: PagedRead =
    account === undefined
      ? {api, databaseId, operation: 'query_transfers', kind: 'query_filter', filter: {limit, flags: 0n}}
      : {
          api,
          databaseId,
          operation: 'get_account_transfers',
          kind: 'account_filter',
          filter: {account_id: account, limit, flags: both},
        }
  const pendingBit = Number(FLAGS.transfer.pending!)
  for await (const page of paginate(query, COLUMNS)) {
    for (let row = 0; row < page.count; row++) {
      if ((page.number(row, 'flags') & pendingBit) !== 0) {
        const pending = shape(page, row)
        const isOver = pending.expiry !== undefined && pending.expiry <= nowNs
        if (isOver === lapsed) open.set(pending.id, pending)
      } else {
        // A post or void comes after what it resolves, and touches the same accounts.
        const resolved = page.text(row, 'pending_id')
        if (resolved !== '0') open.delete(resolved)
      }
    }
    read += page.count
    progress(read)
  }
  // An account that does not exist has no transfers either.
  if (read === 0 && account !== undefined) await lookUpAccount(api, databaseId, databaseName, account)
  const found = [...open.values()]
  const until = expiringMs === undefined ? undefined : nowNs + BigInt(Math.round(expiringMs)) * 1_000_000n
  const wanted = until === undefined ? found : found.filter(({expiry}) => expiry !== undefined && expiry <= until)
  if (until !== undefined) wanted.sort((a, b) => (a.expiry! < b.expiry! ? -1 : 1))
  return wanted.map(({expiry: _, ...pending}) => pending)
}

const COLUMNS = [
  'id',
  'debit_account_id',
  'credit_account_id',
  'amount',
  'pending_id',
  'timeout',
  'ledger',
  'code',
  'flags',
  'timestamp',
]

function shape(page: Page, row: number): PendingTransfer & {expiry: bigint | undefined} {
  const timeout = page.bigint(row, 'timeout')
  const timestamp = page.bigint(row, 'timestamp')
  const expiry = timeout === 0n ? undefined : timestamp + timeout * 1_000_000_000n
  return {
    id: page.text(row, 'id'),
    debit_account_id: page.text(row, 'debit_account_id'),
    credit_account_id: page.text(row, 'credit_account_id'),
    amount: page.text(row, 'amount'),
    ledger: page.number(row, 'ledger'),
    code: page.number(row, 'code'),
    timestamp: String(timestamp),
    expires_at: expiry === undefined ? null : formatTimestamp(expiry),
    expiry,
  }
}
