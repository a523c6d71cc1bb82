import {writeSync} from 'node:fs'
import {isatty} from 'node:tty'
import {ParixError} from '../errors.js'
import type {BaseUrl} from '../origin.js'
import {clean, cleanLine} from '../text.js'
import {type Paint, paint, plain, type Style, wantsColour} from './colour.js'
import {errorText} from './error-text.js'
import {TAKE_OFF, takeFirstLine} from './first-line.js'
import {askLine, type Question} from './question.js'
import {displayWidth} from './view.js'

/**
 * Everything written to the terminal goes through this. stdout is the result and nothing else; what is said along the way goes to stderr. What
 * can't be done (asking, where nobody can answer) isn't there to call. Whatever is said is cleaned here: names and messages of
 * the service never move the cursor or set the clipboard (threats 7.9).
 */
export interface Terminal {
  /** Writes to stdout: the command's answer. */
  result(text: string): void
  /**
   * As `result`, for a body that is passed on; waits for a slow reader, so that the memory of `bytes` can be used again.
   * `false`: the reader went away (`| head`), so stop.
   */
  resultBytes(bytes: Uint8Array): Promise<boolean>
  /**
   * Resolves when stdout has taken everything that was written to it.
   * @throws ParixError FAILED `output_failed`, `output_closed` where the reader is gone
   */
  flushed(): Promise<void>
  /** Writes a line to stderr; silent with `--quiet`. */
  say(text: string): void
  /** Writes a line to stderr, always: the user must not miss it. */
  warn(text: string, style?: Style): void
  /** Writes an error to stderr. @param service the one that its next steps are about */
  showError(error: ParixError, service?: Pick<BaseUrl, 'inPrint'>): void
  /** Shows `text` as a line that goes away, on a terminal only, if the work lasts longer than a moment; call the result when it is over. */
  waiting(text: string): () => void
  /**
   * Draws the line that goes away, in place of the one before; the empty text takes it off. Absent where nothing may be
   * animated: stderr is not a terminal, no colour is wanted (rule 13), or `--quiet`.
   */
  readonly draw?: (line: string) => void
  /** Columns of the terminal on stderr; undefined where it is not a terminal. */
  readonly columns?: number | undefined
  /** Absent unless a person sits there: stdin and stderr are terminals, `CI` isn't set, `--no-input` wasn't given. */
  readonly ask?: (question: Question) => Promise<string>
  /** Whether each stream is a terminal. */
  readonly is: {stdin: boolean; stdout: boolean; stderr: boolean}
  readonly paint: {stdout: Paint; stderr: Paint}
  /** Columns of the result's terminal; undefined where stdout is not a terminal, so that nothing is ever cut in a pipe. */
  readonly width: number | undefined
}

export interface TerminalOptions {
  quiet?: boolean
  noInput?: boolean
  noColor?: boolean
  environment?: NodeJS.ProcessEnv
  stdin?: NodeJS.ReadStream
  stdout?: NodeJS.WriteStream
  stderr?: NodeJS.WriteStream
}

/** The terminal that this process really has; the options' streams are for tests. */
export function createTerminal(options: TerminalOptions = {}): Terminal {
  const {environment = process.env, stdout = process.stdout} = options
  // Node makes a stream when it is first looked at, which takes longer than most of a command: only those used are made.
  const stdin = () => options.stdin ?? process.stdin
  const stderr = () => options.stderr ?? ownStderr()
  const is = {
    stdin: options.stdin === undefined ? isatty(0) : options.stdin.isTTY === true,
    stdout: stdout.isTTY === true,
    stderr: options.stderr === undefined ? isatty(2) : options.stderr.isTTY === true,
  }
  const choose = (isTerminal: boolean) =>
    wantsColour({isTerminal, environment, refused: options.noColor === true}) ? paint : plain
  const animated = is.stderr && choose(true) === paint
  const transient = transientLine(stderr, animated)
  const write = (stream: NodeJS.WriteStream, text: string, done?: StreamCallback) => {
    transient.clear()
    writeAll(stream, text, done)
  }
  const output = trackWrites()
  const person = is.stdin && is.stderr && !environment.CI && options.noInput !== true
  return {
    result: (text) => write(stdout, text, output.begin()),
    flushed: output.flushed,
    resultBytes: (bytes) => {
      transient.clear()
      return passOn(stdout, bytes)
    },
    say: (text) => {
      if (options.quiet !== true) write(stderr(), `${clean(text)}\n`)
    },
    warn: (text, style) => write(stderr(), `${style ? choose(is.stderr)(style, clean(text)) : clean(text)}\n`),
    showError: (error, service) => write(stderr(), `${errorText(error, choose(is.stderr), service)}\n`),
    waiting: (text) => (options.quiet === true ? () => {} : transient.show(text)),
    ...(animated && options.quiet !== true && {draw: transient.draw}),
    columns: is.stderr ? stderr().columns || 80 : undefined,
    ...(person && {
      ask: (question: Question) => {
        transient.clear()
        return askLine(question, stdin(), stderr())
      },
    }),
    is,
    paint: {stdout: choose(is.stdout), stderr: choose(is.stderr)},
    width: is.stdout ? stdout.columns || 80 : undefined,
  }
}

