import {type TestHome, withHome} from './home.js'
import {startOnTerminal, type TerminalRunOptions} from './on-terminal.js'
import {type ParixOptions, startParix} from './parix.js'
import {type RecordingService, withService} from './recording-service.js'
import type {Running, RunResult} from './run.js'

/** A scripted service, a home, and `parix` signed in there by an API key. */
export interface SignedInParix {
  service: RecordingService
  home: TestHome
  parix(words: string | readonly string[], options?: Partial<ParixOptions>): Promise<RunResult>
  start(words: string | readonly string[], options?: Partial<ParixOptions>): Running
  onTerminal(words: readonly string[], options?: Partial<TerminalRunOptions>): Running
}

export const TEST_API_KEY = 'px_test_key'

/** Runs `work`; afterwards the service is stopped, and a request that nobody scripted fails the test. */
export function withParix<T>(work: (parix: SignedInParix) => Promise<T>): Promise<T> {
  return withHome((home) =>
    withService((service) => {
      const signedIn = {PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: TEST_API_KEY}
      const start: SignedInParix['start'] = (words, options = {}) =>
        startParix(words, {home, ...options, env: {...signedIn, ...options.env}})
      return work({
        service,
        home,
        start,
        parix: (words, options) => start(words, options).result,
        onTerminal: (words, options = {}) =>
          startOnTerminal(words, {home, ...options, env: {...signedIn, ...options.env}}),
      })
    }),
  )
}
