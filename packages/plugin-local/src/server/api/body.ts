import type {IncomingMessage} from 'node:http'
import {type Json, parseJson} from '@parix/kit/json'
import {ApiFault} from './problem.js'

/** Largest body of a TigerBeetle operation: 8,190 events with every field as a long string, indented, take about 7 MB. */
export const OPERATION_BYTES_MAX = 16 * 1024 * 1024

/** Largest body of all other routes. */
export const BODY_BYTES_MAX = 64 * 1024

/**
 * The body of a request that is said to be JSON.
 *
 * @param incoming the same request as Node has it, if it is at hand: reading that saves copies of a large body
 * @param pool where the memory of the body is from, where it will be given back
 * @throws ApiFault 415, 413, 400
 */
export async function readBody(
  request: Request,
  bytesMax: number,
  incoming?: IncomingMessage,
  pool?: BufferPool,
): Promise<Uint8Array> {
  const type = request.headers.get('content-type')
  if (type !== null && !/^application\/(json|[\w.+-]+\+json)\s*(;|$)/i.test(type)) {
    throw new ApiFault(415, 'unsupported-media-type', `The body must be JSON: send content-type: application/json.`)
  }
  const encoding = request.headers.get('content-encoding')
  if (encoding !== null && !/^(identity)?$/i.test(encoding.trim())) {
    const coded = `The body is sent with content-encoding: ${encoding.slice(0, 40)}, and is read as it is only.`
    throw new ApiFault(415, 'unsupported-media-type', coded)
  }
  return readBytes(request, bytesMax, incoming, pool)
}

/** As `readBody`, whatever it is. */
export async function readBytes(
  request: Request,
  bytesMax: number,
  incoming?: IncomingMessage,
  pool?: BufferPool,
): Promise<Uint8Array> {
  const length = request.headers.get('content-length')
  if (length !== null && Number(length) > bytesMax) throw tooLarge(bytesMax)
  try {
    if (length === null) return await readChunks(request, bytesMax)
    return incoming ? await readIncoming(incoming, Number(length), pool) : new Uint8Array(await request.arrayBuffer())
  } catch (error) {
    if (error instanceof ApiFault) throw error
    throw new ApiFault(400, 'malformed-json', 'The body did not arrive whole.')
  }
}

/** @param length of the body: Node lets no more bytes through, and fails when there are fewer */
async function readIncoming(incoming: IncomingMessage, length: number, pool?: BufferPool): Promise<Uint8Array> {
  const body = pool?.take(length) ?? Buffer.allocUnsafe(length)
  let at = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) at += chunk.copy(body, at)
  return body.subarray(0, at)
}

async function readChunks(request: Request, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks, bytes))
}

/**
 * A body as JSON whose integers are exact.
 *
 * @throws ApiFault 400 when it isn't JSON (RFC 8259)
 */
export function parseBody(bytes: Uint8Array): Json {
  const text = decode(bytes)
  try {
    // The platform's parser says what JSON is; the exact one, which is not as strict in every corner, reads the numbers.
    JSON.parse(text)
    return parseJson(text)
  } catch (error) {
    const reason = error instanceof RangeError ? 'nested too deeply' : (error as Error).message
    throw new ApiFault(400, 'malformed-json', `The body is not JSON: ${reason}`)
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
  } catch {
    throw new ApiFault(400, 'malformed-json', 'The body is not JSON: it is not UTF-8.')
  }
}

function tooLarge(bytesMax: number): ApiFault {
  const shown = bytesMax >= 1024 * 1024 ? `${bytesMax / 1024 / 1024} MiB` : `${bytesMax / 1024} KiB`
  return new ApiFault(413, 'body-too-large', `The body is larger than ${shown}, the most that this route takes.`)
}

/**
 * Memory of large bodies, used again. A megabyte for each request and two for its response would be as much as the garbage
 * collector does for everything else. What is not given back is nobody's loss but that of the next request.
 */
export class BufferPool {
  private readonly spare: ArrayBuffer[] = []
  private readonly own = new WeakSet<ArrayBufferLike>()

  take(length: number): Buffer {
    if (length < BYTES_MIN) return Buffer.allocUnsafe(length)
    const fitting = this.spare.findIndex(({byteLength}) => byteLength >= length)
    const [memory = this.make(length)] = fitting === -1 ? [] : this.spare.splice(fitting, 1)
    return Buffer.from(memory, 0, length)
  }

  /** @param bytes a buffer that was taken, or a part of it; nobody may look at it any more */
  giveBack({buffer}: Uint8Array): void {
    if (!this.own.has(buffer) || this.spare.length === SPARE_MAX || this.spare.includes(buffer as ArrayBuffer)) return
    this.spare.push(buffer as ArrayBuffer)
  }

  private make(length: number): ArrayBuffer {
    const memory = new ArrayBuffer(2 ** Math.ceil(Math.log2(length)))
    this.own.add(memory)
    return memory
  }
}

/** Small ones are kept by the log of requests, and cost nothing. */
const BYTES_MIN = 1 << 18
const SPARE_MAX = 6
