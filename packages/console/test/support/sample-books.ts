import {Chart} from '@parix/books/chart'
import {compileChart} from '@parix/books/chart/compile'
import type {ConsoleDatabase} from '@parix/console'
import {type Account, BLANK_ACCOUNT, BLANK_TRANSFER, type Ledger, openMemoryLedger, type Transfer} from '@parix/ledger'

export const CHART = `
version: 1
ledgers:
  USD: {id: 840, scale: 2}
  JPY: {id: 392, scale: 0}
codes:
  account: {cash: 10, merchant: 20, customer: 30, fees: 40}
  transfer: {topup: 1, purchase: 2, fee: 3, payout: 4, refund: 5}
types: {cash: asset, merchant: liability, customer: liability, fees: income}
accounts:
  bank/usd: {id: 1, ledger: USD, code: cash}
  bank/jpy: {id: 2, ledger: JPY, code: cash}
  fees/usd: {id: 3, ledger: USD, code: fees, flags: [history]}
  merchants/acme: {id: 11, ledger: USD, code: merchant}
  merchants/kyoto-tea: {id: 12, ledger: JPY, code: merchant}
  customer/*: {id: {base: 1000, plus: n, count: 1000}, ledger: USD, code: customer, flags: [debits_must_not_exceed_credits, history]}
userData:
  transfer:
    '64': {name: order, as: integer}
`

export const USD = 840
export const JPY = 392
export const DAY_NS = 86_400_000_000_000n

export function sampleChart(): Chart {
  return new Chart(compileChart(CHART, {file: 'parix.chart.yaml', readNames: () => ''}))
}

export const account = (fields: Partial<Account>): Account => ({...BLANK_ACCOUNT, ledger: USD, code: 10, ...fields})
export const transfer = (fields: Partial<Transfer>): Transfer => ({...BLANK_TRANSFER, ledger: USD, code: 1, ...fields})

/** The same numbers for the same seed. */
export function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

export interface SampleBooks {
  ledger: Ledger
  database: ConsoleDatabase
  /** Ids of transfers by what they show. */
  ids: {open: bigint; posted: bigint; post: bigint; voided: bigint; lapsed: bigint; chained: bigint; plain: bigint}
}

const CUSTOMERS = 24

/** A month of a small shop: top-ups, purchases with a fee in a chain, holds that were posted, voided, lapsed or are open. */
export async function sampleBooks(orders = 400, name = 'shop'): Promise<SampleBooks> {
  const ledger = await openMemoryLedger()
  const now = BigInt(Date.now()) * 1_000_000n
  const start = now - 30n * DAY_NS
  const accounts = [
    account({id: 1n}),
    account({id: 2n, ledger: JPY}),
    account({id: 3n, code: 40, flags: 8}),
    account({id: 11n, code: 20}),
    account({id: 12n, code: 20, ledger: JPY}),
    account({id: 13n, code: 30, ledger: JPY}),
    ...Array.from({length: CUSTOMERS}, (_, n) => account({id: 1000n + BigInt(n), code: 30, flags: 2 | 8})),
  ]
  await ledger.createAccountsAt(accounts, start)
  const below = random(7)
  const ids = {open: 0n, posted: 0n, post: 0n, voided: 0n, lapsed: 0n, chained: 0n, plain: 0n}
  let id = 170_000_000_000_000_000_000n
  const step = (30n * DAY_NS) / BigInt(orders + 1)
  for (let order = 1; order <= orders; order++) {
    // More by day than at night, and more in the second half of a month.
    const at =
      start + BigInt(Math.floor((order / (orders + 1)) ** 0.8 * (orders + 1))) * step + BigInt(order) * 1_000_000n
    const customer = 1000n + BigInt(below(CUSTOMERS))
    const amount = BigInt(500 + below(25_000))
    const base = {user_data_64: BigInt(70_000 + order), debit_account_id: customer, credit_account_id: 11n}
    const next = () => ++id
    const kind = order % 10
    let batch: Transfer[]
    if (kind < 5) {
      batch = [
        transfer({id: next(), debit_account_id: 1n, credit_account_id: customer, amount: amount * 2n, code: 1}),
        transfer({...base, id: next(), amount, code: 2, flags: 1}),
        transfer({...base, id: next(), debit_account_id: 11n, credit_account_id: 3n, amount: amount / 30n, code: 3}),
      ]
      ids.plain = batch[0]!.id
      ids.chained = batch[1]!.id
    } else if (kind < 9) {
      batch = [transfer({id: next(), debit_account_id: 1n, credit_account_id: customer, amount: amount * 2n, code: 1})]
      const timeout = order > orders - 30 ? 86_400 : 7_200
      batch.push(transfer({...base, id: next(), amount, code: 2, flags: 2, timeout}))
      const hold = batch[1]!.id
      const lasts = order > orders - 30
      if (kind === 5) {
        ids.posted = hold
        ids.post = next()
        batch.push(transfer({id: ids.post, pending_id: hold, amount: amount / 2n, flags: 4, ledger: 0, code: 0}))
      } else if (kind === 6) {
        ids.voided = hold
        batch.push(transfer({id: next(), pending_id: hold, flags: 8, ledger: 0, code: 0}))
      } else if (lasts) ids.open = hold
      else ids.lapsed = hold
    } else {
      batch = [
        transfer({id: next(), debit_account_id: 2n, credit_account_id: 13n, amount: amount * 3n, ledger: JPY, code: 1}),
        transfer({id: next(), debit_account_id: 13n, credit_account_id: 12n, amount, ledger: JPY, code: 2}),
      ]
    }
    await ledger.createTransfersAt(batch, at)
  }
  await ledger.expirePendingTransfersAt(now - DAY_NS / 2n)
  return {ledger, database: {id: `db_${name}`, name, reader: ledger, chart: sampleChart()}, ids}
}
