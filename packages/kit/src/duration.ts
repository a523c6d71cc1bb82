import {ParixError} from './errors.js'
import {quoted} from './text.js'

const UNIT_MS: Record<string, number> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000}

/**
 * A span of time as people write it: `90` (seconds), `90s`, `10m`, `1h30m`.
 *
 * @param field the name to use in the error, such as `--timeout`
 * @returns milliseconds
 * @throws ParixError BAD_INPUT when it isn't one, or is longer than 30 days
 */
export function parseDuration(field: string, text: string): number {
  const trimmed = text.trim().toLowerCase()
  const spans = /^\d+(\.\d+)?$/.test(trimmed) ? [`${trimmed}s`] : trimmed.match(/\d+(\.\d+)?(ms|s|m|h|d)/g)
  if (spans === null || (spans.join('') !== trimmed && spans.join('') !== `${trimmed}s`)) {
    throw new ParixError('BAD_INPUT', `${field} must be a time such as 90 (seconds), 10m or 1h, not ${quoted(text)}.`)
  }
  const ms = spans.reduce((sum, span) => sum + Number.parseFloat(span) * UNIT_MS[span.replace(/[\d.]+/, '')]!, 0)
  if (ms > 30 * UNIT_MS.d!) throw new ParixError('BAD_INPUT', `${field} must be 30 days at most, not ${quoted(text)}.`)
  return ms
}

/** `450 ms`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
