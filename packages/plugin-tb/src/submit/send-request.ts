import {type Api, type ApiResponse, PAGE_BYTES_MAX} from '@parix/kit/api'
import {parseDuration} from '@parix/kit/duration'
import {isParixError} from '@parix/kit/errors'
import {type BatchFile, type Entry, kindOf, type Request} from '../outbox/entry.js'
import type {Outbox} from '../outbox/store.js'
import {type Classified, classifyError, classifyResponse, type SentRequest} from './classify-response.js'
import {type CountedRows, countRows} from './count-rows.js'
import {AHEAD_BYTES_MIN} from './turn.js'

/** What a submission works with; tests bring a clock of their own. */
export interface SubmitContext {
  api: Api
  outbox: Outbox
  /** What a person should know while waiting; stderr. */
  say: (text: string) => void
  sleep: (ms: number) => Promise<void>
  /** Milliseconds since 1970. */
  now: () => number
  /** 0 to 1, for spreading retries. */
  random: () => number
  limits: SubmitLimits
}

/** How long the same bytes are sent again. */
export interface SubmitLimits {
  /** No new attempt begins after this long. */
  retryForMs: number
  attemptsMax: number
  retryDelayMs: number
  retryDelayMsMax: number
  responseTimeoutMs: number
}

export const DEFAULT_LIMITS: SubmitLimits = {
  retryForMs: 60_000,
  attemptsMax: 12,
  retryDelayMs: 250,
  retryDelayMsMax: 8_000,
  responseTimeoutMs: 30_000,
}

/** `--retry-for` (or PARIX_RETRY_FOR), and two that are for tests and slow lines. */
export function limitsOf(environment: NodeJS.ProcessEnv, retryFor: string | undefined): SubmitLimits {
  const limits = {...DEFAULT_LIMITS}
  if (retryFor !== undefined) limits.retryForMs = parseDuration('--retry-for', retryFor)
  const {PARIX_RETRY_DELAY, PARIX_ANSWER_TIMEOUT} = environment
  if (PARIX_RETRY_DELAY) limits.retryDelayMs = parseDuration('PARIX_RETRY_DELAY', PARIX_RETRY_DELAY)
  if (PARIX_ANSWER_TIMEOUT) limits.responseTimeoutMs = parseDuration('PARIX_ANSWER_TIMEOUT', PARIX_ANSWER_TIMEOUT)
  // A longer time is asked for in order to have more attempts.
  limits.attemptsMax = Math.max(limits.attemptsMax, Math.ceil(limits.retryForMs / limits.retryDelayMsMax) + 8)
  return limits
}

/** The clock and the random numbers of this process. */
export const REAL_TIME = {
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  now: Date.now,
  random: Math.random,
}

/** One request of an entry, ready to be sent. */
export interface EntryRequest extends SentRequest {
  /** The same bytes at every attempt. */
  body: string | Uint8Array
  /** Whether it may have been sent before this command: then 'exists' is what a retry sees. */
  sentBefore: boolean
  /** Called when all of it has left: work that keeps the processor busy delays it no longer. */
  onSent?: () => void
}

/** A request whose events nobody asks about one by one as long as all of them are there. */
export interface CountedRequest extends EntryRequest {
  body: Uint8Array
  events: number
  /** Memory for the response; see `HttpRequest`. What is counted in it is read before it is lent again. */
  responseMemory?: (bytes: number) => Buffer
  turn?: Turn
}

/** When a request may be carried out. */
export interface Turn {
  /** Rejects where it never may be. */
  come: Promise<void>
  /** Until then all but the last byte is sent (`HttpRequest.lastByteAfter`). Where it rejects before `come`, nothing is sent until then. */
  ahead: Promise<void>
}

/** Every event was created or exists. */
export type AllThere = {kind: 'all_there'} & CountedRows

