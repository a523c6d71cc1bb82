import {createInterface} from 'node:readline'
import type {Readable} from 'node:stream'
import {LOOPBACK_CALLBACK_PATH} from '@parix/kit/contract'
import {isParixError} from '@parix/kit/errors'
import type {Question} from '@parix/kit/output'
import type {ExpectedCallback} from './callback.js'

/**
 * Where the browser runs on another machine, the service's answer ends there, on a page that can't be opened. Its address
 * holds the answer, and can be brought here by hand. It passes the same rules as on the wire.
 */
export type PasteVerdict = ReturnType<ExpectedCallback['offer']> | 'unknown'

/** Looks at what was pasted; `unknown` is no address of this sign-in's listener. */
export function offerPasted(text: string, port: number, callback: ExpectedCallback): PasteVerdict {
  const address = unwrap(text)
  if (!URL.canParse(address)) return 'unknown'
  const url = new URL(address)
  const isOurs =
    url.protocol === 'http:' &&
    (url.hostname === '127.0.0.1' || url.hostname === 'localhost') &&
    url.port === String(port) &&
    url.pathname === LOOPBACK_CALLBACK_PATH
  return isOurs ? callback.offer(url.searchParams) : 'unknown'
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
