import {setTimeout as sleep} from 'node:timers/promises'
import {PATHS} from '@parix/kit/contract'
import type {FailRule, Switches} from './fault-rules.js'
import {problem} from './problem.js'

/** Where the switches are set: never subject to them. */
export const FAULTS_PATH = '/local/faults'

const NOTHING: Switches = {stub: false, billingBlocked: false, failNext: []}

/**
 * The switches of a service, per organization: none of them affects a request of another organization. Every organization
 * begins with its own copy of what the service was started with.
 */
export interface FaultInjection {
  /** @param organizationId undefined: requests that belong to no organization */
  of(organizationId: string | undefined): Switches
  /** Changes the switches that are given. */
  set(organizationId: string, changes: Partial<Switches>): Switches
  /** Turns all of them off, including those that the service was started with. */
  clear(organizationId: string): Switches
  /** Whether any request has to be compared with rules at all. */
  hasRules(): boolean
}

export function createFaultInjection(initial: Partial<Switches> = {}): FaultInjection {
  const start: Switches = {...NOTHING, ...initial}
  const known = new Map<string | undefined, Switches>()
  const of = (organizationId: string | undefined) => {
    const switches = known.get(organizationId) ?? {...start, failNext: start.failNext.map((rule) => ({...rule}))}
    known.set(organizationId, switches)
    return switches
  }
  return {
    of,
    set: (organizationId, changes) => Object.assign(of(organizationId), changes),
    clear: (organizationId) => Object.assign(of(organizationId), NOTHING, {failNext: []}),
    hasRules: () => start.failNext.length > 0 || [...known.values()].some(({failNext}) => failNext.length > 0),
  }
}

export interface InjectionContext {
  faults: FaultInjection
  /** Whose request this is; also the request to pass on, if its body had to be read to find out. */
  attribute(request: Request): Promise<{organizationId: string | undefined; request: Request}>
  /** Cuts the connection of the request. */
  cut(): void
  next(request: Request): Response | Promise<Response>
}

/** Responds to `request` by `next`, unless a rule of its organization matches it. */
export async function respondOrFail(request: Request, context: InjectionContext): Promise<Response> {
  const {faults, cut, next} = context
  if (!faults.hasRules() || new URL(request.url).pathname === FAULTS_PATH) return next(request)
  const attributed = await context.attribute(request)
  const rule = takeRule(faults.of(attributed.organizationId), request)
  if (!rule) return next(attributed.request)
  if (rule.delayMs !== undefined) await sleep(rule.delayMs)
  if (rule.drop === 'request') return cutOff(cut)
  if (rule.status !== undefined) return failure(rule.status, rule.retryAfterS)
  const response = await next(attributed.request)
  return rule.drop === 'answer' ? cutOff(cut) : response
}

function takeRule(switches: Switches, request: Request): FailRule | undefined {
  const {pathname} = new URL(request.url)
  const rule = switches.failNext.find(
    ({method, path}) => (method ?? request.method) === request.method && matches(path, pathname),
  )
  if (rule && --rule.times <= 0) switches.failNext = switches.failNext.filter((other) => other !== rule)
  return rule
}

function matches(path: string | undefined, pathname: string): boolean {
  if (path !== undefined) return pathname.includes(path)
  return pathname.startsWith(`${PATHS.api}/`) && pathname !== `${PATHS.api}/session`
}

/** Nobody gets this response: the connection is gone. */
function cutOff(cut: () => void): Response {
  cut()
  return new Response(null, {status: 503})
}

function failure(status: number, retryAfterS: number | undefined): Response {
  const headers = retryAfterS === undefined ? {} : {'retry-after': String(retryAfterS)}
  return problem(status, `This request fails on purpose (${FAULTS_PATH}). Nothing was done.`, {}, headers)
}
