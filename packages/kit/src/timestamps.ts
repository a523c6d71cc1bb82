import {ParixError} from './errors.js'
import {parseUint} from './integers.js'

/** The largest timestamp that TigerBeetle takes, in nanoseconds since 1970 (semantics, notation). */
export const TIMESTAMP_MAX = 2n ** 63n - 1n

/**
 * Which moment of a day a date without a time means: `start` for a lower bound, `end` for an upper one. `recorded` is the
 * timestamp of an object: a date is its start, and times relative to now are refused, because the same command given
 * again would mean another object.
 */
export type TimeRole = 'start' | 'end' | 'recorded'

export interface TimeOptions {
  role?: TimeRole
  /** Milliseconds since 1970. */
  now?: () => number
  /** Receives a sentence wherever the text leaves the moment to interpretation. */
  note?: (sentence: string) => void
}

const SECOND = 1_000_000_000n
const DAY = 86_400n * SECOND

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|z|[+-]\d{2}:\d{2})?$/
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const RELATIVE = /^([-+]?)((?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+)(?:\s+ago)?$/i
const WORDS = /^(now|today|yesterday)$/i

/**
 * The one reader of times: nanoseconds since 1970; RFC 3339 with a zone, exact to the nanosecond; a date, which is a day in
 * UTC; `now`, `today`, `yesterday`; and spans before now such as `-1h`, `7d`, `1h30m`.
 *
 * @param field the name to use in errors, such as `--timestamp-min`
 * @returns nanoseconds since 1970
 * @throws ParixError BAD_INPUT when it is none of these, has no zone, looks like seconds, milliseconds or microseconds, or
 *   is past 2^63 − 1
 */
export function parseTimestamp(field: string, text: string, options: TimeOptions = {}): bigint {
  const value = read(field, text.trim(), options)
  if (value > TIMESTAMP_MAX) {
    throw new ParixError('BAD_INPUT', `${field} is past the last timestamp that TigerBeetle takes, ${TIMESTAMP_MAX}.`)
  }
  if (value < 0n) throw new ParixError('BAD_INPUT', `${field} is before 1970, where TigerBeetle's time begins.`)
  return value
}

function read(field: string, text: string, options: TimeOptions): bigint {
  const time = RFC_3339.exec(text)
  if (time) return fromParts(field, text, time)
  const date = DATE.exec(text)
  if (date) return noted(field, text, day(field, text, date), options)
  if (WORDS.test(text) || RELATIVE.test(text)) return relative(field, text, options)
  return nanoseconds(field, text, options)
}

/** A date, as the span from its first to its last nanosecond in UTC. */
interface Day {
  start: bigint
  called: string
}

function day(field: string, text: string, [, year, month, date]: RegExpExecArray): Day {
  const start = utc(field, text, [year, month, date, '00', '00', '00'] as Parts)
  return {start, called: 'that day, UTC'}
}

function noted(field: string, text: string, {start, called}: Day, {role = 'start', note}: TimeOptions): bigint {
  const end = role === 'end'
  const value = end ? start + DAY - 1n : start
  note?.(`${field} ${text} is read as ${formatTimestamp(value)}, the ${end ? 'end' : 'start'} of ${called}.`)
  return value
}

function relative(field: string, text: string, options: TimeOptions): bigint {
  const {role, now = Date.now, note} = options
  if (role === 'recorded') {
    throw new ParixError(
      'BAD_INPUT',
      `${field} is ${JSON.stringify(text)}, which means another time whenever the command is given again. An imported object needs a fixed time.`,
      {next: FIXED_FORMS},
    )
  }
  const word = WORDS.exec(text)?.[1]?.toLowerCase()
  const current = BigInt(now()) * 1_000_000n
  if (word === 'today' || word === 'yesterday') {
    const start = current - (current % DAY) - (word === 'yesterday' ? DAY : 0n)
    return noted(field, text, {start, called: `${word}, UTC`}, options)
  }
  const value = word === 'now' ? current : before(field, text, current)
  note?.(`${field} ${text} is read as ${formatTimestamp(value)}.`)
  return value
}

const UNIT_MS: Readonly<Record<string, number>> = {ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5}

function before(field: string, text: string, current: bigint): bigint {
  const [, sign, spans = ''] = RELATIVE.exec(text)!
  if (sign === '+') throw badTime(field, text)
  let milliseconds = 0
  for (const [, amount, unit] of spans.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/gi)) {
    milliseconds += Number(amount) * UNIT_MS[unit!.toLowerCase()]!
  }
  if (!Number.isSafeInteger(Math.round(milliseconds))) throw badTime(field, text)
  return current - BigInt(Math.round(milliseconds)) * 1_000_000n
}

/** Digits that are a moment since 1973 in one of these units are before March 1973 in nanoseconds. */
const COARSER: readonly {below: bigint; unit: string; perUnit: bigint}[] = [
  {below: 10n ** 11n, unit: 'seconds', perUnit: SECOND},
  {below: 10n ** 14n, unit: 'milliseconds', perUnit: 1_000_000n},
  {below: 10n ** 17n, unit: 'microseconds', perUnit: 1000n},
]
const SUSPECT_FROM = 10n ** 8n

