/** Puts the caller's numbers into record memory, and refuses what doesn't fit, naming field and index. */

import {FieldRangeError, FieldTypeError} from '../errors.js'

const U64_MAX = (1n << 64n) - 1n
const U128_MAX = (1n << 128n) - 1n

export function put128(longs: BigUint64Array, at: number, value: bigint, field: string, index?: number): void {
  if (typeof value !== 'bigint') throw wrongType(field, index, 'a bigint', value)
  longs[at] = value
  if (value >= 0n && value <= U64_MAX) {
    longs[at + 1] = 0n
    return
  }
  if (value < 0n || value > U128_MAX) throw outOfRange(field, index, 128, value)
  longs[at + 1] = value >> 64n
}

export function put64(longs: BigUint64Array, at: number, value: bigint, field: string, index?: number): void {
  if (typeof value !== 'bigint') throw wrongType(field, index, 'a bigint', value)
  if (value < 0n || value > U64_MAX) throw outOfRange(field, index, 64, value)
  longs[at] = value
}

export function check32(value: number, field: string, index?: number): number {
  if (typeof value !== 'number' || value >>> 0 !== value) throw notWhole(field, index, 32, value)
  return value
}

export function check16(value: number, field: string, index?: number): number {
  if (typeof value !== 'number' || (value & 0xffff) !== value) throw notWhole(field, index, 16, value)
  return value
}

function notWhole(field: string, index: number | undefined, bits: number, value: unknown): Error {
  if (typeof value !== 'number') return wrongType(field, index, 'a number', value)
  return outOfRange(field, index, bits, value)
}

function outOfRange(field: string, index: number | undefined, bits: number, value: bigint | number): FieldRangeError {
  return new FieldRangeError(
    field,
    index,
    `${place(field, index)} must be a whole number of at most ${bits} bits, not ${value}.`,
  )
}

function wrongType(field: string, index: number | undefined, wanted: string, value: unknown): FieldTypeError {
  const got = value === null ? 'null' : typeof value
  return new FieldTypeError(field, index, `${place(field, index)} must be ${wanted}, not ${got}.`)
}

function place(field: string, index: number | undefined): string {
  return index === undefined ? field : `${field} of event ${index}`
}
