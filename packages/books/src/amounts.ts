import {ParixError} from '@parix/kit/errors'
import {parseUint} from '@parix/kit/integers'
import {quoted} from '@parix/kit/text'

/** What an amount needs to know of its ledger: the name shown beside it and the number of decimal places. */
export interface Unit {
  /** Such as `USD`. */
  name: string
  /** Decimal places, 0 to 38: with 2, the integer 1250 is `12.50`. */
  scale: number
}

/** A unit, or decimal places alone. */
type MoneyUnit = Pick<Unit, 'scale'> & Partial<Unit>

/** 2^128 − 1 has 39 digits, so 38 places still leave one digit before the point. */
export const SCALE_MAX = 38

/**
 * An integer amount as money: `1250n` with scale 2 is `12.50`. Exact for all of 128 bits; negative values, which
 * differences of balances can be, keep their sign.
 */
export function formatAmount(amount: bigint, scale: number): string {
  const sign = amount < 0n ? '-' : ''
  const digits = (amount < 0n ? -amount : amount).toString().padStart(scale + 1, '0')
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** `12.50 USD`: what tables show. */
export function formatMoney(amount: bigint, unit: Unit): string {
  return `${formatAmount(amount, unit.scale)} ${unit.name}`
}

/** `1_000.25`, `12`, with an optional unit after it: `12.50 USD`. `_` may only stand between digits. */
const MONEY = /^(\d+(?:_\d+)*)(?:\.(\d+(?:_\d+)*))?(?:\s+([^\s\d]\S*))?$/

/**
 * Money as people write it, as the integer that the ledger keeps. Nothing is ever rounded.
 *
 * A whole number without a point or unit is ambiguous where the scale is not 0: `100` may be meant as 100.00 or as 1.00,
 * and guessing wrong moves a hundred times the amount. Such text is refused and both readings are offered.
 *
 * @param field the name to use in the error, such as `--amount` or `line 7 amount`
 * @param unit without a name where only its decimal places are known: then the text can't name one
 * @param raw how to give the integer instead, such as `--amount-raw`; undefined where that is not possible
 * @param written what errors quote, where `text` was made from it
 * @throws ParixError BAD_INPUT when `text` is not an amount, has too many decimal places, names another unit, is
 *   ambiguous, or does not fit in 128 bits
 */
export function parseMoney(field: string, text: string, unit: MoneyUnit, raw?: string, written = text.trim()): bigint {
  const match = MONEY.exec(text.trim())
  if (match === null) throw new ParixError('BAD_INPUT', notMoney(field, written, text.trim(), unit))
  const [, whole = '', places = '', name] = match
  if (name !== undefined && name !== unit.name) {
    const ledger = unit.name === undefined ? 'no unit is known here' : `the ledger is ${unit.name}`
    throw new ParixError('BAD_INPUT', `${field} is in ${quoted(name)}, but ${ledger}.`)
  }
  if (match[2] === undefined && name === undefined && unit.scale > 0) {
    throw new ParixError('BAD_INPUT', ambiguous(field, whole, unit, raw), {code: 'ambiguous_amount'})
  }
  const fraction = places.replaceAll('_', '')
  if (fraction.length > unit.scale) {
    throw new ParixError('BAD_INPUT', tooManyPlaces(field, quoted(written), unit))
  }
  return parseUint(field, whole.replaceAll('_', '').replace(/^0+(?=\d)/, '') + fraction.padEnd(unit.scale, '0'), 128)
}

function ambiguous(field: string, whole: string, {name = '', scale}: MoneyUnit, raw: string | undefined): string {
  const digits = whole.replaceAll('_', '').replace(/^0+(?=\d)/, '')
  const money = `${digits}.${'0'.repeat(scale)}`
  const smallest = digits.length > 39 ? '' : ` (${formatMoney(BigInt(digits), {name, scale})})`
  const integer = raw === undefined ? '' : `, or "${raw} ${digits}" for ${digits} of the smallest unit${smallest}`
  return `${field} is ${quoted(whole)}, which can be read in two ways on the ledger ${name}. Write "${money}" for ${money} ${name}${integer}.`
}

function notMoney(field: string, written: string, text: string, unit: MoneyUnit): string {
  const said = quoted(written)
  if (/^[-+\u2212]/.test(text)) return `${field} can't have a sign, but is ${said}.`
  const grouped = /^\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.(\d+))?(?:\s|$)/.exec(text)
  if (grouped !== null) {
    const units = withPlaces(text.replaceAll(',', ''), unit)
    if (units === undefined) return tooManyPlaces(field, said, unit)
    const decimal = /^\d+,\d+$/.test(text) ? withPlaces(text.replace(',', '.'), unit) : undefined
    const other = decimal === undefined ? '' : `, or ${quoted(decimal)} if the comma is a decimal point`
    return `${field} can't have commas: write ${quoted(units)} for ${said}${other}.`
  }
  if (/^\d+,\d+(\s|$)/.test(text)) {
    const decimal = withPlaces(text.replace(',', '.'), unit)
    return decimal === undefined
      ? tooManyPlaces(field, said, unit)
      : `${field} needs a decimal point: write ${quoted(decimal)} for ${said}.`
  }
  const example = unit.scale === 0 ? '12' : `12.${'50'.padEnd(unit.scale, '0').slice(0, unit.scale)}`
  const other = unit.name === undefined ? '' : ` or "${example} ${unit.name}"`
  return `${field} is not an amount: ${said}. Write ${example}${other}.`
}

/** The same amount as text that is read; undefined where the unit has fewer decimal places. */
function withPlaces(text: string, {scale}: MoneyUnit): string | undefined {
  const [, whole, places, rest] = /^(\d+)(?:\.(\d+))?(.*)$/s.exec(text)!
  if ((places?.length ?? 0) > scale) return undefined
  // A unit after the digits says as much as decimal places would.
  const shown = places ?? (scale > 0 && rest === '' ? '0'.repeat(scale) : undefined)
  return `${whole}${shown === undefined ? '' : `.${shown}`}${rest}`
}

function tooManyPlaces(field: string, said: string, {name, scale}: MoneyUnit): string {
  const allowed = scale === 0 ? 'no decimal places' : `at most ${scale} decimal place${scale === 1 ? '' : 's'}`
  return `${field} is ${said}, but ${name === undefined ? 'it may have' : `${name} has`} ${allowed}. Amounts are never rounded.`
}

/** Whether `text` means "as much as there is", which needs no unit. */
export function isMaximum(text: string): boolean {
  return /^max$/i.test(text.trim())
}
