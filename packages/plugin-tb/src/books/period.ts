import {assertTimeZone, endOfDay, isoOf, startOfDay} from '@parix/books/periods'
import {ParixError} from '@parix/kit/errors'
import {parseTimestamp} from '@parix/kit/timestamps'

export interface PeriodFlags {
  from?: string | undefined
  to?: string | undefined
  tz: string
}

/** Nanoseconds: from ≤ timestamp < to, and from < to. `now` says that `to` is the present. */
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
  const end = to === undefined ? undefined : (endOfDay(to, tz) ?? parseTimestamp('--to', to, {role: 'end'}) + 1n)
  if (end !== undefined && start >= end)
    throw new ParixError(
      'BAD_INPUT',
      `--from must not be later than --to: the period from ${isoOf(start)} to ${isoOf(end - 1n)} has no moment in it.`,
    )
  if (end !== undefined && end <= now) return {from: start, to: end, now: false}
  return {from: start, to: (start > now ? start : now) + 1n, now: true}
}
