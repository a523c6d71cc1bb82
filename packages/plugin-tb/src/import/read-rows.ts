/**
 * Rows of a file of any size, one chunk in memory at a time: CSV (RFC 4180) or NDJSON. Each row knows its line (from 1) and the
 * byte after it, so that an import can go on from there.
 */

import {createReadStream} from 'node:fs'
import {ParixError} from '@parix/kit/errors'
import {type Json, parseJson} from '@parix/kit/json'
import {parse} from 'csv-parse/sync'

export type RowFormat = 'csv' | 'ndjson'

/** Columns or keys with their text; undefined where a cell is empty. */
export interface SourceRow {
  /** The line on which it begins, from 1. */
  line: number
  /** The line after it: a quoted cell may have line ends in it. */
  nextLine: number
  /** The offset in bytes of the next row. */
  end: number
  /** CSV: cells in the order of the header. */
  cells?: string[]
  /** NDJSON: the object as it was read. */
  value?: Json
  /** Why it can't be read; nothing else is there then. */
  fault?: string
}

export interface RowSource {
  /** For errors. */
  name: string
  path: string
  format: RowFormat
}

/** Where to begin: the start of the file, or the end of the row before. */
export interface Position {
  line: number
  byte: number
}

const CHUNK_BYTES = 1 << 20
/** No row of a ledger has a fraction of this; a file without line ends would fill the memory. */
const LINE_BYTES_MAX = 1 << 20

export interface OpenRows {
  /** CSV: the names in the header. */
  header: string[] | undefined
  /** The first row after the header. */
  first: Position
  rows(from: Position): AsyncGenerator<SourceRow[]>
}

/**
 * Looks at the beginning of the file: encoding, header, delimiter.
 *
 * @throws ParixError BAD_INPUT for UTF-16, an empty file, or a CSV without a usable header
 */
export async function openRows(source: RowSource): Promise<OpenRows> {
  for await (const lines of readLines(source, {line: 1, byte: 0}, true)) {
    const first = lines[0]
    if (first === undefined) continue
    if (first.fault !== undefined)
      throw new ParixError('BAD_INPUT', `${source.name} line 1: ${first.fault}. Nothing was sent.`)
    if (source.format === 'ndjson')
      return {header: undefined, first: {line: 1, byte: first.bom}, rows: (from) => ndjsonRows(source, from)}
    const delimiter = delimiterOf(first.text)
    const header = headerOf(source.name, first.text, delimiter)
    return {header, first: {line: 2, byte: first.end}, rows: (from) => csvRows(source, from, delimiter, header.length)}
  }
  throw new ParixError('BAD_INPUT', `${source.name} is empty. Nothing was sent.`)
}

/** `.csv` or `.ndjson` by the name, else by the first character. */
export async function formatOf(name: string, path: string): Promise<RowFormat> {
  if (/\.(csv|tsv)$/i.test(name)) return 'csv'
  if (/\.(ndjson|jsonl)$/i.test(name)) return 'ndjson'
  for await (const lines of readLines({name, path, format: 'ndjson'}, {line: 1, byte: 0}, true)) {
    if (lines[0] !== undefined) return lines[0].text.trimStart().startsWith('{') ? 'ndjson' : 'csv'
  }
  return 'csv'
}

async function* ndjsonRows(source: RowSource, from: Position): AsyncGenerator<SourceRow[]> {
  for await (const lines of readLines(source, from)) {
    const rows: SourceRow[] = []
    for (const {text, line, end, fault} of lines) {
      if (fault !== undefined) rows.push({line, nextLine: line + 1, end, fault})
      else if (text.trim() !== '') rows.push(jsonRow(text, line, end))
    }
    yield rows
  }
}

function jsonRow(text: string, line: number, end: number): SourceRow {
  try {
    return {line, nextLine: line + 1, end, value: parseJson(text)}
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const where = position === undefined ? '' : ` column ${Number(position) + 1}:`
    return {line, nextLine: line + 1, end, fault: `${where} is not a JSON object`.trim()}
  }
}

/**
 * A line without a quotation mark is cut at its delimiters; everything else goes to csv-parse, which knows the rest of
 * RFC 4180. A property test holds the two against each other.
 */
async function* csvRows(
  source: RowSource,
  from: Position,
  delimiter: string,
  width: number,
): AsyncGenerator<SourceRow[]> {
  let open: CsvRecord | undefined
  for await (const lines of readLines(source, from)) {
    const rows: SourceRow[] = []
    for (const {text, line, end, fault} of lines) {
      if (fault !== undefined) {
        rows.push({line, nextLine: line + 1, end, fault})
        open = undefined
        continue
      }
      const nextLine = line + 1
      const whole: CsvRecord =
        open === undefined
          ? {text, line, nextLine, end}
          : {text: `${open.text}\n${text}`, line: open.line, nextLine, end}
      if (whole.text.includes('"') && hasOpenQuote(whole.text)) {
        open = whole
        if (whole.text.length <= LINE_BYTES_MAX) continue
        rows.push({line: whole.line, nextLine, end, fault: 'has a quotation mark that is never closed'})
        open = undefined
        continue
      }
      open = undefined
      if (whole.text !== '') rows.push(csvRow(whole, delimiter, width))
    }
    yield rows
  }
  if (open !== undefined)
    yield [
      {line: open.line, nextLine: open.nextLine, end: open.end, fault: 'has a quotation mark that is never closed'},
    ]
}

