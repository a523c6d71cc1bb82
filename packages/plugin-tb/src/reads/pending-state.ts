import type {Api} from '@parix/kit/api'
import {formatTimestamp} from '@parix/kit/timestamps'
import {BATCH_EVENTS_MAX} from '@parix/ledger/schema'
import {FLAGS, hasFlag} from '../records/flags.js'
import {wireObject} from '../records/wire.js'
import {readRows} from './query.js'
import {numberIn, type Row} from './rows.js'

/** What became of a pending transfer, as fields that are added to its row. */
export interface PendingState {
  /** `unknown`: not among the later transfers that one request returns. */
  pending_state: 'pending' | 'posted' | 'voided' | 'expired' | 'unknown'
  /** The transfer that posted or voided it. */
  resolved_by?: string
  /** How much of it was posted; the rest was released. */
  posted_amount?: string
  /** RFC 3339; where it has a timeout. */
  expires_at?: string
}

const NANOSECONDS = 1_000_000_000n

/**
 * TigerBeetle does not report the state of a pending transfer (semantics §10.1). A post or void has the same accounts and
 * code, is later, and at the latest at the timeout: one request for those transfers settles it, unless there are more than
 * a page of them.
 *
 * @param now milliseconds since 1970
 */
export async function pendingState(api: Api, databaseId: string, row: Row, now: number): Promise<PendingState> {
  const timestamp = numberIn(row, 'timestamp')
  const timeout = numberIn(row, 'timeout')
  const expiry = timeout === 0n ? undefined : timestamp + timeout * NANOSECONDS
  const expires = expiry === undefined ? {} : {expires_at: formatTimestamp(expiry)}
  const filter = {
    account_id: numberIn(row, 'debit_account_id'),
    code: numberIn(row, 'code'),
    timestamp_min: timestamp + 1n,
    ...(expiry !== undefined && {timestamp_max: expiry}),
    limit: BigInt(BATCH_EVENTS_MAX),
    flags: BigInt(FLAGS.account_filter.debits!),
  }
  const {responsePayload: later} = await readRows(
    api,
    databaseId,
    'get_account_transfers',
    wireObject('account_filter', filter),
  )
  const resolving = later.find((other) => String(other.pending_id) === String(row.id))
  if (resolving !== undefined) {
    const posted = hasFlag('transfer', numberIn(resolving, 'flags'), 'post_pending_transfer')
    return {
      pending_state: posted ? 'posted' : 'voided',
      resolved_by: String(resolving.id),
      ...(posted && {posted_amount: String(resolving.amount)}),
      ...expires,
    }
  }
  if (later.length >= BATCH_EVENTS_MAX) return {pending_state: 'unknown', ...expires}
  const expired = expiry !== undefined && expiry <= BigInt(now) * 1_000_000n
  return {pending_state: expired ? 'expired' : 'pending', ...expires}
}
