import {ParixError} from '@parix/kit/errors'
import {suggest} from '@parix/kit/suggest'
import type {Page} from '../reads/page.js'
import {FIELDS} from '../records/kinds.js'
import {formatTimestamp} from '../records/times.js'

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
  const names = columns.map((name) => (FIELDS[kind][name]!.bits > 32 ? [`"${name}":"`, '"'] : [`"${name}":`, '']))
  let text = ''
  for (let row = 0; row < page.count; row++) {
    if (format === 'csv') {
      for (let column = 0; column < columns.length; column++) {
        text += (column === 0 ? '' : ',') + page.text(row, columns[column]!)
      }
      text += '\r\n'
    } else {
      for (let column = 0; column < columns.length; column++) {
        text += (column === 0 ? '{' : ',') + names[column]![0] + page.text(row, columns[column]!) + names[column]![1]
      }
      text += '}\n'
    }
  }
  return Buffer.from(text, 'latin1')
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
  /** A row that was written by an earlier run, by its fields. */
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
  const follow = (timestamp: bigint) => {
    if (last !== undefined && timestamp <= last) {
      throw new ParixError(
        'UNAVAILABLE',
        `The service returned a row of ${formatTimestamp(timestamp)} after one of ${formatTimestamp(last)}: rows must rise in time.`,
        {code: 'unreadable_answer'},
      )
    }
    last = timestamp
    rows++
  }
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
      for (let row = 0; row < page.count; row++) {
        follow(page.bigint(row, 'timestamp'))
        const sums = sumsOf(page.number(row, 'ledger'))
        for (let index = 0; index < fields.length; index++) sums[index]! += page.bigint(row, fields[index]!)
      }
    },
    addWritten(row) {
      follow(BigInt(row.timestamp!))
      if (row.ledger === undefined || fields.some((field) => row[field] === undefined)) {
        complete = false
        return
      }
      const sums = sumsOf(Number(row.ledger))
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
