import type {Chart} from '@parix/books/chart'
import {translateFields} from '@parix/books/translate'
import {ParixError} from '@parix/kit/errors'
import {parseUint, UINT128_MAX} from '@parix/kit/integers'
import {isJsonObject, isLosslessNumber, type Json} from '@parix/kit/json'
import {suggest} from '@parix/kit/suggest'
import {parseTimestamp, type TimeRole} from '@parix/kit/timestamps'
import {hasFlag, parseFlags} from './flags.js'
import {CALLED, FIELDS, type LedgerRecord, type RecordKind, SHORT_NAMES} from './kinds.js'
import type {Problems} from './problems.js'

/** How a field of this object is called in errors: `--amount`, or `transfers[3].amount`. */
export type Place = (field: string) => string

/**
 * A JSON object as a record. Field names are TigerBeetle's (`debit_account_id`); camelCase and, for a transfer's accounts,
 * `from` and `to` are read too. Integers are numbers of any size or text (decimal, `0x…`, with `_`); flags may be names.
 *
 * What is wrong is added to `problems`, all of it.
 */
export function readRecord(
  kind: RecordKind,
  place: Place,
  given: Json,
  problems: Problems,
  names: RecordNames = {chart: undefined},
): LedgerRecord {
  const value = isJsonObject(given) ? (problems.collect(() => withIntegers(kind, place, given, names)) ?? {}) : given
  if (!isJsonObject(value)) {
    problems.add(`${place('')} must be an object, but is ${shown(value)}.`)
    return {}
  }
  const record: Record<string, bigint> = {}
  const keys: Record<string, string> = {}
  for (const [key, item] of Object.entries(value)) {
    if (isDerived(key, names.chart)) continue
    problems.collect(() => {
      const field = fieldName(kind, place, key)
      if (field in keys) {
        throw new ParixError('BAD_INPUT', `${place(key)} is given twice, also as ${keys[field]}.`)
      }
      keys[field] = key
      record[field] = fieldValue(kind, field, place(key), item, problems.note)
    })
  }
  checkWordMax(kind, place, record, (value as Readonly<Record<string, Json>>).amount, problems)
  return record
}

export interface RecordNames {
  chart: Chart | undefined
  codes?: 'account' | 'transfer'
}

const TRANSLATED = [
  'id',
  'debit_account_id',
  'credit_account_id',
  'account_id',
  'pending_id',
  'ledger',
  'code',
  'amount',
]

/** The object with names of the chart, UUIDs and `amountText` as integers. */
function withIntegers(
  kind: RecordKind,
  place: Place,
  value: {[key: string]: Json},
  {chart, codes}: RecordNames,
): {[key: string]: Json} {
  const texts: Record<string, string> = {}
  const rest: {[key: string]: Json} = {}
  /** As it was written: what is wrong is reported by that name. */
  const keys: Record<string, string> = {}
  for (const [key, item] of Object.entries(value)) {
    const name = snakeCase(key)
    const field = SHORT_NAMES[name] ?? name
    const isText =
      typeof item === 'string' || typeof item === 'number' || typeof item === 'bigint' || isLosslessNumber(item)
    if (kind === 'transfer' && name === 'amount_text') {
      if (item === null) continue
      if (!isText)
        throw new ParixError('BAD_INPUT', `${place(key)} must be a text such as "12.50", but is ${shown(item)}.`)
      if (texts.amountText !== undefined) throw new ParixError('BAD_INPUT', `${place(key)} is given twice.`)
      texts.amountText = String(item)
    } else if (isText && TRANSLATED.includes(field) && !(field in texts)) {
      texts[field] = String(item)
      keys[field] = key
    } else rest[key] = item
  }
  const translated = translateFields(texts, chart, {kind, label: place, typed: false, ...(codes && {codes})})
  return {
    ...Object.fromEntries(Object.entries(translated).map(([field, text]) => [keys[field] ?? field, text])),
    ...rest,
  }
}

function isDerived(key: string, chart: Chart | undefined): boolean {
  if (DERIVED.has(key) || /(_name|Name|Text)$/.test(key)) return true
  const {account, transfer} = chart?.compiled.userData ?? {account: {}, transfer: {}}
  return [...Object.values(account), ...Object.values(transfer)].some(({name}) => name === key)
}

