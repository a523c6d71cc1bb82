import {ParixError} from '../errors.js'
import {stringifyJson} from '../json.js'
import {suggest} from '../suggest.js'
import {clean} from '../text.js'
import {render} from './view.js'

/** The forms in which a command prints its result. */
export const FORMATS = ['table', 'json', 'ndjson', 'csv', 'yaml'] as const
export type Format = (typeof FORMATS)[number]

/** The global flags that choose the form. */
export interface FormatFlags {
  json?: boolean
  format?: string | undefined
  fields?: string | undefined
  jq?: string | undefined
}

/** Writes a command's result in the form that was chosen. */
export interface ResultWriter {
  /** The result as the text for stdout, its last newline included. @throws ParixError for a field that no row has */
  whole(result: unknown): string
  /** One part of a result that comes in parts, such as the pages of a query. */
  part(rows: readonly unknown[]): string
}

export interface WriterOptions {
  /** Whether stdout is a terminal, which must get no control characters. */
  terminal: boolean
  width?: number | undefined
  /** Receives what should be said on stderr: what `--jq` prints by `debug`, and numbers that it rounded. */
  warn: (sentence: string) => void
}

/** The form that was asked for; undefined for the command's own human output. @throws ParixError USAGE where flags contradict */
export function chosenFormat({json, format, fields, jq}: FormatFlags): Format | undefined {
  if (json === true && format !== undefined && format !== 'json') throw together('--json', `--format ${format}`)
  if (jq !== undefined && fields !== undefined) throw together('--jq', '--fields')
  if (jq !== undefined && format !== undefined && format !== 'json') throw together('--jq', `--format ${format}`)
  if (json === true || format === 'json' || jq !== undefined) return 'json'
  if (format === 'table') return fields === undefined ? undefined : 'table'
  return (format as Format | undefined) ?? (fields === undefined ? undefined : 'table')
}

function together(one: string, other: string): ParixError {
  return new ParixError('USAGE', `${one} and ${other} can't be given together.`)
}

/**
 * Loads what the form needs, before anything is sent: a wrong jq expression is refused here.
 *
 * @throws ParixError USAGE
 */
export async function createWriter(flags: FormatFlags, options: WriterOptions): Promise<ResultWriter | undefined> {
  const format = chosenFormat(flags)
  if (format === undefined) return undefined
  if (flags.jq !== undefined) {
    const {createJqWriter} = await import('./jq.js')
    return createJqWriter(flags.jq, {...options, json: flags.json === true || flags.format === 'json'})
  }
  const fields = flags.fields === undefined ? undefined : fieldNames(flags.fields)
  const safe = (text: string) => (options.terminal ? clean(text) : text)
  switch (format) {
    case 'json':
      return fields === undefined ? jsonWriter() : pickedJsonWriter(fields)
    case 'ndjson':
      return partWriter(fields, (rows) => rows.map((row) => `${stringifyJson(row, 0)}\n`).join(''))
    case 'csv':
      return csvWriter(fields, safe)
    case 'table':
      return partWriter(fields, (rows, names) => table(rows, names, options.width))
    case 'yaml': {
      const {stringify} = await import('yaml')
      const text = (value: unknown) => safe(stringify(plain(value), {lineWidth: 0, aliasDuplicateObjects: false}))
      if (fields === undefined) return {whole: text, part: text}
      return partWriter(fields, (rows) => text(rows))
    }
  }
}

function fieldNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.some((name) => name === '')) {
    throw new ParixError('USAGE', `--fields has an empty name: ${JSON.stringify(text.slice(0, 100))}.`)
  }
  return names
}

type Fields = Readonly<Record<string, unknown>>

/**
 * The rows of a result: a list, the list in it (`responsePayload`, `databases`, …) where there is exactly one of objects, or
 * the result itself as one row.
 */
export function rowsOf(result: unknown): unknown[] {
  if (Array.isArray(result)) return result
  if (!isFields(result)) return [result]
  if (Array.isArray(result.responsePayload)) return result.responsePayload
  const lists = Object.entries(result).filter(
    ([name, value]) => Array.isArray(value) && name !== 'requestPayload' && value.every(isFields),
  )
  if (lists.length === 1) return lists[0]![1] as unknown[]
  const [only] = Object.values(result)
  return Object.keys(result).length === 1 && Array.isArray(only) ? only : [result]
}

