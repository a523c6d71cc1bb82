/** Rows of a file as events of the ledger: names read, numbers checked, and the bytes that are sent. */

import type {Chart} from '@parix/books/chart'
import {translateFields} from '@parix/books/translate'
import {isParixError} from '@parix/kit/errors'
import {isLosslessNumber, type Json} from '@parix/kit/json'
import {type CreateKind, FIELDS} from '@parix/ledger/schema'
import {checkAccount, checking, checkTransfer} from '../events/validate-events.js'
import {parseFlags} from '../records/flags.js'
import type {LedgerRecord} from '../records/kinds.js'
import {createProblems} from '../records/problems.js'
import {integerText, readField, wordMaxFault} from '../records/read.js'
import {assertIdentified, type Fault, type FieldTexts, fieldNamed, type MakeId, type RowMapper} from './mapping.js'
import {otherMoney} from './mapping-values.js'
import type {SourceRow} from './read-rows.js'

/** An event, or everything that is wrong with its row. */
export interface ReadEvent {
  line: number
  nextLine: number
  end: number
  record?: LedgerRecord
  /** Sentences without the line: `amount is missing`. */
  faults: readonly Fault[]
}

export interface EventOptions {
  kind: CreateKind
  chart: Chart | undefined
  /** CSV. */
  mapper: RowMapper | undefined
  idFrom: readonly string[]
  makeId: MakeId
  /** Sets the flag `imported`: the row's own timestamps are kept. */
  keepTimestamps: boolean
}

const NAMES = /@|-|[A-Za-z]/
/** Fields in which text other than digits can only be a name. */
const NAMED = ['id', 'debit_account_id', 'credit_account_id', 'pending_id', 'ledger', 'code']

/** Reads rows one after the other; the same options give the same events for the same rows. */
export function createEventReader(options: EventOptions): (row: SourceRow) => ReadEvent {
  const {kind} = options
  const check = kind === 'account' ? checkAccount : checkTransfer
  // One for all rows in which there is nothing to say.
  let problems = createProblems()
  return ({line, nextLine, end, cells, value, fault}) => {
    if (fault !== undefined) return {line, nextLine, end, faults: [{message: fault}]}
    const faults: Fault[] = []
    const record = readRow(cells, value, options, faults)
    if (record === undefined || faults.length > 0) return {line, nextLine, end, faults}
    check(checking(record, asItIs, problems))
    if (problems.count === 0) return {line, nextLine, end, record, faults: NONE}
    const found = problems
    problems = createProblems()
    try {
      found.throwIfAny('the row')
    } catch (error) {
      if (!isParixError(error)) throw error
      const sentences = error.details.errors ?? [error.message.replace(/ Nothing was sent\.$/, '')]
      faults.push(...sentences.map((message) => ({field: message.split(' ')[0]!, message})))
    }
    return {line, nextLine, end, faults}
  }
}

const NONE: readonly Fault[] = []
const asItIs = (field: string) => field

function readRow(
  cells: string[] | undefined,
  value: Json | undefined,
  options: EventOptions,
  faults: Fault[],
): LedgerRecord | undefined {
  try {
    const texts = cells !== undefined ? options.mapper!.texts(cells, faults) : textsOf(value, options)
    return toRecord(texts, options, faults)
  } catch (error) {
    if (!isParixError(error)) throw error
    faults.push({message: error.message})
    return undefined
  }
}

/** An object of NDJSON as texts: keys are TigerBeetle's fields, `from`, `to`, `amountText`, or columns of a mapping. */
function textsOf(value: Json | undefined, {idFrom, makeId, kind}: EventOptions): FieldTexts {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isLosslessNumber(value)) {
    throw fault('is not a JSON object')
  }
  const texts: FieldTexts = {}
  const keys: Record<string, string> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === null) continue
    const name = idFrom.includes(key) ? key : (fieldNamed(kind, key) ?? key)
    // One of the two would count, and nobody could tell which.
    if (Object.hasOwn(keys, name)) throw fault(`gives ${name} twice: as ${keys[name]} and as ${key}`)
    keys[name] = key
    texts[name] = name === 'flags' && Array.isArray(item) ? flagsText(item) : integerText(key, item)
  }
  if (idFrom.length > 0) {
    const missing = idFrom.find((key) => texts[key] === undefined)
    if (missing !== undefined) throw fault(`has no ${missing}, from which its id is made`)
    const values = idFrom.map((key) => texts[key]!)
    assertIdentified(idFrom, values)
    texts.id = makeId(values)
  }
  return texts
}

function flagsText(items: readonly Json[]): string {
  return items.map((item) => integerText('a flag', item)).join(',')
}

function fault(message: string): Error {
  return Object.assign(new Error(message), {name: 'ParixError', kind: 'BAD_INPUT', details: {}})
}

function toRecord(given: FieldTexts, options: EventOptions, faults: Fault[]): LedgerRecord | undefined {
  const {kind, chart, keepTimestamps, idFrom, mapper} = options
  const named =
    chart !== undefined ||
    NAMED.some((field) => given[field] !== undefined && NAMES.test(given[field])) ||
    given.amountText !== undefined
  const texts = named ? translateFields(given, chart, {kind, label: (field) => field, typed: false}) : given
  const record: Record<string, bigint> = {}
  for (const field in texts) {
    const text = texts[field]!
    if (isOurs(field, kind)) continue
    // What an account has in the ledger is in an export of it, and not in what creates one.
    if (!keepTimestamps && field === 'timestamp') continue
    if (idFrom.includes(field) && !FIELDS[kind].some(({name}) => name === field)) continue
    try {
      record[field] = field === 'flags' ? parseFlags(kind, field, [text]) : readField(kind, field, field, text)
    } catch (error) {
      if (isParixError(error)) faults.push({field, message: error.message})
      else if (error instanceof TypeError)
        faults.push({field, message: `${kind}s have no field ${JSON.stringify(field.slice(0, 60))}`})
      else throw error
    }
  }
  const max = wordMaxFault(kind, record, texts.amount)
  if (max !== undefined) faults.push({field: 'amount', message: `amount ${max}`})
  const other = mapper?.money && chart && otherMoney(mapper.money, Number(record.ledger ?? 0n), chart)
  if (other !== undefined) faults.push({field: 'amount', message: `amount ${other}`})
  if (keepTimestamps) record.flags = (record.flags ?? 0n) | IMPORTED[kind]
  if (record.id === undefined && !faults.some(({field}) => field === 'id')) {
    faults.push({
      field: 'id',
      message: 'id is missing: name the column with --map id=COLUMN, or make it with --id-from COLUMN',
    })
  }
  return faults.length > 0 ? undefined : record
}

const IMPORTED: Readonly<Record<CreateKind, bigint>> = {account: 16n, transfer: 256n}

const BALANCES = ['debits_pending', 'debits_posted', 'credits_pending', 'credits_posted', 'reserved']

/** Keys that our own exports and `--json` have beside the fields. */
function isOurs(field: string, kind: CreateKind): boolean {
  return (
    field.endsWith('_name') ||
    field.endsWith('Name') ||
    field.endsWith('Text') ||
    (kind === 'account' && BALANCES.includes(field))
  )
}
