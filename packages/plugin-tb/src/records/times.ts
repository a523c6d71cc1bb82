import {ParixError} from '@parix/kit/errors'
import {parseUint} from '@parix/kit/integers'

/** The largest timestamp that TigerBeetle takes, in nanoseconds since 1970 (semantics, notation). */
export const TIMESTAMP_MAX = 2n ** 63n - 1n

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|z|[+-]\d{2}:\d{2}))?$/

/**
 * Nanoseconds since 1970, from a whole number of them or an RFC 3339 time (`2026-11-24T18:40:00.123456789Z`), exact to
 * the nanosecond. A date alone is its first moment in UTC.
 *
 * @throws ParixError BAD_INPUT when it is neither, or past 2^63 − 1
 */
export function parseTimestamp(field: string, text: string): bigint {
  const match = RFC_3339.exec(text.trim())
  const value = match ? fromParts(field, text, match) : wholeNumber(field, text)
  if (value > TIMESTAMP_MAX) {
    throw new ParixError('BAD_INPUT', `${field} is past the last timestamp that TigerBeetle takes, ${TIMESTAMP_MAX}.`)
  }
  return value
}

function wholeNumber(field: string, text: string): bigint {
  // A leading number with more behind it is a time that was written some other way.
  if (/^(?!0x)(\d+[-T:]|.*[A-Za-z]{3})/i.test(text.trim())) throw badTime(field, text)
  return parseUint(field, text, 64)
}

function fromParts(field: string, text: string, match: RegExpExecArray): bigint {
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match
  const parts = [year, month, day, hour, minute, second].map(Number) as [number, number, number, number, number, number]
  const utc = new Date(Date.UTC(parts[0], parts[1] - 1, parts[2], parts[3], parts[4], parts[5]))
  // Date.UTC rolls 31 February over into March; what was written must come out again.
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  if (utc.toISOString().slice(0, 19) !== written) throw badTime(field, text)
  const nanoseconds = BigInt(utc.getTime()) * 1_000_000n + BigInt(fraction.padEnd(9, '0')) - offsetOf(field, text, zone)
  if (nanoseconds < 0n) throw new ParixError('BAD_INPUT', `${field} lies before 1970, where TigerBeetle's time begins.`)
  return nanoseconds
}

function offsetOf(field: string, text: string, zone: string): bigint {
  if (zone === 'Z' || zone === 'z') return 0n
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4, 6))
  if (hours > 23 || minutes > 59) throw badTime(field, text)
  const size = BigInt(hours * 60 + minutes) * 60_000_000_000n
  return zone.startsWith('-') ? -size : size
}

/** The RFC 3339 time of a timestamp, with all nine digits: written back, it gives the same timestamp. */
export function formatTimestamp(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000)
  const fraction = String(nanoseconds % 1_000_000_000n).padStart(9, '0')
  return Number.isNaN(seconds.getTime()) ? String(nanoseconds) : `${seconds.toISOString().slice(0, 19)}.${fraction}Z`
}

function badTime(field: string, text: string): ParixError {
  return new ParixError('BAD_INPUT', `${field} is not a time: ${JSON.stringify(text.slice(0, 60))}.`, {
    next: 'Write nanoseconds since 1970, or an RFC 3339 time with its zone: 2026-11-24T18:40:00Z',
  })
}
