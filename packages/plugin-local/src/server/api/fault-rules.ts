/**
 * Switches that make the service misbehave on purpose, to exercise the unhappy paths of a client. Each organization has its
 * own; they live as long as the service runs.
 */
export interface Switches {
  /** Operations are validated, and nothing is stored: `mode: "stub"`. */
  stub: boolean
  /** Databases are not created: pay first. */
  billingBlocked: boolean
  /** The first that matches a request is used, once. */
  failNext: FailRule[]
}

/** What happens to the next requests. */
export interface FailRule {
  /** How many more. */
  times: number
  /** Only requests with this method. */
  method?: string | undefined
  /** Only requests whose path contains this text; when left out, those under `/api/v1` other than `/session`. */
  path?: string | undefined
  /** Waits before anything else. */
  delayMs?: number | undefined
  /** The response is a problem with this status, and nothing is done. */
  status?: number | undefined
  /** Seconds, for the response's `Retry-After`. */
  retryAfterS?: number | undefined
  /** The connection is cut: before the work (`request`), or after it was done (`answer`). */
  drop?: 'request' | 'answer' | undefined
}

/**
 * Parses a rule of `--fail-next`: `WHAT[*TIMES][@[METHOD:]PATH]`, where WHAT is a status (`503`), `drop-answer`,
 * `drop-request` or `delay-MS`. Examples: `503*2`, `429@POST:/databases`, `drop-answer@create_transfers`.
 *
 * @returns undefined if the text is not a rule
 */
export function parseFailRule(text: string): FailRule | undefined {
  const parts = /^(?<what>[\w-]+)(?:\*(?<times>\d{1,6}))?(?:@(?:(?<method>[A-Z]+):)?(?<path>\S+))?$/.exec(text)?.groups
  const effect = parts && parseEffect(parts.what!)
  if (!effect) return undefined
  const times = parts.times === undefined ? 1 : Number(parts.times)
  return times === 0 ? undefined : {times, method: parts.method, path: parts.path, ...effect}
}

function parseEffect(what: string): Partial<FailRule> | undefined {
  if (what === 'drop-answer') return {drop: 'answer'}
  if (what === 'drop-request') return {drop: 'request'}
  const delay = /^delay-(\d{1,6})$/.exec(what)?.[1]
  if (delay !== undefined && Number(delay) <= DELAY_MS_MAX) return {delayMs: Number(delay)}
  if (!/^[45]\d\d$/.test(what)) return undefined
  const status = Number(what)
  return {status, ...((status === 429 || status === 503) && {retryAfterS: 1})}
}

/** Longest delay of a rule. */
export const DELAY_MS_MAX = 600_000
