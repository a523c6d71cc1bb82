import type {Api} from '@parix/kit/api'
import {isParixError} from '@parix/kit/errors'
import type {EntryFile} from '../outbox/entry.js'
import {hasFlag} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'
import {lookUpRecords} from '../submit/confirm-existing.js'
import type {EventOutcome} from './outcome.js'

/** What a transfer did that does not say so itself: one that balances moves what there is, one that posts or voids names a pending one. */
export interface Moved {
  from: bigint
  to: bigint
  /** What was asked for; undefined where it was `all of it`. */
  requested: bigint | undefined
  amount: bigint
  /** Of a post or void: what the pending transfer had held and does not hold any more, in all and without `amount`. */
  pending?: {id: bigint; held: bigint; givenBack: bigint}
}

const BALANCING = ['balancing_debit', 'balancing_credit']
const POST = 'post_pending_transfer'
const VOID = 'void_pending_transfer'

/**
 * What the transfers moved whose request leaves that open, by their position, from the ledger itself.
 *
 * @returns undefined where the ledger could not be asked: the transfers stand without it
 */
export async function lookUpMoved(
  api: Api,
  call: Pick<EntryFile, 'operation' | 'database'>,
  records: readonly LedgerRecord[],
  events: readonly EventOutcome[],
): Promise<ReadonlyMap<number, Moved> | undefined> {
  if (call.operation === 'create_accounts') return new Map()
  const wanted = events.filter(({index, state}) => state !== 'refused' && leavesOpen(records[index]!))
  const ids = wanted.flatMap(({index}) => [records[index]!.id!, records[index]!.pending_id ?? 0n])
  if (ids.length === 0) return new Map()
  try {
    const stored = await lookUpRecords(api, call, [...new Set(ids.filter((id) => id !== 0n))])
    const moved = wanted.flatMap(({index}) => {
      const found = movedBy(records[index]!, stored)
      return found === undefined ? [] : [[index, found] as const]
    })
    return moved.length === wanted.length ? new Map(moved) : undefined
  } catch (error) {
    if (!isParixError(error)) throw error
    return undefined
  }
}

function leavesOpen({flags}: LedgerRecord): boolean {
  return [...BALANCING, POST, VOID].some((name) => hasFlag('transfer', flags, name))
}

function movedBy(asked: LedgerRecord, stored: ReadonlyMap<bigint, LedgerRecord>): Moved | undefined {
  const found = stored.get(asked.id!)
  if (found === undefined) return undefined
  const {debit_account_id: from = 0n, credit_account_id: to = 0n, amount = 0n} = found
  const moved = {from, to, requested: asked.amount, amount}
  const voids = hasFlag('transfer', asked.flags, VOID)
  if (!voids && !hasFlag('transfer', asked.flags, POST)) return moved
  const pending = stored.get(asked.pending_id ?? 0n)
  if (pending === undefined) return undefined
  const {id = 0n, amount: held = 0n} = pending
  // The row of a void has the amount of the pending transfer, and moves none of it.
  const posted = voids ? 0n : amount
  return {...moved, amount: posted, pending: {id, held, givenBack: held > posted ? held - posted : 0n}}
}
