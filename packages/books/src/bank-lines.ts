/** Lines of a bank statement from the cells of a CSV: which column is what, and how its dates and amounts are written. */

import {ParixError} from '@parix/kit/errors'
import {suggest} from '@parix/kit/suggest'
import {TIMESTAMP_MAX} from '@parix/ledger/schema'
import {endOfDay, startOfDay} from './periods.js'
import type {BankLine} from './reconcile.js'

/** What a column can be. `in` and `out` are amounts without a sign: received and paid. */
export const BANK_FIELDS = ['time', 'amount', 'in', 'out', 'reference', 'text'] as const
type BankField = (typeof BANK_FIELDS)[number]

/** What banks call their columns, in lower case. "Credit" and "debit" mean the bank's side or the customer's: they are not guessed. */
const CALLED: Readonly<Record<string, BankField>> = {
  date: 'time',
  'booking date': 'time',
  'transaction date': 'time',
  'paid in': 'in',
  'money in': 'in',
  'paid out': 'out',
  'money out': 'out',
  ref: 'reference',
  description: 'text',
}

export interface BankFormat {
  /** Field to specification: `column`, `=constant`, `column|time:DD.MM.YYYY`, `column|money:2`. */
  specs: Readonly<Record<string, string>>
  /** Decimal places of the account's ledger; `|money:N` goes before it. */
  scale: number
  /** `1.234,56` in place of `1,234.56`. */
  decimalComma: boolean
  /** The bank writes what was received with a minus sign. */
  invert: boolean
  /** Time zone of dates. */
  zone: string
  /** One spelling for each reference. */
  referenceOf: (text: string) => string
}

/** @throws ParixError BAD_INPUT for a cell that is not a date or an amount */
export type BankLineReader = (line: number, cells: readonly string[]) => BankLine

type Cell = (cells: readonly string[]) => string

interface Column {
  cell: Cell
  transform: string
  argument: string
}

/**
 * Columns that are named as a field is, or as banks call it (`Date`, `Description`), need no specification.
 *
 * @throws ParixError BAD_INPUT for an unknown field, column or form, and where time or amount is missing
 */
export function bankLineReader(format: BankFormat, header: readonly string[]): BankLineReader {
  const columns = columnsOf(format.specs, header)
  const time = columns.get('time')
  const [amount, received, paid] = [columns.get('amount'), columns.get('in'), columns.get('out')]
  if (time === undefined) throw missing('time', header)
  if (amount === undefined && received === undefined && paid === undefined) throw missing('amount', header)
  const timeOf = timeReader(time, format.zone)
  const amounts = [
    {column: amount, sign: 1n, signed: true},
    {column: received, sign: 1n, signed: false},
    {column: paid, sign: -1n, signed: false},
  ].filter(({column}) => column !== undefined) as {column: Column; sign: bigint; signed: boolean}[]
  const total = (cells: readonly string[]) => {
    const written = amounts.map((one) => ({...one, text: one.column.cell(cells)})).filter(({text}) => text !== '')
    if (written.length === 0) throw new ParixError('BAD_INPUT', 'There is no amount in this line.')
    return written.reduce((sum, {column, sign, signed, text}) => {
      const value = parseBankAmount(text, scaleOf(column, format.scale), format)
      if (value < 0n && !signed)
        throw new ParixError(
          'BAD_INPUT',
          `${quoted(text)} has a sign, which only a column of amounts may have: --map amount=COLUMN.`,
        )
      return sum + sign * value
    }, 0n)
  }
  const sign = format.invert ? -1n : 1n
  return (line, cells) => {
    const reference = columns.get('reference')?.cell(cells) ?? ''
    const text = columns.get('text')?.cell(cells) ?? ''
    return {
      line,
      ...timeOf(time.cell(cells)),
      amount: sign * total(cells),
      ...(reference !== '' && {reference: format.referenceOf(reference)}),
      ...(text !== '' && {text}),
    }
  }
}

function columnsOf(specs: Readonly<Record<string, string>>, header: readonly string[]): Map<BankField, Column> {
  const columns = new Map<BankField, Column>()
  const isField = (name: string): name is BankField => (BANK_FIELDS as readonly string[]).includes(name)
  for (const name of header) {
    const lower = name.trim().toLowerCase()
    const field = isField(lower) ? lower : CALLED[lower]
    // Of two columns the one that has the field's own name counts, else the first.
    if (field !== undefined && (name === field || !columns.has(field))) columns.set(field, columnOf(name, header))
  }
  for (const [field, spec] of Object.entries(specs)) {
    if (!isField(field)) throw unknown('field', field, BANK_FIELDS)
    columns.set(field, columnOf(spec, header))
  }
  settleAmounts(columns, specs)
  return columns
}

