/** Periods and times of the books: calendar days in a time zone, as nanoseconds since 1970. */

import {ParixError} from '@parix/kit/errors'

const NS_PER_MS = 1_000_000n

/** `2026-11-27` */
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/

/** @throws ParixError BAD_INPUT when the runtime does not know the time zone */
export function assertTimeZone(field: string, zone: string): void {
  try {
    new Intl.DateTimeFormat('en', {timeZone: zone})
  } catch {
    throw new ParixError(
      'BAD_INPUT',
      `${field} is not a time zone: ${JSON.stringify(zone.slice(0, 60))}. Use a name such as Europe/Berlin or UTC.`,
    )
  }
}

/**
 * The first moment of a calendar day in a time zone, in nanoseconds. Where clocks go forward at midnight, the day begins
 * when the missing hour is over.
 *
 * @returns undefined when `date` is not a date of the calendar
 */
export function startOfDay(date: string, zone: string): bigint | undefined {
  const [, year = '', month = '', day = ''] = DATE.exec(date) ?? []
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day))
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 10) !== date) return undefined
  // The offset at the wall time is at most a day wrong, and the second look corrects it across a change of the clocks.
  let at = wall - offsetMs(wall, zone)
  at = wall - offsetMs(at, zone)
  // A day that begins later than its midnight: step to the first moment that is on this date.
  while (dateOf(BigInt(at) * NS_PER_MS, zone) < date) at += 15 * 60_000
  return BigInt(at) * NS_PER_MS
}

/** The first moment of the day after. */
export function endOfDay(date: string, zone: string): bigint | undefined {
  const [, year = '', month = '', day = ''] = DATE.exec(date) ?? []
  const next = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day) + 1))
  return startOfDay(date, zone) === undefined ? undefined : startOfDay(next.toISOString().slice(0, 10), zone)
}

/** The calendar day of a moment in a time zone, as `2026-11-27`. */
export function dateOf(nanoseconds: bigint, zone: string): string {
  const {year, month, day} = parts(Number(nanoseconds / NS_PER_MS), zone)
  return `${year}-${month}-${day}`
}

/** `2026-11-27 09:00:00` in a time zone. */
export function dateTimeOf(nanoseconds: bigint, zone: string): string {
  const {year, month, day, hour, minute, second} = parts(Number(nanoseconds / NS_PER_MS), zone)
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`
}

/** RFC 3339 in UTC with all nine places. */
export function isoOf(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${(nanoseconds % 1_000_000_000n).toString().padStart(9, '0')}Z`
}

function offsetMs(at: number, zone: string): number {
  const {year, month, day, hour, minute, second} = parts(at, zone)
  return (
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) -
    Math.floor(at / 1000) * 1000
  )
}

const formats = new Map<string, Intl.DateTimeFormat>()

function parts(at: number, zone: string): Record<string, string> {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(zone, format)
  }
  return Object.fromEntries(
    format.formatToParts(at).map(({type, value}) => [type, value.padStart(type === 'year' ? 4 : 2, '0')]),
  )
}
