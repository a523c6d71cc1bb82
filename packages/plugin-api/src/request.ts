import type {ApiRequest} from '@parix/kit/api'
import {ParixError} from '@parix/kit/errors'
import {readNamed} from '@parix/kit/named-file'
import type {BaseUrl} from '@parix/kit/origin'
import type {Terminal} from '@parix/kit/output'
import {fieldsBody, parseFields} from './fields.js'
import {parseHeaders} from './headers.js'
import {isLedgerRead, resolvePath} from './target.js'

/** What the command line says of the request. */
export interface RequestFlags {
  method?: string | undefined
  data?: string | undefined
  field?: string[] | undefined
  input?: string | undefined
  header?: string[] | undefined
}

export type WrittenRequest = ApiRequest & {target: URL; body?: string | Uint8Array; headers: Record<string, string>}

/**
 * The request that the flags describe, checked as a whole before anything is sent.
 *
 * @throws ParixError BAD_INPUT, USAGE, NOT_SENT
 */
export async function writeRequest(
  base: BaseUrl,
  path: string,
  flags: RequestFlags,
  terminal: Pick<Terminal, 'say' | 'warn' | 'is'>,
): Promise<WrittenRequest> {
  const target = resolvePath(base, path)
  const headers = parseHeaders(flags.header ?? [])
  const fields = parseFields(flags.field ?? [])
  const withBody = flags.data !== undefined || flags.input !== undefined || fields.length > 0
  const method = methodOf(flags.method, withBody)
  const reads = method === 'GET' || method === 'HEAD'
  if (reads && (flags.data !== undefined || flags.input !== undefined)) {
    throw new ParixError('USAGE', `A ${method} request has no body. Leave ${method} out, or give -f for its query.`)
  }
  if (reads) for (const {key, text} of fields) target.searchParams.append(key, text)
  const idempotent = reads || (method === 'POST' && isLedgerRead(target))
  const request = {method, target, headers: {accept: 'application/json', ...headers}, idempotent}
  if (reads || !withBody) return request
  const body = fields.length > 0 ? fieldsBody(fields) : (flags.data ?? (await readInput(flags.input!, terminal)))
  const type = headers['content-type'] ?? 'application/json'
  if (/^application\/(json|[^;]*\+json)\b/i.test(type)) assertJson(body, flags.data !== undefined)
  return {...request, body, headers: {...request.headers, 'content-type': type}}
}

function methodOf(given: string | undefined, withBody: boolean): string {
  if (given === undefined) return withBody ? 'POST' : 'GET'
  const method = given.toUpperCase()
  if (!/^[A-Z][A-Z-]{0,19}$/.test(method) || method === 'CONNECT' || method === 'TRACE') {
    throw new ParixError(
      'BAD_INPUT',
      `Nothing was sent: ${JSON.stringify(given.slice(0, 40))} is not a method for an API.`,
      {
        next: 'Use one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.',
      },
    )
  }
  return method
}

/** Catches what a shell made of quotes. The bytes go out as they are: JSON is only looked at. */
function assertJson(body: string | Uint8Array, fromFlag: boolean): void {
  try {
    JSON.parse(typeof body === 'string' ? body : new TextDecoder('utf-8', {fatal: true}).decode(body))
  } catch (error) {
    const file = fromFlag && typeof body === 'string' && /^@./.test(body) ? body.slice(1) : undefined
    const where = /position \d+.*$/.exec((error as Error).message)?.[0]
    throw new ParixError('BAD_INPUT', `Nothing was sent: the body is not JSON${where ? ` (at ${where})` : ''}.`, {
      code: 'bad_body',
      next:
        file === undefined
          ? 'Put JSON in single quotes: -d \'{"name": "books"}\'. For another kind of body give its -H content-type.'
          : `A file is read by --input ${file}`,
    })
  }
}

/** A whole batch of 8,190 transfers is about 4 MB; what is larger than this is not a request of an API. */
const INPUT_BYTES_MAX = 64 * 1024 * 1024

/**
 * A file, or stdin for `-`, read to its end before anything is sent: after a refused token the same bytes go out again
 * (threats 5.18).
 *
 * @throws ParixError BAD_INPUT when it can't be read or is too large
 */
async function readInput(path: string, terminal: Pick<Terminal, 'say' | 'warn' | 'is'>): Promise<Buffer> {
  if (path !== '-') {
    return readNamed(path, {terminal, bytesMax: INPUT_BYTES_MAX, outcome: 'Nothing was sent.'})
  }
  if (terminal.is.stdin) terminal.say('Reading the body from the keyboard. End it with Ctrl-D.')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > INPUT_BYTES_MAX) {
      const mebibytes = INPUT_BYTES_MAX / 1024 / 1024
      throw new ParixError('BAD_INPUT', `Nothing was sent: stdin is larger than ${mebibytes} MiB.`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}
