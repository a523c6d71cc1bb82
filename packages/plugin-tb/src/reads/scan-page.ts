import {endOfDigits, isAt, type Literal, literalOf, viewOf} from '@parix/kit/literal'
import {FIELDS} from '@parix/ledger/schema'
import {reusedMemory} from '../reused-memory.js'
import type {RowKind} from './rows.js'
import {ScannedPage, strideOf} from './scanned-page.js'

const [COMMA, ZERO, OPEN, CLOSE] = [0x2c, 0x30, 0x5b, 0x5d]
const ROWS_AT_FIRST = 1 << 10

/**
 * Finds the rows of pages without parsing: all are written as the first one is, with digits for values. Decodes nothing but
 * what is asked of a page.
 */
export class PageScanner {
  readonly #kind: RowKind
  readonly #columns: readonly string[]
  readonly #stride: number
  #layout: Layout | undefined
  #places: Int32Array
  #page: ScannedPage | undefined
  readonly #written = reusedMemory(1 / 16)

  /** @param columns what will be asked of the pages */
  constructor(kind: RowKind, columns: readonly string[]) {
    this.#kind = kind
    this.#columns = columns
    this.#stride = strideOf(columns)
    this.#places = new Int32Array(0)
  }

  /**
   * The rows of an array that begins at `body[start]`. A page that was found before, and what it has written, can't be read from now on.
   *
   * @returns undefined where the rows are written in any other way, which is for the exact parser to read
   */
  scan(body: Buffer, start: number): {page: ScannedPage; end: number} | undefined {
    this.#page?.release()
    if (body[start] !== OPEN) return undefined
    if (body[start + 1] === CLOSE) return this.#found(body, 0, start + 2)
    const view = viewOf(body)
    // Most often the rows are written as those of the page before.
    let layout = this.#layout
    if (layout === undefined || layout.scanRow(body, view, start + 1, this.#room(0), 0) === -1) {
      layout = readLayout(this.#kind, body, start + 1, this.#columns)
      if (layout === undefined) return undefined
      this.#layout = layout
    }
    let count = 0
    for (let at = start + 1; ; at++) {
      const base = count * this.#stride
      const end = layout.scanRow(body, view, at, this.#room(base), base)
      if (end === -1) return undefined
      count++
      at = end
      if (body[at] === CLOSE) return this.#found(body, count, at + 1)
      if (body[at] !== COMMA) return undefined
    }
  }

  #found(body: Buffer, count: number, end: number): {page: ScannedPage; end: number} {
    const [places, columns, memory] = [this.#places, this.#columns, this.#written]
    this.#page = new ScannedPage(body, {places, columns, count, memory})
    return {page: this.#page, end}
  }

  /** Places for the row of `base`. */
  #room(base: number): Int32Array {
    if (base + this.#stride <= this.#places.length) return this.#places
    const more = new Int32Array(Math.max(ROWS_AT_FIRST * this.#stride, 2 * this.#places.length))
    more.set(this.#places)
    this.#places = more
    return more
  }
}

interface Field {
  name: string
  /** The digits of the largest value of its bits. */
  largest: Uint8Array
  /** What is written before the value. */
  before: string
  /** The value, where it was the same in every row so far. */
  same: string | undefined
}

/**
 * How the rows of a service are written: the bytes before each value, and those after the last. Values that every row so far
 * had in common, as the zeros of fields that nobody uses, are bytes like those between them until a row has another.
 */
class Layout {
  readonly #fields: readonly Field[]
  readonly #tail: string
  /** The column of each field, or -1. */
  readonly #columnOf: Int32Array
  /** Columns that the rows do not have. */
  readonly #missing: Int32Array
  /** Without values in common. */
  readonly #literals: Literal[]
  readonly #end: Literal
  #parts: Parts

  constructor(fields: readonly Field[], tail: string, columns: readonly string[]) {
    this.#fields = fields
    this.#tail = tail
    this.#columnOf = Int32Array.from(fields, ({name}) => columns.indexOf(name))
    const names = fields.map(({name}) => name)
    this.#missing = Int32Array.from(columns.flatMap((name, index) => (names.includes(name) ? [] : [index])))
    this.#literals = fields.map(({before}) => literalOf(before))
    this.#end = literalOf(tail)
    this.#parts = this.#inParts()
  }

  /** @returns where the row ends, or -1 where it isn't written as the layout has it */
  scanRow(body: Uint8Array, view: DataView, start: number, places: Int32Array, base: number): number {
    let end = scanParts(this.#parts, body, view, start, places, base)
    if (end === -1) {
      if (!this.#isWritten(body, view, start)) return -1
      end = scanParts(this.#parts, body, view, start, places, base)
      if (end === -1) return -1
    }
    places[base] = start
    places[base + 1] = end
    const missing = this.#missing
    for (let index = 0; index < missing.length; index++) places[base + 2 + 2 * missing[index]!] = -1
    return end
  }

  /** Looks at a row field by field: those with another value than the rows before have none in common with them from now on. */
  #isWritten(body: Uint8Array, view: DataView, start: number): boolean {
    let at = start
    const others: Field[] = []
    for (const [index, field] of this.#fields.entries()) {
      const literal = this.#literals[index]!
      if (!isAt(literal, body, view, at)) return false
      const from = at + literal.bytes.length
      at = endOfDigits(body, view, from)
      if (!isValue(body, from, at, field.largest)) return false
      if (field.same !== undefined && field.same !== digitsOf(body, from, at)) others.push(field)
    }
    if (!isAt(this.#end, body, view, at)) return false
    for (const field of others) field.same = undefined
    this.#parts = this.#inParts()
    return true
  }

  #inParts(): Parts {
    const literals: Literal[] = []
    const columnOf: number[] = []
    const largest: Uint8Array[] = []
    const inLiterals: number[] = []
    let text = ''
    for (const [index, {before, same, largest: most}] of this.#fields.entries()) {
      text += before
      const column = this.#columnOf[index]!
      if (same === undefined) {
        literals.push(literalOf(text))
        columnOf.push(column)
        largest.push(most)
        text = ''
      } else {
        if (column !== -1) inLiterals.push(column, literals.length, text.length, text.length + same.length)
        text += same
      }
    }
    const starts = new Int32Array(literals.length + 1)
    return {
      literals,
      tail: literalOf(text + this.#tail),
      columnOf: Int32Array.from(columnOf),
      largest,
      inLiterals: Int32Array.from(inLiterals),
      starts,
    }
  }
}

/** A row as literals with a value after each but the last. */
interface Parts {
  literals: Literal[]
  tail: Literal
  /** Of each value. */
  columnOf: Int32Array
  largest: Uint8Array[]
  /** Values within literals: column, number of the literal, and where in it the value begins and ends. */
  inLiterals: Int32Array
  /** Where the literals of the row that was read last begin. */
  starts: Int32Array
}

function scanParts(parts: Parts, body: Uint8Array, view: DataView, start: number, places: Int32Array, base: number) {
  const {literals, tail, columnOf, largest, inLiterals, starts} = parts
  let at = start
  for (let index = 0; index < literals.length; index++) {
    const literal = literals[index]!
    if (!isAt(literal, body, view, at)) return -1
    starts[index] = at
    const from = at + literal.bytes.length
    at = endOfDigits(body, view, from)
    if (!isValue(body, from, at, largest[index]!)) return -1
    const column = columnOf[index]!
    if (column !== -1) {
      places[base + 2 + 2 * column] = from
      places[base + 3 + 2 * column] = at
    }
  }
  if (!isAt(tail, body, view, at)) return -1
  starts[literals.length] = at
  for (let index = 0; index < inLiterals.length; index += 4) {
    const place = base + 2 + 2 * inLiterals[index]!
    const literal = starts[inLiterals[index + 1]!]!
    places[place] = literal + inLiterals[index + 2]!
    places[place + 1] = literal + inLiterals[index + 3]!
  }
  return at + tail.bytes.length
}

/** Digits as JSON has them, and no larger than the field can be: all else is for the exact parser to refuse. */
function isValue(body: Uint8Array, from: number, to: number, largest: Uint8Array): boolean {
  const digits = to - from
  if (digits === 1) return true
  if (digits === 0 || digits > largest.length || body[from] === ZERO) return false
  return digits < largest.length || isAtMost(body, from, largest)
}

function isAtMost(body: Uint8Array, from: number, largest: Uint8Array): boolean {
  for (let index = 0; index < largest.length; index++) {
    const difference = body[from + index]! - largest[index]!
    if (difference !== 0) return difference < 0
  }
  return true
}

function digitsOf(body: Uint8Array, from: number, to: number): string {
  return Buffer.from(body.buffer, body.byteOffset + from, to - from).toString('latin1')
}

const BITS: Readonly<Record<RowKind, ReadonlyMap<string, number>>> = {
  account: new Map(FIELDS.account.map(({name, bits}) => [name, bits])),
  transfer: new Map(FIELDS.transfer.map(({name, bits}) => [name, bits])),
  balance: new Map(FIELDS.account_balance.map(({name, bits}) => [name, bits])),
}

/** Undefined unless every field is known, comes once, and is written as `Page.bytes` promises. */
function readLayout(kind: RowKind, body: Buffer, start: number, columns: readonly string[]): Layout | undefined {
  const close = body.indexOf('}', start)
  if (close === -1) return undefined
  const text = body.toString('latin1', start, close + 1)
  const fields: Field[] = []
  const member = /([{,])"(\w+)":("?)(0|[1-9]\d*)("?)/y
  let before = ''
  while (member.lastIndex < text.length) {
    const at = member.lastIndex
    const match = member.exec(text)
    if (match === null) {
      if (text.slice(at) !== '}') return undefined
      break
    }
    const [, separator, name, open, digits, closing] = match as unknown as [
      string,
      string,
      string,
      string,
      string,
      string,
    ]
    if ((separator === '{') !== (fields.length === 0)) return undefined
    const bits = BITS[kind].get(name)
    if (bits === undefined || open !== closing || (open === '"') !== bits > 32) return undefined
    if (BigInt(digits) >> BigInt(bits) !== 0n || fields.some((field) => field.name === name)) return undefined
    const largest = Buffer.from(String((1n << BigInt(bits)) - 1n))
    fields.push({name, largest, before: `${before}${separator}"${name}":${open}`, same: digits})
    before = closing
  }
  return fields.length === 0 ? undefined : new Layout(fields, `${before}}`, columns)
}
