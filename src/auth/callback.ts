import {createHash, timingSafeEqual} from 'node:crypto'

/**
 * The one place where the service's answer is accepted, whether the browser brings it to the loopback listener or a person
 * pastes it. Any page on this machine can guess the port and call us, so what does not carry our `state` is no answer at
 * all: it is refused and the login goes on waiting (threats 1.1, 1.2, 1.7). The first that does is taken, once.
 */
export interface ExpectedCallback {
  /**
   * Looks at the query of a callback: `foreign` is not for us, `idle` came after the answer was taken, `taken` is the
   * answer. Never throws.
   */
  offer(query: URLSearchParams): 'foreign' | 'idle' | 'taken'
  /** Resolves with the answer that was taken. */
  readonly answer: Promise<CallbackAnswer>
  /** Tells the waiting browser how the login ended. Only the first call counts. */
  settle(outcome: CallbackOutcome): void
  /** What `settle` was called with. */
  readonly outcome: Promise<CallbackOutcome>
}

/** An answer that carries our state. `query` of a `code` has exactly one code that isn't empty. */
export type CallbackAnswer =
  | {kind: 'code'; query: URLSearchParams}
  | {kind: 'error'; error: string; description: string | undefined}
  | {kind: 'unusable'; reason: string}

/** How the login ended, as far as the browser is told: `granted` sends it on to the service's page. */
export type CallbackOutcome = {kind: 'granted'; redirect: URL} | {kind: 'refused'} | {kind: 'failed'}

/** Begins to wait for the answer to the attempt with this `state`. */
export function expectCallback(state: string): ExpectedCallback {
  const answer = deferred<CallbackAnswer>()
  const outcome = deferred<CallbackOutcome>()
  let taken = false
  return {
    answer: answer.promise,
    outcome: outcome.promise,
    settle: outcome.resolve,
    offer(query) {
      if (!isOurs(query.getAll('state'), state)) return 'foreign'
      if (taken) return 'idle'
      taken = true
      answer.resolve(readAnswer(query))
      return 'taken'
    },
  }
}

/** RFC 6749 §4.1.2: either `error`, or `code`. An error wins over a code (1.6), and a parameter counts once (1.3). */
function readAnswer(query: URLSearchParams): CallbackAnswer {
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

function deferred<T>(): {promise: Promise<T>; resolve: (value: T) => void} {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return {promise, resolve}
}
