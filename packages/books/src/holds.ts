/** Two-phase transfers seen in a stream of rows: what is held, and what became of each hold. */

import {type Transfer, TransferFlags} from '@parix/ledger/schema'

const NS_PER_S = 1_000_000_000n
const RESOLVES = TransferFlags.post_pending_transfer | TransferFlags.void_pending_transfer

/** A pending transfer that is neither posted nor voided so far. */
export interface Hold {
  transfer: Transfer
  /** Nanoseconds since 1970 at which it lapses; undefined without a timeout. */
  expiresAt: bigint | undefined
}

export function isPending({flags}: Transfer): boolean {
  return (flags & TransferFlags.pending) !== 0
}

export function resolvesHold({flags}: Transfer): boolean {
  return (flags & RESOLVES) !== 0
}

/** What a row moves between the posted columns of its two accounts: nothing when it holds or voids. */
export function movedBy({flags, amount}: Transfer): bigint {
  return (flags & (TransferFlags.pending | TransferFlags.void_pending_transfer)) !== 0 ? 0n : amount
}

/** When a pending transfer lapses (TigerBeetle: timestamp + timeout seconds); undefined without a timeout. */
export function expiryOf({timestamp, timeout}: Transfer): bigint | undefined {
  return timeout === 0 ? undefined : timestamp + BigInt(timeout) * NS_PER_S
}

/**
 * The holds of a stream of transfers in the order of their timestamps. Memory grows with the holds that are open at the
 * same time, not with the rows.
 */
export class Holds {
  readonly #open = new Map<bigint, Hold>()
  /** Open holds with a timeout, as a binary heap by expiry; entries that were resolved since are skipped. */
  readonly #expiries: Hold[] = []

  /** Holds that lapse at or before `until`, in the order of their expiry. They are open no longer. */
  lapse(until: bigint): Hold[] {
    const lapsed: Hold[] = []
    for (let first = this.#expiries[0]; first !== undefined && first.expiresAt! <= until; first = this.#expiries[0]) {
      pop(this.#expiries)
      if (this.#open.delete(first.transfer.id)) lapsed.push(first)
    }
    return lapsed
  }

  /** Takes a row. Returns the hold that it posts or voids; undefined for any other row and for a hold that was not seen. */
  take(transfer: Transfer): Hold | undefined {
    if (isPending(transfer)) {
      const hold = {transfer, expiresAt: expiryOf(transfer)}
      this.#open.set(transfer.id, hold)
      if (hold.expiresAt !== undefined) push(this.#expiries, hold)
      return undefined
    }
    if (!resolvesHold(transfer)) return undefined
    const hold = this.#open.get(transfer.pending_id)
    this.#open.delete(transfer.pending_id)
    return hold
  }

  /** Holds that are open, in the order in which they were created. */
  open(): Hold[] {
    return [...this.#open.values()]
  }

  get size(): number {
    return this.#open.size
  }
}

function push(heap: Hold[], hold: Hold): void {
  let at = heap.push(hold) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (heap[parent]!.expiresAt! <= hold.expiresAt!) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = hold
}

function pop(heap: Hold[]): void {
  const last = heap.pop()!
  if (heap.length === 0) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && heap[child + 1]!.expiresAt! < heap[child]!.expiresAt!) child++
    if (last.expiresAt! <= heap[child]!.expiresAt!) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
}
