/**
 * Rows of a file of any size, one block in memory at a time: CSV (RFC 4180) or NDJSON. Each row knows its line (from 1) and the
 * byte after it, so that an import can go on from there.
 */

import {isUtf8} from 'node:buffer'
import {ParixError} from '@parix/kit/errors'
import type {Json} from '@parix/kit/json'
import {tryJson} from '../input/documents.js'
import {type Block, LINE_BYTES_MAX, type LineSource, markLength, type Position, readBlocks} from './blocks.js'
import {delimiterOf, headerOf, parsedCells} from './csv-header.js'

export type {Position} from './blocks.js'

export type RowFormat = 'csv' | 'ndjson'

/** A row with its text, or why it can't be read. */
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
  /** NDJSON: what `fault` is about, and at which character of the line, from 0. */
  syntax?: {message: string; position: number}
}

export interface RowSource extends LineSource {
  format: RowFormat
}

export interface OpenRows extends RowSource {
  /** CSV: the names in the header, and what is between cells. */
  header: string[] | undefined
  delimiter: string
  /** Cells of the header: more than its names where a delimiter ends each line. */
  width: number
  /** The first row after the header. */
  first: Position
  rows(from: Position): AsyncGenerator<SourceRow[]>
  /** Reads lines one after the other, for those who cut them. */
  parser(): LineParser
}

/**
 * Looks at the beginning of the file: encoding, header, delimiter.
 *
 * @throws ParixError BAD_INPUT for UTF-16, an empty file, or a CSV without a usable header
 */
export async function openRows(source: RowSource): Promise<OpenRows> {
  let excel: string | undefined
  let line = 1
  for await (const block of readBlocks(source, 0)) {
    if (source.format === 'ndjson') {
      const first = {line: 1, byte: markLength(block.buffer)}
      return {...source, header: undefined, delimiter: ',', width: 0, first, ...readers(source, () => new JsonLines())}
    }
    for (const one of linesOf(block, line)) {
      line++
      if (one.fault !== undefined)
        throw new ParixError('BAD_INPUT', `${source.name} line ${one.line}: ${one.fault}. Nothing was sent.`)
      if (one.text.trim() === '') continue
      const said = /^sep=(.)$/.exec(one.text)
      if (said !== null && excel === undefined) {
        excel = said[1]!
        continue
      }
      const delimiter = excel ?? delimiterOf(one.text)
      const {header, width} = headerOf(source.name, one, delimiter)
      const parser = () => new CsvLines(delimiter, width, header.length)
      return {...source, header, delimiter, width, first: {line, byte: one.end}, ...readers(source, parser)}
    }
  }
  throw new ParixError('BAD_INPUT', `${source.name} is empty. Nothing was sent.`)
}

function readers(source: RowSource, parser: () => LineParser): Pick<OpenRows, 'parser' | 'rows'> {
  return {parser, rows: (from) => readRows(source, from, parser())}
}

async function* readRows(source: RowSource, from: Position, parser: LineParser): AsyncGenerator<SourceRow[]> {
  let {line} = from
  for await (const block of readBlocks(source, from.byte)) {
    const lines = linesOf(block, line)
    line += lines.length
    yield lines.flatMap((one) => parser.next(one) ?? [])
  }
  const last = parser.end()
  if (last !== undefined) yield [last]
}

/** `.csv` or `.ndjson` by the name, else by the first character. */
export async function formatOf(name: string, path: string): Promise<RowFormat> {
  if (/\.(csv|tsv)$/i.test(name)) return 'csv'
  if (/\.(ndjson|jsonl)$/i.test(name)) return 'ndjson'
  for await (const {buffer} of readBlocks({name, path}, 0)) {
    const start = buffer.toString('latin1', markLength(buffer), 200).trimStart()
    return start.startsWith('{') ? 'ndjson' : 'csv'
  }
  return 'csv'
}

/** A line as text. */
export interface Line {
  text: string
  line: number
  end: number
  fault?: string
}

/** Makes rows of lines, which are given one after the other. */
export interface LineParser {
  /** A row of the line before goes on in the next. */
  readonly open: boolean
  /** Undefined for an empty line, and for one that the row does not end with. */
  next(line: Line): SourceRow | undefined
  /** What the end of the file cut short. */
  end(): SourceRow | undefined
}

class JsonLines implements LineParser {
  readonly open = false

  next({text, line, end, fault}: Line): SourceRow | undefined {
    if (fault !== undefined) return {line, nextLine: line + 1, end, fault}
    return text.trim() === '' ? undefined : jsonRow(text, line, end)
  }

  end(): undefined {
    return undefined
  }
}

