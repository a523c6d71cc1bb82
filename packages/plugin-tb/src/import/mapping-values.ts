/** What a mapping may do to the text of a cell: read money, times, a table of values, or a name of the chart. */

import {parseMoney} from '@parix/books/amounts'
import type {Chart} from '@parix/books/chart'
import {ParixError} from '@parix/kit/errors'
import {parseTimestamp} from '@parix/kit/timestamps'

export interface Conversion {
  chart: Chart | undefined
  decimalComma: boolean
}

/** More decimal places than 128 bits have digits leave no room for a unit. */
const SCALE_MAX = 38

/** The currency that `money:USD` or `money:2` names. @throws ParixError BAD_INPUT */
export function moneyUnit(field: string, argument: string, chart: Chart | undefined): {name: string; scale: number} {
  if (/^\d+$/.test(argument)) {
    const scale = Number(argument)
    if (scale <= SCALE_MAX) return {name: `10^-${scale}`, scale}
    throw new ParixError('BAD_INPUT', `--map ${field}: money has at most ${SCALE_MAX} decimal places.`, {
      code: 'bad_mapping',
    })
  }
  return needChart(field, chart).ledger(argument)
}

/** What turns the text of a cell into the text of a field; undefined where there is no such conversion. The texts that it reads throw BAD_INPUT. */
export function transformOf(
  field: string,
  transform: string,
  argument: string,
  {chart, decimalComma}: Conversion,
): ((text: string) => string) | undefined {
  if (transform === 'money') {
    const unit = moneyUnit(field, argument, chart)
    const read = (text: string) => (decimalComma ? withPoint(field, text) : text)
    return (text) => parseMoney(field, explicit(read(text), unit.scale), unit).toString()
  }
  if (transform === 'time') return timeReader(field, argument)
  if (transform === 'map') return mapReader(field, argument)
  if (transform === 'name' && argument.endsWith('*')) {
    const prefix = `@${argument.replace(/^@/, '').slice(0, -1)}`
    return (text) => `${prefix}${text}`
  }
  return undefined
}

/** `1.234,56` as `1234.56`. */
function withPoint(field: string, text: string): string {
  if (/^(\d+|\d{1,3}(\.\d{3})+)(,\d+)?(\s+\S+)?$/.test(text)) return text.replaceAll('.', '').replace(',', '.')
  throw new ParixError(
    'BAD_INPUT',
    `${field} is not an amount with a decimal comma: ${JSON.stringify(text.slice(0, 60))}.`,
  )
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
