/**
 * Fields as people write them, as the integers of TigerBeetle: `@bank` and UUIDs for ids, `USD` for ledgers, `payment` for
 * codes, `12.50 USD` for amounts. Whatever is a whole number already stays as it is, except where that would be ambiguous.
 */

import {ParixError} from '@parix/kit/errors'
import {isMaximum, parseMoney} from './amounts.js'
import type {Chart, ChartLedger, NamedAccount, UserDataField} from './chart/chart.js'

export type FieldKind = 'account' | 'transfer' | 'account_filter' | 'query_filter'

/** Text by TigerBeetle's field name. `amountText` (JSON, CSV) is always money; `amountRaw` is always an integer. */
export type FieldTexts = Readonly<Record<string, string>>

export interface TranslateOptions {
  kind: FieldKind
  /** How to call a field in errors: `--amount`, or `line 7 amount`. */
  label(field: string): string
  /** Whether `amount` is what a person typed, where a bare integer is ambiguous. In JSON it is always the integer. */
  typed: boolean
  /** How to give the integer instead: `--amount-raw`. */
  raw?: string
  /** Codes that a query filter is about: of accounts or of transfers. */
  codes?: 'account' | 'transfer'
}

const ACCOUNT_FIELDS = ['debit_account_id', 'credit_account_id', 'account_id']
const ID_FIELDS = ['id', 'pending_id', ...ACCOUNT_FIELDS]
const UUID_TEXT = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/
const INTEGER = /^(\d[\d_]*|0[xX][0-9a-fA-F_]+)$/

/**
 * @param chart undefined where there is none: then only UUIDs are translated and names are refused
 * @returns the same fields with integers as text; `ledger` (of a transfer) and, for a named new account, `ledger` and
 *   `code` and flags are added from the chart where they were left out
 * @throws ParixError BAD_INPUT for an unknown name, an ambiguous or wrong amount, or names of two ledgers
 */
export function translateFields(
  fields: FieldTexts,
  chart: Chart | undefined,
  options: TranslateOptions,
): Record<string, string> {
  const translated: Record<string, string> = {...fields}
  const named: NamedAccount[] = []
  for (const field of ID_FIELDS) {
    const text = fields[field]?.trim()
    if (text === undefined) continue
    if (UUID_TEXT.test(text)) translated[field] = BigInt(`0x${text.replaceAll('-', '')}`).toString()
    if (!text.startsWith('@')) continue
    const account = accountOf(text, field, chart, options)
    named.push(account)
    translated[field] = account.id.toString()
  }
  if (chart === undefined) {
    refuseNames(fields, options)
    return translated
  }
  const ledger = ledgerOf(fields, named, chart, options)
  if (ledger !== undefined) translated.ledger = String(ledger.id)
  translateCode(fields, translated, named, chart, options)
  translateUserData(fields, translated, chart, options)
  const amount = amountOf(fields, ledger, chart, options)
  delete translated.amountText
  delete translated.amountRaw
  if (amount !== undefined) translated.amount = amount
  return translated
}

function accountOf(
  text: string,
  field: string,
  chart: Chart | undefined,
  {kind, label}: TranslateOptions,
): NamedAccount {
  if (field === 'pending_id' || (field === 'id' && kind === 'transfer')) {
    throw new ParixError('BAD_INPUT', `${label(field)} is the id of a transfer; names are of accounts.`)
  }
  if (chart === undefined) throw noChart(label(field), text)
  return chart.account(text.slice(1))
}

/** The ledger that is given, or that of the accounts that are named; for a transfer both must agree. */
function ledgerOf(
  fields: FieldTexts,
  named: NamedAccount[],
  chart: Chart,
  options: TranslateOptions,
): ChartLedger | undefined {
  const {label, kind} = options
  const [first] = named
  const other = named.find((account) => account.ledger.id !== first!.ledger.id)
  if (other !== undefined && kind === 'transfer') {
    throw new ParixError(
      'BAD_INPUT',
      `@${first!.name} is on ledger ${first!.ledger.name}, @${other.name} on ${other.ledger.name}: a transfer is on one ledger.`,
    )
  }
  const text = fields.ledger?.trim()
  if (text === undefined) return kind === 'account' || kind === 'transfer' ? first?.ledger : undefined
  const given = INTEGER.test(text) ? chart.ledgerOf(Number(text.replaceAll('_', ''))) : chart.ledger(text)
  if (given !== undefined && first !== undefined && first.ledger.id !== given.id && kind !== 'query_filter') {
    throw new ParixError(
      'BAD_INPUT',
      `${label('ledger')} is ${given.name}, but @${first.name} is on ${first.ledger.name}.`,
    )
  }
  return given
}

