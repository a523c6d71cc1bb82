/** The accounts of demo books, and the codes that the chart names. */

import {AccountFlags} from '@parix/ledger/schema'
import type {Row} from '../history.js'
import type {Business, Currency, Words} from './businesses.js'

/** Codes of accounts that every business has. */
export const HOUSE = {bank: 10, fees: 40, costs: 50, capital: 60, exchange: 90} as const
export type House = keyof typeof HOUSE
export const CUSTOMER_CODE = 20
export const MERCHANT_CODE = 30

export const TRANSFER_CODES: Readonly<Record<keyof Words | 'capital' | 'exchange' | 'cost', number>> = {
  capital: 1,
  fund: 2,
  pay: 3,
  fee: 4,
  refund: 5,
  payout: 6,
  send: 7,
  exchange: 8,
  cost: 9,
}

const HOUSE_ID: Readonly<Record<House, bigint>> = {bank: 1n, fees: 11n, costs: 21n, capital: 31n, exchange: 41n}
const CUSTOMERS_FROM = 0x1_0000n
const MERCHANTS_FROM = 0x2_0000n
/** Room for the numbers of one currency. */
const CURRENCY_STEP = 0x4000n
export const NUMBERS_MAX = Number(CURRENCY_STEP) - 1

export const houseId = (account: House, currency: 0 | 1): bigint => HOUSE_ID[account] + BigInt(currency)
export const customerBase = (currency: 0 | 1): bigint => CUSTOMERS_FROM + BigInt(currency) * CURRENCY_STEP
export const merchantBase = (currency: 0 | 1): bigint => MERCHANTS_FROM + BigInt(currency) * CURRENCY_STEP

/** How many there are for a number of transfers: enough that each has a history, few enough to look at. */
export function population(size: number): {customers: number; merchants: number} {
  const customers = Math.min(Math.max(Math.ceil(size / 100), 12), 10_000)
  return {customers, merchants: Math.max(Math.ceil(customers / 8), 4)}
}

const LIMITED = AccountFlags.debits_must_not_exceed_credits | AccountFlags.history

/** @param firstTime of the first account, in nanoseconds; the others follow at once */
export function demoAccounts({currencies}: Business, size: number, firstTime: bigint): Row[] {
  const {customers, merchants} = population(size)
  const rows: Row[] = []
  const add = (id: bigint, {ledger}: Currency, code: number, flags: number) =>
    rows.push({id, ledger, code, flags, timestamp: firstTime + BigInt(rows.length)})
  for (const index of [0, 1] as const) {
    const currency = currencies[index]
    for (const account of Object.keys(HOUSE) as House[])
      add(houseId(account, index), currency, HOUSE[account], account === 'bank' ? AccountFlags.history : 0)
    for (let n = 1; n <= merchants; n++) add(merchantBase(index) + BigInt(n), currency, MERCHANT_CODE, LIMITED)
    for (let n = 1; n <= customers; n++) add(customerBase(index) + BigInt(n), currency, CUSTOMER_CODE, LIMITED)
  }
  return rows
}
