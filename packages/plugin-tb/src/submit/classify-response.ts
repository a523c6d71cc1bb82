import {type ApiResponse, problemText} from '@parix/kit/api'
import {isParixError, type ParixError} from '@parix/kit/errors'
import {isTransportError} from '@parix/kit/http'
import {isJsonObject, type Json, parseJson, stringifyExact} from '@parix/kit/json'
import {excerpt} from '@parix/kit/text'
import type {CreateKind} from '@parix/ledger/schema'
import {type Asked, addresseeDoubt, type Envelope, envelopeDoubt, isStub} from '../results/envelope.js'
import {type EventOutcome, readOutcomes, unnamedOutcomes} from '../results/outcome.js'

/**
 * What one attempt to send a create request came to.
 * - `answered`: the request was processed; events that the response doesn't account for are `unnamed`, and `doubt` says why
 *   the response as a whole can't be relied on, where it can't
 * - `stub`: the gateway looked at the request and stored nothing
 * - `unclear`: it may have been carried out; the same bytes have to be sent again
 * - `later`: it was not carried out, and may be after a while
 * - `too_much`, `rejected`: it was not carried out, and won't be as it is
 */
export type Classified =
  | {kind: 'answered'; events: EventOutcome[]; envelope: Envelope; doubt?: string}
  | {kind: 'stub'; envelope: Envelope}
  | {kind: 'unclear'; reason: string; afterMs?: number | undefined}
  | {kind: 'later'; reason: string; afterMs?: number | undefined; unreachable?: boolean}
  | {kind: 'too_much'; error: ParixError}
  | {kind: 'rejected'; error: ParixError}

/** The request that a response is classified for. */
export interface SentRequest extends Asked {
  kind: CreateKind
  /** Ids of its events, in order. */
  ids: readonly string[]
}

/**
 * What a response says of the events that were sent. Success is only what the service says in so many words: a status of
 * 200 or 201, an envelope that doesn't contradict, and a row for each event.
 *
 * @param refusal what the response means where it isn't a success: `Api.refusal`
 */
export function classifyResponse(
  sent: SentRequest,
  response: ApiResponse,
  refusal: (reply: ApiResponse) => ParixError,
): Classified {
  const {status} = response
  const body = readBody(response)
  if (status >= 200 && status < 300) return classifySuccess(sent, response, body)
  if (status < 400) return unconfirmed(sent, said(response, body), body)
  const problem = isJsonObject(body) ? body : undefined
  const results = status < 500 && problem?.tbResults !== undefined ? classifyResults(sent, problem) : undefined
  if (results?.events.some(({state}) => state === 'refused')) return results
  const error = refusal(response)
  const seconds = error.details.retryAfterSeconds
  const afterMs = seconds === undefined ? undefined : seconds * 1000
  if (isNotYet(status, problem, afterMs)) return {kind: 'later', reason: said(response, body), afterMs}
  if (results) return results
  // A request that timed out at the service (408) may still be carried out.
  if (status >= 500 || status === 408) return {kind: 'unclear', reason: said(response, body), afterMs}
  // TigerBeetle's own refusals have this status: without a word about what conflicts, it may be one of them.
  if (status === 409 && words(problem) === '') return unconfirmed(sent, said(response, body), body)
  return {kind: isTooMuch(status, problem) ? 'too_much' : 'rejected', error}
}

/** What an attempt that ended without a response says. An error that is not the network's passes on. */
export function classifyError(sent: SentRequest, error: unknown): Classified {
  if (isTransportError(error)) {
    return error.sent === 'no'
      ? {kind: 'later', reason: error.message, unreachable: true}
      : {kind: 'unclear', reason: error.message}
  }
  if (!isParixError(error)) throw error
  // A redirect comes from somewhere after the send; all else is found before it.
  return error.kind === 'FAILED' ? unconfirmed(sent, error.message, undefined) : {kind: 'rejected', error}
}

function classifySuccess(sent: SentRequest, response: ApiResponse, body: Body): Classified {
  // A web page of something in between, or half a response: the service itself may not have been asked.
  if (body === 'not JSON') return {kind: 'unclear', reason: said(response, body)}
  if (!isJsonObject(body)) return unconfirmed(sent, said(response, body), body)
  if (isStub(body)) return {kind: 'stub', envelope: body}
  const contradiction = envelopeDoubt(body, sent)
  const message = typeof body.message === 'string' && body.message !== '' ? ` (${excerpt(body.message, 120)})` : ''
  if (contradiction !== undefined) return unconfirmed(sent, contradiction + message, body)
  if (response.status !== 200 && response.status !== 201)
    return unconfirmed(sent, `status ${response.status}${message}`, body)
  const events = readOutcomes(sent.kind, sent.ids, body.responsePayload ?? null)
  if (events) return {kind: 'answered', events, envelope: body}
  return unconfirmed(
    sent,
    `its rows can't be understood: ${excerpt(stringifyExact(body.responsePayload ?? body), 300)}`,
    body,
  )
}

/** `tbResults` names what was not created; what it doesn't name, or names as created, is looked up. */
function classifyResults(sent: SentRequest, problem: Envelope): Classified & {kind: 'answered'} {
  const doubt = addresseeDoubt(problem, sent)
  if (doubt !== undefined) return unconfirmed(sent, doubt, {})
  const events = readOutcomes(sent.kind, sent.ids, problem.tbResults ?? null)
  if (events === undefined)
    return unconfirmed(
      sent,
      `its tbResults can't be understood: ${excerpt(stringifyExact(problem.tbResults), 300)}`,
      {},
    )
  const unnamed = unnamedOutcomes(sent.ids)
  const known = (event: EventOutcome) => event.state === 'refused' || event.state === 'unfamiliar'
  return {kind: 'answered', events: events.map((event) => (known(event) ? event : unnamed[event.index]!)), envelope: {}}
}

function unconfirmed(sent: SentRequest, doubt: string, body: Body | undefined): Classified & {kind: 'answered'} {
  return {kind: 'answered', events: unnamedOutcomes(sent.ids), envelope: isJsonObject(body) ? body : {}, doubt}
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
  return body === undefined ? '' : problemText(body)
}

function said({status, body: bytes}: ApiResponse, body: Body): string {
  const text = isJsonObject(body) ? words(body) : excerpt(bytes.toString('utf8').replace(/<[^>]*>/g, ' '), 120)
  return `status ${status}${text ? `: ${excerpt(text, 200)}` : body === undefined ? ', an empty response' : ''}`
}

/** Undefined: empty. */
type Body = Json | undefined | 'not JSON'

function readBody({body}: ApiResponse): Body {
  if (body.length === 0) return undefined
  try {
    return parseJson(body.toString('utf8'))
  } catch {
    return 'not JSON'
  }
}
