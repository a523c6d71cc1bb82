import type {ParixOptions} from './parix.js'
import {program} from './parix.js'
import {type Running, start} from './run.js'

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
  const {home, env, columns = 80, ...rest} = options
  const command = [process.execPath, ...program(), ...words]
  return start('python3', ['-c', PTY, String(columns), ...command], {
    ...rest,
    keepStdinOpen: true,
    env: {TERM: 'xterm-256color', ...home.environment, ...env},
  })
}