/** How sending ended, and what may have happened meanwhile. */
export interface SendResult<Outcome = Classified> {
  outcome: Outcome
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
export function sendRequest(
  context: SubmitContext,
  request: EntryRequest,
  afterFailure: (reason: string) => void,
): Promise<SendResult> {
  return sendUntil(
    context,
    request,
    (response) => classifyResponse(request, response, context.api.refusal),
    afterFailure,
  )
}

/**
 * The same, where a response in which every event is there is not taken apart.
 *
 * @param notAhead called where the request could not travel before its turn, and is sent again then
 * @throws what `turn.come` rejects with
 */
export async function sendCounted(
  context: SubmitContext,
  request: CountedRequest,
  afterFailure: (reason: string) => void = () => {},
  notAhead: () => void = () => {},
): Promise<SendResult<Classified | AllThere>> {
  const classify = (response: ApiResponse): Classified | AllThere => {
    const counts = countRows(request, response)
    return counts ? {kind: 'all_there', ...counts} : classifyResponse(request, response, context.api.refusal)
  }
  const {turn} = request
  if (turn === undefined) return sendUntil(context, request, classify, afterFailure)
  turn.come.catch(() => {})
  let isWhole = false
  const ahead = turn.ahead.then(() => {
    isWhole = true
  })
  ahead.catch(() => {})
  const first = await attempt(context, request, classify, ahead)
  if (isWhole) return sendUntil(context, request, classify, afterFailure, first)
  // Whatever became of a request that was not whole says nothing: when its turn comes, it is sent like any other.
  notAhead()
  await turn.come
  const result = await sendUntil(context, request, classify, afterFailure)
  return {...result, attempts: result.attempts + 1}
}

async function sendUntil<Outcome extends AllThere | Classified>(
  context: SubmitContext,
  request: EntryRequest,
  classify: (response: ApiResponse) => Outcome,
  afterFailure: (reason: string) => void,
  first?: Outcome | Classified,
): Promise<SendResult<Outcome | Classified>> {
  const {limits} = context
  const lastStart = context.now() + limits.retryForMs
  let mayHaveBeenDone = request.sentBefore
  for (let attempts = 1; ; attempts++) {
    const outcome = (attempts === 1 ? first : undefined) ?? (await attempt(context, request, classify))
    mayHaveBeenDone ||= outcome.kind === 'unclear'
    if (outcome.kind !== 'unclear' && outcome.kind !== 'later') return {outcome, attempts, mayHaveBeenDone}
    afterFailure(outcome.reason)
    const attemptsMax = isUnreachable(outcome) && !mayHaveBeenDone ? UNREACHABLE_ATTEMPTS_MAX : limits.attemptsMax
    const delay = Math.max(outcome.afterMs ?? 0, backOff(context, attempts))
    if (attempts >= attemptsMax || context.now() + delay > lastStart) return {outcome, attempts, mayHaveBeenDone}
    context.say(retryNotice(outcome, delay, attempts + 1))
    await context.sleep(delay)
  }
}

async function attempt<Outcome>(
  context: SubmitContext,
  request: EntryRequest & Pick<CountedRequest, 'responseMemory'>,
  classify: (response: ApiResponse) => Outcome,
  lastByteAfter?: Promise<void>,
): Promise<Outcome | Classified> {
  const {operation, database, body, onSent, responseMemory} = request
  try {
    const response = await context.api.request({
      method: 'POST',
      target: `/databases/${encodeURIComponent(database.id)}/tb/${operation}`,
      headers: {'content-type': 'application/json', accept: 'application/json'},
      body,
      retries: 'none',
      responseTimeoutMs: context.limits.responseTimeoutMs,
      responseBytesMax: PAGE_BYTES_MAX,
      ...(responseMemory && {responseMemory}),
      ...(onSent && {onSent}),
      ...(lastByteAfter && {lastByteAfter}),
    })
    return classify(response)
  } catch (error) {
    return classifyError(request, error)
  }
}

function isUnreachable(outcome: Classified | AllThere): boolean {
  return outcome.kind === 'later' && outcome.unreachable === true
}

/** Doubles from attempt to attempt, and is spread so that many clients don't come back at one moment. */
function backOff({limits, random}: SubmitContext, attempts: number): number {
  const full = Math.min(limits.retryDelayMsMax, limits.retryDelayMs * 2 ** (attempts - 1))
  return Math.round(full * (0.5 + random() / 2))
}

function retryNotice({kind, reason}: Classified & {reason: string}, delayMs: number, attempt: number): string {
  const wait = delayMs < 1000 ? `${delayMs} ms` : `${Math.round(delayMs / 100) / 10} s`
  const what = kind === 'later' ? 'Not carried out' : 'No usable response'
  return `${what} (${reason.replace(/\.$/, '')}). Sending the same bytes again in ${wait}, attempt ${attempt}: nothing can be created twice.`
}

/** What is only recorded must not turn a payment that was made into a failure: at worst it is sent again, and exists. */
export function noted(context: Pick<SubmitContext, 'say'>, write: () => void): void {
  try {
    write()
  } catch (error) {
    if (!isParixError(error)) throw error
    context.say(
      `${error.message} Continuing without it: the same call may be sent again, and nothing is created twice.`,
    )
  }
}

export interface BatchResult extends SendResult<SendResult['outcome'] | AllThere> {
  /** Of a streamed entry, the bytes that were sent. */
  body?: Buffer
}

/** How a request of a streamed entry is sent. */
export interface StreamedHow extends Pick<CountedRequest, 'onSent' | 'responseMemory'> {
  /** Before it comes, all but the last byte of a large request goes out. */
  turn?: Turn | undefined
  /** An attempt has failed, or could not travel before its turn. */
  notAhead?: () => void
}

/**
 * Sends one request of an entry. Where the entry is streamed and every event is there, its bytes are not taken apart.
 *
 * @throws what `turn.come` rejects with
 */
export async function sendBatch(
  context: SubmitContext,
  step: {entry: Entry; batch: BatchFile; request: () => Request},
  sentBefore: boolean,
  {turn, notAhead = () => {}, ...how}: StreamedHow = {},
): Promise<BatchResult> {
  const {entry, batch} = step
  const {operation, database} = entry.file
  const call = {operation, kind: kindOf(operation), database, sentBefore}
  const idsOf = ({records}: Request) => records.map(({id}) => String(id))
  const afterFailure = (reason: string) => {
    notAhead()
    batch.failedAttempts++
    batch.lastFault = reason
    noted(context, () => context.outbox.save(entry))
  }
  if (!entry.file.streamed) {
    const request = step.request()
    return sendRequest(context, {...call, body: request.body, ids: idsOf(request)}, afterFailure)
  }
  const body = context.outbox.bodyOf(entry, batch)
  const early = body.length < AHEAD_BYTES_MIN ? undefined : turn
  if (early === undefined) await turn?.come
  const known = {...call, ...how, body, events: batch.events, ...(early && {turn: early}), ids: []}
  const sent: CountedRequest = Object.defineProperty(known, 'ids', {get: () => idsOf(step.request())})
  return {...(await sendCounted(context, sent, afterFailure, notAhead)), body}
}
