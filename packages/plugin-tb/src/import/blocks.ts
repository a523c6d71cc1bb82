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

const CHUNK_BYTES = 1 << 20
/** No row of a ledger has a fraction of this; a file without line ends would fill the memory. */
export const LINE_BYTES_MAX = 1 << 20

/** Bytes of a byte order mark at the start of the file. */
export function markLength(buffer: Buffer): number {
  return buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0
}

/**
 * Blocks from `from` to the end of the file. A block is valid until the next is asked for: all are read into the same memory.
 *
 * @param from of an array: its start
 * @throws ParixError BAD_INPUT for UTF-16, UTF-32, gzip and ZIP; NotAnArray
 */
export async function* readBlocks({name, path, array}: LineSource, from: number): AsyncGenerator<Block> {
  const file = await openFile(name, path)
  try {
    yield* blocksOf(name, file, from, array === true ? new ArrayLines() : undefined)
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
  file: FileHandle,
  from: number,
  array: ArrayLines | undefined,
): AsyncGenerator<Block> {
  const memory = Buffer.allocUnsafe(CHUNK_BYTES + LINE_BYTES_MAX)
  /** Of `memory`: the beginning of a line whose end was not read yet. */
  let rest = 0
  let byte = from
  let skipping = false
  for (;;) {
    const {bytesRead} = await file.read(memory, rest, CHUNK_BYTES, byte + rest)
    if (bytesRead === 0) break
    const buffer = memory.subarray(0, rest + bytesRead)
    if (byte === 0 && rest === 0) assertUtf8Start(name, buffer)
    array?.rewrite(memory, rest, buffer.length)
    const first = skipping ? buffer.indexOf(0x0a) + 1 : 0
    if (skipping && first > 0) {
      skipping = false
      yield {buffer: memory.subarray(0, 0), byte, tooLong: {end: byte + first}}
    }
    const whole = buffer.lastIndexOf(0x0a) + 1
    if (whole > first) yield {buffer: buffer.subarray(first, whole), byte: byte + first}
    rest = buffer.length - whole
    byte += whole
    // Passed over rather than kept: a file without line ends would fill the memory.
    if (skipping || rest > LINE_BYTES_MAX) {
      skipping = true
      byte += rest
      rest = 0
    } else if (rest > 0) buffer.copyWithin(0, whole)
  }
  array?.end()
  if (skipping) yield {buffer: memory.subarray(0, 0), byte, tooLong: {end: byte}}
  else if (rest > 0) yield {buffer: memory.subarray(0, rest), byte}
}

function assertUtf8Start(name: string, buffer: Buffer): void {
  const other = otherEncoding(buffer)
  if (other === undefined) return
  throw new ParixError('BAD_INPUT', `${name} is ${other.called}; CSV or NDJSON in UTF-8 is needed. Nothing was sent.`, {
    code: 'not_utf8',
    ...(other.convert && name !== 'stdin' && {next: other.convert(name)}),
  })
}