function translateCode(
  fields: FieldTexts,
  translated: Record<string, string>,
  named: NamedAccount[],
  chart: Chart,
  {kind, codes}: TranslateOptions,
): void {
  const text = fields.code?.trim()
  if (text !== undefined) {
    if (INTEGER.test(text)) return
    translated.code = String(chart.code(codes ?? (kind === 'account' ? 'account' : 'transfer'), text))
  } else if (kind === 'account' && named[0] !== undefined) {
    translated.code = String(named[0].code)
  }
  const flags = kind === 'account' ? (named[0]?.flags ?? []) : []
  if (flags.length > 0 && fields.flags === undefined) translated.flags = flags.join(',')
}

function amountOf(
  fields: FieldTexts,
  ledger: ChartLedger | undefined,
  chart: Chart,
  options: TranslateOptions,
): string | undefined {
  const {label, typed, raw} = options
  const {amount, amountText, amountRaw} = fields
  const written = typed ? (amountText ?? amount) : amountText
  if (amountRaw !== undefined) {
    if (written !== undefined)
      throw new ParixError('BAD_INPUT', `${label('amount')} is given twice: as money and as an integer.`)
    return amountRaw
  }
  if (written === undefined) return amount
  if (isMaximum(written)) return written
  if (ledger === undefined) return withoutUnit(label('amount'), written, chart)
  const value = parseMoney(label('amount'), written, ledger, raw)
  if (!typed && amount !== undefined && BigInt(amount) !== value) {
    throw new ParixError(
      'BAD_INPUT',
      `${label('amount')} is ${amount}, but amountText says ${written}, which is ${value}.`,
    )
  }
  return value.toString()
}

/** An amount on a ledger that the chart does not have, or whose ledger is not known here: an integer, as without a chart. */
function withoutUnit(label: string, text: string, chart: Chart): string {
  if (INTEGER.test(text.trim())) return text
  const unit = /\s([A-Za-z]\S*)$/.exec(text.trim())?.[1]
  if (unit !== undefined) return parseMoney(label, text, chart.ledger(unit)).toString()
  throw new ParixError(
    'BAD_INPUT',
    `${label} is ${JSON.stringify(text.slice(0, 60))}, but the ledger is not in the chart, so its decimal places are not known.`,
  )
}

function translateUserData(
  fields: FieldTexts,
  translated: Record<string, string>,
  chart: Chart,
  {kind, label}: TranslateOptions,
): void {
  const meanings = chart.compiled.userData[kind === 'account' ? 'account' : 'transfer']
  for (const [bits, meaning] of Object.entries(meanings)) {
    const field = `user_data_${bits}`
    const text = fields[field]?.trim()
    if (text === undefined || INTEGER.test(text)) continue
    translated[field] = userDataInteger(label(field), text, meaning).toString()
  }
}

/** @throws ParixError BAD_INPUT when `text` is not what the chart says of the field */
function userDataInteger(label: string, text: string, {as, name}: UserDataField): bigint {
  if (as === 'uuid' && UUID_TEXT.test(text)) return BigInt(`0x${text.replaceAll('-', '')}`)
  if (as === 'time') {
    const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)
      ? Date.parse(text)
      : Number.NaN
    if (!Number.isNaN(milliseconds) && milliseconds >= 0) return BigInt(milliseconds) * 1_000_000n
  }
  const length = {text4: 4, text8: 8, text16: 16}[as as 'text4']
  if (length !== undefined && /^[\x21-\x7e]+$/.test(text) && text.length <= length) {
    return BigInt(`0x${Buffer.from(text, 'latin1').toString('hex')}`)
  }
  throw new ParixError('BAD_INPUT', `${label} (${name}) is not ${FORMS[as]}: ${JSON.stringify(text.slice(0, 60))}.`)
}

const FORMS: Readonly<Record<UserDataField['as'], string>> = {
  integer: 'a whole number',
  uuid: 'a UUID',
  time: 'an RFC 3339 time with a time zone',
  text4: 'at most 4 printable ASCII characters',
  text8: 'at most 8 printable ASCII characters',
  text16: 'at most 16 printable ASCII characters',
}

function refuseNames(fields: FieldTexts, {label}: TranslateOptions): void {
  for (const field of ['ledger', 'code'] as const) {
    const text = fields[field]?.trim()
    if (text !== undefined && /^[A-Za-z]/.test(text)) throw noChart(label(field), text)
  }
  if (fields.amountText !== undefined && fields.amount === undefined) {
    throw new ParixError(
      'BAD_INPUT',
      `${label('amountText')} is ${JSON.stringify(fields.amountText.slice(0, 60))}: without a chart of accounts its decimal places are not known. Give amount, the integer of the smallest unit.`,
      {code: 'no_chart', next: 'parix chart init'},
    )
  }
  const amount = (fields.amountText ?? fields.amount)?.trim()
  if (amount !== undefined && /^\d[\d_]*(\.\d+)?\s+[A-Za-z]/.test(amount)) throw noChart(label('amount'), amount)
}

function noChart(label: string, text: string): ParixError {
  return new ParixError(
    'BAD_INPUT',
    `${label} is ${JSON.stringify(text.slice(0, 60))}, which is a name, and there is no chart of accounts here.`,
    {
      code: 'no_chart',
      next: 'parix chart init',
    },
  )
}
