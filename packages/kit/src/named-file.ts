import {isFileError} from '@parix/files/errors'
import {openPipe, readNamedFile} from '@parix/files/read-named-file'
import {decodeUtf8} from '@parix/files/read-private-file'
import {type ErrorDetails, ParixError} from './errors.js'
import {fileErrorAdvice} from './file-error.js'
import type {Terminal} from './output/index.js'

/** What reads a file that a flag or an argument names. */
export interface NamedFile {
  /** Says that a pipe is waited for. */
  terminal?: Pick<Terminal, 'warn'> | undefined
  bytesMax?: number
  /** Of the error; `no_file` by default. */
  code?: string
  /** Ends the error, such as `Nothing was sent.` */
  outcome?: string
}

/** Larger than any document that is read whole: the longest text that V8 holds is just under 2^29 characters. */
const BYTES_MAX = 500_000_000

/**
 * The whole of a file that a person named. A pipe is read too, as `<(…)` of a shell is one, and can be interrupted.
 *
 * @throws ParixError BAD_INPUT, in words
 */
export async function readNamed(path: string, {terminal, bytesMax = BYTES_MAX, ...said}: NamedFile): Promise<Buffer> {
  const waiting = () => terminal?.warn(waitingFor(path))
  return inWords(said, () => readNamedFile(path, {bytesMax, waiting}))
}

/** As `readNamed`, as text in UTF-8, without a byte order mark. */
export async function readNamedText(path: string, file: NamedFile): Promise<string> {
  const bytes = await readNamed(path, file)
  return inWords(file, async () => decodeUtf8(path, bytes).replace(/^\ufeff/, ''))
}

/** A pipe that a person named, to be read once as it comes; undefined for a file. @throws ParixError BAD_INPUT */
export async function openNamedPipe(path: string, {terminal, ...said}: NamedFile) {
  return inWords(said, () => openPipe(path, () => terminal?.warn(waitingFor(path))))
}

function waitingFor(path: string): string {
  return `Waiting for ${path}, a pipe into which nothing was written so far. Ctrl-C ends the command.`
}

async function inWords<T>({code, outcome}: Pick<NamedFile, 'code' | 'outcome'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isFileError(error)) throw error
    const details: ErrorDetails = {code: code ?? 'no_file', ...fileErrorAdvice(error), cause: error}
    throw new ParixError('BAD_INPUT', outcome === undefined ? error.message : `${error.message} ${outcome}`, details)
  }
}
