import {createRequire} from 'node:module'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {keepCodeCache, lendCodeCache} from './code-cache.js'
import {type TestHome, withHome} from './home.js'
import {type RecordingService, withService} from './recording-service.js'
import {type RunResident, startResident} from './resident.js'
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
  return startAround([process.execPath, ...file, ...args], args, options)
}

/**
 * A program that starts the CLI itself, such as a shell that redirects its output: with the code that earlier runs compiled.
 *
 * @param words of the CLI; or a script, with `parix` before the words of each command line
 */
export function startAround(
  [command, ...args]: readonly string[],
  words: string | readonly string[],
  options: ParixOptions,
): Running {
  const {home, env, ...rest} = options
  const lines =
    typeof words === 'string'
      ? [...words.matchAll(/\bparix ([^\n;|&]*)/g)].map(([, line]) => line!.split(' '))
      : [words]
  for (const line of lines) lendCodeCache(home, line)
  const running = start(command!, args, {...rest, env: {...home.environment, ...env}})
  running.child.once('exit', () => keepCodeCache(home))
  return running
}

const residents = new Map<string, RunResident>()

/**
 * `parix`, by a process that this test process keeps for all of its command lines: most of what a short command takes is the
 * start of Node. The built CLI is loaded anew for each, with an environment, a directory, an empty stdin and an exit code of its
 * own, one after the other. For tests of what commands say and do; what is about the process (signals, pipes, memory, commands
 * at the same time) is tested with `parix`. With a stdin, or options of Node, a command has a process of its own here as well.
 */
export function residentParix(words: string | readonly string[], options: ParixOptions): Promise<RunResult> {
  const args = typeof words === 'string' ? words.split(' ').filter((word) => word !== '') : words
  const {stdin, keepStdinOpen, env} = options
  const [bin, ...more] = program()
  // From source, options of Node come first.
  if (more.length > 0 || stdin !== undefined || keepStdinOpen || env?.NODE_OPTIONS !== undefined) {
    return parix(args, options)
  }
  const run = residents.get(bin!) ?? startResident(bin!)
  residents.set(bin!, run)
  return run(args, options)
}

/** A scripted service, a home, and `parix` signed in there by an API key: as `residentParix`, by `start` in a process of its own. */
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
        parix: (words, options = {}) => residentParix(words, {home, ...options, env: {...signedIn, ...options.env}}),
        onTerminal: (words, options = {}) =>
          startOnTerminal(words, {home, ...options, env: {...signedIn, ...options.env}}),
      })
    }),
  )
}

/** Python has pseudo terminals, Node has not. Copies both ways until the program ends, and ends with its exit code. */
const PTY = `
import fcntl, os, pty, select, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 40, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
typed = True
while True:
    ready, _, _ = select.select([fd, 0] if typed else [fd], [], [])
    if 0 in ready:
        keys = os.read(0, 65536)
        typed = len(keys) > 0
        if typed: os.write(fd, keys)
    if fd in ready:
        try: shown = os.read(fd, 65536)
        except OSError: break
        if not shown: break
        os.write(1, shown)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
`

export interface TerminalRunOptions extends ParixOptions {
  /** 80 when left out. */
  columns?: number
}

/**
 * `parix` on a real pseudo terminal: stdin, stdout and stderr are it, so what is collected as stdout is all that the
 * terminal was sent, with line ends as a terminal has them (CR LF). Type by writing to `child.stdin`.
 */
export function startOnTerminal(words: readonly string[], options: TerminalRunOptions): Running {
  const {env, columns = 80, ...rest} = options
  const command = ['python3', '-c', PTY, String(columns), process.execPath, ...program(), ...words]
  return startAround(command, words, {...rest, keepStdinOpen: true, env: {TERM: 'xterm-256color', ...env}})
}
