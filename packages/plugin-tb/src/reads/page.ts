import {stringifyJson} from '@parix/kit/json'
import {FIELDS} from '@parix/ledger/schema'
import {numberIn, type Row, type RowKind} from './rows.js'

/** The rows of one response. A column is the name of a field that was asked for when the page was read. */
export interface Page {
  readonly count: number
  /** The row as JSON, on one line: 64 and 128 bits as decimal strings, smaller integers as numbers. */
  bytes(row: number): Uint8Array
  /** Every row as NDJSON, with a newline after each. To be called once, after all else. */
  lines(): Uint8Array
  /** The digits of these columns, row by row; `0` where the row doesn't have one. */
  written(form: RowText): Uint8Array
  /** The decimal digits of a field; `0` where the row doesn't have it. */
  text(row: number, column: string): string
  bigint(row: number, column: string): bigint
  /** For fields of at most 32 bits. */
  number(row: number, column: string): number
  /** The value where it has at most 15 digits, which a number holds exactly; else -1. */
  small(row: number, column: string): number
}

/** How rows are written: the bytes before each column, and those after the last. */
export interface RowText {
  columns: readonly string[]
  before: readonly Uint8Array[]
  end: Uint8Array
}

const [COMMA, NEWLINE, ZERO, NINE, OPEN, CLOSE] = [0x2c, 0x0a, 0x30, 0x39, 0x5b, 0x5d]

/** How the rows of a service are written: the bytes before each value, and those after the last. */
interface Layout {
  names: string[]
  literals: Uint8Array[]
  tail: Uint8Array
  bytesMin: number
}

/**
 * The rows of an array that begins at `body[start]`, found without parsing: all are written as the first one is, with
 * digits for values. Decodes nothing but what is asked of the page.
 *
 * @returns undefined where the rows are written in any other way, which is for the exact parser to read
 */
export function scanPage(
  kind: RowKind,
  body: Buffer,
  start: number,
  columns: readonly string[],
): {page: Page; end: number} | undefined {
  if (body[start] !== OPEN) return undefined
  if (body[start + 1] === CLOSE) return {page: new ScannedPage(body, new Int32Array(0), columns, 0), end: start + 2}
  const layout = layoutOf(kind, body, start + 1)
  if (layout === undefined) return undefined
  const columnOf = layout.names.map((name) => columns.indexOf(name))
  const missing = columns.flatMap((column, index) => (layout.names.includes(column) ? [] : [index]))
  const stride = 2 + 2 * columns.length
  // No row is shorter than one whose values are single digits.
  const places = new Int32Array(Math.ceil((body.length - start) / layout.bytesMin) * stride)
  let count = 0
  for (let at = start + 1; ; at++) {
    const base = count * stride
    const end = scanRow(body, at, layout, columnOf, places, base)
    if (end === -1) return undefined
    places[base] = at
    places[base + 1] = end
    for (const column of missing) places[base + 2 + 2 * column] = -1
    count++
    at = end
    if (body[at] === CLOSE) return {page: new ScannedPage(body, places, columns, count), end: at + 1}
    if (body[at] !== COMMA) return undefined
  }
}

/**
 * @param columnOf by field of the layout: which column it is, or -1
 * @returns where the row ends, or -1 where it isn't written as `layout` has it
 */
function scanRow(
  body: Uint8Array,
  start: number,
  {literals, tail}: Layout,
  columnOf: readonly number[],
  places: Int32Array,
  base: number,
): number {
  let at = start
  for (let field = 0; field < literals.length; field++) {
    const literal = literals[field]!
    for (let index = 0; index < literal.length; index++) if (body[at + index] !== literal[index]) return -1
    at += literal.length
    const from = at
    while (body[at]! >= ZERO && body[at]! <= NINE) at++
    if (at === from) return -1
    const column = columnOf[field]!
    if (column !== -1) {
      places[base + 2 + 2 * column] = from
      places[base + 3 + 2 * column] = at
    }
  }
  for (let index = 0; index < tail.length; index++) if (body[at + index] !== tail[index]) return -1
  return at + tail.length
}

const BITS: Readonly<Record<RowKind, ReadonlyMap<string, number>>> = {
  account: new Map(FIELDS.account.map(({name, bits}) => [name, bits])),
  transfer: new Map(FIELDS.transfer.map(({name, bits}) => [name, bits])),
  balance: new Map(FIELDS.account_balance.map(({name, bits}) => [name, bits])),
}

