import {ParixError} from '@parix/kit/errors'

const UNITS_MS: Record<string, number> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000}
const DURATION_MS_MAX = 24 * 3_600_000

/**
 * `90s`, `5m`, `1h` in milliseconds, from 1 ms to 24 hours. The unit must be there: a bare number means seconds to one
 * tool and milliseconds to the next.
 * @throws ParixError BAD_INPUT
 */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text)
  const durationMs = match === null ? 0 : Number(match[1]) * UNITS_MS[match[2]!]!
  if (durationMs > 0 && durationMs <= DURATION_MS_MAX) return durationMs
  throw new ParixError('BAD_INPUT', `"${text}" is not a length of time from 1ms to 24h.`, {
    code: 'bad_duration',
    next: 'Write a number and its unit, such as 90s, 5m or 1h.',
  })
}
