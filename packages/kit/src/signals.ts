/**
 * Ctrl-C and SIGTERM stop a command at once, except where stopping would lose something: between sending a refresh and
 * storing its tokens, a second's patience saves the session (threats 5.20).
 */
type Stopping = 'SIGINT' | 'SIGTERM'

const EXIT_CODE: Record<Stopping, number> = {SIGINT: 130, SIGTERM: 143}
const PATIENCE_MS = 5000

const held = new Set<Promise<unknown>>()
let lastWord: (() => void) | undefined
let answer: ((exitCode: number) => void) | undefined
let listening = false

/** Makes SIGINT and SIGTERM end the process with 130 and 143; `sayState` tells what state things are in. */
export function endOnSignals(sayState?: () => void): void {
  lastWord = sayState
  if (listening) return
  listening = true
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal))
}

/** The message to print if a signal arrives from now on: 'the transfer was sent, its outcome is unknown'. */
export function onSignalSay(sayState: () => void): void {
  lastWord = sayState
}

/** What goes to stdout when a signal comes: with `--json`, an interruption is an error object like any other. */
export function onSignalWrite(write: (exitCode: number) => void): void {
  answer = write
}

/** Runs `work` to its end even if a signal comes; the process ends right after it, or when it takes too long. */
export async function holdingSignals<T>(work: () => Promise<T>): Promise<T> {
  endOnSignals(lastWord)
  const promise = work()
  const settled = promise.then(
    () => {},
    () => {},
  )
  held.add(settled)
  try {
    return await promise
  } finally {
    held.delete(settled)
  }
}

async function stop(signal: Stopping): Promise<void> {
  if (held.size > 0) await Promise.race([Promise.all(held), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
  lastWord?.()
  answer?.(EXIT_CODE[signal])
  process.exit(EXIT_CODE[signal])
}
