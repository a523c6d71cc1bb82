/** Lines of a CSV as plain events: no quotation marks, digits in the columns that are fields. */

import {isUtf8} from 'node:buffer'
import {EVENT_BYTES_MAX, PLACE, type PlainEvent} from './plain-event.js'
import type {PlainScanner} from './plain-json.js'

/** Where the fields of an event come from, as far as that can be read from bytes. */
export interface PlainColumns {
  delimiter: string
  /** Cells of a line, and how many of them have a name: the others are empty. */
  width: number
  names: number
  /** Between units and decimal places of money: `.` or `,`. */
  point?: '.' | ','
  /** Column and place of the field; `scale` where the column is money with this many decimal places. */
  columns: readonly {column: number; field: number; scale?: number}[]
  /** The same digits in every row. */
  constants: readonly {field: number; digits: string}[]
  /** Makes the id of a row from the text of these columns. */
  id?: {columns: readonly number[]; make(cells: readonly string[]): string} | undefined
}

const [NEWLINE, RETURN, SPACE, TAB, QUOTE, ZERO, NINE] = [10, 13, 32, 9, 0x22, 0x30, 0x39]

export class CsvScanner implements PlainScanner {
  readonly #plan: PlainColumns
  readonly #delimiter: number
  readonly #point: number
  /** Of the line that was read last: cells without the white space around them, and where each begins and ends with it. */
  readonly #from: Int32Array
  readonly #to: Int32Array
  readonly #begin: Int32Array
  readonly #end: Int32Array
  /** Digits that are not in the file as they are sent: money without its point, ids. */
  readonly #made = Buffer.allocUnsafe(2 * EVENT_BYTES_MAX)
  readonly #constants: {field: number; digits: Buffer}[]
  #block: Uint8Array | undefined
  #blockIsText = false

  constructor(plan: PlainColumns) {
    this.#plan = plan
    this.#delimiter = plan.delimiter.charCodeAt(0)
    this.#point = (plan.point ?? '.').charCodeAt(0)
    this.#from = new Int32Array(plan.width)
    this.#to = new Int32Array(plan.width)
    this.#begin = new Int32Array(plan.width)
    this.#end = new Int32Array(plan.width)
    this.#constants = plan.constants.map(({field, digits}) => ({field, digits: Buffer.from(digits, 'latin1')}))
  }

  scan(buffer: Uint8Array, start: number, event: PlainEvent): number {
    const next = this.#cut(buffer, start)
    if (next === -1 || !this.#isText(buffer)) return -1
    let present = 0
    let made = 0
    const {columns, id} = this.#plan
    for (let index = 0; index < columns.length; index++) {
      const {column, field, scale} = columns[index]!
      const [from, to] = [this.#from[column]!, this.#to[column]!]
      if (from === to) continue
      present |= 1 << field
      if (scale === undefined) {
        for (let at = from; at < to; at++) if (buffer[at]! < ZERO || buffer[at]! > NINE) return -1
        event.sources[field] = buffer
        event.from[field] = from
        event.to[field] = to
        continue
      }
      const end = this.#money(buffer, from, to, scale, made)
      if (end === -1) return -1
      event.sources[field] = this.#made
      event.from[field] = made
      event.to[field] = end
      made = end
    }
    for (const {field, digits} of this.#constants) {
      present |= 1 << field
      event.sources[field] = digits
      event.from[field] = 0
      event.to[field] = digits.length
    }
    if (id !== undefined) {
      const texts = id.columns.map((column) => this.#text(buffer, column))
      if (texts.every((text) => text.trim() === '')) return -1
      const digits = id.make(texts)
      event.sources[PLACE.id] = this.#made
      event.from[PLACE.id] = made
      event.to[PLACE.id] = made + this.#made.write(digits, made, 'latin1')
      present |= 1
    }
    event.present = present
    return next
  }

  /** Finds the cells. @returns where the next line begins, or -1 for quotation marks and another number of cells */
  #cut(buffer: Uint8Array, start: number): number {
    const delimiter = this.#delimiter
    const {width, names} = this.#plan
    let at = start
    for (let column = 0; ; column++) {
      const begin = at
      let byte = buffer[at]
      while (byte !== delimiter && byte !== NEWLINE && byte !== QUOTE && at < buffer.length) byte = buffer[++at]
      if (byte === QUOTE && at < buffer.length) return -1
      let [from, to] = [begin, at]
      while (from < to && isBlank(buffer[from]!)) from++
      while (from < to && isBlank(buffer[to - 1]!)) to--
      if (column >= names && from < to) return -1
      this.#from[column] = from
      this.#to[column] = to
      const ended = at >= buffer.length || byte === NEWLINE
      this.#begin[column] = begin
      this.#end[column] = ended && at > begin && buffer[at - 1] === RETURN ? at - 1 : at
      at++
      if (column === width - 1) return ended ? Math.min(at, buffer.length) : -1
      if (ended) return -1
    }
  }

  /** Cells that nothing is read from may have any text, but text they must be. */
  #isText(buffer: Uint8Array): boolean {
    if (this.#block !== buffer) {
      this.#block = buffer
      this.#blockIsText = isUtf8(buffer) && !buffer.includes(0)
    }
    return this.#blockIsText
  }

  /** `12`, `12.5` and `12.50` as 1250. @returns the end in `made`, or -1 */
  #money(buffer: Uint8Array, start: number, end: number, scale: number, place: number): number {
    const made = this.#made
    const point = this.#point
    if (end - start > 60) return -1
    let from = start
    while (from < end - 1 && buffer[from] === ZERO && buffer[from + 1] !== point) from++
    let to = place
    let at = from
    for (; at < end && buffer[at] !== point; at++) {
      if (buffer[at]! < ZERO || buffer[at]! > NINE) return -1
      made[to++] = buffer[at]!
    }
    let places = 0
    if (at < end) {
      if (at === from || at === end - 1) return -1
      for (at++; at < end; at++, places++) {
        if (buffer[at]! < ZERO || buffer[at]! > NINE) return -1
        made[to++] = buffer[at]!
      }
    }
    if (places > scale) return -1
    for (; places < scale; places++) made[to++] = ZERO
    return withoutZeros(made, place, to)
  }

  #text(buffer: Uint8Array, column: number): string {
    const begin = this.#begin[column]!
    return Buffer.from(buffer.buffer, buffer.byteOffset + begin, this.#end[column]! - begin).toString('utf8')
  }
}

/** `005` becomes `5` in place. @returns the new end */
function withoutZeros(bytes: Uint8Array, from: number, to: number): number {
  let first = from
  while (first < to - 1 && bytes[first] === ZERO) first++
  if (first > from) bytes.copyWithin(from, first, to)
  return to - (first - from)
}

/** Not every white space of Unicode: a cell with another is for the exact reader. */
function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === RETURN
}