/** A record of a CSV: one line, or several where a quoted cell has line ends. */
interface CsvRecord {
  text: string
  line: number
  nextLine: number
  end: number
}

/** An odd number of quotation marks: the record goes on in the next line. */
function hasOpenQuote(text: string): boolean {
  let count = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++
  return count % 2 === 1
}

function csvRow({text, line, nextLine, end}: CsvRecord, delimiter: string, width: number): SourceRow {
  const cells = text.includes('"') ? parsedCells(text, delimiter) : text.split(delimiter)
  if (typeof cells === 'string') return {line, nextLine, end, fault: cells}
  if (cells.length !== width) return {line, nextLine, end, fault: `has ${cells.length} cells, the header has ${width}`}
  return {line, nextLine, end, cells}
}

/** @returns why not, as text, where the record is not well formed */
export function parsedCells(record: string, delimiter: string): string[] | string {
  try {
    const records = parse(record, {delimiter, relax_column_count: true, skip_empty_lines: false}) as string[][]
    return records.length === 1 ? records[0]! : 'has a quotation mark inside a cell that is not quoted'
  } catch {
    return 'has a quotation mark in the wrong place: a cell with one is quoted as a whole, and the mark is doubled'
  }
}

function delimiterOf(header: string): string {
  const count = (delimiter: string) => header.split(delimiter).length
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best))
}

function headerOf(name: string, text: string, delimiter: string): string[] {
  const cells = parsedCells(text, delimiter)
  const header = typeof cells === 'string' ? undefined : cells.map((cell) => cell.trim())
  if (header === undefined || header.some((cell) => cell === '')) {
    throw new ParixError('BAD_INPUT', `${name} line 1 is not a header: every column needs a name. Nothing was sent.`)
  }
  const double = header.find((cell, index) => header.indexOf(cell) !== index)
  if (double !== undefined)
    throw new ParixError(
      'BAD_INPUT',
      `${name} line 1 has two columns named ${JSON.stringify(double)}. Nothing was sent.`,
    )
  return header
}

interface Line {
  text: string
  line: number
  end: number
  /** Bytes of a byte order mark before the first line. */
  bom: number
  fault?: string
}

/** @param once stops after the first lines */
async function* readLines({name, path}: RowSource, from: Position, once = false): AsyncGenerator<Line[]> {
  const stream = createReadStream(path, {start: from.byte, highWaterMark: CHUNK_BYTES})
  let rest: Buffer = Buffer.alloc(0)
  let {line, byte} = from
  let skipping = false
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    rest = Buffer.alloc(0)
    if (byte === 0) assertUtf8Start(name, buffer)
    if (skipping) {
      const newline = buffer.indexOf(0x0a)
      byte += newline < 0 ? buffer.length : newline + 1
      if (newline < 0) continue
      yield [tooLong(line++, byte)]
      skipping = false
      buffer = buffer.subarray(newline + 1)
    }
    const last = buffer.lastIndexOf(0x0a)
    if (last >= 0) {
      const lines = cut(buffer.subarray(0, last), line, byte)
      line += lines.length
      byte += last + 1
      yield lines
      if (once) return
    }
    rest = buffer.subarray(last + 1)
    if (rest.length <= LINE_BYTES_MAX) continue
    // Passed over rather than kept: a file without line ends would fill the memory.
    skipping = true
    byte += rest.length
    rest = Buffer.alloc(0)
  }
  if (skipping) yield [tooLong(line, byte)]
  else if (rest.length > 0) yield cut(rest, line, byte, true)
}

function tooLong(line: number, end: number): Line {
  return {text: '', line, end, bom: 0, fault: 'is longer than 1 MB'}
}

/** Lines of whole text: the last has no line end in `buffer`, but one in the file unless it is `atEnd`. */
function cut(buffer: Buffer, line: number, byte: number, atEnd = false): Line[] {
  const bom = byte === 0 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0
  const text = buffer.toString('latin1', bom)
  const ascii = !/[\x80-\xff]/.test(text)
  const lines: Line[] = []
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf('\n', start)
    const stop = newline < 0 ? text.length : newline
    const last = stop > start && text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop
    const content = ascii ? text.slice(start, last) : buffer.toString('utf8', bom + start, bom + last)
    const end = byte + bom + stop + (newline < 0 && atEnd ? 0 : 1)
    const item: Line = {text: content, line: line + lines.length, end, bom}
    if (content.length > LINE_BYTES_MAX) item.fault = 'is longer than 1 MB'
    else if (!ascii && content.includes('\ufffd')) item.fault = 'is not UTF-8'
    else if (content.includes('\0')) item.fault = 'has a NUL character'
    lines.push(item)
    if (newline < 0) break
    start = newline + 1
  }
  return lines
}

function assertUtf8Start(name: string, buffer: Buffer): void {
  const [first, second] = buffer
  const utf16 =
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff) ||
    (first !== 0 && second === 0 && buffer[3] === 0)
  if (utf16)
    throw new ParixError(
      'BAD_INPUT',
      `${name} is UTF-16; UTF-8 is needed: iconv -f UTF-16 -t UTF-8. Nothing was sent.`,
      {code: 'utf16'},
    )
}
