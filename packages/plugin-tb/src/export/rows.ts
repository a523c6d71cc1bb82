import {ParixError} from '@parix/kit/errors'
import {suggest} from '@parix/kit/suggest'
import {formatTimestamp} from '@parix/kit/timestamps'
import type {Page, RowText} from '../reads/page.js'
import {FIELDS} from '../records/kinds.js'

export type ExportKind = 'account' | 'transfer'
export type ExportFormat = 'ndjson' | 'csv'

/** Which columns of which rows are written, and how. */
export interface RowForm {
  kind: ExportKind
  format: ExportFormat
  /** In the order in which they are written. */
  columns: readonly string[]
  /** Rows are written as the service wrote them. */
  asTheyCame: boolean
}

/** @throws ParixError USAGE for a field that such rows do not have */
export function rowForm(kind: ExportKind, format: ExportFormat, fields: string | undefined): RowForm {
  const known = Object.keys(FIELDS[kind])
  if (fields === undefined) return {kind, format, columns: known, asTheyCame: format === 'ndjson'}
  const columns = fields.split(',').map((name) => name.trim())
  for (const name of columns) {
    if (known.includes(name)) continue
    const near = suggest(name, known, 1)
    throw new ParixError(
      'USAGE',
      `--fields: ${kind}s have no field ${JSON.stringify(name)}.${near[0] ? ` Did you mean ${near[0]}?` : ''}`,
      {code: 'unknown_field', errors: [`The fields are ${known.join(', ')}.`]},
    )
  }
  return {kind, format, columns, asTheyCame: false}
}

/** The line of names that a CSV file begins with; nothing for NDJSON. */
export function headerOf({format, columns}: RowForm): Uint8Array {
  return format === 'csv' ? Buffer.from(`${columns.join(',')}\r\n`) : new Uint8Array(0)
}

/** All rows of a page. Values are digits, so no cell needs quotes. To be called when nothing else is asked of the page. */
export function rowBytes({kind, format, columns, asTheyCame}: RowForm, page: Page): Uint8Array {
  if (asTheyCame) return page.lines()
  return page.written(format === 'csv' ? csvText(columns) : jsonText(kind, columns))
}

function csvText(columns: readonly string[]): RowText {
  return {columns, before: columns.map((_, index) => Buffer.from(index === 0 ? '' : ',')), end: Buffer.from('\r\n')}
}

function jsonText(kind: ExportKind, columns: readonly string[]): RowText {
  const quotes = columns.map((name) => (FIELDS[kind][name]!.bits > 32 ? '"' : ''))
  const before = columns.map((name, index) =>
    Buffer.from(`${index === 0 ? '{' : `${quotes[index - 1]},`}"${name}":${quotes[index]}`),
  )
  return {columns, before, end: Buffer.from(`${quotes.at(-1)}}\n`)}
}

const SUMMED: Readonly<Record<ExportKind, readonly string[]>> = {
  transfer: ['amount'],
  account: ['debits_posted', 'credits_posted', 'debits_pending', 'credits_pending'],
}

/** Sums of one ledger's rows, by field, as decimal strings. */
export type LedgerSums = {ledger: number} & Record<string, string | number>

/** What is counted while rows go by. */
export interface Tally {
  readonly rows: number
  /** Nanoseconds since 1970; undefined before the first row. */
  readonly last: bigint | undefined
  /** The columns that `add` needs. */
  readonly columns: readonly string[]
  /** @throws ParixError UNAVAILABLE where the rows do not rise in time: one came twice, or in another place */
  add(page: Page): void
  /** A row that was written by an earlier run, by its fields. @throws RangeError, SyntaxError, TypeError for what is not a row */
  addWritten(row: Readonly<Record<string, string>>): void
  /** By ledger, rising; empty where the rows that an earlier run wrote do not have the fields for it. */
  sums(): LedgerSums[]
}

export function createTally(kind: ExportKind): Tally {
  const fields = SUMMED[kind]
  const byLedger = new Map<number, bigint[]>()
  let rows = 0
  let last: bigint | undefined
  let complete = true
  const sumsOf = (ledger: number) => {
    const known = byLedger.get(ledger)
    if (known !== undefined) return known
    const sums = fields.map(() => 0n)
    byLedger.set(ledger, sums)
    return sums
  }
  return {
    get rows() {
      return rows
    },
    get last() {
      return last
    },
    columns: ['timestamp', 'ledger', ...fields],
    add(page) {
      if (page.count === 0) return
      assertRising(page, last)
      const byItsLedgers = page.sums('ledger', fields)
      last = page.bigint(page.count - 1, 'timestamp')
      rows += page.count
      for (const [ledger, added] of byItsLedgers) {
        const sums = sumsOf(ledger)
        for (const [index, sum] of added.entries()) sums[index]! += sum
      }
    },
    addWritten(row) {
      const timestamp = BigInt(row.timestamp!)
      // Nothing that an export wrote: whoever reads the file says so.
      if (last !== undefined && timestamp <= last) throw new RangeError('the rows do not rise in time')
      last = timestamp
      rows++
      if (row.ledger === undefined || fields.some((field) => row[field] === undefined)) {
        complete = false
        return
      }
      const sums = sumsOf(Number(BigInt(row.ledger)))
      for (const [index, field] of fields.entries()) sums[index]! += BigInt(row[field]!)
    },
    sums: () =>
      complete
        ? [...byLedger.entries()]
            .sort(([a], [b]) => a - b)
            .map(([ledger, sums]) => ({
              ledger,
              ...Object.fromEntries(fields.map((field, index) => [field, String(sums[index])])),
            }))
        : [],
  }
}

/** @param last the timestamp of the row before the page */
function assertRising(page: Page, last: bigint | undefined): void {
  const first = page.bigint(0, 'timestamp')
  const row = page.firstNotRising('timestamp')
  if (last !== undefined && first <= last) throw notRising(first, last)
  if (row !== -1) throw notRising(page.bigint(row, 'timestamp'), page.bigint(row - 1, 'timestamp'))
}

function notRising(timestamp: bigint, before: bigint): ParixError {
  return new ParixError(
    'UNAVAILABLE',
    `The service returned a row of ${formatTimestamp(timestamp)} after one of ${formatTimestamp(before)}: rows must rise in time.`,
    {code: 'unreadable_answer'},
  )
}
