import {isJsonObject, isLosslessNumber, type Json} from '@parix/kit/json'
import type {RecordField} from '@parix/ledger'
import {BATCH_EVENTS_MAX, type Field, PAGE_ROWS_MAX} from '@parix/ledger/schema'
import {parseBody} from '../api/body.js'
import {ApiFault, invalid} from '../api/problem.js'
import {makeRecords, putField, type RecordPool, type Records} from './records.js'
import {scanEvents} from './scan.js'

/** More faults than these are not listed. */
const FAULTS_MAX = 20

/**
 * The events of a create request.
 *
 * @param what an event in words: `account`, `transfer`
 * @throws ApiFault 400 malformed-json, 413 too-much-data, 422 with the fields and their events' places
 */
export function readEvents(bytes: Uint8Array, fields: readonly RecordField[], what: string, pool: RecordPool): Records {
  return scanEvents(bytes, fields, pool) ?? readCarefully(parseBody(bytes), fields, what)
}

/** The way for everything that the scanner leaves: all of JSON, and words for what is wrong. */
export function readCarefully(body: Json, fields: readonly RecordField[], what: string): Records {
  const events = requireItems(body, `${what}s`)
  const faults = noFaults()
  const records = makeRecords(events.length)
  records.count = events.length
  events.forEach((event, index) => {
    if (Object.keys(faults).length >= FAULTS_MAX) return
    if (!isJsonObject(event)) {
      faults[`[${index}]`] = [`must be a JSON object: one ${what}.`]
      return
    }
    if (!Object.hasOwn(event, 'id')) faults[`[${index}].id`] = ['is missing.']
    readFields(event, fields, faults, `[${index}].`, (field, value) => putField(records, index, field, value))
  })
  requireNoFaults(faults)
  return records
}

/**
 * The ids of a lookup.
 *
 * @throws ApiFault as `readEvents`
 */
export function readIds(body: Json): bigint[] {
  const faults = noFaults()
  const ids = requireItems(body, 'ids').map((item, index) => {
    const value = readInteger({bits: 128}, item)
    if (typeof value === 'bigint') return value
    if (Object.keys(faults).length < FAULTS_MAX) faults[`[${index}]`] = [value]
    return 0n
  })
  requireNoFaults(faults)
  return ids
}

/**
 * The fields of a filter, by name; those that were left out are absent.
 *
 * @throws ApiFault 413 for a limit above TigerBeetle's, 422
 */
export function readFilter(body: Json, fields: readonly Field[], required: readonly string[]): Map<string, bigint> {
  if (!isJsonObject(body)) throw invalid('The body must be one JSON object: the filter.', {})
  const faults = noFaults()
  const values = new Map<string, bigint>()
  for (const name of required) if (!Object.hasOwn(body, name)) faults[name] = ['is missing.']
  readFields(body, fields, faults, '', ({name}, value) => values.set(name, value))
  requireNoFaults(faults)
  if ((values.get('limit') ?? 0n) > PAGE_ROWS_MAX) throw tooMuchData(`A limit of ${values.get('limit')}`)
  return values
}

export function tooMuchData(subject: string): ApiFault {
  return new ApiFault(
    413,
    'too-much-data',
    `${subject} is too much data for one request: the most is ${BATCH_EVENTS_MAX}.`,
  )
}

function requireItems(body: Json, what: string): Json[] {
  if (!Array.isArray(body)) throw invalid(`The body must be a JSON array of 1 to ${BATCH_EVENTS_MAX} ${what}.`, {})
  if (body.length === 0) throw invalid(`The body must hold 1 to ${BATCH_EVENTS_MAX} ${what}, and is empty.`, {})
  if (body.length > BATCH_EVENTS_MAX) throw tooMuchData(`A body of ${body.length} ${what}`)
  return body
}

function readFields<F extends Field>(
  object: {[key: string]: Json},
  fields: readonly F[],
  faults: Record<string, string[]>,
  place: string,
  take: (field: F, value: bigint) => void,
): void {
  for (const [name, item] of Object.entries(object)) {
    const field = fields.find((each) => each.name === name)
    const value = field ? readInteger(field, item) : unknownField(name, fields)
    if (field && typeof value === 'bigint') take(field, value)
    else faults[place + name] = [String(value)]
  }
}

function unknownField(name: string, fields: readonly Field[]): string {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/(?<=[a-z])(?=\d)/g, '_')
  const meant = fields.find((field) => field.name === snake || field.name === name.toLowerCase())
  return meant
    ? `is not a field. Did you mean ${meant.name}?`
    : `is not a field. The fields are ${fields.map((f) => f.name).join(', ')}.`
}

/** Without a prototype: a caller may call a field `__proto__`. */
function noFaults(): Record<string, string[]> {
  return Object.create(null) as Record<string, string[]>
}

function requireNoFaults(faults: Record<string, string[]>): void {
  const [first] = Object.entries(faults)
  if (!first) return
  const count = Object.keys(faults).length
  const more = count > 1 ? ` (the first of ${count >= FAULTS_MAX ? `${FAULTS_MAX} or more` : count} faults)` : ''
  throw invalid(`The request is not valid: ${first[0]} ${first[1][0]}${more}`, faults)
}

/**
 * A JSON value as a whole number of the field's width: a number of any size, or a string of decimal digits.
 *
 * @returns the value, or why it isn't one, as the end of a sentence that begins with the field's name
 */
function readInteger({bits}: Pick<Field, 'bits'>, value: Json): bigint | string {
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