/** Amounts are one column, or two: what was mapped goes before what is only called so. */
function settleAmounts(columns: Map<BankField, Column>, specs: BankFormat['specs']): void {
  const kinds = [['amount'], ['in', 'out']] as const
  const isThere = (fields: readonly BankField[]) => fields.some((field) => columns.has(field))
  if (!kinds.every(isThere)) return
  const mapped = kinds.filter((fields) => fields.some((field) => specs[field] !== undefined))
  if (mapped.length !== 1) {
    throw new ParixError(
      'BAD_INPUT',
      'There are columns of amounts, and of what was received or paid: the sum of both would count twice. Say which with --map amount=COLUMN, or --map in=COLUMN and --map out=COLUMN.',
      {code: 'bad_mapping'},
    )
  }
  for (const fields of kinds) if (fields !== mapped[0]) for (const field of fields) columns.delete(field)
}

function columnOf(spec: string, header: readonly string[]): Column {
  const constant = spec.startsWith('=') ? spec.slice(1) : undefined
  if (constant !== undefined) return {cell: () => constant, transform: '', argument: ''}
  const bar = spec.indexOf('|')
  const name = (bar < 0 ? spec : spec.slice(0, bar)).trim()
  const index = header.indexOf(name)
  if (index < 0) throw unknown('column', name, header)
  const [, transform = '', argument = ''] = /^\s*([a-z]+):(.*)$/s.exec(bar < 0 ? '' : spec.slice(bar + 1)) ?? []
  if (bar >= 0 && !/^(time|money)$/.test(transform)) {
    throw new ParixError('BAD_INPUT', `${JSON.stringify(spec.slice(bar + 1))} is not time:FORM or money:PLACES.`, {
      code: 'bad_mapping',
    })
  }
  return {cell: (cells) => cells[index]!.trim(), transform, argument: argument.trim()}
}

function scaleOf({transform, argument}: Column, scale: number): number {
  if (transform !== 'money') return scale
  if (/^\d{1,2}$/.test(argument) && Number(argument) <= 38) return Number(argument)
  throw new ParixError('BAD_INPUT', `money:${argument} is not a number of decimal places, such as money:2.`, {
    code: 'bad_mapping',
  })
}

/**
 * An amount with an optional sign and thousands separators, in the smallest unit. Without a point it is whole units: 100 is
 * 100.00. An empty cell is 0. Nothing is rounded, and `1.000`, which is a thousand to half of the world, is refused where
 * the unit has fewer decimal places.
 *
 * @throws ParixError BAD_INPUT
 */
export function parseBankAmount(text: string, scale: number, {decimalComma}: Pick<BankFormat, 'decimalComma'>): bigint {
  const written = text.trim()
  if (written === '') return 0n
  const match = matchAmount(written, decimalComma)
  if (match === null) {
    const flag = decimalComma ? 'without' : 'with'
    const other = matchAmount(written, !decimalComma) === null ? '' : ` Is it to be read ${flag} --decimal-comma?`
    throw new ParixError('BAD_INPUT', `${quoted(written)} is not an amount.${other}`)
  }
  const [, sign, units = '', fraction = ''] = match
  if (fraction.length === 3 && scale < 3 && units.length <= 3) {
    const flag = decimalComma ? 'without' : 'with'
    throw new ParixError(
      'BAD_INPUT',
      `${quoted(written)} has more than ${scale} decimal places, or is ${units}${fraction}: then it is to be read ${flag} --decimal-comma.`,
    )
  }
  if (fraction.slice(scale).replace(/0+$/, '') !== '') {
    throw new ParixError(
      'BAD_INPUT',
      `${quoted(written)} has more than ${scale} decimal places. Amounts are never rounded.`,
    )
  }
  const digits = units.replaceAll(',', '') + fraction.slice(0, scale).padEnd(scale, '0')
  return sign === '' || sign === '+' ? BigInt(digits) : -BigInt(digits)
}

