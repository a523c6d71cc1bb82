/**
 * The rows of a file as the bytes that are sent. A plain row goes from bytes to bytes; any other by way of text and a record,
 * which gives the same bytes (a property test holds the two together) or says what is wrong.
 */

import type {CreateKind} from '@parix/ledger/schema'
import {wireObject} from '../records/wire.js'
import {CsvScanner, type PlainColumns} from '../rows/plain-csv.js'
import {EVENT_BYTES_MAX, PlainEvent} from '../rows/plain-event.js'
import {JsonScanner, type PlainScanner} from '../rows/plain-json.js'
import {type Block, LINE_BYTES_MAX, markLength, type Position, readBlocks} from './blocks.js'
import type {ReadEvent} from './events.js'
import type {ColumnOf} from './locate.js'
import type {Fault} from './mapping.js'
import {type Line, lineAt, lineTooLong, type OpenRows, type SourceRow} from './read-rows.js'

/** Events of one block. It is filled again when the next is asked for. */
export interface WireRows {
  count: number
  /** `,{…},{…}`: each event with a comma before it. */
  bytes: Buffer
  /** Where each event begins, with its comma; one more for the end of the last. */
  starts: Uint32Array
  /** The line of each, and the line after it. */
  lines: Uint32Array
  nextLines: Uint32Array
  /** The byte of the file after each. */
  ends: Float64Array
  /** As they are sent. */
  flags: Uint16Array
}

export interface WireReader {
  kind: CreateKind
  rows: OpenRows
  read(row: SourceRow): ReadEvent
  /** Undefined where the mapping needs the exact reader for every row of a CSV. */
  columns: PlainColumns | undefined
  /** CSV: the column of each field. */
  columnOf: ColumnOf | undefined
  keepTimestamps: boolean
  asGiven?: boolean
  /** Ids are made from keys of the objects of NDJSON. */
  idFromKeys: boolean
}

const [NEWLINE, COMMA] = [0x0a, 0x2c]

export type OnFaults = (line: number, faults: readonly Fault[]) => void

/**
 * @param onFaults for each row that can't be sent, which is left out
 * @param only `ids`: `bytes` holds the digits of each id and nothing else, for those who only look at rows
 */
export async function* wireRows(
  reader: WireReader,
  from: Position,
  onFaults: OnFaults,
  only?: 'ids',
): AsyncGenerator<WireRows> {
  const pass = new Pass(reader, onFaults, from.line, only === 'ids')
  for await (const block of readBlocks(reader.rows, from.byte)) {
    const rows = pass.read(block)
    if (rows.count > 0) yield rows
  }
  const rows = pass.end()
  if (rows.count > 0) yield rows
}

