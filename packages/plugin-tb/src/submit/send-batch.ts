import type {CreateKind} from '../checks/batch.js'
import type {CreateOperation} from '../outbox/entry.js'
import {judgeAnswer, judgeFault, type Verdict} from './verdict.js'
import type {SubmitWorld} from './world.js'

/** One request of an entry, ready to be sent. */
export interface BatchRequest {
  operation: CreateOperation
  kind: CreateKind
  databaseId: string
  /** The same bytes at every attempt. */
  body: string
  ids: readonly string[]
  /** Whether it may have been sent before this command: then 'exists' is what a retry sees. */
  sentBefore: boolean
}

/** How sending ended, and what may have happened on the way. */
export interface SendResult {
  verdict: Verdict
  attempts: number
  /** An attempt before the last may have been carried out. */
  mayHaveBeenDone: boolean
}

/** A service that can't even be reached is not waited for as long as one that may have been reached. */
const UNREACHABLE_ATTEMPTS_MAX = 4

/**
 * Sends the request until it is answered, refused for good, or the limits are reached: the same bytes every time, so that
 * the ledger makes each event at most once. `afterFailure` is called with each fault before the next attempt.
 */
export async function sendBatch(
  world: SubmitWorld,
  request: BatchRequest,
  afterFailure: (reason: string) => void,
): Promise<SendResult> {
  const {limits} = world
  const lastStart = world.now() + limits.retryForMs
  let mayHaveBeenDone = request.sentBefore
  for (let attempts = 1; ; attempts++) {
    const verdict = await attempt(world, request)
    mayHaveBeenDone ||= verdict.kind === 'unclear' || (verdict.kind === 'rejected' && verdict.mayHaveBeenDone === true)
    if (verdict.kind !== 'unclear' && verdict.kind !== 'later') return {verdict, attempts, mayHaveBeenDone}
    afterFailure(verdict.reason)
    const attemptsMax = isUnreachable(verdict) && !mayHaveBeenDone ? UNREACHABLE_ATTEMPTS_MAX : limits.attemptsMax
    const delay = Math.max(verdict.afterMs ?? 0, backOff(world, attempts))
    if (attempts >= attemptsMax || world.now() + delay > lastStart) return {verdict, attempts, mayHaveBeenDone}
    world.say(retryNotice(verdict, delay, attempts + 1))
    await world.sleep(delay)
  }
}

async function attempt(world: SubmitWorld, {operation, kind, databaseId, body, ids}: BatchRequest): Promise<Verdict> {
  try {
    const answer = await world.api.request({
      method: 'POST',
      target: `/databases/${encodeURIComponent(databaseId)}/tb/${operation}`,
      headers: {'content-type': 'application/json', accept: 'application/json'},
      body,
      retries: 'none',
      responseTimeoutMs: world.limits.answerTimeoutMs,
    })
    return judgeAnswer(kind, ids, answer, world.api.refusal)
  } catch (error) {
    return judgeFault(error)
  }
}

function isUnreachable(verdict: Verdict): boolean {
  return verdict.kind === 'later' && verdict.unreachable === true
}

/** Doubles from attempt to attempt, and is spread so that many clients don't come back at one moment. */
function backOff({limits, random}: SubmitWorld, attempts: number): number {
  const full = Math.min(limits.retryDelayMsMax, limits.retryDelayMs * 2 ** (attempts - 1))
  return Math.round(full * (0.5 + random() / 2))
}

function retryNotice(verdict: Verdict & {reason: string}, delayMs: number, attempt: number): string {
  const wait = delayMs < 1000 ? `${delayMs} ms` : `${Math.round(delayMs / 100) / 10} s`
  const what = verdict.kind === 'later' ? 'Not carried out' : 'No usable answer'
  return `${what} (${verdict.reason.replace(/\.$/, '')}). The same bytes go out again in ${wait}, attempt ${attempt}: nothing can be made twice.`
}
