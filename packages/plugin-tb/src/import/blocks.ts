/** Whole lines of a file of any size, a block in memory at a time. */

import {type FileHandle, open} from 'node:fs/promises'
import {reasonOf} from '@parix/files/errors'
import {ParixError} from '@parix/kit/errors'
import {otherEncoding} from '../input/source.js'
import {ArrayLines} from '../rows/array-lines.js'

/** Where to begin: the start of the file, or the end of the row before. */
export interface Position {
  line: number
  byte: number
}

/** A file of lines, or of one JSON array whose objects are read as lines. */
export interface LineSource {
  /** For errors. */
  name: string
  path: string
  array?: boolean
}

/** Bytes from the start of a line to the end of one. */
export interface Block {
  /** With the line end of the last line, unless it is the last of the file. */
  buffer: Buffer
  /** Where it begins in the file. */
  byte: number
  /** A single line that is passed over: it is longer than `LINE_BYTES_MAX`; `buffer` is empty. */
  tooLong?: {end: number}
}

const CHUNK_BYTES_MAX = 1 << 20
const FIRST_CHUNK_BYTES = 1 << 14
const CHUNK_BYTES_MIN = 1 << 16
/** No row of a ledger has a fraction of this; a file without line ends would fill the memory. */
export const LINE_BYTES_MAX = 1 << 20

/** Bytes of a byte order mark at the start of the file. */
export function markLength(buffer: Buffer): number {
  return buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0
}

/**
 * Blocks from `from` to `to`, or to the end of the file. A block is valid until the next is asked for: all are read into the same memory.
 *
 * @param from of an array: its start
 * @param to the start of a line; what comes after it is not read, nor is what is written to the file from now on
 * @throws ParixError BAD_INPUT for UTF-16, UTF-32, gzip and ZIP; NotAnArray
 */
export async function* readBlocks(
  {name, path, array}: LineSource,
  from: number,
  to = Number.POSITIVE_INFINITY,
): AsyncGenerator<Block> {
  const file = await openFile(name, path)
  try {
    const {size} = await file.stat()
    // Of a device, and of a file under /proc, it is 0.
    const end = size === 0 ? to : Math.min(size, to)
    yield* blocksOf(name, new ReadAhead(file, from, end), from, array === true ? new ArrayLines() : undefined)
  } finally {
    await file.close()
  }
}

async function openFile(name: string, path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw new ParixError('BAD_INPUT', `${name} can't be read: ${reasonOf(error)}.`, {code: 'no_file', cause: error})
  }
}

async function* blocksOf(
  name: string,
  ahead: ReadAhead,
  from: number,
  array: ArrayLines | undefined,
): AsyncGenerator<Block> {
  try {
    let byte = from
    let skipping = false
    for (;;) {
      const {memory, start, read, end} = await ahead.next()
      const buffer = memory.subarray(start, end)
      if (read === end) {
        array?.end()
        if (skipping) yield {buffer: NO_BYTES, byte, tooLong: {end: byte}}
        else if (buffer.length > 0) yield {buffer, byte}
        return
      }
      if (byte === 0 && start === read) assertUtf8Start(name, buffer)
      array?.rewrite(memory, read, end)
      const first: number = skipping ? buffer.indexOf(0x0a) + 1 : 0
      const whole = buffer.lastIndexOf(0x0a) + 1
      const rest = buffer.subarray(whole)
      const ended: boolean = skipping && first > 0
      const block = {buffer: buffer.subarray(first, whole), byte: byte + first}
      // Passed over rather than kept: a file without line ends would fill the memory.
      skipping = (skipping && !ended) || rest.length > LINE_BYTES_MAX
      byte += skipping ? buffer.length : whole
      ahead.keep(skipping ? NO_BYTES : rest)
      if (ended) yield {buffer: NO_BYTES, byte: block.byte - first, tooLong: {end: block.byte}}
      if (block.buffer.length > 0) yield block
    }
  } finally {
    await ahead.end()
  }
}

const NO_BYTES = Buffer.alloc(0)

/** Reads the next chunk while the one before is worked on, in two memories by turns. */
class ReadAhead {
  /** Each has a chunk at its end, and in front of it what is kept of the chunk before. */
  readonly #memories: [Buffer, Buffer]
  readonly #bytes: number
  /** Of the next chunk: the first are small, so that V8 has seen what is done at the end of a block before it compiles what is done in it. */
  #size = FIRST_CHUNK_BYTES
  #turn: 0 | 1 = 0
  /** Bytes of the chunk before that belong to this one: they stand in front of it. */
  #kept = 0
  #pending: Promise<{bytesRead: number}>

  constructor(
    private readonly file: FileHandle,
    private position: number,
    private readonly to: number,
  ) {
    // No more than there is to read: V8 looks for garbage after so many MB outside its heap, and a small file would often be one too many.
    const bytes = Math.max(CHUNK_BYTES_MIN, Math.min(CHUNK_BYTES_MAX, to - position))
    this.#bytes = bytes
    this.#memories = [Buffer.allocUnsafe(2 * bytes), Buffer.allocUnsafe(2 * bytes)]
    this.#pending = this.#read()
  }

  /** What was kept, from `start`, and what was read, from `read` to `end`: nothing at the end of the file. */
  async next(): Promise<{memory: Buffer; start: number; read: number; end: number}> {
    const {bytesRead} = await this.#pending
    this.position += bytesRead
    const memory = this.#memories[this.#turn]
    const read = this.#bytes
    return {memory, start: read - this.#kept, read, end: read + bytesRead}
  }

  /** @param rest of the chunk, at most `LINE_BYTES_MAX`; the chunk itself is valid until `next` is called twice */
  keep(rest: Buffer): void {
    this.#turn = this.#turn === 0 ? 1 : 0
    const memory = this.#memories[this.#turn]
    this.#kept = rest.copy(memory, this.#bytes - rest.length)
    this.#pending = this.#read()
  }

  #read(): Promise<{bytesRead: number}> {
    const memory = this.#memories[this.#turn]
    const bytes = Math.max(0, Math.min(this.#size, this.#bytes, this.to - this.position))
    this.#size *= 2
    const reading = this.file.read(memory, this.#bytes, bytes, this.position)
    // Whoever asks for it is told.
    reading.catch(() => {})
    return reading
  }

  /** No file is closed that is still being read. */
  async end(): Promise<void> {
    await this.#pending.catch(() => {})
  }
}

function assertUtf8Start(name: string, buffer: Buffer): void {
  const other = otherEncoding(buffer)
  if (other === undefined) return
  throw new ParixError('BAD_INPUT', `${name} is ${other.called}; CSV or NDJSON in UTF-8 is needed. Nothing was sent.`, {
    code: 'not_utf8',
    ...(other.convert && name !== 'stdin' && {next: other.convert(name)}),
  })
}