function jsonRow(text: string, line: number, end: number): SourceRow {
  const read = tryJson(text)
  if ('value' in read) return {line, nextLine: line + 1, end, value: read.value}
  const [, key] = /^Duplicate key '(.*)'$/s.exec(read.message) ?? []
  const what = key === undefined ? 'is not a JSON object' : `gives the key ${JSON.stringify(key.slice(0, 60))} twice`
  return {line, nextLine: line + 1, end, fault: `column ${read.position + 1}: ${what}`, syntax: read}
}

const OPEN_QUOTE = 'has a quotation mark that is never closed'

/**
 * A line without a quotation mark is cut at its delimiters; everything else goes to csv-parse, which knows the rest of
 * RFC 4180. A property test holds the two against each other.
 */
class CsvLines implements LineParser {
  /** Begun by the lines before, inside a quoted cell. Their texts are joined once: a mark that is never closed has many. */
  #begun: {texts: string[]; length: number; line: number; nextLine: number; end: number} | undefined

  constructor(
    private readonly delimiter: string,
    private readonly width: number,
    private readonly names: number,
  ) {}

  get open(): boolean {
    return this.#begun !== undefined
  }

  next({text, line, end, fault}: Line): SourceRow | undefined {
    const begun = this.#begun ?? {texts: [], length: 0, line, nextLine: line, end}
    const isInside = hasOddQuotes(text) !== this.open
    this.#begun = undefined
    const nextLine = line + 1
    if (fault !== undefined) return {line, nextLine, end, fault}
    begun.texts.push(text)
    begun.length += text.length + 1
    if (isInside) {
      if (begun.length > LINE_BYTES_MAX) return {line: begun.line, nextLine, end, fault: OPEN_QUOTE}
      this.#begun = {...begun, nextLine, end}
      return undefined
    }
    const record: CsvRecord = {text: begun.texts.join('\n'), line: begun.line, nextLine, end}
    return record.text === '' ? undefined : csvRow(record, this.delimiter, this.width, this.names)
  }

  end(): SourceRow | undefined {
    if (this.#begun === undefined) return undefined
    const {line, nextLine, end} = this.#begun
    return {line, nextLine, end, fault: OPEN_QUOTE}
  }
}

/** A record of a CSV: one line, or several where a quoted cell has line ends. */
interface CsvRecord {
  text: string
  line: number
  nextLine: number
  end: number
}

/** After an odd number of quotation marks a cell is open, unless it was before. */
function hasOddQuotes(text: string): boolean {
  let count = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++
  return count % 2 === 1
}

function csvRow({text, line, nextLine, end}: CsvRecord, delimiter: string, width: number, names: number): SourceRow {
  const cells = text.includes('"') ? parsedCells(text, delimiter) : text.split(delimiter)
  if (typeof cells === 'string') return {line, nextLine, end, fault: cells}
  if (cells.length !== width && cells.length !== names)
    return {line, nextLine, end, fault: `has ${cells.length} cells, the header has ${names}`}
  if (cells.slice(names).some((cell) => cell.trim() !== ''))
    return {line, nextLine, end, fault: 'has a value in a column without a name'}
  return {line, nextLine, end, cells}
}

/** All lines of a block. */
function linesOf({buffer, byte, tooLong}: Block, line: number): [Line, ...Line[]] {
  if (tooLong !== undefined) return [lineTooLong(line, tooLong.end)]
  const lines: Line[] = []
  for (let start = byte === 0 ? markLength(buffer) : 0; start < buffer.length; ) {
    const item = lineAt(buffer, start, byte, line + lines.length)
    lines.push(item)
    start = item.end - byte
  }
  // A file that is a byte order mark and nothing else.
  if (lines.length === 0) lines.push({text: '', line, end: byte + buffer.length})
  return lines as [Line, ...Line[]]
}

export function lineTooLong(line: number, end: number): Line {
  return {text: '', line, end, fault: 'is longer than 1 MB'}
}

/**
 * The line that begins at `buffer[start]`.
 *
 * @param byte where the buffer is in the file
 */
export function lineAt(buffer: Buffer, start: number, byte: number, line: number): Line {
  const newline = buffer.indexOf(0x0a, start)
  const stop = newline < 0 ? buffer.length : newline
  const last = stop > start && buffer[stop - 1] === 13 ? stop - 1 : stop
  const text = buffer.toString('utf8', start, last)
  const item: Line = {text, line, end: byte + Math.min(stop + 1, buffer.length)}
  if (last - start > LINE_BYTES_MAX) return lineTooLong(line, item.end)
  if (text.includes('\ufffd') && !isUtf8(buffer.subarray(start, last)))
    item.fault = 'is not UTF-8; it may be in an older encoding such as Windows-1252 (iconv -f WINDOWS-1252 -t UTF-8)'
  else if (text.includes('\0')) item.fault = 'has a NUL character'
  return item
}
