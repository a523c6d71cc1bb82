import {assertTimeZone, endOfDay, startOfDay} from '@parix/books/periods'
import {parseTimestamp} from '../records/times.js'

export interface PeriodFlags {
  from?: string | undefined
  to?: string | undefined
  tz: string
}

/** Nanoseconds: from ≤ timestamp < to. `now` says that `to` is the present. */
export interface Period {
  from: bigint
  to: bigint
  now: boolean
}

/**
 * A period from texts: dates are whole days in the time zone, so `--to 2026-11-30` contains that day.
 *
 * @param now nanoseconds since 1970
 * @throws ParixError BAD_INPUT
 */
export function readPeriod({from, to, tz}: PeriodFlags, now: bigint): Period {
  assertTimeZone('--tz', tz)
  const start = from === undefined ? 0n : (startOfDay(from, tz) ?? parseTimestamp('--from', from, {role: 'start'}))
  const end = to === undefined ? now + 1n : (endOfDay(to, tz) ?? parseTimestamp('--to', to, {role: 'end'}) + 1n)
  return end > now ? {from: start, to: now + 1n, now: true} : {from: start, to: end, now: false}
}