/** Sign, units and decimal places. */
function matchAmount(written: string, decimalComma: boolean): RegExpExecArray | null {
  const plain = decimalComma ? written.replace(/[.,]/g, (mark) => (mark === '.' ? ',' : '.')) : written
  return /^([-+\u2212]?)\s*(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/.exec(plain)
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}

type Times = Pick<BankLine, 'time' | 'until'>

/** `time:RFC3339`, `time:s|ms|us|ns`, or a form of dates such as `time:DD.MM.YYYY`; left out: YYYY-MM-DD or RFC 3339. */
function timeReader({transform, argument}: Column, zone: string): (text: string) => Times {
  const factor = {s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n}[argument]
  if (transform === 'time' && factor !== undefined) {
    return (text) => {
      if (!/^\d{1,20}$/.test(text)) throw noTime(text)
      return {time: inRange(BigInt(text) * factor, text)}
    }
  }
  if (transform !== 'time' || /^rfc ?3339$/i.test(argument)) return (text) => dayOf(text, zone) ?? momentOf(text)
  const form = dateForm(argument)
  return (text) => {
    const match = form.exec(text)
    const {y = '', m = '', d = ''} = match?.groups ?? {}
    const day = dayOf(`${y.length === 2 ? `20${y}` : y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`, zone)
    if (match === null || day === undefined) throw noTime(text)
    return day
  }
}

/** `DD.MM.YYYY` as a pattern; days and months may have one digit. */
function dateForm(form: string): RegExp {
  const tokens: Record<string, string> = {
    YYYY: '(?<y>\\d{4})',
    YY: '(?<y>\\d{2})',
    MM: form.includes('MMDD') || form.includes('YYMM') ? '(?<m>\\d{2})' : '(?<m>\\d{1,2})',
    DD: form.includes('MMDD') || form.includes('DDMM') ? '(?<d>\\d{2})' : '(?<d>\\d{1,2})',
  }
  const pattern = form.replace(/YYYY|YY|MM|DD|[^A-Za-z0-9]/g, (part) => tokens[part] ?? `\\${part}`)
  const isWhole = ['<y>', '<m>', '<d>'].every((name) => pattern.split(name).length === 2)
  if (!isWhole || /[A-Za-z0-9]/.test(form.replace(/YYYY|YY|MM|DD/g, ''))) {
    throw new ParixError(
      'BAD_INPUT',
      `time:${form} is not a form of dates. Use YYYY, MM and DD, such as time:DD.MM.YYYY, or RFC3339, s, ms, us, ns.`,
      {code: 'bad_mapping'},
    )
  }
  return new RegExp(`^${pattern}$`)
}

function dayOf(text: string, zone: string): Times | undefined {
  const time = startOfDay(text, zone)
  return time === undefined ? undefined : {time: inRange(time, text), until: inRange(endOfDay(text, zone)! - 1n, text)}
}

function momentOf(text: string): Times {
  const match = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(text)
  const milliseconds = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}${match[4]}`)
  if (Number.isNaN(milliseconds)) throw noTime(text)
  return {time: inRange(BigInt(milliseconds) * 1_000_000n + BigInt((match![3] ?? '').padEnd(9, '0')), text)}
}

/** The ledger's times end in 2262. */
function inRange(time: bigint, text: string): bigint {
  if (time <= TIMESTAMP_MAX) return time
  throw new ParixError('BAD_INPUT', `${quoted(text)} is after the end of the ledger's time, 2262-04-11.`)
}

function noTime(text: string): ParixError {
  return new ParixError(
    'BAD_INPUT',
    `${JSON.stringify(text.slice(0, 60))} is not a date. Say how dates are written: --map 'time=COLUMN|time:DD.MM.YYYY'.`,
  )
}

function missing(field: string, header: readonly string[]): ParixError {
  return new ParixError(
    'BAD_INPUT',
    `Which column is the ${field}? The columns are ${header.slice(0, 30).join(', ')}: --map ${field}=COLUMN.`,
    {code: 'bad_mapping', hint: 'The first line of a file is its header: remove what is above it.'},
  )
}

function unknown(what: string, name: string, known: readonly string[]): ParixError {
  const near = suggest(name, [...known]).slice(0, 3)
  const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There is ${known.slice(0, 30).join(', ')}.`
  return new ParixError('BAD_INPUT', `There is no ${what} ${JSON.stringify(name.slice(0, 60))}. ${hint}`, {
    code: 'bad_mapping',
  })
}
