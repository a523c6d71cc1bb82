/** Time slots: one nanosecond an event, never the same twice, never backwards (semantics §3). */

import {RequestError} from '../errors.js'
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

/**
 * Takes the slots that end with exactly `last`.
 * @throws RequestError ERR_TIMESTAMP_TAKEN when an earlier operation has taken one of them, or a later one
 */
export function takeExactSlots(books: Books, last: bigint, events: number): bigint {
  assertSlotsFree(books, last, events)
  books.lastTime = last
  return last
}

/** @throws RequestError ERR_TIMESTAMP_TAKEN as takeExactSlots, and takes nothing */
export function assertSlotsFree(books: Books, last: bigint, events: number): void {
  if (last - BigInt(events) >= books.lastTime && last <= TIMESTAMP_MAX) return
  const text = `${events} events can't end at ${last}: the ledger's time is ${books.lastTime} already.`
  throw new RequestError('ERR_TIMESTAMP_TAKEN', text)
}

/** The slot `time`, or the last one taken where that is later: for what needs no slot of its own. */
export function shareSlot(books: Books, time: bigint): bigint {
  if (time > books.lastTime) books.lastTime = time
  return books.lastTime
}

/** Nanoseconds since the epoch by the wall clock, which gives milliseconds. */
export function wallClock(): bigint {
  return BigInt(Date.now()) * 1_000_000n
}
