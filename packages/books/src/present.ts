/** What a chart adds to rows for people: names, money and the meaning of user data. The integers are never replaced. */

import type {Account, Transfer} from '@parix/ledger/schema'
import {formatAmount, formatMoney} from './amounts.js'
import {type Chart, type IdForm, normalSide, type UserDataField, uuidOf} from './chart/chart.js'

export function formatId(id: bigint, form: IdForm): string {
  if (form === 'hex') return `0x${id.toString(16)}`
  return form === 'uuid' ? uuidOf(id) : id.toString()
}

/** `@bank`, or the id where the chart has no name for it. */
export function accountLabel(id: bigint, chart: Chart | undefined): string {
  const name = chart?.nameOf(id)
  return name === undefined ? idLabel(id, chart) : `@${name}`
}

/** The id in the form that was asked for. */
export function idLabel(id: bigint, chart: Chart | undefined): string {
  return formatId(id, chart?.idForm ?? 'decimal')
}

/** `12.50 USD`, or the integer where the chart does not have the ledger. */
export function amountLabel(amount: bigint, ledger: number, chart: Chart | undefined): string {
  const unit = chart?.ledgerOf(ledger)
  return unit === undefined ? amount.toString() : formatMoney(amount, unit)
}

/** Keys that JSON output has beside those of the row, only where the chart knows them. */
export type AddedKeys = Record<string, string>

export function accountKeys(row: Pick<Account, 'id' | 'ledger' | 'code'> & Partial<Account>, chart: Chart): AddedKeys {
  const unit = chart.ledgerOf(row.ledger)
  const keys: AddedKeys = {}
  add(keys, 'id_name', chart.nameOf(row.id))
  add(keys, 'ledgerName', unit?.name)
  add(keys, 'codeName', chart.codeName('account', row.code))
  if (unit !== undefined && row.debits_posted !== undefined && row.credits_posted !== undefined) {
    const {debits_posted: debits, credits_posted: credits} = row
    const balance = normalSide(chart.typeOf(row.code)) === 'debit' ? debits - credits : credits - debits
    keys.balanceText = formatMoney(balance, unit)
  }
  addUserData(keys, row, chart.compiled.userData.account)
  return keys
}

export function transferKeys(row: Transfer, chart: Chart): AddedKeys {
  const unit = chart.ledgerOf(row.ledger)
  const keys: AddedKeys = {}
  add(keys, 'debit_account_id_name', chart.nameOf(row.debit_account_id))
  add(keys, 'credit_account_id_name', chart.nameOf(row.credit_account_id))
  add(keys, 'ledgerName', unit?.name)
  add(keys, 'codeName', chart.codeName('transfer', row.code))
  if (unit !== undefined) keys.amountText = formatAmount(row.amount, unit.scale)
  addUserData(keys, row, chart.compiled.userData.transfer)
  return keys
}

type UserData = Partial<Pick<Transfer, 'user_data_128' | 'user_data_64' | 'user_data_32'>>

function addUserData(keys: AddedKeys, row: UserData, meanings: Record<string, UserDataField>): void {
  for (const [bits, {name, as}] of Object.entries(meanings)) {
    const value = row[`user_data_${bits}` as keyof UserData]
    if (value !== undefined && BigInt(value) !== 0n) add(keys, name, userDataText(BigInt(value), as))
  }
}

/** The reverse of what `translateFields` reads; undefined where the integer is not of that form. */
export function userDataText(value: bigint, as: UserDataField['as']): string | undefined {
  if (as === 'integer') return value.toString()
  if (as === 'uuid') return uuidOf(value)
  if (as === 'time') {
    const milliseconds = value / 1_000_000n
    return milliseconds <= 8_640_000_000_000_000n ? new Date(Number(milliseconds)).toISOString() : undefined
  }
  const hex = value.toString(16)
  const text = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('latin1')
  return /^[\x21-\x7e]+$/.test(text) ? text : undefined
}

function add(keys: AddedKeys, key: string, value: string | undefined): void {
  if (value !== undefined) keys[key] = value
}
