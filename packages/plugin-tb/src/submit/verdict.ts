import type {ApiResponse} from '@parix/kit/api'
import {isParixError, type ParixError} from '@parix/kit/errors'
import {isTransportError} from '@parix/kit/http'
import {isLosslessNumber, type Json, parseJson, stringifyExact} from '@parix/kit/json'
import {excerpt} from '@parix/kit/text'
import type {CreateKind} from '../checks/batch.js'
import {type EventOutcome, readOutcomes} from '../results/outcome.js'

/** A JSON object of the service, whatever is in it. */
export type Envelope = {[key: string]: Json}

/**
 * What one attempt to send a create request came to.
 * - `answered`: the outcome of every event is known
 * - `unreadable`: it was carried out, but what the answer says of the events can't be understood
 * - `stub`: the gateway looked at the request and stored nothing
 * - `unclear`: it may have been carried out; the same bytes have to be sent again
 * - `later`: it was not carried out, and may be after a while
 * - `too_much`, `rejected`: it was not carried out (unless `mayHaveBeenDone`), and won't be as it is
 */
export type Verdict =
  | {kind: 'answered'; events: EventOutcome[]; envelope: Envelope}
  | {kind: 'unreadable'; envelope: Envelope; reason: string}
  | {kind: 'stub'; envelope: Envelope}
  | {kind: 'unclear'; reason: string; afterMs?: number | undefined}
  | {kind: 'later'; reason: string; afterMs?: number | undefined; unreachable?: boolean}
  | {kind: 'too_much'; error: ParixError}
  | {kind: 'rejected'; error: ParixError; mayHaveBeenDone?: boolean}

/**
 * What an answer says of the events with these ids.
 *
 * @param refusal what the answer means where it isn't a success: `Api.refusal`
 */
export function judgeAnswer(
  kind: CreateKind,
  ids: readonly string[],
  answer: ApiResponse,
  refusal: (answer: ApiResponse) => ParixError,
): Verdict {
  const {status} = answer
  const body = readObject(answer)
  if (status >= 200 && status < 300) return judgeSuccess(kind, ids, answer, body)
  const events = body?.tbResults === undefined ? undefined : readOutcomes(kind, ids, body.tbResults)
  if (events?.some(({state}) => state === 'refused')) return {kind: 'answered', events, envelope: {}}
  const error = refusal(answer)
  const seconds = error.details.retryAfterSeconds
  const afterMs = seconds === undefined ? undefined : seconds * 1000
  if (isNotYet(status, body, afterMs)) return {kind: 'later', reason: said(answer, body), afterMs}
  if (status >= 500) return {kind: 'unclear', reason: said(answer, body), afterMs}
  // A request that timed out at the service (408) may still be carried out.
  if (status === 408) return {kind: 'unclear', reason: said(answer, body), afterMs}
  return {kind: isTooMuch(status, body) ? 'too_much' : 'rejected', error}
}

/** What an attempt that ended without an answer says. A fault that is not the network's passes on. */
export function judgeFault(error: unknown): Verdict {
  if (isTransportError(error)) {
    return error.sent === 'no'
      ? {kind: 'later', reason: error.message, unreachable: true}
      : {kind: 'unclear', reason: error.message}
  }
  if (!isParixError(error)) throw error
  // A redirect comes from somewhere behind the send; all else is found before it.
  return {kind: 'rejected', error, mayHaveBeenDone: error.kind === 'FAILED'}
}

function judgeSuccess(
  kind: CreateKind,
  ids: readonly string[],
  answer: ApiResponse,
  body: Envelope | undefined,
): Verdict {
  if (body === undefined) return {kind: 'unclear', reason: said(answer, body)}
  if (body.mode === 'stub' || body.persisted === false) return {kind: 'stub', envelope: body}
  const events = readOutcomes(kind, ids, body.responsePayload ?? null)
  if (events) return {kind: 'answered', events, envelope: body}
  const reason = `an answer that can't be understood: ${excerpt(stringifyExact(body.responsePayload ?? body), 300)}`
  return {kind: 'unreadable', envelope: body, reason}
}

/** 429, 425 and 'not ready': told to come back, so nothing was done. */
function isNotYet(status: number, body: Envelope | undefined, afterMs: number | undefined): boolean {
  if (status === 429 || status === 425) return true
  const notReady = typeNamed(body, 'database-not-ready') || /\bnot (yet )?ready\b/i.test(words(body))
  return notReady || (status === 409 && afterMs !== undefined)
}

function isTooMuch(status: number, body: Envelope | undefined): boolean {
  return status === 413 || typeNamed(body, 'too-much-data') || /too[ _]much[ _]data/i.test(words(body))
}

/** Our local service names its problems by `type`; what the hosted one sends is not documented, so the text counts too. */
function typeNamed(body: Envelope | undefined, name: string): boolean {
  return typeof body?.type === 'string' && body.type.endsWith(`/${name}`)
}

function words(body: Envelope | undefined): string {
  return [body?.title, body?.detail, body?.message, body?.error, body?.code]
    .filter((word) => typeof word === 'string')
    .join(' ')
}

function said({status, body}: ApiResponse, problem: Envelope | undefined): string {
  const text = words(problem) || excerpt(body.toString('utf8').replace(/<[^>]*>/g, ' '), 120)
  return `status ${status}${text && `: ${excerpt(text, 200)}`}`
}

function readObject({body}: ApiResponse): Envelope | undefined {
  try {
    const value = parseJson(body.toString('utf8'))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value)
    return isObject ? value : undefined
  } catch {
    return undefined
  }
}
