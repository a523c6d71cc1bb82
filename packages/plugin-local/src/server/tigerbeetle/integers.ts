import {isLosslessNumber, type Json} from '@parix/kit/json'
import type {Field} from '@parix/ledger/schema'

/**
 * A JSON value as a whole number of the field's width: a number of any size, or a string of decimal digits.
 *
 * @returns the value, or why it isn't one, as the end of a sentence that begins with the field's name
 */
export function readInteger({bits}: Pick<Field, 'bits'>, value: Json): bigint | string {
  const integer = toBigint(value)
  if (typeof integer === 'string') return integer
  if (integer < 0n) return `can't be negative, but is ${integer}.`
  const max = (1n << BigInt(bits)) - 1n
  return integer <= max ? integer : `does not fit in ${bits} bits: the largest value is ${max}.`
}

/** BigInt() of a text takes quadratic time. */
const DIGITS_MAX = 400

function toBigint(value: Json): bigint | string {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'string' && value.length <= DIGITS_MAX && /^[0-9]+$/.test(value)) return BigInt(value)
  return `must be a whole number or a string of decimal digits, not ${shown(value)}.`
}

function shown(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (isLosslessNumber(value) || typeof value === 'number') return cut(String(value))
  if (typeof value === 'string') return cut(JSON.stringify(value))
  return typeof value === 'boolean' ? String(value) : 'an object'
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
