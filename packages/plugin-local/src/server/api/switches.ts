import {setTimeout as sleep} from 'node:timers/promises'
import {PATHS} from '@parix/kit/contract'
import {problem} from './problem.js'

/**
 * Switches that make the service misbehave on purpose, so that the unhappy paths of a client can be seen. They live as long
 * as the service runs.
 */
export interface Switches {
  /** The operations are checked, and nothing is stored: `mode: "stub"`. */
  stub: boolean
  /** Databases are not made: pay first. */
  billingBlocked: boolean
  /** The first that fits a request is used, once. */
  failNext: FailRule[]
}

/** What happens to the next requests. */
export interface FailRule {
  /** How many more. */
  times: number
  /** Only requests with this method. */
  method?: string | undefined
  /** Only requests whose path holds this text; when left out, those under `/api/v1` other than `/session`. */
  path?: string | undefined
  /** Waits before anything else. */
  delayMs?: number | undefined
  /** A problem with this status is answered, and nothing is done. */
  status?: number | undefined
  /** Seconds, for the answer's `Retry-After`. */
  retryAfterS?: number | undefined
  /** The connection is cut: before the work (`request`), or after it was done (`answer`). */
  drop?: 'request' | 'answer' | undefined
}

/** Where the switches are set: never subject to them. */
export const SWITCHES_PATH = '/local/faults'

/**
 * Answers `request` by `next`, unless a rule fits it.
 *
 * @param cut cuts the connection that the request came by
 */
export async function answerOrFail(
  switches: Switches,
  request: Request,
  cut: () => void,
  next: (request: Request) => Response | Promise<Response>,
): Promise<Response> {
  const rule = switches.failNext.length > 0 ? takeRule(switches, request) : undefined
  if (!rule) return next(request)
  if (rule.delayMs !== undefined) await sleep(rule.delayMs)
  if (rule.drop === 'request') return cutOff(cut)
  if (rule.status !== undefined) return failure(rule.status, rule.retryAfterS)
  const answer = await next(request)
  return rule.drop === 'answer' ? cutOff(cut) : answer
}

function takeRule(switches: Switches, request: Request): FailRule | undefined {
  const {pathname} = new URL(request.url)
  if (pathname === SWITCHES_PATH) return undefined
  const rule = switches.failNext.find(
    ({method, path}) => (method ?? request.method) === request.method && fits(path, pathname),
  )
  if (rule && --rule.times <= 0) switches.failNext = switches.failNext.filter((other) => other !== rule)
  return rule
}

function fits(path: string | undefined, pathname: string): boolean {
  if (path !== undefined) return pathname.includes(path)
  return pathname.startsWith(`${PATHS.api}/`) && pathname !== `${PATHS.api}/session`
}

/** Nobody gets this answer: the connection is gone. */
function cutOff(cut: () => void): Response {
  cut()
  return new Response(null, {status: 503})
}

function failure(status: number, retryAfterS: number | undefined): Response {
  const headers = retryAfterS === undefined ? {} : {'retry-after': String(retryAfterS)}
  return problem(
    status,
    `This request fails because it was asked to (${SWITCHES_PATH}). Nothing was done.`,
    {},
    headers,
  )
}
