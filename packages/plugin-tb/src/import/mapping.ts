/** How the columns of a file become the fields of an event: `amount=betrag|money:USD`. */

import {type Chart, hashId} from '@parix/books/chart'
import {isParixError, ParixError} from '@parix/kit/errors'
import {suggest} from '@parix/kit/suggest'
import {type CreateKind, FIELDS} from '@parix/ledger/schema'
import type {PlainColumns} from '../rows/plain-csv.js'
import type {ColumnOf} from './locate.js'
import {type Conversion, type Money, moneyUnit, transformOf} from './mapping-values.js'

/** Texts by field, before names and numbers are read. */
export type FieldTexts = Record<string, string>

export interface Mapping {
  kind: CreateKind
  /** Field to specification, as given. */
  specs: Readonly<Record<string, string>>
  /** Columns whose values make the id, in order. */
  idFrom: readonly string[]
  makeId: MakeId
  /** Money is written as 1.234,56. */
  decimalComma?: boolean | undefined
}

/** What a column or a key may be called where it needs no mapping, beside TigerBeetle's names of fields. */
const SHORT: Readonly<Record<string, string>> = {from: 'debit_account_id', to: 'credit_account_id'}
const EXTRA = ['amountText']

/** `Debit Account ID`, `debitAccountId` and `debit-account-id` mean the same. */
function withoutForm(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

const FIELD_BY_NAME: Readonly<Record<CreateKind, ReadonlyMap<string, string>>> = {
  account: fieldsByName('account'),
  transfer: fieldsByName('transfer'),
}

function fieldsByName(kind: CreateKind): ReadonlyMap<string, string> {
  const names = [...FIELDS[kind].map(({name}) => name), ...EXTRA]
  const short = kind === 'transfer' ? Object.entries(SHORT) : []
  const forms = names.flatMap((name) => [[name, name] as const, [withoutForm(name), name] as const])
  return new Map([...forms, ...short])
}

/** The field that a column or a key is named after; undefined for any other name. */
export function fieldNamed(kind: CreateKind, name: string): string | undefined {
  // Of every row of NDJSON each key is asked for: most are written as the field is.
  return FIELD_BY_NAME[kind].get(name) ?? FIELD_BY_NAME[kind].get(withoutForm(name))
}

/** `debit_account_id=konto`. @throws ParixError USAGE */
export function parseMapArgument(text: string): [field: string, spec: string] {
  const at = text.indexOf('=')
  if (at <= 0)
    throw new ParixError('USAGE', `--map ${JSON.stringify(text)} is not FIELD=COLUMN.`, {code: 'bad_mapping'})
  return [text.slice(0, at).trim(), text.slice(at + 1)]
}

/** What is wrong with a row, or with one field of it. */
export interface Fault {
  /** Column of the ledger's record, where it is about one. */
  field?: string
  /** A sentence without the line: `amount is missing`. */
  message: string
}

/** How the cells of a row are read: as texts, or as bytes where every field is a column or a constant. */
export interface RowMapper {
  /** @param faults receives the cells that can't be read; their fields are left out */
  texts(cells: readonly string[], faults: Fault[]): FieldTexts
  /** What amounts are in, where the mapping says so. */
  money: Money | undefined
  plain: Pick<PlainColumns, 'columns' | 'constants' | 'id' | 'point'> | undefined
  columnOf: ColumnOf
}

/** Makes the id of a row from the values of its columns. */
export type MakeId = (values: readonly string[]) => string

/**
 * Compiles the mapping against the header of a file. Columns without a mapping count where they are named as a field is.
 *
 * @throws ParixError BAD_INPUT for an unknown field or column, and for columns that nothing uses where no mapping was given
 */
export function compileMapping(
  {kind, specs, idFrom, makeId, decimalComma = false}: Mapping,
  header: readonly string[],
  chart: Chart | undefined,
): RowMapper {
  const fields = [...FIELDS[kind].map(({name}) => name), ...EXTRA]
  const readers = new Map<string, Reader>()
  const columnNamed = new Map<string, string>()
  const mappedFields = new Set(Object.keys(specs).map((name) => fieldNamed(kind, name)))
  for (const [index, column] of header.entries()) {
    const field = fieldNamed(kind, column)
    if (field === undefined || mappedFields.has(field)) continue
    const other = columnNamed.get(field)
    if (other !== undefined) {
      throw new ParixError(
        'BAD_INPUT',
        `Two columns are named after ${field}: ${JSON.stringify(other)} and ${JSON.stringify(column)}. Say which with --map ${field}=COLUMN. Nothing was sent.`,
        {code: 'bad_mapping'},
      )
    }
    columnNamed.set(field, column)
    readers.set(field, cellReader(index))
  }
  const mapped = new Map<string, string>()
  for (const [name, spec] of Object.entries(specs)) {
    const field = fieldNamed(kind, name)
    if (field === undefined) throw unknown('field', name, fields)
    const other = mapped.get(field)
    if (other !== undefined) throw mappedTwice(field, other, name)
    mapped.set(field, name)
    readers.set(field, compileSpec(field, spec, header, {chart, decimalComma}))
  }
  const idColumns = idFrom.map((column) => columnIndex(column, header))
  if (idColumns.length > 0)
    readers.set('id', {
      read(cells) {
        const values = idColumns.map((index) => cells[index]!)
        assertIdentified(idFrom, values)
        return makeId(values)
      },
      plain: undefined,
      column: idColumns[0]!,
    })
  if (Object.keys(specs).length === 0) assertAllUsed(kind, header, idFrom)
  const texts = (cells: readonly string[], faults: Fault[]) => {
    const found: FieldTexts = {}
    for (const [field, {read}] of readers) {
      try {
        const text = read(cells)
        if (text !== undefined && text !== '') found[field] = text
      } catch (error) {
        if (!isParixError(error)) throw error
        faults.push({field, message: error.message})
      }
    }
    return found
  }
  const columnOf = new Map([...readers].flatMap(([field, {column}]) => (column === undefined ? [] : [[field, column]])))
  const money = readers.get('amount')?.money
  // The ledger of a row says whether its amount can be what the mapping says: bytes are not asked.
  const isPlain = money === undefined || chart === undefined
  const plain = isPlain ? plainColumns(kind, readers, idColumns, makeId) : undefined
  return {texts, money, plain: plain && {...plain, point: decimalComma ? ',' : '.'}, columnOf}
}

/**
 * A row without a value in any of the columns that its id is made from, such as the sum at the end of a bank's file.
 *
 * @throws ParixError BAD_INPUT
 */
export function assertIdentified(idFrom: readonly string[], values: readonly string[]): void {
  if (values.some((value) => value.trim() !== '')) return
  const names = idFrom.map((column) => JSON.stringify(column)).join(' and ')
  throw new ParixError(
    'BAD_INPUT',
    `id is made from ${names}, which ${idFrom.length === 1 ? 'is' : 'are'} empty in this row`,
  )
}

export function mappedTwice(field: string, one: string, other: string): ParixError {
  const names = one === other ? '' : `: as ${one} and as ${other}`
  return new ParixError('BAD_INPUT', `${field} is mapped twice${names}. Nothing was sent.`, {
    code: 'bad_mapping',
    hint: 'A field comes from one column. What is the sum of two has to be one column of the file.',
  })
}

function plainColumns(
  kind: CreateKind,
  readers: ReadonlyMap<string, Reader>,
  idColumns: readonly number[],
  makeId: MakeId,
): RowMapper['plain'] {
  const columns: {column: number; field: number; scale?: number}[] = []
  const constants: {field: number; digits: string}[] = []
  for (const [name, {plain}] of readers) {
    if (name === 'id' && idColumns.length > 0) continue
    const field = FIELDS[kind].findIndex((one) => one.name === name)
    if (plain === undefined || field < 0) return undefined
    if ('digits' in plain) constants.push({field, digits: plain.digits})
    else columns.push({field, ...plain})
  }
  return {columns, constants, ...(idColumns.length > 0 && {id: {columns: idColumns, make: makeId}})}
}

/** The first 128 bits of SHA-256 over the namespace and the fields; the same row always has the same id. */
export function importId(namespace: string, fields: readonly string[]): string {
  return hashId('parix-import/1', namespace, ...fields).toString()
}

interface Reader {
  read: (cells: readonly string[]) => string | undefined
  /** The same, where it is nothing but digits of a cell, or of the mapping. */
  plain: {column: number; scale?: number} | {digits: string} | undefined
  /** Undefined for a constant. */
  column: number | undefined
  /** Of `|money:…`. */
  money?: Money | undefined
}

function cellReader(index: number): Reader {
  return {read: (cells) => cells[index]!.trim(), plain: {column: index}, column: index}
}

/** `column`, `=constant`, `column|money:USD`, `column|time:RFC3339`, `column|map:{a:1,b:2}`, `column|name:customer/*`. */
function compileSpec(field: string, spec: string, header: readonly string[], how: Conversion): Reader {
  if (spec.startsWith('=')) {
    const constant = spec.slice(1)
    return {read: () => constant, plain: /^\d+$/.test(constant) ? {digits: constant} : undefined, column: undefined}
  }
  const bar = spec.indexOf('|')
  const index = columnIndex((bar < 0 ? spec : spec.slice(0, bar)).trim(), header)
  const column = cellReader(index)
  if (bar < 0) return column
  const [, transform = '', argument = ''] = /^\s*([a-z]+):(.*)$/s.exec(spec.slice(bar + 1)) ?? []
  const convert = transformOf(field, transform, argument.trim(), how)
  if (convert === undefined) {
    throw new ParixError(
      'BAD_INPUT',
      `--map ${field}: ${JSON.stringify(spec.slice(bar + 1))} is not one of money:LEDGER, time:FORM, map:{a:1,b:2} and name:PATTERN.`,
      {code: 'bad_mapping'},
    )
  }
  const read = (cells: readonly string[]) => {
    const text = column.read(cells)
    return text === undefined || text === '' ? undefined : convert(text)
  }
  const money = transform === 'money' ? moneyUnit(field, argument.trim(), how.chart) : undefined
  return {read, plain: money && {column: index, scale: money.scale}, column: index, money}
}

function columnIndex(column: string, header: readonly string[]): number {
  const index = header.indexOf(column)
  if (index < 0) throw unknown('column', column, header)
  return index
}

function assertAllUsed(kind: CreateKind, header: readonly string[], idFrom: readonly string[]): void {
  const unused = header.filter((column) => fieldNamed(kind, column) === undefined && !idFrom.includes(column))
  if (unused.length === 0) return
  throw new ParixError(
    'BAD_INPUT',
    `${unused.length === 1 ? 'A column is' : `${unused.length} columns are`} not the name of a field: ${unused
      .slice(0, 5)
      .map((name) => JSON.stringify(name.slice(0, 60)))
      .join(', ')}. Nothing was sent.`,
    {
      code: 'unmapped_columns',
      hint: 'Say what the columns are with --map FIELD=COLUMN; columns that are not needed are ignored then.',
    } as object,
  )
}

function unknown(what: 'field' | 'column', name: string, known: readonly string[]): ParixError {
  const near = suggest(name, [...known]).slice(0, 3)
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : `There ${known.length === 1 ? 'is' : 'are'} ${known
          .slice(0, 30)
          .map((one) => one.slice(0, 60))
          .join(', ')}.`
  return new ParixError('BAD_INPUT', `There is no ${what} ${JSON.stringify(name.slice(0, 60))}. ${hint}`, {
    code: 'bad_mapping',
    ...(what === 'column' &&
      near.length === 0 && {
        hint: 'The first line of a file is its header: remove what is above it.',
      }),
  })
}
