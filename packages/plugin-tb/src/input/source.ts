import {readFileSync, statSync} from 'node:fs'
import {getHeapStatistics} from 'node:v8'
import {ParixError} from '@parix/kit/errors'
import {readNamed} from '@parix/kit/named-file'
import type {Terminal} from '@parix/kit/output'
import {commandLine} from '@parix/kit/shell-words'

/** The flags by which objects come as JSON. */
export interface SourceFlags {
  file?: string | undefined
  payload?: string | undefined
}

export interface Source {
  /** Without a byte order mark. */
  text: string
  /** For errors: `--payload`, `transfers.ndjson`, `stdin`. */
  name: string
}

/** The longest text that V8 holds is just under 2^29 characters; the records of a text take up to thirty times as much as it. */
const BYTES_MAX = Math.min(500_000_000, Math.floor(getHeapStatistics().heap_size_limit / 30))

/**
 * The text that `--payload` is, or that `--file` names (`-`: stdin); undefined when neither is given.
 *
 * @throws ParixError BAD_INPUT when the file can't be read, or is not UTF-8 text
 */
export async function readSource(flags: SourceFlags, terminal: Terminal): Promise<Source | undefined> {
  if (flags.payload !== undefined) return {text: flags.payload, name: '--payload'}
  if (flags.file === undefined) return undefined
  const name = flags.file === '-' ? 'stdin' : flags.file
  if (flags.file !== '-' && (statSync(flags.file, {throwIfNoEntry: false})?.size ?? 0) > BYTES_MAX) throw tooLarge(name)
  const bytes =
    flags.file === '-'
      ? await readStdin(terminal)
      : await readNamed(flags.file, {terminal, bytesMax: BYTES_MAX, outcome: 'Nothing was sent.'})
  return sourceOf(name, bytes)
}

/** @throws ParixError BAD_INPUT when the bytes, or those of the file at this path, are not UTF-8 text */
export function sourceOf(name: string, bytes: Buffer | string): Source {
  return {text: decode(name, typeof bytes === 'string' ? readFile(bytes, name) : bytes), name}
}

function readFile(path: string, name = path): Buffer {
  try {
    if (statSync(path).size > BYTES_MAX) throw tooLarge(name)
    return readFileSync(path)
  } catch (error) {
    if (error instanceof ParixError) throw error
    throw new ParixError('BAD_INPUT', `${name} can't be read: ${reason(error)}. Nothing was sent.`, {cause: error})
  }
}

async function readStdin(terminal: Terminal): Promise<Buffer> {
  if (terminal.is.stdin) terminal.warn('Reading JSON from the keyboard; Ctrl-D on a new line ends it.')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin) {
    const buffer = Buffer.from(chunk as Uint8Array)
    bytes += buffer.length
    if (bytes > BYTES_MAX) throw tooLarge('stdin')
    chunks.push(buffer)
  }
  return Buffer.concat(chunks)
}

function tooLarge(name: string): ParixError {
  const limit = Math.floor(BYTES_MAX / 1e6)
  return new ParixError('BAD_INPUT', `${name} is larger than ${limit} MB, and read whole. Nothing was sent.`, {
    code: 'too_large',
    hint: 'A file with one object per line, or of one array, may have any size, unless --receipt, --dry-run, --fields, --jq or another format is given. Or split it.',
  })
}

function decode(name: string, bytes: Buffer): string {
  const other = otherEncoding(bytes)
  if (other !== undefined) {
    throw new ParixError('BAD_INPUT', `${name} is ${other.called}, not UTF-8 text. Nothing was sent.`, {
      code: 'not_utf8',
      ...(other.convert && name !== 'stdin' && {next: other.convert(name)}),
    })
  }
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
  } catch (error) {
    const {line, column} = firstInvalid(bytes)
    throw new ParixError(
      'BAD_INPUT',
      `${name} line ${line}, byte ${column} is not UTF-8. It may be in an older encoding, such as Latin-1. Nothing was sent.`,
      {code: 'not_utf8', cause: error},
    )
  }
}

export interface OtherEncoding {
  called: string
  convert?: (path: string) => string
}

/** What the first bytes of a file are, where they are not those of UTF-8 text. */
export function otherEncoding(bytes: Buffer): OtherEncoding | undefined {
  const starts = (...values: number[]) => values.every((value, index) => bytes[index] === value)
  const iconv = (called: string): OtherEncoding => ({
    called,
    convert: (path) => commandLine(['iconv', '-f', called, '-t', 'UTF-8', path]),
  })
  if (starts(0xff, 0xfe, 0, 0) || starts(0, 0, 0xfe, 0xff)) return iconv('UTF-32')
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) return iconv('UTF-16')
  const form = OTHER_FORMS.find(({magic}) => bytes.subarray(0, magic.length).equals(magic))
  if (form !== undefined) return {called: form.called, ...(form.convert && {convert: converter(form.convert)})}
  // JSON begins with two ASCII characters: one zero byte beside each is UTF-16 without a byte order mark.
  if (bytes.length >= 4 && bytes[0] !== 0 && starts(bytes[0]!, 0) && bytes[3] === 0) return iconv('UTF-16LE')
  if (bytes.length >= 4 && bytes[0] === 0 && bytes[1] !== 0 && bytes[2] === 0) return iconv('UTF-16BE')
  return undefined
}

const converter = (words: readonly string[]) => (path: string) => commandLine([...words, path])

const OTHER_FORMS: readonly {magic: Buffer; called: string; convert?: readonly string[]}[] = [
  {magic: Buffer.from('1f8b', 'hex'), called: 'compressed by gzip', convert: ['gunzip']},
  {magic: Buffer.from('504b0304', 'hex'), called: 'a ZIP archive or a spreadsheet'},
  {magic: Buffer.from('28b52ffd', 'hex'), called: 'compressed by zstd', convert: ['zstd', '-d']},
  {magic: Buffer.from('fd377a585a00', 'hex'), called: 'compressed by xz', convert: ['unxz']},
  {magic: Buffer.from('BZh', 'latin1'), called: 'compressed by bzip2', convert: ['bunzip2']},
  {magic: Buffer.from('377abcaf271c', 'hex'), called: 'a 7z archive'},
  {magic: Buffer.from('d0cf11e0a1b11ae1', 'hex'), called: 'an old Excel workbook (.xls)'},
  {magic: Buffer.from('PAR1', 'latin1'), called: 'a Parquet file'},
  {magic: Buffer.from('%PDF-', 'latin1'), called: 'a PDF'},
  {magic: Buffer.from('SQLite format 3\0', 'latin1'), called: 'an SQLite database'},
]

/** Line and byte in it, counted from 1, of the first byte that is not UTF-8. */
function firstInvalid(bytes: Buffer): {line: number; column: number} {
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start)
    const content = bytes.subarray(start, newline === -1 ? bytes.length : newline)
    const text = content.toString('utf8')
    if (!Buffer.from(text).equals(content)) {
      const column = Buffer.byteLength(text.slice(0, text.indexOf('\ufffd'))) + 1
      return {line, column}
    }
    if (newline === -1) break
    start = newline + 1
  }
  return {line, column: 1}
}

function reason(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a directory'
  return code === 'EACCES' ? 'it may not be read' : message
}
