import {createHash, timingSafeEqual} from 'node:crypto'
import {createInterface} from 'node:readline'
import type {Readable} from 'node:stream'
import {LOOPBACK_CALLBACK_PATH} from '@parix/kit/contract'
import {deferred} from '@parix/kit/deferred'
import {type ErrorKind, isParixError, ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import type {Question} from '@parix/kit/output'
import {excerpt} from '@parix/kit/text'

/**
 * The one place where the service's answer is accepted, whether the browser brings it to the loopback listener or a person
 * pastes it. Any page on this machine can guess the port and call us, so what does not carry our `state` is not an answer at
 * all: it is refused and the login keeps waiting (threats 1.1, 1.2, 1.7). The first that does is taken, once.
 */
export interface ExpectedCallback {
  /**
   * Looks at the query of a callback: `foreign` is not for us, `idle` came after the answer was taken, `taken` is the
   * answer. Never throws.
   */
  accept(query: URLSearchParams): 'foreign' | 'idle' | 'taken'
  /** Resolves with the answer that was taken. */
  readonly response: Promise<CallbackResponse>
  /** Tells the waiting browser how the login ended. Only the first call counts. */
  settle(outcome: CallbackOutcome): void
  /** What `settle` was called with. */
  readonly outcome: Promise<CallbackOutcome>
}

/** An answer that carries our state. `query` of a `code` has exactly one code that isn't empty. */
export type CallbackResponse =
  | {kind: 'code'; query: URLSearchParams}
  | {kind: 'error'; error: string; description: string | undefined}
  | {kind: 'unusable'; reason: string}

/** How the login ended, as far as the browser is told: `granted` sends it on to the service's page. */
export type CallbackOutcome = {kind: 'granted'; redirect: URL} | {kind: 'refused'} | {kind: 'failed'}

/** Begins to wait for the answer to the attempt with this `state`. */
export function expectCallback(state: string): ExpectedCallback {
  const response = deferred<CallbackResponse>()
  const outcome = deferred<CallbackOutcome>()
  let taken = false
  return {
    response: response.promise,
    outcome: outcome.promise,
    settle: outcome.resolve,
    accept(query) {
      if (!isOurs(query.getAll('state'), state)) return 'foreign'
      if (taken) return 'idle'
      taken = true
      response.resolve(readResponse(query))
      return 'taken'
    },
  }
}

/** RFC 6749 §4.1.2: either `error`, or `code`. An error wins over a code (1.6), and a parameter counts once (1.3). */
function readResponse(query: URLSearchParams): CallbackResponse {
  const error = query.get('error')
  if (error !== null) return {kind: 'error', error, description: query.get('error_description') ?? undefined}
  const codes = query.getAll('code')
  if (codes.length > 1) return {kind: 'unusable', reason: 'it holds more than one code'}
  if (!codes[0]) return {kind: 'unusable', reason: 'it holds no code'}
  return {kind: 'code', query}
}

/** In constant time: how far a guess was right must not be measurable. */
function isOurs(given: string[], state: string): boolean {
  return given.length === 1 && timingSafeEqual(sha256(given[0]!), sha256(state))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

const DESCRIPTION_CHARACTERS_MAX = 200

/** Errors of the authorization endpoint (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6), each with a sentence of its own. */
const KNOWN = new Map<string, [kind: ErrorKind, sentence: string]>(
  Object.entries({
    access_denied: ['CANCELLED', 'You refused access in the browser.'],
    login_required: ['NOT_SIGNED_IN', 'The service wants you to sign in on its page first.'],
    consent_required: ['NOT_SIGNED_IN', 'The service wants your consent on its page first.'],
    interaction_required: ['NOT_SIGNED_IN', 'The service wants to ask you something on its page first.'],
    account_selection_required: ['NOT_SIGNED_IN', 'The service wants you to choose an account on its page first.'],
    server_error: ['UNAVAILABLE', 'The service failed while signing you in.'],
    temporarily_unavailable: ['UNAVAILABLE', 'The service is too busy to sign you in now.'],
    invalid_request: ['FAILED', 'The service did not understand the sign-in request.'],
    invalid_scope: ['FAILED', 'The service does not know the scopes that parix requests.'],
    unauthorized_client: ['FAILED', 'The service does not allow parix to sign anyone in.'],
    unsupported_response_type: ['FAILED', 'The service does not support this kind of sign-in.'],
  }),
)

/** What an answer without a usable code means, for a person. A refusal by the person says that and nothing else (1.5). */
export function refusalError(response: Exclude<CallbackResponse, {kind: 'code'}>): ParixError {
  if (response.kind === 'unusable') {
    return new ParixError('FAILED', `The service's response can't be used: ${response.reason}.`, {
      code: 'unusable_answer',
      next: plainCommand('auth login'),
    })
  }
  const [kind, sentence] = KNOWN.get(response.error) ?? [
    'FAILED',
    `The service refused: ${excerpt(response.error, 60) || 'no reason'}.`,
  ]
  const code = KNOWN.has(response.error) ? response.error : 'login_refused'
  if (code === 'access_denied') return new ParixError(kind, sentence, {code})
  const description = excerpt(response.description ?? '', DESCRIPTION_CHARACTERS_MAX)
  const next = kind === 'NOT_SIGNED_IN' ? {next: plainCommand('auth login', {flags: {prompt: 'consent'}})} : {}
  return new ParixError(kind, sentence, {code, ...(description !== '' && {errors: [description]}), ...next})
}

/**
 * Where the browser runs on another machine, the service's answer ends there, on a page that can't be opened. Its address
 * holds the answer, and can be brought here by hand. It passes the same rules as on the wire.
 */
export type PasteVerdict = ReturnType<ExpectedCallback['accept']> | 'unknown'

/** Looks at what was pasted; `unknown` is not an address of this sign-in's listener. */
export function acceptPasted(text: string, port: number, callback: ExpectedCallback): PasteVerdict {
  const address = unwrap(text)
  if (!URL.canParse(address)) return 'unknown'
  const url = new URL(address)
  const isOurs =
    url.protocol === 'http:' &&
    (url.hostname === '127.0.0.1' || url.hostname === 'localhost') &&
    url.port === String(port) &&
    url.pathname === LOOPBACK_CALLBACK_PATH
  return isOurs ? callback.accept(url.searchParams) : 'unknown'
}

/** What a person at the terminal answers, until `signal` aborts. Ctrl-D ends the asking, not the sign-in. */
export async function* askedLines(
  ask: (question: Question) => Promise<string>,
  signal: AbortSignal,
  say: (text: string) => void,
): AsyncGenerator<string> {
  while (!signal.aborted) {
    try {
      yield await ask({text: 'Address:', signal})
    } catch (error) {
      if (!isParixError(error) || error.kind !== 'CANCELLED') throw error
      // The question is left standing in the middle of a line.
      say('')
      return
    }
  }
}

/** The lines of a pipe, until it ends or `signal` aborts. */
export async function* pastedLines(input: Readable, signal: AbortSignal): AsyncGenerator<string> {
  const lines = createInterface({input, terminal: false})
  const stop = () => lines.close()
  signal.addEventListener('abort', stop, {once: true})
  try {
    yield* lines
  } finally {
    signal.removeEventListener('abort', stop)
    lines.close()
    // A stream that is being read would keep the process alive.
    input.pause()
  }
}

/** Terminals and mail programs put marks, quotes or brackets around what is pasted. */
function unwrap(text: string): string {
  return text
    .replace(/\u001b\[20[01]~/g, '')
    .trim()
    .replace(/^(["'<])(.*)(["'>])$/, '$2')
}
