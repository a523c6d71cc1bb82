import {STATUS_CODES} from 'node:http'
import type {ApiStream} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import {escapeControls} from '@parix/kit/json'
import type {Terminal} from '@parix/kit/output'
import {clean, cleanLine} from '@parix/kit/text'
import {prettyJson} from './pretty.js'

/** A document larger than this goes by as it comes: nobody reads so much of it in colour. */
const PRETTY_BYTES_MAX = 8 * 1024 * 1024

/** What is held in memory at most, for what needs a whole document. */
export const DOCUMENT_BYTES_MAX = 64 * 1024 * 1024
/** Of the body of an error: it is shown to a person. */
const ERROR_BYTES_MAX = 1024 * 1024

/** @param flag what needs the whole body. @throws ParixError FAILED when it is larger than `bytesMax` */
export async function collect(
  body: AsyncIterable<Buffer>,
  flag: string,
  bytesMax = DOCUMENT_BYTES_MAX,
): Promise<Buffer> {
  const {bytes, whole} = await readUpTo(body, bytesMax)
  if (whole) return bytes
  throw new ParixError('FAILED', `The response is larger than ${bytesMax / 1024 / 1024} MiB, too large for ${flag}.`, {
    code: 'answer_too_big',
    next: `Leave ${flag} out: the body is then passed on as it comes, whatever its size.`,
    retryable: false,
  })
}

/** A body in UTF-8, without a byte order mark. */
export function textOf(body: Buffer): string {
  return body.toString('utf8').replace(/^\ufeff/, '')
}

/** The beginning of the body of an error; the connection is closed after it. */
export async function beginning(body: AsyncIterable<Buffer>): Promise<Buffer> {
  return (await readUpTo(body, ERROR_BYTES_MAX)).bytes
}

/** `body`, of which the beginning is kept while it is passed on: enough to say what went wrong. */
export function keepBeginning(body: AsyncIterable<Buffer>): {body: AsyncIterable<Buffer>; kept: () => Buffer} {
  const chunks: Buffer[] = []
  async function* passing(): AsyncGenerator<Buffer> {
    let bytes = 0
    for await (const chunk of body) {
      if (bytes < ERROR_BYTES_MAX) chunks.push(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  return {body: passing(), kept: () => Buffer.concat(chunks)}
}

async function readUpTo(body: AsyncIterable<Buffer>, bytesMax: number): Promise<{bytes: Buffer; whole: boolean}> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > bytesMax) return {bytes: Buffer.concat(chunks).subarray(0, bytesMax), whole: false}
  }
  return {bytes: Buffer.concat(chunks, bytes), whole: true}
}

/** A body, and the whole of it where it is small; `body` is still whole either way. */
export async function hold(
  body: AsyncIterable<Buffer>,
): Promise<{whole: Buffer | undefined; body: AsyncIterable<Buffer>}> {
  const chunks = body[Symbol.asyncIterator]()
  const held: Buffer[] = []
  let bytes = 0
  while (bytes <= ERROR_BYTES_MAX) {
    const {value, done} = await chunks.next()
    if (done === true) {
      const whole = Buffer.concat(held)
      return {whole, body: again(whole, chunks)}
    }
    held.push(value)
    bytes += value.length
  }
  return {whole: undefined, body: again(Buffer.concat(held), chunks)}
}

/** The first bytes of a body, and the same body, still whole. */
export async function peek(body: AsyncIterable<Buffer>): Promise<{first: Buffer; body: AsyncIterable<Buffer>}> {
  const chunks = body[Symbol.asyncIterator]()
  const {value: first, done} = await chunks.next()
  return {first: done ? Buffer.alloc(0) : first, body: again(done ? undefined : first, chunks)}
}

async function* again(first: Buffer | undefined, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (first === undefined) return
    yield first
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  } finally {
    await chunks.return?.()
  }
}

/** The body alone: its exact bytes in a pipe or file, of any size; pretty and cleaned on a terminal (threats 7.10, 7.11). */
export async function passOn(response: ApiStream, terminal: Terminal): Promise<void> {
  if (terminal.is.stdout) return showOnTerminal(response, terminal)
  for await (const chunk of response.body) if (!(await terminal.resultBytes(chunk))) return
}

async function showOnTerminal({headers, body}: ApiStream, terminal: Terminal): Promise<void> {
  const decoder = new TextDecoder()
  const mayBePretty = isJsonType(headers['content-type'])
  let held = ''
  let bytes = 0
  let last = '\n'
  const show = (text: string) => {
    if (text === '') return
    last = text.at(-1)!
    terminal.result(clean(text))
  }
  for await (const chunk of body) {
    bytes += chunk.length
    held += decoder.decode(chunk, {stream: true})
    if (mayBePretty && bytes <= PRETTY_BYTES_MAX) continue
    show(held)
    held = ''
  }
  held += decoder.decode()
  if (isJson(held)) terminal.result(shownJson(held, terminal))
  else show(held)
  // The prompt of the shell begins on a line of its own.
  if (last !== '\n') terminal.result('\n')
}

/** JSON text for a person: indented, coloured, cleaned; numbers as they were. Ends in a newline. */
export function shownJson(json: string, terminal: Pick<Terminal, 'paint'>): string {
  return `${prettyJson(clean(json), terminal.paint.stdout)}\n`
}

/**
 * The body as one JSON document, without a byte order mark. Nothing in it changes but control characters that JSON allows and
 * terminals obey: they are escaped (threats 7.9).
 *
 * @throws ParixError FAILED when it is none
 */
export function jsonDocument(body: Buffer, status: number): string {
  const text = textOf(body)
  if (text.trim() === '') return 'null'
  if (!isJson(text)) {
    throw new ParixError('FAILED', `The service responded ${status}, but the body is not JSON.`, {
      code: 'not_json',
      status,
      next: 'Leave --json out to see the body as it is.',
    })
  }
  return escapeControls(text.trimEnd())
}

/** Status line and headers, for `-i`. Ends in an empty line. */
export function headText({status, headers}: Pick<ApiStream, 'status' | 'headers'>): string {
  const lines = Object.entries(headers).map(([name, value]) => cleanLine(`${name}: ${value}`))
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd().concat('\n', ...lines.map((l) => `${l}\n`), '\n')
}

function isJsonType(type: string | undefined): boolean {
  return type !== undefined && /^application\/([^;]*\+)?json\b/i.test(type)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
