/** Time slots: one nanosecond an event, never the same twice, never backwards (semantics §3). */

import {TIMESTAMP_MAX} from '../schema/limits.js'
import type {Books} from './books.js'

/**
 * Takes the slots for an operation of `events` events and returns the last: `now`, or the smallest time that leaves all
 * earlier slots alone.
 */
export function takeSlots(books: Books, now: bigint, events: number): bigint {
  const count = BigInt(events)
  const last = now - count >= books.lastTime ? now : books.lastTime + count
  if (last > TIMESTAMP_MAX) throw new RangeError(`The clock says ${now}: there is no time slot left.`)
  books.lastTime = last
  return last
}

/** Nanoseconds since the epoch by the wall clock, which gives milliseconds. */
export function wallClock(): bigint {
  return BigInt(Date.now()) * 1_000_000n
}