/** Undefined unless every field is known, and written as `Page.bytes` promises. */
function layoutOf(kind: RowKind, body: Buffer, start: number): Layout | undefined {
  const close = body.indexOf('}', start)
  if (close === -1) return undefined
  const text = body.toString('latin1', start, close + 1)
  const tail = Buffer.from(text.endsWith('"}') ? '"}' : '}')
  const layout: Layout = {names: [], literals: [], tail, bytesMin: tail.length}
  const member = /([{,])"(\w+)":("?)(\d+)("?)/y
  let before = ''
  while (member.lastIndex < text.length) {
    const at = member.lastIndex
    const match = member.exec(text)
    if (match === null) {
      if (text.slice(at) !== '}') return undefined
      break
    }
    const [, separator, name, open, , closing] = match as unknown as [string, string, string, string, string, string]
    const bits = BITS[kind].get(name)
    if (bits === undefined || open !== closing || (open === '"') !== bits > 32) return undefined
    layout.names.push(name)
    const literal = Buffer.from(`${before}${separator}"${name}":${open}`)
    layout.literals.push(literal)
    layout.bytesMin += literal.length + 1
    before = closing
  }
  return layout.names.length === 0 ? undefined : layout
}

class ScannedPage implements Page {
  readonly #body: Buffer
  readonly #places: Int32Array
  readonly #columns: readonly string[]
  readonly #stride: number
  readonly count: number

  constructor(body: Buffer, places: Int32Array, columns: readonly string[], count: number) {
    this.#body = body
    this.#places = places
    this.#columns = columns
    this.#stride = 2 + 2 * columns.length
    this.count = count
  }

  bytes(row: number): Uint8Array {
    const base = row * this.#stride
    return this.#body.subarray(this.#places[base]!, this.#places[base + 1]!)
  }

  lines(): Uint8Array {
    if (this.count === 0) return new Uint8Array(0)
    // The comma, or the bracket, after each row becomes its newline.
    for (let row = 0; row < this.count; row++) this.#body[this.#places[row * this.#stride + 1]!] = NEWLINE
    return this.#body.subarray(this.#places[0]!, this.#places[(this.count - 1) * this.#stride + 1]! + 1)
  }

  written({columns, before, end}: RowText): Uint8Array {
    const offsets = columns.map((column) => 2 + 2 * this.#index(column))
    const literals = before.reduce((sum, {length}) => sum + length, end.length)
    const bytes = Buffer.allocUnsafe(this.count * literals + this.#digitsOf(offsets))
    const body = this.#body
    let at = 0
    for (let row = 0; row < this.count; row++) {
      const base = row * this.#stride
      for (let column = 0; column < offsets.length; column++) {
        const literal = before[column]!
        for (let index = 0; index < literal.length; index++) bytes[at++] = literal[index]!
        const place = base + offsets[column]!
        let from = this.#places[place]!
        if (from === -1) bytes[at++] = ZERO
        else for (const to = this.#places[place + 1]!; from < to; from++) bytes[at++] = body[from]!
      }
      for (let index = 0; index < end.length; index++) bytes[at++] = end[index]!
    }
    return bytes
  }

  #digitsOf(offsets: readonly number[]): number {
    let digits = 0
    for (let row = 0; row < this.count; row++) {
      for (let column = 0; column < offsets.length; column++) {
        const place = row * this.#stride + offsets[column]!
        const from = this.#places[place]!
        digits += from === -1 ? 1 : this.#places[place + 1]! - from
      }
    }
    return digits
  }

  text(row: number, column: string): string {
    const at = this.#place(row, column)
    return at === -1 ? '0' : this.#body.toString('latin1', this.#places[at]!, this.#places[at + 1]!)
  }

  bigint(row: number, column: string): bigint {
    const at = this.#place(row, column)
    if (at === -1) return 0n
    const [from, to] = [this.#places[at]!, this.#places[at + 1]!]
    return to - from > 15 ? BigInt(this.#body.toString('latin1', from, to)) : BigInt(this.#digits(from, to))
  }

  number(row: number, column: string): number {
    const at = this.#place(row, column)
    return at === -1 ? 0 : this.#digits(this.#places[at]!, this.#places[at + 1]!)
  }

  small(row: number, column: string): number {
    const at = this.#place(row, column)
    if (at === -1) return 0
    const [from, to] = [this.#places[at]!, this.#places[at + 1]!]
    return to - from > 15 ? -1 : this.#digits(from, to)
  }

  #digits(from: number, to: number): number {
    let value = 0
    for (let at = from; at < to; at++) value = value * 10 + (this.#body[at]! - ZERO)
    return value
  }

  /** Where in `places` the value's bounds are; -1 where the row doesn't have it. */
  #place(row: number, column: string): number {
    const at = row * this.#stride + 2 + 2 * this.#index(column)
    return this.#places[at] === -1 ? -1 : at
  }

  #index(column: string): number {
    const index = this.#columns.indexOf(column)
    if (index === -1) throw new TypeError(`The page was read without ${column}`)
    return index
  }
}

/** A page that the exact parser read. */
export class ParsedPage implements Page {
  readonly #rows: readonly Row[]

  constructor(rows: readonly Row[]) {
    this.#rows = rows
  }

  get count(): number {
    return this.#rows.length
  }

  bytes(row: number): Uint8Array {
    return Buffer.from(stringifyJson(this.#rows[row], 0))
  }

  lines(): Uint8Array {
    return Buffer.from(this.#rows.map((row) => `${stringifyJson(row, 0)}\n`).join(''))
  }

  written({columns, before, end}: RowText): Uint8Array {
    const parts = this.#rows.flatMap((_, row) => [
      ...columns.flatMap((column, index) => [before[index]!, Buffer.from(this.text(row, column))]),
      end,
    ])
    return Buffer.concat(parts)
  }

  text(row: number, column: string): string {
    return String(numberIn(this.#rows[row]!, column))
  }

  bigint(row: number, column: string): bigint {
    return numberIn(this.#rows[row]!, column)
  }

  number(row: number, column: string): number {
    return Number(numberIn(this.#rows[row]!, column))
  }

  small(row: number, column: string): number {
    const value = this.bigint(row, column)
    return value < 10n ** 15n ? Number(value) : -1
  }
}
