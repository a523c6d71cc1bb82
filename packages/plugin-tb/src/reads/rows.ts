import type {Chart} from '@parix/books/chart'
import {accountKeys, transferKeys} from '@parix/books/present'
import type {OperationResponse} from '@parix/kit/contract'
import {ParixError} from '@parix/kit/errors'
import {isJsonObject, type Json, stringifyExact} from '@parix/kit/json'
import {excerpt} from '@parix/kit/text'
import {formatTimestamp} from '@parix/kit/timestamps'
import type {Account, Transfer} from '@parix/ledger/schema'
import {flagNames} from '../records/flags.js'
import {FIELDS, type LedgerRecord} from '../records/kinds.js'

/** A row of a response: 64 and 128 bits as decimal strings, smaller integers as numbers; fields we don't know as they came. */
export type Row = {[field: string]: Json}
export type RowKind = 'account' | 'transfer' | 'balance'

const BITS: Readonly<Record<string, number>> = Object.fromEntries(
  [FIELDS.account, FIELDS.transfer].flatMap((fields) => Object.entries(fields).map(([name, {bits}]) => [name, bits])),
)

/**
 * The service may send an integer as a number or as text; scripts get one form.
 *
 * @throws ParixError FAILED when the rows aren't a list of objects
 */
export function normalRows(kind: RowKind, rows: unknown): Row[] {
  if (Array.isArray(rows) && rows.every(isJsonObject)) return rows.map((row) => normalRow(row))
  const shown = excerpt(stringifyExact(rows), 200)
  throw new ParixError('FAILED', `The service responded without a list of ${kind}s: ${shown}`, {
    code: 'unexpected_answer',
  })
}

/**
 * A row for `--json`: what people read beside what machines compare. Read again, these fields are ignored (`readRecord`).
 */
export function withWords(kind: RowKind, row: Row, chart?: Chart): Row {
  const timestamp = numberIn(row, 'timestamp')
  return {
    ...row,
    ...(timestamp !== 0n && {time: formatTimestamp(timestamp)}),
    ...(kind !== 'balance' && row.flags !== undefined && {flag_names: flagNames(kind, numberIn(row, 'flags'))}),
    ...addedKeys(kind, row, chart),
  }
}

/** What a chart adds to the JSON of a row: names, and amounts as money. */
export function addedKeys(kind: RowKind, row: Row, chart: Chart | undefined): Row {
  if (chart === undefined) return {}
  const record = rowRecord(row)
  const numbers = {ledger: Number(record.ledger ?? 0n), code: Number(record.code ?? 0n)}
  if (kind === 'account') return accountKeys({...record, ...numbers} as unknown as Account, chart)
  return kind === 'transfer' ? transferKeys({...record, ...numbers} as unknown as Transfer, chart) : {}
}

function normalRow(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([field, value]) => [field, normalValue(field, value)]))
}

function normalValue(field: string, value: Json): Json {
  const bits = BITS[field]
  if (bits === undefined || !(typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string'))
    return value
  const digits = String(value)
  if (!/^\d+$/.test(digits)) return value
  return bits > 32 ? String(BigInt(digits)) : Number(digits)
}

/** A field as a number; 0 where it is missing. @throws ParixError UNAVAILABLE where it is something else: the service wrote it */
export function numberIn(row: Row, field: string): bigint {
  const value = row[field]
  if (value === undefined || value === null) return 0n
  const digits = typeof value === 'object' || typeof value === 'boolean' ? '' : String(value)
  const number = /^\d{1,39}$/.test(digits) ? BigInt(digits) : undefined
  if (number !== undefined && number < 1n << BigInt(BITS[field] ?? 128)) return number
  const shown = excerpt(stringifyExact(value), 100)
  throw new ParixError('UNAVAILABLE', `A row can't be understood: its ${field} is ${shown}.`, {
    code: 'unreadable_answer',
  })
}

/** A row as a record, for comparisons: the integer fields that we know. */
export function rowRecord(row: Row): LedgerRecord {
  const record: Record<string, bigint> = {}
  for (const field of Object.keys(row)) if (field in BITS) record[field] = numberIn(row, field)
  return record
}

/** What lookups and queries print with `--json`: the service's own fields; `responsePayload` holds the rows, exact. */
export interface ReadResult extends OperationResponse<Row> {
  /** Of a lookup: ids that the ledger doesn't know. */
  missing?: string[]
  /** Of a query that was cut at its limit: what the next one begins with. */
  next?: {timestamp_min: string} | {timestamp_max: string}
  /** Why there are no rows, where that isn't plain. */
  note?: string
}