function jsonWriter(): ResultWriter {
  return {
    whole: (result) => `${stringifyJson(result)}\n`,
    part: (rows) => rows.map((row) => `${stringifyJson(row, 0)}\n`).join(''),
  }
}

function pickedJsonWriter(fields: readonly string[]): ResultWriter {
  return {
    whole(result) {
      const picked = pick(rowsOf(result), fields)
      return `${stringifyJson(isRow(result) ? picked[0] : picked)}\n`
    },
    part: (rows) =>
      pick(rows, fields)
        .map((row) => `${stringifyJson(row, 0)}\n`)
        .join(''),
  }
}

/** Whether the result is one row, and not a list of them. */
function isRow(result: unknown): boolean {
  return rowsOf(result)[0] === result
}

function partWriter(
  fields: readonly string[] | undefined,
  write: (rows: readonly unknown[], fields: readonly string[]) => string,
): ResultWriter {
  const part = (rows: readonly unknown[]) => {
    if (fields === undefined) return write(rows, namesOf(rows))
    return rows.length === 0 ? '' : write(pick(rows, fields), fields)
  }
  return {whole: (result) => part(rowsOf(result)), part}
}

/** Each row reduced to `fields`, where `a.b` is the member b of a. @throws ParixError for a field that no row has */
function pick(rows: readonly unknown[], fields: readonly string[]): Record<string, unknown>[] {
  for (const field of fields) {
    if (rows.length === 0 || rows.some((row) => valueAt(row, field) !== undefined)) continue
    const known = namesOf(rows)
    const near = suggest(field, known, 1)
    throw new ParixError(
      'USAGE',
      `--fields: there is no field ${JSON.stringify(field)}.${near[0] ? ` Did you mean ${near[0]}?` : ''}`,
      {
        code: 'unknown_field',
        errors: [`The fields are ${known.join(', ')}.`],
      },
    )
  }
  return rows.map((row) => Object.fromEntries(fields.map((field) => [field, valueAt(row, field) ?? null])))
}

function valueAt(row: unknown, path: string): unknown {
  if (isFields(row) && Object.hasOwn(row, path)) return row[path]
  let value = row
  for (const name of path.split('.')) {
    if (!isFields(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

/** The names of all fields, in the order in which they come first. */
function namesOf(rows: readonly unknown[]): string[] {
  const names = new Set<string>()
  for (const row of rows) for (const name of isFields(row) ? Object.keys(row) : ['value']) names.add(name)
  return [...names]
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

function table(rows: readonly unknown[], names: readonly string[], width: number | undefined): string {
  const cells = rows.map((row) => names.map((name) => cellText(fieldOf(row, name))))
  const isNumeric = (column: number) => cells.every((row) => /^-?\d*$/.test(row[column]!))
  const columns = names.map((name, index) =>
    isNumeric(index) ? ({name: name.toUpperCase(), align: 'right'} as const) : name.toUpperCase(),
  )
  return render({columns, rows: cells, whenEmpty: ''}, {width})
}

function fieldOf(row: unknown, name: string): unknown {
  return isFields(row) ? row[name] : row
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? stringifyJson(value, 0) : String(value)
}

/**
 * RFC 4180, with the names of the fields in the first line. A text that a spreadsheet would take for a formula gets an
 * apostrophe in front; numbers, also negative ones, are left alone.
 */
function csvWriter(fields: readonly string[] | undefined, safe: (text: string) => string): ResultWriter {
  let names: readonly string[] | undefined
  const part = (rows: readonly unknown[]) => {
    if (rows.length === 0) return ''
    const lines = fields === undefined ? rows : pick(rows, fields)
    const first = names === undefined
    names ??= fields ?? namesOf(rows)
    const columns = names
    const text = lines.map((row) => csvLine(columns.map((name) => safe(csvText(fieldOf(row, name))))))
    return `${first ? csvLine(columns.map(safe)) : ''}${text.join('')}`
  }
  return {whole: (result) => part(rowsOf(result)), part}
}

/** @returns a line of CSV, its line end included */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`
}

/** A value as the text of a CSV cell that no spreadsheet runs. */
export function csvText(value: unknown): string {
  const text = cellText(value)
  return /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text
}

/** Integers that a double can't hold become text, as in JSON. */
function plain(value: unknown): unknown {
  return JSON.parse(stringifyJson(value, 0))
}