let stderrListens = false

/** A reader of stderr that goes away changes nothing: not what the command does, and not its exit code. */
function ownStderr(): NodeJS.WriteStream {
  if (!stderrListens) process.stderr.on('error', () => {})
  stderrListens = true
  return process.stderr
}

/**
 * A file takes a synchronous write, so that a full disk is seen here (ENOSPC) and not after the command said it was done;
 * pipes and terminals go through the stream, which waits for slow readers.
 */
function writeAll(stream: NodeJS.WriteStream, text: string, done?: StreamCallback): void {
  const file = fileOf(stream)
  if (file === undefined) stream.write(text, done)
  else {
    try {
      writeFully(file, Buffer.from(text))
    } finally {
      done?.()
    }
  }
}

type StreamCallback = (error?: Error | null) => void

/** Which writes to a stream are still under way, and the first that failed. */
function trackWrites(): {begin: () => StreamCallback; flushed: () => Promise<void>} {
  let failure: Error | undefined
  let latest: Promise<void> = Promise.resolve()
  return {
    begin() {
      let done: StreamCallback = () => {}
      // A stream calls back in the order of its writes, so the latest is the last.
      latest = new Promise((resolve) => {
        done = (error) => {
          failure ??= error ?? undefined
          resolve()
        }
      })
      return done
    },
    async flushed() {
      await latest
      if (failure !== undefined) throw outputFailed(failure)
    },
  }
}

function outputFailed(error: unknown): ParixError {
  const {code, message} = error as NodeJS.ErrnoException
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') {
    return new ParixError('FAILED', 'The output could not be written: nothing reads it any longer.', {
      code: 'output_closed',
      cause: error,
    })
  }
  const why = code === 'ENOSPC' ? 'the disk is full' : message
  return new ParixError('FAILED', `The output could not be written: ${why}.`, {code: 'output_failed', cause: error})
}

/** Nothing is kept in memory for a reader that is slower than the service. */
async function passOn(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<boolean> {
  const file = fileOf(stream)
  if (file !== undefined) {
    writeFully(file, bytes)
    return true
  }
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error == null) resolve(true)
      else if ((error as NodeJS.ErrnoException).code === 'EPIPE') resolve(false)
      else reject(outputFailed(error))
    })
  })
}

function fileOf(stream: NodeJS.WriteStream): number | undefined {
  const {fd, _type} = stream as {fd?: number; _type?: string}
  return _type === 'fs' ? fd : undefined
}

function writeFully(file: number, bytes: Uint8Array): void {
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
  } catch (error) {
    throw outputFailed(error)
  }
}

const APPEARS_AFTER_MS = 80

/** Stays away from quick work: a line that flashes says nothing. */
function transientLine(stream: () => NodeJS.WriteStream, possible: boolean) {
  let shown = false
  // While someone draws, a mere 'waiting' would only flicker.
  let drawing = false
  const clear = () => {
    if (takeFirstLine() || shown) stream().write(TAKE_OFF)
    shown = false
  }
  const line = (text: string) => {
    takeFirstLine()
    shown = true
    stream().write(`${TAKE_OFF}${fitting(cleanLine(text), Math.max(10, (stream().columns || 80) - 1))}`)
  }
  const draw = (text: string) => {
    drawing = text !== ''
    if (drawing) line(text)
    else clear()
  }
  const show = (text: string) => {
    if (!possible || drawing) return () => {}
    const timer = setTimeout(() => line(text), APPEARS_AFTER_MS)
    timer.unref()
    return () => {
      clearTimeout(timer)
      clear()
    }
  }
  return {show, draw, clear}
}

/** A line that wraps could not be taken off again. */
function fitting(text: string, columns: number): string {
  let fit = text
  while (displayWidth(fit) > columns) fit = fit.slice(0, -1)
  return fit
}
