import {createRequire} from 'node:module'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {keepCodeCache, lendCodeCache} from './code-cache.js'
import {type TestHome, withHome} from './home.js'
import {startOnTerminal, type TerminalRunOptions} from './on-terminal.js'
import {type RecordingService, withService} from './recording-service.js'
import {type Running, type RunOptions, type RunResult, start} from './run.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

// Mocha may load this file by require(), where there is no import.meta.resolve.
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

/** The CLI as processes start it: from source, unless PARIX_TEST_BIN names a built `run.js`. */
export function program(): string[] {
  const built = process.env.PARIX_TEST_BIN
  if (built !== undefined && built !== '') return [built]
  return ['--conditions=parix-source', '--import', TSX, `${ROOT}bin/dev.js`]
}

export interface ParixOptions extends Omit<RunOptions, 'env'> {
  home: TestHome
  /** On top of the home's environment. */
  env?: Record<string, string | undefined>
}

/** `parix` with these words, in a home of the test's own. Words are separated by spaces when given as one text. */
export function parix(words: string | readonly string[], options: ParixOptions): Promise<RunResult> {
  return startParix(words, options).result
}

export function startParix(words: string | readonly string[], options: ParixOptions): Running {
  const args = typeof words === 'string' ? words.split(' ').filter((word) => word !== '') : words
  return startProgram(program(), args, options)
}

/** A CLI by the path of its `run.js` (with what Node needs before it), with the code that earlier runs compiled. */
export function startProgram(file: readonly string[], args: readonly string[], options: ParixOptions): Running {
  const {home, env, ...rest} = options
  lendCodeCache(home, args)
  const running = start(process.execPath, [...file, ...args], {...rest, env: {...home.environment, ...env}})
  running.child.once('exit', () => keepCodeCache(home))
  return running
}

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
