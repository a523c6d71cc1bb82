import type {Chart} from '@parix/books/chart'
import {translateFields} from '@parix/books/translate'
import {parseDuration} from '@parix/kit/duration'
import {ParixError} from '@parix/kit/errors'
import {UINT128_MAX} from '@parix/kit/integers'
import type {CreateKind} from '@parix/ledger/schema'
import {readItems} from '../input/documents.js'
import type {Source} from '../input/source.js'
import {FLAGS, parseFlags} from '../records/flags.js'
import {createIdSource, type IdSource} from '../records/id.js'
import {CALLED, type LedgerRecord, type RecordKind} from '../records/kinds.js'
import {createProblems, type Problems} from '../records/problems.js'
import {checkWordMax, readField, readRecord} from '../records/read.js'
import {type Draft, validateEvents} from './validate-events.js'

/** Text of flags by their names, as the parser gives them. */
export type FlagTexts = Readonly<Record<string, string | readonly string[] | number | boolean | undefined>>

/** Objects to create: checked, each with an id. */
export interface Events {
  records: LedgerRecord[]
  /** Ids that were generated here, because none was given. */
  generated: Set<bigint>
  /** Where in the input an object is, as `transfers.ndjson line 4`; undefined where it was given by flags. */
  placeOf: (index: number) => string | undefined
}

/**
 * The objects that a create command was given, as JSON or by flags.
 *
 * @throws ParixError BAD_INPUT with everything that is wrong with them
 */
export function readEvents(
  kind: CreateKind,
  source: Source | undefined,
  flags: FlagTexts,
  newId: IdSource,
  say?: (sentence: string) => void,
  chart?: Chart,
): Events {
  const problems = createProblems(say)
  const drafts = source ? fromSource(kind, source, problems, chart) : [fromFlags(kind, flags, problems, {chart})]
  if (drafts.length === 0 && problems.count === 0)
    throw new ParixError('BAD_INPUT', `There is no ${CALLED[kind].one} in ${source?.name}. Nothing was sent.`)
  const generated = new Set<bigint>()
  const whole = drafts.map(({record, place}) => {
    if (record.id !== undefined) return {record, place}
    const id = newId()
    generated.add(id)
    return {record: {id, ...record}, place}
  })
  // What could not be read is missing from its record, and would be reported twice.
  if (problems.count === 0) validateEvents(kind, whole, problems)
  problems.throwIfAny(source === undefined ? `the ${CALLED[kind].one}` : source.name)
  const placeOf = (index: number) => (source === undefined ? undefined : whole[index]?.place('').replace(/:$/, ''))
  return {records: whole.map(({record}) => record), generated, placeOf}
}

function fromSource(kind: CreateKind, source: Source, problems: Problems, chart: Chart | undefined): Draft[] {
  return readItems(source, problems).map(({value, where}) => {
    const place = (field: string) => `${source.name}${where}${where.startsWith(' ') ? ':' : ''} ${field}`.trim()
    return {record: readRecord(kind, place, value, problems, {chart}), place}
  })
}

/** Which flag gives which field, apart from those that have its name. */
const FIELD_OF_FLAG: Readonly<Record<string, string>> = {from: 'debit_account_id', to: 'credit_account_id'}

const USER_DATA = ['user-data-128', 'user-data-64', 'user-data-32']
const FILTER = ['code', ...USER_DATA, 'timestamp-min', 'timestamp-max', 'limit']

const FIELDS_BY_FLAG: Readonly<Record<RecordKind, readonly string[]>> = {
  account: ['id', 'ledger', 'code', ...USER_DATA, 'timestamp'],
  transfer: ['id', 'from', 'to', 'amount', 'pending-id', 'ledger', 'code', 'timeout', ...USER_DATA, 'timestamp'],
  account_filter: ['account-id', ...FILTER],
  query_filter: ['ledger', ...FILTER],
}

/** How names are read: by a chart, and whose codes a query is about. */
export interface Names {
  chart: Chart | undefined
  codes?: 'account' | 'transfer'
}

