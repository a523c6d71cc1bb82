import {isParixError, ParixError} from '../errors.js'
import {isWebPage, retryAfterSeconds, webPageSentence} from '../http/response.js'
import type {HttpResponse} from '../http.js'
import {excerpt} from '../text.js'
import type {Wire} from './call.js'
import {readMembers} from './forgive.js'

/**
 * What went wrong, determined by what was on the wire. The library's own error decides only where the response itself looks fine,
 * and nothing of it but its code is used: its causes hold codes and tokens (threats 8.3).
 *
 * @param secrets what was sent; taken out of the service's words should it repeat them
 */
export function oauthFailure(error: unknown, wire: Wire, secrets: readonly string[] = []): ParixError {
  if (isParixError(error)) return error
  if (wire.failure !== undefined) return wire.failure
  if (wire.response === undefined) return libraryFailure(error)
  const found = responseFailure(wire.response, secrets)
  if (found !== undefined) return found
  return clockFailure(error, wire.response) ?? unusable(wire.response, libraryCode(error))
}

/** An OAuth error answer, whatever its status (Better Auth 1.6 answers invalid_grant with 401). */
export interface OAuthErrorResponse {
  error: string
  description: string
}

export function readOAuthError({status, body}: HttpResponse): OAuthErrorResponse | undefined {
  if (status < 400 || status > 499) return undefined
  const {error, error_description: description} = readMembers(body) ?? {}
  if (typeof error !== 'string') return undefined
  return {error, description: typeof description === 'string' ? description : ''}
}

/** What a service says of itself, and not of the request; some say it with a 400. */
export function isPassingError(code: string | undefined): boolean {
  return code === 'temporarily_unavailable' || code === 'server_error'
}

function responseFailure(response: HttpResponse, secrets: readonly string[]): ParixError | undefined {
  const {status, headers, url} = response
  if (status === 429) return tooMany(response)
  const refusal = readOAuthError(response)
  if (refusal !== undefined) return refused(refusal, status, secrets)
  if (status >= 300 && status <= 399) {
    const target = headers.location === undefined ? '' : ` to ${originOf(headers.location, url)}`
    return faulty(`${url.origin} redirects${target}, which was not followed.`, status, 'redirect_not_followed')
  }
  if (isWebPage(response))
    return faulty(`${url.origin} ${redact(webPageSentence(response), secrets)}.`, status, 'web_page')
  if (status >= 500) return faulty(`The service failed (HTTP ${status}).`, status, 'service_failed')
  return status >= 400 ? faulty(`${url.origin} did not respond as Parix does (HTTP ${status}).`, status) : undefined
}

const SENTENCES: Record<string, string> = {
  invalid_grant: 'the grant is no longer valid',
  invalid_client: 'The service does not know this client',
  unauthorized_client: 'The service does not let this client do that',
  invalid_scope: 'The service does not grant these scopes',
  unsupported_grant_type: 'The service does not offer this way of signing in',
  invalid_request: 'The service did not understand the request',
  access_denied: 'You refused access',
  expired_token: 'The code has expired',
}

function refused({error, description}: OAuthErrorResponse, status: number, secrets: readonly string[]): ParixError {
  const code = /^[a-z_]{1,40}$/.test(error) ? error : 'refused_by_service'
  const sentence = SENTENCES[error] ?? `The service refused (${excerpt(redact(error, secrets), 40)})`
  const words = excerpt(redact(description, secrets), 200).replace(/\.$/, '')
  if (isPassingError(code))
    return faulty(`The service failed (HTTP ${status})${words === '' ? '' : `: ${words}`}.`, status, code)
  const kind = code === 'invalid_grant' ? 'SESSION_ENDED' : 'FAILED'
  return new ParixError(kind, `${sentence}${words === '' ? '' : `: ${words}`}.`, {code, status})
}

function tooMany({url, status, headers}: HttpResponse): ParixError {
  const seconds = retryAfterSeconds(headers)
  const when = seconds === undefined ? 'in a while' : `in ${Math.ceil(seconds)} s`
  return new ParixError('UNAVAILABLE', `Too many requests to ${url.origin}. Try again ${when}.`, {
    code: 'too_many_requests',
    status,
    retryable: true,
    ...(seconds !== undefined && {retryAfterSeconds: seconds}),
  })
}

/** An `id_token` that seems expired is most often a wrong clock here (threats 5.21). */
function clockFailure(error: unknown, {headers}: HttpResponse): ParixError | undefined {
  if (libraryCode(error) !== 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return undefined
  const theirs = Date.parse(headers.date ?? '')
  const minutes = Math.round((Date.now() - theirs) / 60_000)
  const difference = Number.isNaN(minutes)
    ? "differs from the service's"
    : `is ${Math.abs(minutes)} min ${minutes < 0 ? 'behind' : 'ahead of'} the service's`
  return new ParixError('FAILED', `The clock of this machine ${difference}, so the sign-in looks expired.`, {
    code: 'clock_wrong',
    next: 'Set the clock, and try again.',
  })
}

function unusable({url, status}: HttpResponse, libraryCode: string | undefined): ParixError {
  const why = libraryCode === undefined ? '' : `, ${libraryCode}`
  return faulty(`The response of ${url.origin} can't be used (HTTP ${status}${why}).`, status, 'bad_token_answer')
}

function libraryFailure(error: unknown): ParixError {
  const code = libraryCode(error)
  return new ParixError('FAILED', `Signing in failed${code === undefined ? '' : ` (${code})`}.`, {code: 'oauth_failed'})
}

function faulty(message: string, status: number, code = 'service_failed'): ParixError {
  return new ParixError('UNAVAILABLE', message, {code, status, retryable: true})
}

function libraryCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as Error & {code?: unknown}).code : undefined
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) ? code : undefined
}

function originOf(location: string, from: URL): string {
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  return target === undefined || target.origin === 'null' ? 'another address' : target.origin
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => (secret.length < 6 ? left : left.replaceAll(secret, '[hidden]')), text)
}
