import {setTimeout as delay} from 'node:timers/promises'
import {isParixError} from '../errors.js'
import {retryAfterSeconds} from '../http/response.js'
import {isTransportError} from '../http.js'
import {isPassing} from './problem.js'

/** When a request is sent again: reads after any passing fault, others only if they were certainly never sent. */
export interface RetryOptions {
  idempotent: boolean
  signal: AbortSignal | undefined
  /** Told before each wait. */
  onRetry: (reason: string, waitMs: number) => void
}

const ATTEMPTS_MAX = 4
const FIRST_WAIT_MS = 250
/** After this long nothing is tried again, and no single wait is longer. */
const TOTAL_MS_MAX = 30_000
const WAIT_MS_MAX = 10_000
const LASTING = ['tls_failed', 'proxy_refused', 'proxy_unreachable', 'dns_failed']

/** @throws what the last attempt threw */
export async function withRetries<Reply extends {status: number; headers: Record<string, string>}>(
  attempt: () => Promise<Reply>,
  options: RetryOptions,
): Promise<Reply> {
  const started = performance.now()
  for (let attempts = 1; ; attempts++) {
    const outcome = await settle(attempt())
    const reason = reasonToRetry(outcome, options.idempotent)
    const waitMs = waitBefore(attempts, outcome)
    const late = performance.now() - started + waitMs > TOTAL_MS_MAX || waitMs > WAIT_MS_MAX
    if (reason === undefined || attempts >= ATTEMPTS_MAX || late || options.signal?.aborted === true) {
      return unsettle(outcome)
    }
    options.onRetry(reason, waitMs)
    await delay(waitMs, undefined, options.signal && {signal: options.signal}).catch(() => {})
  }
}

type Outcome<Reply> = {response: Reply} | {error: unknown}

function reasonToRetry(outcome: Outcome<{status: number}>, idempotent: boolean): string | undefined {
  if ('response' in outcome) {
    const {status} = outcome.response
    return idempotent && isPassing(status) ? `HTTP ${status}` : undefined
  }
  const {error} = outcome
  if (!isTransportError(error) || error.details.retryable === false || error.code === 'aborted') return undefined
  // A certificate or a name does not become right within seconds.
  if (LASTING.includes(error.code)) return undefined
  return idempotent || error.sent === 'no' ? error.message : undefined
}

function waitBefore(attempts: number, outcome: Outcome<{headers: Record<string, string>}>): number {
  const seconds = 'response' in outcome ? retryAfterSeconds(outcome.response.headers) : undefined
  if (seconds !== undefined) return seconds * 1000
  // Full jitter on the upper half: many processes that failed together don't come back together.
  return FIRST_WAIT_MS * 2 ** (attempts - 1) * (0.5 + Math.random() / 2)
}

async function settle<Reply>(promise: Promise<Reply>): Promise<Outcome<Reply>> {
  try {
    return {response: await promise}
  } catch (error) {
    if (!isParixError(error)) throw error
    return {error}
  }
}

function unsettle<Reply>(outcome: Outcome<Reply>): Reply {
  if ('response' in outcome) return outcome.response
  throw outcome.error
}
