import type {CreateDatabaseResponse, Problem, RefusedEvent} from '../contract/index.js'
import {type ErrorDetails, type ErrorKind, ParixError} from '../errors.js'
import {isWebPage, retryAfterSeconds, webPageSentence} from '../http/response.js'
import type {HttpResponse} from '../http.js'
import {type Json, parseJson} from '../json.js'
import {isLoopback} from '../origin.js'
import {excerpt} from '../text.js'

/**
 * What a response that isn't 2xx means, by one table. Reads RFC 9457 problem details, the older `{message}` and `{error}`,
 * and what proxies send. 400 and 422 are BAD_INPUT: the service looked at the input and did nothing with it, which is what
 * exit code 2 promises.
 */
export function problemError(response: Pick<HttpResponse, 'status' | 'headers' | 'body' | 'url'>): ParixError {
  const {status, headers, url} = response
  if (isWebPage(response)) {
    return new ParixError(kindOf(status, {}), `${url.origin} ${webPageSentence(response)}.`, {
      code: 'web_page',
      status,
      ...reference(headers, {}),
      retryable: isPassing(status),
    })
  }
  const problem = readProblem(response.body)
  const kind = kindOf(status, problem)
  const billing = kind === 'BILLING' ? billingIn(parseOrUndefined(response.body)) : undefined
  if (billing !== undefined) {
    const error = billingError(billing)
    return new ParixError('BILLING', error.message, {...error.details, status, ...reference(headers, problem)})
  }
  const seconds = retryAfterSeconds(headers)
  return new ParixError(kind, sentence(problem, status, url), {
    code: codeOf(problem, kind, status),
    status,
    ...reference(headers, problem),
    ...(problem.errors !== undefined && {errors: problem.errors}),
    ...(problem.fieldErrors !== undefined && {fieldErrors: problem.fieldErrors}),
    ...(problem.tbResults !== undefined && {tbResults: problem.tbResults}),
    ...(seconds !== undefined && {retryAfterSeconds: seconds}),
    ...nextStep(status, seconds),
    ...(isPassing(status) && {retryable: true}),
  })
}

/** The kind decides the exit code. */
function kindOf(status: number, problem: Problem): ErrorKind {
  if (status === 409) return problem.tbResults === undefined ? 'CONFLICT' : 'REFUSED'
  return KINDS[status] ?? (status >= 500 ? 'UNAVAILABLE' : 'FAILED')
}

const KINDS: Record<number, ErrorKind> = {
  400: 'BAD_INPUT',
  401: 'CREDENTIAL_REFUSED',
  402: 'BILLING',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  408: 'UNAVAILABLE',
  410: 'NOT_FOUND',
  413: 'BAD_INPUT',
  422: 'BAD_INPUT',
  429: 'UNAVAILABLE',
}

/** Whether the same request may be answered otherwise a little later. */
export function isPassing(status: number): boolean {
  return status === 429 || status === 408 || status >= 500
}

function codeOf({tbResults}: Problem, kind: ErrorKind, status: number): string {
  const results = new Set(tbResults?.map(({result}) => result))
  // All events refused for one reason: its name says more than the kind does.
  if (results.size === 1) return [...results][0]!
  return status === 429 ? 'too_many_requests' : kind.toLowerCase()
}

function sentence(problem: Problem, status: number, url: URL): string {
  const text = problem.detail ?? problem.message ?? problem.error ?? problem.title
  if (text === undefined) return `${url.origin} responded with HTTP ${status}.`
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text
}

/** Every text that says something of its own, once, as one line: services repeat one sentence in several members. */
export function problemText(problem: {[name: string]: unknown}): string {
  const {title, detail, message, error, code} = problem
  const texts = [title, detail, message, error, code].filter((text) => typeof text === 'string' && text.trim() !== '')
  return distinct(texts as string[]).join(' ')
}

/** Without those that another one holds. */
function distinct(texts: string[]): string[] {
  const trimmed = [...new Set(texts.map((text) => text.trim()))]
  return trimmed.filter((text) => !trimmed.some((other) => other !== text && other.includes(text)))
}

