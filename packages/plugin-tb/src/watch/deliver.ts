/** Where the events of a watch go: stdout, a command, or an address on the web. A batch is given again until it is taken. */

import {spawn} from 'node:child_process'
import {createHmac} from 'node:crypto'
import {isParixError, ParixError} from '@parix/kit/errors'
import {send} from '@parix/kit/http'
import {isLoopback} from '@parix/kit/origin'
import {holdingSignals} from '@parix/kit/signals'

/** Takes a batch, as NDJSON. @throws when it was not taken */
export type Sink = (batch: {lines: string; count: number}) => Promise<void>

/**
 * Runs a command for each batch in a shell, with the events on its stdin and nowhere else; exit code 0 means that they were
 * taken. It has the environment of parix, as it would in the shell that started parix. One that is still running when parix
 * ends is ended as well: it must not go on beside the one that is given the batch again.
 */
export function commandSink(command: string, stdout: 'inherit' | 'stderr'): Sink {
  return ({lines}) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, {shell: true, stdio: ['pipe', stdout === 'inherit' ? 1 : 2, 2]})
      const end = () => void child.kill()
      process.once('exit', end)
      child.once('error', reject)
      child.once('close', (code, signal) => {
        process.off('exit', end)
        if (code === 0) resolve()
        else reject(new Error(`the command ended with ${signal ?? `exit code ${code}${SHELL_SAYS[code!] ?? ''}`}`))
      })
      // A command that takes nothing from stdin may still end with 0.
      child.stdin!.on('error', () => {})
      child.stdin!.end(lines)
    })
}

/** Exit codes of a shell that could not run a command (POSIX, 2.8.2). */
const SHELL_SAYS: Readonly<Record<number, string>> = {
  126: ' (it is not executable)',
  127: ' (there is no such command)',
}

/**
 * Posts each batch as NDJSON. `Parix-Signature: t=SECONDS,v1=HEX` is the HMAC-SHA256 of `SECONDS.BODY`, so that a receiver
 * can refuse what is forged or old. Any status of 2xx means that the events were taken.
 */
export function webSink(url: URL, secret: string, now: () => number = Date.now): Sink {
  return async ({lines, count}) => {
    const seconds = Math.floor(now() / 1000)
    const {status} = await send({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-ndjson',
        'parix-events': String(count),
        'parix-signature': `t=${seconds},v1=${signatureOf(seconds, lines, secret)}`,
      },
      body: lines,
    })
    if (status < 200 || status > 299) throw new Error(`${url.origin} responded with HTTP ${status}`)
  }
}

export function signatureOf(seconds: number, body: string, secret: string): string {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
}

/** Events say who paid whom: they travel encrypted, or not beyond this machine. @throws ParixError BAD_INPUT */
export function webAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // First: the error below repeats the address.
  if (url !== undefined && (url.username !== '' || url.password !== ''))
    throw new ParixError('BAD_INPUT', '--forward-to must not contain a user or password: other users can see it.')
  if (url === undefined || !/^https?:$/.test(url.protocol) || (url.protocol === 'http:' && !isLoopback(url)))
    throw new ParixError(
      'BAD_INPUT',
      `--forward-to must be an https URL, or http on this machine, not ${JSON.stringify(text.slice(0, 100))}.`,
    )
  return url
}

export interface Patience {
  /** Gives up after this long; undefined: never. */
  retryForMs: number | undefined
  delayMs: number
  sleep: (ms: number) => Promise<void>
  now: () => number
  warn: (sentence: string) => void
}

const DELAY_MS_MAX = 30_000

/**
 * Gives a batch to the sink until it is taken, and saves the cursor with the last attempt: an interruption waits for both.
 *
 * @param what for messages: `the command`, `https://example.org`
 * @throws ParixError UNAVAILABLE when it was not taken within `retryForMs`
 */
export async function deliver(
  sink: Sink,
  batch: {lines: string; count: number},
  saved: () => void,
  {retryForMs, delayMs, sleep, now, warn}: Patience,
): Promise<void> {
  const until = retryForMs === undefined ? Number.POSITIVE_INFINITY : now() + retryForMs
  for (let pause = delayMs; ; pause = Math.min(pause * 2, DELAY_MS_MAX)) {
    const failure = await holdingSignals(async () => {
      try {
        await sink(batch)
      } catch (error) {
        return error
      }
      saved()
      return undefined
    })
    if (failure === undefined) return
    const reason = failure instanceof Error ? failure.message.replace(/\.$/, '') : String(failure)
    if (now() + pause > until) throw notTaken(reason, failure, batch.count)
    warn(`${eventCount(batch.count)} not delivered: ${reason}. Next attempt in ${Math.ceil(pause / 1000)} s.`)
    await sleep(pause)
  }
}

function notTaken(reason: string, cause: unknown, count: number): ParixError {
  return new ParixError('UNAVAILABLE', `${eventCount(count)} could not be delivered: ${reason}. They come again.`, {
    code: 'not_delivered',
    retryable: true,
    ...(isParixError(cause) && cause.details.hint !== undefined && {hint: cause.details.hint}),
    cause,
  })
}

export function eventCount(count: number): string {
  return count === 1 ? '1 event' : `${count} events`
}
