import {fourDigits, viewOf} from '@parix/kit/literal'
import type {Page, RowText} from './page.js'

const [NEWLINE, ZERO] = [0x0a, 0x30]
/** Of a value with more digits, a number does not hold every one. */
const DIGITS_MAX = 15
const FIFTEEN_DIGITS = 10n ** 15n

/** Where the rows and the values of a page are in its body. */
export interface Places {
  /**
   * Of each row, `stride` places: where it begins and ends, then where the value of each column begins and ends; -1 where the
   * row doesn't have it.
   */
  places: Int32Array
  columns: readonly string[]
  count: number
  /** For what `written` returns, of this many bytes at least. */
  memory(bytes: number): Buffer
}

export const strideOf = (columns: readonly string[]) => 2 + 2 * columns.length

/** A page whose values are read where they are in the body: nothing but digits, which the scanner has seen to. */
export class ScannedPage implements Page {
  readonly #body: Buffer
  readonly #view: DataView
  readonly #stride: number
  #columns: readonly string[]
  #places: Int32Array
  readonly #memory: Places['memory']
  readonly count: number

  constructor(body: Buffer, {places, columns, count, memory}: Places) {
    this.#body = body
    this.#view = viewOf(body)
    this.#places = places
    this.#columns = columns
    this.#memory = memory
    this.#stride = strideOf(columns)
    this.count = count
  }

  /** Its places are wanted for the next page: whoever still asks something of this one gets a TypeError, and not its values. */
  release(): void {
    this.#columns = []
    this.#places = new Int32Array(0)
  }

  bytes(row: number): Uint8Array {
    return this.#body.subarray(this.#start(row), this.#end(row))
  }

  lines(): Uint8Array {
    if (this.count === 0) return new Uint8Array(0)
    // The comma, or the bracket, after each row becomes its newline.
    for (let row = 0; row < this.count; row++) this.#body[this.#end(row)] = NEWLINE
    return this.#body.subarray(this.#start(0), this.#end(this.count - 1) + 1)
  }