/** `errors` that say no more than the sentence that is shown above them. */
function withoutRepeats(errors: string[], {detail, message, error, title}: Problem): string[] {
  const shown = (detail ?? message ?? error ?? title)?.trim()
  return [...new Set(errors)].filter((text) => text.trim() !== shown)
}

function reference(headers: Record<string, string>, problem: Problem): ErrorDetails {
  const requestId = headers['x-request-id']
  return {
    ...(problem.instance !== undefined && {instance: excerpt(problem.instance, 200)}),
    ...(requestId !== undefined && {requestId: excerpt(requestId, 100)}),
  }
}

function nextStep(status: number, seconds: number | undefined): ErrorDetails {
  if (status !== 429 && status !== 503) return {}
  return {next: seconds === undefined ? 'Try again in a while.' : `Try again in ${Math.ceil(seconds)} s.`}
}

/** Every part is checked: whatever the service sends, a person reads a sentence, never `[object Object]`. */
function readProblem(body: Buffer): Problem {
  const value = parseOrUndefined(body)
  if (!isFields(value)) return {}
  const problem: Problem = {}
  for (const name of ['type', 'title', 'detail', 'instance', 'message', 'error'] as const) {
    const text = value[name]
    if (typeof text === 'string' && text !== '') problem[name] = text
  }
  // Some routes nest: {"error": {"message": "…"}}.
  if (isFields(value.error) && typeof value.error.message === 'string') problem.error = value.error.message
  if (Array.isArray(value.errors)) problem.errors = withoutRepeats(value.errors.map(toText), problem)
  if (isFields(value.fieldErrors)) problem.fieldErrors = readFieldErrors(value.fieldErrors)
  if (Array.isArray(value.tbResults)) problem.tbResults = value.tbResults.filter(isFields).map(readRefusedEvent)
  return problem
}

function readFieldErrors(fields: Fields): Record<string, string[]> {
  // An error of the body as a whole has no field.
  return Object.fromEntries(
    Object.entries(fields).map(([field, errors]) => [field || 'the body', [errors].flat().map(toText)]),
  )
}

/** Whatever else an entry holds stays in it. */
function readRefusedEvent(entry: Fields): RefusedEvent {
  const {index, result, code} = entry
  return {
    ...entry,
    index: typeof index === 'number' ? index : -1,
    result: typeof result === 'string' ? result : toText(result ?? 'unknown'),
    code: typeof code === 'number' ? code : -1,
  }
}

type Fields = {[key: string]: Json}

function parseOrUndefined(body: Buffer): Json | undefined {
  try {
    return parseJson(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function toText(value: Json): string {
  if (typeof value === 'string') return value
  if (isFields(value) && typeof value.message === 'string') return value.message
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
}

/** What has to be paid before anything is created. */
export type Billing = NonNullable<CreateDatabaseResponse['billing']>

/** The billing block of a response: with 402, or with 200 and `success: false`. */
export function billingIn(body: Json | undefined): Billing | undefined {
  if (!isFields(body) || !isFields(body.billing)) return undefined
  const text = (value: Json | undefined) => (typeof value === 'string' ? value : '')
  const {code, message, checkoutUrl} = body.billing
  return {code: text(code), message: text(message), checkoutUrl: text(checkoutUrl) || null}
}

/**
 * Nothing was created, because something has to be paid first. The address is shown only if it is https, or of this machine:
 * a service must not be able to hand out `javascript:` or `file:` (threats 7.8).
 *
 * @param again the command to repeat afterwards
 */
export function billingError(billing: Billing, again?: string): ParixError {
  const url = billing.checkoutUrl ? webAddress(billing.checkoutUrl) : undefined
  const refused = billing.checkoutUrl && url === undefined
  return new ParixError('BILLING', `Nothing was created: ${billing.message || 'billing has to be set up first'}`, {
    code: billing.code || 'billing',
    ...(refused && {errors: ['The service named an address that is not plain https, so it is not shown.']}),
    ...(url !== undefined && {hint: `Pay at ${url}, then run the command again.`}),
    ...(again !== undefined && {next: again}),
  })
}

function webAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
  return safe && url.username === '' && url.password === '' ? url.href : undefined
}
