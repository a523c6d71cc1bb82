import {closeSync, constants, fstatSync, openSync, readSync, type Stats} from 'node:fs'
import type {Readable} from 'node:stream'
import {isatty} from 'node:tty'
import {errnoOf, FileError} from './errors.js'
import {unreadable} from './read-private-file.js'

export interface NamedFileOptions {
  bytesMax: number
  /** Called once where a pipe has sent nothing for a second. */
  waiting?: (() => void) | undefined
}

const {O_NONBLOCK = 0, O_NOCTTY = 0, O_RDONLY} = constants
const WAITING_AFTER_MS = 1000
const CHUNK_BYTES = 1 << 20

/**
 * Reads a file that a person named, which may be a pipe: `<(…)` of a shell is one. Who waits for a pipe can be interrupted:
 * a thread that is blocked in `open` or `read` would keep the process from ending.
 *
 * @throws FileError unreadable, too_large
 */
export async function readNamedFile(path: string, {bytesMax, waiting}: NamedFileOptions): Promise<Buffer> {
  const {descriptor, stats} = open(path)
  const chunks: Buffer[] = []
  let bytes = 0
  const add = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > bytesMax) throw new FileError('too_large', `${path} is larger than ${bytesMax} bytes.`, {path})
    chunks.push(chunk)
  }
  try {
    if (mayWait(descriptor, stats)) for await (const chunk of await stream(descriptor, waiting)) add(chunk)
    else for (const chunk of chunksOf(descriptor)) add(chunk)
  } catch (error) {
    throw refused(path, error)
  }
  return Buffer.concat(chunks, bytes)
}

/** The bytes of a pipe or terminal, as they come; undefined where `path` is a file. @throws FileError unreadable */
export async function openPipe(path: string, waiting?: () => void): Promise<Readable | undefined> {
  const {descriptor, stats} = open(path)
  if (mayWait(descriptor, stats)) return stream(descriptor, waiting)
  closeSync(descriptor)
  return undefined
}

function mayWait(descriptor: number, stats: Stats): boolean {
  return stats.isFIFO() || isatty(descriptor)
}

/** Closes the descriptor at its end. */
async function stream(descriptor: number, waiting: (() => void) | undefined): Promise<Readable> {
  const {Socket} = await import('node:net')
  const {ReadStream} = await import('node:tty')
  const source = isatty(descriptor)
    ? new ReadStream(descriptor)
    : new Socket({fd: descriptor, readable: true, writable: false})
  const timer = setTimeout(() => waiting?.(), WAITING_AFTER_MS)
  for (const event of ['readable', 'end', 'error', 'close']) source.once(event, () => clearTimeout(timer))
  return source
}

/** Never waits. Who opens a pipe reads it: one that is closed again would end its writer. */
function open(path: string): {descriptor: number; stats: Stats} {
  const descriptor = openDescriptor(path)
  try {
    const stats = fstatSync(descriptor)
    if (stats.isDirectory()) throw refusal(path, 'it is a directory')
    return {descriptor, stats}
  } catch (error) {
    closeSync(descriptor)
    throw unreadable(path, error)
  }
}

function openDescriptor(path: string): number {
  try {
    return openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
  } catch (error) {
    throw refused(path, error)
  }
}

/** In words where the reason is a common one, else as any file that can't be read. */
function refused(path: string, error: unknown): FileError {
  const errno = errnoOf(error)
  if (errno === 'ENOENT') return refusal(path, 'there is no such file', error)
  if (errno === 'EISDIR') return refusal(path, 'it is a directory', error)
  if (errno === 'ENXIO') return refusal(path, 'it is a socket', error)
  return unreadable(path, error)
}

function refusal(path: string, why: string, cause?: unknown): FileError {
  return new FileError('unreadable', `${path} can't be read: ${why}.`, {
    path,
    ...(/^\/dev\/(stdin|fd\/0)$/.test(path) && {hint: 'Write - for stdin.'}),
    ...(cause !== undefined && {cause}),
  })
}

/** Closes the descriptor after the last one, or where nobody wants more. */
function* chunksOf(descriptor: number): Generator<Buffer> {
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const bytes = readSync(descriptor, chunk, 0, CHUNK_BYTES, null)
      if (bytes === 0) return
      yield chunk.subarray(0, bytes)
    }
  } finally {
    closeSync(descriptor)
  }
}
