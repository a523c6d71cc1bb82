import type {Terminal} from './terminal.js'

export interface PagerOptions {
  environment: NodeJS.ProcessEnv
  /** `--no-pager`. */
  refused: boolean
  /** Lines of the terminal. */
  lines: number | undefined
}

/** The command that shows long output: `PARIX_PAGER`, else `PAGER`; `cat` and the empty text mean none. */
export function pagerCommand(environment: NodeJS.ProcessEnv): string | undefined {
  const command = (environment.PARIX_PAGER ?? environment.PAGER)?.trim()
  return command === undefined || command === '' || command === 'cat' ? undefined : command
}

/**
 * Shows `text` by the user's pager where stdout is a terminal that it does not fit on.
 *
 * @returns false where there is nothing to page, or the pager can't be run: the text is still to be written
 */
export function showByPager(
  text: string,
  terminal: Pick<Terminal, 'is'>,
  {environment, refused, lines}: PagerOptions,
): boolean {
  if (refused || !terminal.is.stdout || !terminal.is.stdin || environment.CI || environment.TERM === 'dumb')
    return false
  const command = pagerCommand(environment)
  if (command === undefined || lines === undefined || text.split('\n').length <= lines) return false
  const {spawnSync} = process.getBuiltinModule('node:child_process')
  const restore = ignoreInterrupts()
  // F: end at once where one screen is enough; R: colours; X: leave the text on the screen.
  const env = {LESS: 'FRX', LV: '-c', ...environment}
  const {error, status} = spawnSync(command, {shell: true, input: text, stdio: ['pipe', 'inherit', 'inherit'], env})
  restore()
  // A pager that is left before its end closes the pipe: that is not a failure.
  const missing = status === 126 || status === 127
  return !missing && (error === undefined || (error as NodeJS.ErrnoException).code === 'EPIPE')
}

/** Ctrl-C belongs to the pager while it runs. A signal that came meanwhile is delivered after this turn of the event loop. */
function ignoreInterrupts(): () => void {
  const listeners = process.listeners('SIGINT')
  const nothing = () => {}
  process.removeAllListeners('SIGINT')
  process.on('SIGINT', nothing)
  return () => {
    setImmediate(() => {
      process.off('SIGINT', nothing)
      for (const listener of listeners) process.on('SIGINT', listener as () => void)
    })
  }
}
