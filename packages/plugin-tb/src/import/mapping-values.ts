/** What a mapping may do to the text of a cell: read money, times, a table of values, or a name of the chart. */

import {parseMoney} from '@parix/books/amounts'
import type {Chart, ChartLedger} from '@parix/books/chart'
import {isParixError, ParixError} from '@parix/kit/errors'
import {parseTimestamp} from '@parix/kit/timestamps'

export interface Conversion {
  chart: Chart | undefined
  decimalComma: boolean
}

/** More decimal places than 128 bits have digits leave no room for a unit. */
const SCALE_MAX = 38

/** What the amounts of a column are in: decimal places, and the ledger where the mapping names one. */
export interface Money {
  scale: number
  ledger?: ChartLedger
}

/** The currency that `money:USD` or `money:2` names. @throws ParixError BAD_INPUT */
export function moneyUnit(field: string, argument: string, chart: Chart | undefined): Money {
  if (/^\d+$/.test(argument)) {
    const scale = Number(argument)
    if (scale <= SCALE_MAX) return {scale}
    throw new ParixError('BAD_INPUT', `--map ${field}: money has at most ${SCALE_MAX} decimal places.`, {
      code: 'bad_mapping',
    })
  }
  const ledger = needChart(field, chart).ledger(argument)
  return {scale: ledger.scale, ledger}
}

/**
 * Why the amount of a row can't be what its mapping says, as the end of a sentence: the row is on a different ledger from
 * `money:USD` names, or on one with other decimal places than `money:2` says. Undefined where it can, and where the chart
 * does not have the ledger of the row.
 */
export function otherMoney({scale, ledger}: Money, id: number, chart: Chart): string | undefined {
  const row = chart.ledgerOf(id)
  if (ledger !== undefined && ledger.id !== id && !isOfTenant(ledger, row))
    return `is in ${ledger.name} by its mapping, but this row is on ledger ${row?.name ?? id}`
  if (row === undefined || row.scale === scale) return undefined
  return `has ${places(scale)} by its mapping, but ${row.name} has ${row.scale}`
}

/** `money:points` is of `points/3`, too: all tenants of a ledger have its decimal places. */
function isOfTenant(ledger: ChartLedger, row: ChartLedger | undefined): boolean {
  return ledger.tenants !== undefined && row?.name.startsWith(`${ledger.name}/`) === true
}

function places(scale: number): string {
  return `${scale} decimal place${scale === 1 ? '' : 's'}`
}

/** What turns the text of a cell into the text of a field; undefined where there is no such conversion. The texts that it reads throw BAD_INPUT. */
export function transformOf(
  field: string,
  transform: string,
  argument: string,
  {chart, decimalComma}: Conversion,
): ((text: string) => string) | undefined {
  if (transform === 'money') return moneyReader(field, moneyUnit(field, argument, chart), decimalComma)
  if (transform === 'time') return timeReader(field, argument)
  if (transform === 'map') return mapReader(field, argument)
  if (transform === 'name' && argument.endsWith('*')) {
    const prefix = `@${argument.replace(/^@/, '').slice(0, -1)}`
    return (text) => `${prefix}${text}`
  }
  return undefined
}

function moneyReader(field: string, {scale, ledger}: Money, decimalComma: boolean): (text: string) => string {
  const unit = ledger ?? {scale}
  const amount = (text: string, comma: boolean) =>
    parseMoney(field, explicit(comma ? withPoint(field, text) : text, scale), unit, undefined, text).toString()
  return (text) => {
    try {
      return amount(text, decimalComma)
    } catch (error) {
      if (decimalComma || !text.includes(',') || !isParixError(error) || !isRead(() => amount(text, true))) throw error
      throw new ParixError('BAD_INPUT', `${error.message} Is it to be read with --decimal-comma?`)
    }
  }
}

function isRead(read: () => string): boolean {
  try {
    read()
    return true
  } catch (error) {
    if (isParixError(error)) return false
    throw error
  }
}

/** `1.234,56` as `1234.56`. */
function withPoint(field: string, text: string): string {
  if (/^(\d+|\d{1,3}(\.\d{3})+)(,\d+)?(\s+\S+)?$/.test(text)) return text.replaceAll('.', '').replace(',', '.')
  const what = /^[-+\u2212]/.test(text)
    ? "can't have a sign, but is"
    : 'is not an amount with a decimal comma, such as 1.234,56:'
  throw new ParixError('BAD_INPUT', `${field} ${what} ${JSON.stringify(text.slice(0, 60))}.`)
}

/** The mapping says that the column is money, so that `100` in it is not ambiguous: it is 100.00. */
function explicit(text: string, scale: number): string {
  return scale > 0 && /^\d[\d_]*$/.test(text) ? `${text}.${'0'.repeat(scale)}` : text
}

function needChart(field: string, chart: Chart | undefined): Chart {
  if (chart !== undefined) return chart
  throw new ParixError(
    'BAD_INPUT',
    `--map ${field} names a ledger, and there is no chart of accounts. Give the decimal places instead: money:2.`,
    {code: 'no_chart'},
  )
}

const PER_UNIT = new Map([
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1000n],
  ['ns', 1n],
])

/** Times as nanoseconds. `RFC3339`; or `s`, `ms`, `us`, `ns` since 1970. */
function timeReader(field: string, form: string): ((text: string) => string) | undefined {
  const factor = PER_UNIT.get(form)
  if (factor !== undefined) {
    return (text) => {
      if (!/^\d{1,20}$/.test(text))
        throw new ParixError('BAD_INPUT', `${field} is not a whole number: ${JSON.stringify(text.slice(0, 60))}.`)
      return (BigInt(text) * factor).toString()
    }
  }
  if (form.toUpperCase().replace(/\s/g, '') !== 'RFC3339') return undefined
  return (text) => {
    if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/.test(text))
      throw new ParixError(
        'BAD_INPUT',
        `${field} is not an RFC 3339 time with a time zone: ${JSON.stringify(text.slice(0, 60))}.`,
      )
    return parseTimestamp(field, text, {role: 'recorded'}).toString()
  }
}

function mapReader(field: string, argument: string): ((text: string) => string) | undefined {
  const [, inside] = /^\{(.*)\}$/s.exec(argument) ?? []
  if (inside === undefined) return undefined
  const pairs = inside.split(',').map((pair) => pair.split(':').map((part) => part.trim()))
  // A value with a colon, or one that stands for two, would be read as something that nobody wrote.
  if (!pairs.every((pair) => pair.length === 2 && pair.every((part) => part !== ''))) return undefined
  const table = new Map(pairs as [string, string][])
  if (table.size < pairs.length) return undefined
  return (text) => {
    const value = table.get(text)
    if (value === undefined)
      throw new ParixError(
        'BAD_INPUT',
        `${field} is ${JSON.stringify(text.slice(0, 60))}, which the mapping does not have.`,
      )
    return value
  }
}
