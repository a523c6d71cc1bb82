import {ParixError} from './errors.js'

export const UINT16_MAX = 2n ** 16n - 1n
export const UINT32_MAX = 2n ** 32n - 1n
export const UINT64_MAX = 2n ** 64n - 1n
export const UINT128_MAX = 2n ** 128n - 1n

export type IntegerBits = 16 | 32 | 64 | 128

const LARGEST: Readonly<Record<IntegerBits, bigint>> = {
  16: UINT16_MAX,
  32: UINT32_MAX,
  64: UINT64_MAX,
  128: UINT128_MAX,
}

/**
 * A whole number as people write it: decimal, `0x…` hex, with `_` between digits (`1_000_000`). Ledger integers come from
 * flags, files and JSON as text; a double must never hold one in between.
 *
 * @param field the name to use in the error, such as `--amount` or `transfers[3].amount`
 * @throws ParixError BAD_INPUT when `text` isn't a whole number, is negative, or does not fit in `bits`
 */
export function parseUint(field: string, text: string, bits: IntegerBits): bigint {
  const isPlain = /^\d+$/.test(text)
  const digits = isPlain ? text : text.trim().replace(/(?<=[0-9a-fA-F])_(?=[0-9a-fA-F])/g, '')
  if (!isPlain && !/^(\d+|0[xX][0-9a-fA-F]+)$/.test(digits)) throw new ParixError('BAD_INPUT', wrongNumber(field, text))
  // BigInt() of a long text takes quadratic time: 400 digits are far more than any width needs.
  const value = digits.length > 400 ? UINT128_MAX + 1n : BigInt(digits)
  if (value > LARGEST[bits])
    throw new ParixError('BAD_INPUT', `${field} does not fit in ${bits} bits: the largest value is ${LARGEST[bits]}.`)
  return value
}

function wrongNumber(field: string, text: string): string {
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
  if (/^-\d/.test(text.trim())) return `${field} can't be negative, but is ${shown}.`
  if (/^\d*[.,]\d+$|^\d+(\.\d+)?[eE]/.test(text.trim())) {
    return `${field} must be a whole number${/\bamount\b/i.test(field) ? ' of the smallest unit (cents, not units)' : ''}, but is ${shown}.`
  }
  return `${field} must be a whole number (decimal, or hex as 0x…), but is ${shown}.`
}
