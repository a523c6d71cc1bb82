import {createRequire} from 'node:module'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {keepCodeCache, lendCodeCache} from './code-cache.js'
import type {TestHome} from './home.js'
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