class Pass {
  readonly #out: WireRows = {
    count: 0,
    bytes: Buffer.allocUnsafe(1 << 16),
    starts: new Uint32Array(1 << 9),
    lines: new Uint32Array(1 << 9),
    nextLines: new Uint32Array(1 << 9),
    ends: new Float64Array(1 << 9),
    flags: new Uint16Array(1 << 9),
  }
  readonly #event: PlainEvent
  readonly #scanner: PlainScanner | undefined
  readonly #parser: ReturnType<OpenRows['parser']>
  /** Of the block, lines that are to be copied: from the first to the last without its line end, and where the next would begin. */
  readonly #lines = {count: 0, first: 0, from: 0, to: 0, next: -1}
  #at = 0

  constructor(
    private readonly reader: WireReader,
    private readonly onFaults: OnFaults,
    private line: number,
    private readonly idsOnly: boolean,
  ) {
    this.#event = new PlainEvent(reader)
    this.#scanner = scannerOf(reader)
    this.#parser = reader.rows.parser()
  }

  read({buffer, byte, tooLong}: Block): WireRows {
    this.#clear()
    if (tooLong !== undefined) this.#exact(lineTooLong(this.line, tooLong.end))
    const scanner = this.#scanner
    const event = this.#event
    for (let start = byte === 0 ? markLength(buffer) : 0; start < buffer.length; ) {
      const next = scanner === undefined || this.#parser.open ? -1 : scanner.scan(buffer, start, event)
      if (next !== -1 && next - start <= LINE_BYTES_MAX && event.isRight()) {
        this.#grow()
        if (this.idsOnly) this.#at = event.writeId(this.#out.bytes, this.#at)
        else if (event.isAsSent) this.#copyLater(buffer, start, next)
        else this.#at = event.writeTo(this.#out.bytes, this.#at)
        this.#add(this.line, this.line + 1, byte + next, event.flags)
        this.line++
        start = next
        continue
      }
      const line = lineAt(buffer, start, byte, this.line)
      this.#exact(line)
      start = line.end - byte
    }
    this.#copyLines(buffer)
    return this.#out
  }

  /** A line that is the event as it is sent: those that follow each other are copied at once. */
  #copyLater(buffer: Buffer, from: number, next: number): void {
    if (this.#lines.next !== from) this.#copyLines(buffer)
    const lines = this.#lines
    if (lines.count++ === 0) {
      lines.from = from
      lines.first = this.#out.count
    }
    lines.next = next
    lines.to = buffer[next - 1] === NEWLINE ? next - 1 : next
    this.#at += 1 + lines.to - from
  }

  #copyLines(buffer: Buffer): void {
    const {count, first, from, to} = this.#lines
    this.#lines.count = 0
    this.#lines.next = -1
    if (count === 0) return
    const {bytes, starts} = this.#out
    buffer.copy(bytes, starts[first]! + 1, from, to)
    // In place of the line end before each.
    for (let index = first; index < first + count; index++) bytes[starts[index]!] = COMMA
  }

  end(): WireRows {
    this.#clear()
    const row = this.#parser.end()
    if (row !== undefined) this.#take(this.reader.read(row))
    return this.#out
  }

  #clear(): void {
    this.#out.count = 0
    this.#at = 0
  }

  #exact(line: Line): void {
    this.line = line.line + 1
    const row = this.#parser.next(line)
    if (row !== undefined) this.#take(this.reader.read(row))
  }

  #take({line, nextLine, end, record, faults}: ReadEvent): void {
    if (record === undefined || faults.length > 0) {
      this.onFaults(line, faults)
      return
    }
    const {kind} = this.reader
    this.#grow()
    const text = this.idsOnly ? String(record.id) : `,${wireObject(kind, record)}`
    this.#at += this.#out.bytes.write(text, this.#at, 'latin1')
    this.#add(line, nextLine, end, Number(record.flags ?? 0n))
  }

  #add(line: number, nextLine: number, end: number, flags: number): void {
    const out = this.#out
    const index = out.count++
    out.lines[index] = line
    out.nextLines[index] = nextLine
    out.ends[index] = end
    out.flags[index] = flags
    out.starts[out.count] = this.#at
  }

  /** Room for one more event. */
  #grow(): void {
    const out = this.#out
    if (out.bytes.length - this.#at < EVENT_BYTES_MAX) {
      const bytes = Buffer.allocUnsafe(out.bytes.length * 2)
      out.bytes.copy(bytes, 0, 0, this.#at)
      out.bytes = bytes
    }
    if (out.count + 2 < out.starts.length) return
    out.starts = larger(out.starts, Uint32Array)
    out.lines = larger(out.lines, Uint32Array)
    out.nextLines = larger(out.nextLines, Uint32Array)
    out.ends = larger(out.ends, Float64Array)
    out.flags = larger(out.flags, Uint16Array)
  }
}

function larger<T extends Uint32Array | Float64Array | Uint16Array>(old: T, make: new (length: number) => T): T {
  const array = new make(old.length * 2)
  array.set(old)
  return array
}

function scannerOf({kind, rows, columns, idFromKeys}: WireReader): PlainScanner | undefined {
  if (rows.format === 'ndjson') return idFromKeys ? undefined : new JsonScanner(kind)
  return columns && new CsvScanner(columns)
}