  written({columns, before, end}: RowText): Uint8Array {
    const offsets = Int32Array.from(columns, (column) => this.#offset(column))
    const literals = before.reduce((sum, {length}) => sum + length, end.length)
    // Digits are copied four at a time: up to three bytes too many, which what follows them is written over.
    const bytes = this.#memory(this.count * literals + this.#digitsOf(offsets) + 3)
    const target = viewOf(bytes)
    const [body, view, places] = [this.#body, this.#view, this.#places]
    const last = body.length - 4
    let at = 0
    for (let row = 0; row < this.count; row++) {
      const base = row * this.#stride
      for (let column = 0; column < offsets.length; column++) {
        const literal = before[column]!
        for (let index = 0; index < literal.length; index++) bytes[at++] = literal[index]!
        const place = base + offsets[column]!
        const from = places[place]!
        if (from === -1) {
          bytes[at++] = ZERO
          continue
        }
        const to = places[place + 1]!
        const done = at + to - from
        let next = from
        for (; next < to && next <= last; next += 4, at += 4) target.setInt32(at, view.getInt32(next))
        for (; next < to; next++, at++) bytes[at] = body[next]!
        at = done
      }
      for (let index = 0; index < end.length; index++) bytes[at++] = end[index]!
    }
    return bytes.subarray(0, at)
  }

  #digitsOf(offsets: Int32Array): number {
    const [places, stride] = [this.#places, this.#stride]
    let digits = 0
    for (let column = 0; column < offsets.length; column++) {
      const offset = offsets[column]!
      for (let row = 0, place = offset; row < this.count; row++, place += stride) {
        const from = places[place]!
        digits += from === -1 ? 1 : places[place + 1]! - from
      }
    }
    return digits
  }

  text(row: number, column: string): string {
    const place = this.#place(row, column)
    return place === -1 ? '0' : this.#body.toString('latin1', this.#places[place]!, this.#places[place + 1]!)
  }

  bigint(row: number, column: string): bigint {
    const place = this.#place(row, column)
    return place === -1 ? 0n : this.#bigint(this.#places[place]!, this.#places[place + 1]!)
  }

  number(row: number, column: string): number {
    const place = this.#place(row, column)
    return place === -1 ? 0 : this.#number(this.#places[place]!, this.#places[place + 1]!)
  }

  firstNotRising(column: string): number {
    const offset = this.#offset(column)
    for (let row = 1; row < this.count; row++) {
      const place = row * this.#stride + offset
      if (!this.#isLess(place - this.#stride, place)) return row
    }
    return -1
  }

  /** Whether the value at `one` of the places is less than that at `other`. */
  #isLess(one: number, other: number): boolean {
    const [places, view] = [this.#places, this.#view]
    const [from, to] = [places[one]!, places[one + 1]!]
    const start = places[other]!
    const digits = to - from
    if (digits < 4 || places[other + 1]! - start !== digits) return this.#valueAt(one) < this.#valueAt(other)
    // As many digits: the first four that differ decide, of which the last may have been compared before.
    for (let at = 0; at < digits; at += 4) {
      const four = Math.min(at, digits - 4)
      const difference = view.getInt32(start + four) - view.getInt32(from + four)
      if (difference !== 0) return difference > 0
    }
    return false
  }

  #valueAt(place: number): bigint {
    return this.#places[place] === -1 ? 0n : this.#bigint(this.#places[place]!, this.#places[place + 1]!)
  }

  sums(by: string, columns: readonly string[]): Map<number, bigint[]> {
    const offsets = Int32Array.from(columns, (column) => this.#offset(column))
    const found = new Map<number, Sums>()
    const places = this.#places
    let key = -1
    let sums: Sums | undefined
    for (let row = 0; row < this.count; row++) {
      const value = this.number(row, by)
      if (sums === undefined || value !== key) {
        key = value
        sums = found.get(key) ?? new Sums(columns.length)
        found.set(key, sums)
      }
      const base = row * this.#stride
      for (let column = 0; column < offsets.length; column++) {
        const place = base + offsets[column]!
        const [from, to] = [places[place]!, places[place + 1]!]
        if (from === -1) continue
        if (to - from > DIGITS_MAX) sums.add(column, this.#bigint(from, to))
        else sums.addSmall(column, this.#number(from, to))
      }
    }
    return new Map([...found].map(([value, sum]) => [value, sum.whole()]))
  }

  #bigint(from: number, to: number): bigint {
    const digits = to - from
    if (digits <= DIGITS_MAX) return BigInt(this.#number(from, to))
    if (digits > 2 * DIGITS_MAX) return BigInt(this.#body.toString('latin1', from, to))
    const middle = to - DIGITS_MAX
    return BigInt(this.#number(from, middle)) * FIFTEEN_DIGITS + BigInt(this.#number(middle, to))
  }

  #number(from: number, to: number): number {
    let value = 0
    let at = from
    for (; at + 4 <= to; at += 4) value = value * 10_000 + fourDigits(this.#view, at)
    for (; at < to; at++) value = value * 10 + (this.#body[at]! - ZERO)
    return value
  }

  #start(row: number): number {
    return this.#places[row * this.#stride]!
  }

  #end(row: number): number {
    return this.#places[row * this.#stride + 1]!
  }

  /** Where in `places` the value's bounds are; -1 where the row doesn't have it. */
  #place(row: number, column: string): number {
    const at = row * this.#stride + this.#offset(column)
    return this.#places[at] === -1 ? -1 : at
  }

  /** From the first place of a row. */
  #offset(column: string): number {
    const index = this.#columns.indexOf(column)
    if (index === -1) throw new TypeError(`The page was read without ${column}`)
    return 2 + 2 * index
  }
}

/** Sums that are kept as numbers as far as those hold them exactly. */
class Sums {
  readonly #small: Float64Array
  readonly #large: bigint[]

  constructor(length: number) {
    this.#small = new Float64Array(length)
    this.#large = Array.from({length}, () => 0n)
  }

  addSmall(index: number, value: number): void {
    const sum = this.#small[index]! + value
    if (sum <= Number.MAX_SAFE_INTEGER) this.#small[index] = sum
    else this.add(index, BigInt(value))
  }

  add(index: number, value: bigint): void {
    this.#large[index]! += value
  }

  whole(): bigint[] {
    return this.#large.map((sum, index) => sum + BigInt(this.#small[index]!))
  }
}