/** Fields that `--json` adds to rows (`withWords`): rows that were printed can be read. */
const DERIVED = new Set(['time', 'flag_names', 'pending_state', 'resolved_by', 'posted_amount', 'expires_at'])

/**
 * `max` is 2^128 − 1, which TigerBeetle takes for "as much as there is" only where it posts or balances. Between accounts
 * without limits it would move just that number, for good; whoever wants the number writes its digits.
 */
export function checkWordMax(
  kind: RecordKind,
  place: Place,
  record: LedgerRecord,
  written: unknown,
  problems: Problems,
): void {
  const fault = wordMaxFault(kind, record, written)
  if (fault !== undefined) problems.add(`${place('amount')} ${fault}`)
}

/** See `checkWordMax`: what is wrong with the amount, as the end of a sentence. */
export function wordMaxFault(kind: RecordKind, record: LedgerRecord, written: unknown): string | undefined {
  if (kind !== 'transfer' || typeof written !== 'string' || !isMax(written)) return undefined
  const {flags = 0n} = record
  if (MAX_GOES_WITH.some((name) => hasFlag('transfer', flags, name))) return undefined
  return `is "max", which goes with the flags ${MAX_GOES_WITH.slice(0, -1).join(', ')} and ${MAX_GOES_WITH.at(-1)} only.`
}

const MAX_GOES_WITH = ['balancing_debit', 'balancing_credit', 'post_pending_transfer', 'void_pending_transfer']

function isMax(text: string): boolean {
  return /^max$/i.test(text.trim())
}

/** One field, from the text of a flag. @throws ParixError BAD_INPUT */
export function readField(kind: RecordKind, field: string, label: string, text: string, note?: Note): bigint {
  return integer(kind, field, label, text, note)
}

type Note = (sentence: string) => void

function fieldName(kind: RecordKind, place: Place, key: string): string {
  const fields = FIELDS[kind]
  const name = snakeCase(key)
  if (Object.hasOwn(fields, name)) return name
  const short = SHORT_NAMES[name]
  if (short !== undefined && Object.hasOwn(fields, short)) return short
  const near = suggest(name, Object.keys(fields))
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''
  throw new ParixError(
    'BAD_INPUT',
    `${place(key)}: an ${CALLED[kind].one} has no such field.${hint}`.replace(/\ban (?=[^aeiou])/, 'a '),
  )
}

const KEYS_MAX = 1000
const snakeCases = new Map<string, string>()

/** `debitAccountId` and `userData128` as TigerBeetle writes them. The keys of a file are few, and come with every row. */
function snakeCase(key: string): string {
  const known = snakeCases.get(key)
  if (known !== undefined) return known
  const name = key
    .replace(/(?<=[a-z0-9])[A-Z]/g, '_$&')
    .replace(/(?<=[a-z])\d/g, '_$&')
    .replaceAll('-', '_')
    .toLowerCase()
  if (snakeCases.size < KEYS_MAX) snakeCases.set(key, name)
  return name
}

function fieldValue(kind: RecordKind, field: string, label: string, value: Json, note: Note): bigint {
  if (field === 'flags') {
    const names = Array.isArray(value) ? value : [value]
    if (names.every((name) => typeof name === 'string' || typeof name === 'number')) {
      return parseFlags(kind, label, names.map(String))
    }
  }
  return integer(kind, field, label, integerText(label, value), note)
}

function integer(kind: RecordKind, field: string, label: string, text: string, note?: Note): bigint {
  const {bits, time, max} = FIELDS[kind][field]!
  if (max && isMax(text)) return UINT128_MAX
  if (!time) return parseUint(label, text, bits)
  return parseTimestamp(label, text, {role: TIME_ROLES[field] ?? 'recorded', ...(note && {note})})
}

const TIME_ROLES: Readonly<Record<string, TimeRole>> = {timestamp_min: 'start', timestamp_max: 'end'}

/** A JSON number is read by its digits, whatever its size. */
export function integerText(label: string, value: Json): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || isLosslessNumber(value)) return String(value)
  throw new ParixError('BAD_INPUT', `${label} must be a whole number, but is ${shown(value)}.`)
}

function shown(value: Json): string {
  if (Array.isArray(value)) return 'a list'
  if (value === null) return 'null'
  return typeof value === 'object' && !isLosslessNumber(value)
    ? 'an object'
    : JSON.stringify(String(value).slice(0, 40))
}
