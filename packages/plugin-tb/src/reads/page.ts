import {stringifyJson} from '@parix/kit/json'
import {numberIn, type Row} from './rows.js'

/** The rows of one response. A column is the name of a field that was asked for when the page was read. */
export interface Page {
  readonly count: number
  /** The row as JSON, on one line: 64 and 128 bits as decimal strings, smaller integers as numbers. */
  bytes(row: number): Uint8Array
  /** Every row as NDJSON, with a newline after each. To be called once, after all else. */
  lines(): Uint8Array
  /** The digits of these columns, row by row; `0` where the row doesn't have one. To be read before it is called again. */
  written(form: RowText): Uint8Array
  /** The decimal digits of a field; `0` where the row doesn't have it. */
  text(row: number, column: string): string
  bigint(row: number, column: string): bigint
  /** For fields of at most 32 bits. */
  number(row: number, column: string): number
  /** The first row whose value is not larger than that of the row before; -1 where there is none. */
  firstNotRising(column: string): number
  /** The exact sums of `columns`, in their order, of the rows that have the same value of at most 32 bits in `by`. */
  sums(by: string, columns: readonly string[]): Map<number, bigint[]>
}

/** How rows are written: the bytes before each column, and those after the last. */
export interface RowText {
  columns: readonly string[]
  before: readonly Uint8Array[]
  end: Uint8Array
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

  firstNotRising(column: string): number {
    return this.#rows.findIndex((_, row) => row > 0 && this.bigint(row, column) <= this.bigint(row - 1, column))
  }

  sums(by: string, columns: readonly string[]): Map<number, bigint[]> {
    const found = new Map<number, bigint[]>()
    for (let row = 0; row < this.count; row++) {
      const key = this.number(row, by)
      const sums = found.get(key) ?? columns.map(() => 0n)
      found.set(key, sums)
      for (const [index, column] of columns.entries()) sums[index]! += this.bigint(row, column)
    }
    return found
  }
}