/** Flags by field, with the names of a chart and UUIDs as integers. */
function textsOfFlags(kind: RecordKind, flags: FlagTexts, {chart, codes}: Names): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const flag of FIELDS_BY_FLAG[kind]) if (flags[flag] !== undefined) texts[fieldOf(flag)] = String(flags[flag])
  if (Array.isArray(flags.flag) && flags.flag.length > 0) texts.flags = flags.flag.join(',')
  const raw = flags['amount-raw']
  if (raw !== undefined) texts.amountRaw = String(raw)
  return translateFields(texts, chart, {kind, label: flagOf, typed: true, raw: '--amount-raw', ...(codes && {codes})})
}

/** One object of any kind, from flags. */
export function fromFlags(
  kind: RecordKind,
  flags: FlagTexts,
  problems: Problems,
  names: Names = {chart: undefined},
): Draft {
  const record: Record<string, bigint> = {}
  const texts = problems.collect(() => textsOfFlags(kind, flags, names))
  if (texts === undefined) return {record, place: flagOf}
  for (const [field, text] of Object.entries(texts)) {
    if (field === 'flags') {
      problems.collect(() => {
        record.flags = parseFlags(kind, '--flag', [text])
      })
      continue
    }
    const flag = flagOf(field).slice(2)
    problems.collect(() => {
      const value = flag === 'timeout' ? timeoutSeconds(text) : readField(kind, field, `--${flag}`, text, problems.note)
      if (value === 0n) refuseZero(kind, flag)
      record[field] = value
    })
  }
  checkWordMax(kind, flagOf, record, flags.amount, problems)
  return {record, place: flagOf}
}

const FILTERING = ['ledger', 'code', ...USER_DATA, 'timestamp-max']

/** To TigerBeetle these zeros mean 'not given', so rows that hold 0 could not be what is found. */
function refuseZero(kind: RecordKind, flag: string): void {
  const isFilter = kind === 'account_filter' || kind === 'query_filter'
  if (isFilter && FILTERING.includes(flag)) {
    throw new ParixError(
      'BAD_INPUT',
      `--${flag} 0 would not filter: TigerBeetle takes 0 as any value. Leave it out to get every one.`,
    )
  }
  if (flag === 'pending-id') throw new ParixError('BAD_INPUT', '--pending-id must not be 0: that id is reserved.')
  if (kind !== 'account_filter' && flag === 'timestamp') {
    throw new ParixError('BAD_INPUT', '--timestamp must not be 0: it is the time of an imported object.')
  }
}

function fieldOf(flag: string): string {
  return FIELD_OF_FLAG[flag] ?? flag.replaceAll('-', '_')
}

function flagOf(field: string): string {
  if (field === 'flags') return '--flag'
  const short = Object.entries(FIELD_OF_FLAG).find(([, name]) => name === field)
  return `--${short ? short[0] : field.replaceAll('_', '-')}`
}

/** Flaw 6: TigerBeetle counts seconds. `90` is seconds, `10m` and `1h30m` are read too. */
function timeoutSeconds(text: string): bigint {
  if (!/[a-z]/i.test(text) || /^0x/i.test(text)) return readField('transfer', 'timeout', '--timeout', text)
  const milliseconds = parseDuration('--timeout', text)
  if (milliseconds % 1000 === 0) return BigInt(milliseconds / 1000)
  throw new ParixError('BAD_INPUT', `--timeout is counted in whole seconds, and ${text} is not.`)
}

/**
 * The transfer that posts or voids a pending one. What isn't said (accounts, ledger, code) comes from the pending one.
 *
 * @throws ParixError BAD_INPUT
 */
export function resolvingEvent(
  flag: 'post_pending_transfer' | 'void_pending_transfer',
  pendingId: bigint,
  given: {id?: string | undefined; amount?: string | undefined},
): {record: LedgerRecord; generated: Set<bigint>} {
  const problems = createProblems()
  const read = (field: string, text: string | undefined) =>
    text === undefined ? undefined : problems.collect(() => readField('transfer', field, `--${field}`, text))
  const id = given.id === undefined ? createIdSource()() : (read('id', given.id) ?? 0n)
  const amount = read('amount', given.amount) ?? (flag === 'post_pending_transfer' ? UINT128_MAX : 0n)
  const record = {id, amount, pending_id: pendingId, flags: FLAGS.transfer[flag]!}
  if (problems.count === 0) validateEvents('transfer', [{record, place: (field) => `--${field}`}], problems)
  problems.throwIfAny('the transfer')
  return {record, generated: new Set(given.id === undefined ? [id] : [])}
}