function nanoseconds(field: string, text: string, {role, note}: TimeOptions): bigint {
  const fraction = /^(\d{9,11})\.\d+$/.exec(text)
  if (fraction) throw coarser(field, text, BigInt(fraction[1]!), 'seconds', BigInt(fraction[1]!) * SECOND)
  // Digits followed by anything else are a time that was written some other way.
  if (/^(?!0x)(\d+[-./T:]|.*[A-Za-z]{3})/i.test(text)) throw badTime(field, text)
  const value = parseUint(field, text, 64)
  if (value >= SUSPECT_FROM) {
    const {unit, perUnit} = COARSER.find(({below}) => value < below) ?? {}
    if (unit !== undefined) throw coarser(field, text, value, unit, value * perUnit!)
  } else if (value > 0n && role !== 'recorded') note?.(`${field} ${text} is in nanoseconds: ${formatTimestamp(value)}.`)
  return value
}

/** `date +%s`, `Date.now()` and most logs count in coarser units than TigerBeetle. */
function coarser(field: string, text: string, value: bigint, unit: string, meant: bigint): ParixError {
  const problem = `${field} ${text} looks like ${unit}, but TigerBeetle counts nanoseconds: it would be ${formatTimestamp(value)}.`
  if (meant > TIMESTAMP_MAX) return new ParixError('BAD_INPUT', problem, {code: 'time_unit', next: FORMS})
  const time = formatTimestamp(meant)
  return new ParixError('BAD_INPUT', `${problem} As ${unit} it is ${time}, which is ${meant} in nanoseconds.`, {
    code: 'time_unit',
    next: `Write ${time} or ${meant}.`,
  })
}

type Parts = [year: string, month: string, date: string, hour: string, minute: string, second: string]

function fromParts(field: string, text: string, match: RegExpExecArray): bigint {
  const [, year, month, date, hour, minute, second = '00', fraction = '', zone] = match
  const time = utc(field, text, [year, month, date, hour, minute, second] as Parts)
  if (zone === undefined) throw withoutZone(field, text)
  return time + BigInt(fraction.padEnd(9, '0')) - offsetOf(field, text, zone)
}

function utc(field: string, text: string, [year, month, date, hour, minute, second]: Parts): bigint {
  const time = new Date(
    Date.UTC(Number(year), Number(month) - 1, Number(date), Number(hour), Number(minute), Number(second)),
  )
  // Date.UTC rolls 31 February over into March; what was written must come out again.
  const written = `${year}-${month}-${date}T${hour}:${minute}:${second}`
  if (Number.isNaN(time.getTime()) || time.toISOString().slice(0, 19) !== written) throw badTime(field, text)
  return BigInt(time.getTime()) * 1_000_000n
}

function offsetOf(field: string, text: string, zone: string): bigint {
  if (zone === 'Z' || zone === 'z') return 0n
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4, 6))
  if (hours > 23 || minutes > 59) throw badTime(field, text)
  const size = BigInt(hours * 60 + minutes) * 60n * SECOND
  return zone.startsWith('-') ? -size : size
}

/** The RFC 3339 time of a timestamp, with all nine digits: read again, it gives the same timestamp. */
export function formatTimestamp(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / SECOND) * 1000)
  const fraction = String(nanoseconds % SECOND).padStart(9, '0')
  return Number.isNaN(seconds.getTime()) ? String(nanoseconds) : `${seconds.toISOString().slice(0, 19)}.${fraction}Z`
}

/** A timestamp as a flag's value in a printed command: digits, except those that `parseTimestamp` takes for another unit. */
export function timestampWord(nanoseconds: bigint): string {
  const ambiguous = nanoseconds >= SUSPECT_FROM && nanoseconds < COARSER.at(-1)!.below
  return ambiguous ? formatTimestamp(nanoseconds) : String(nanoseconds)
}

const FIXED_FORMS =
  'Write an RFC 3339 time with its zone (2026-11-24T18:40:00Z), a date (2026-11-24), or nanoseconds since 1970.'
const FORMS =
  'Write an RFC 3339 time with its zone (2026-11-24T18:40:00Z), a date (2026-11-24), a span before now (-1h, 7d), now, today, yesterday, or nanoseconds since 1970.'

function badTime(field: string, text: string): ParixError {
  return new ParixError('BAD_INPUT', `${field} is not a time: ${JSON.stringify(text.slice(0, 60))}.`, {next: FORMS})
}

function withoutZone(field: string, text: string): ParixError {
  const time = text.replace(/[Tt ]/, 'T')
  return new ParixError(
    'BAD_INPUT',
    `${field} ${text} has no time zone: write ${time}Z if it is UTC, or its offset, such as ${time}+01:00.`,
    {code: 'time_zone_missing', next: `Write ${time}Z for UTC, or the offset from it: ${time}+01:00`},
  )
}
