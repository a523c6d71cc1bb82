import {Chart} from '@parix/books/chart'
import {compileChart} from '@parix/books/chart/compile'
import {type Account, AccountFlags} from '@parix/ledger'
import {type MemoryBooks, memoryBooks} from './memory-books.js'

/** A chart with a type for every code, ledgers of no, two and 38 decimal places, and a name pattern. */
export const TYPED_CHART_TEXT = `version: 1
ledgers: {USD: {id: 700, scale: 2}, JPY: {id: 392, scale: 0}, WEI: {id: 38, scale: 38}}
codes:
  account: {bank: 10, customer: 20, sales: 30, rent: 40, capital: 50, control: 60, operator: 61}
  transfer: {deposit: 1, payment: 2}
types: {bank: asset, customer: liability, sales: income, rent: expense, capital: equity}
accounts:
  bank/usd: {id: 1, ledger: USD, code: bank, flags: [history]}
  bank/jpy: {id: 2, ledger: JPY, code: bank}
  bank/wei: {id: 3, ledger: WEI, code: bank}
  shop/sales: {id: 4, ledger: USD, code: sales}
  shop/rent: {id: 5, ledger: USD, code: rent}
  owner: {id: 6, ledger: USD, code: capital}
  owner/jpy: {id: 7, ledger: JPY, code: capital}
  owner/wei: {id: 8, ledger: WEI, code: capital}
  customer/*: {id: {base: 1000, plus: n, count: 100}, ledger: USD, code: customer, flags: [debits_must_not_exceed_credits]}
`

export function chartOf(text: string): Chart {
  return new Chart(compileChart(text, {file: 'parix.chart.yaml', readNames: () => ''}))
}

export const TYPED_CHART = chartOf(TYPED_CHART_TEXT)

/** The accounts that a chart lists, as `memoryBooks` takes them. */
export function accountsOf(chart: Chart): Partial<Account>[] {
  return chart.listed().map(({id, ledger, code, flags}) => ({
    ...{id, ledger: ledger.id, code},
    flags: flags.reduce((bits, flag) => bits | AccountFlags[flag as keyof typeof AccountFlags], 0),
  }))
}

/** The accounts of the chart, and customers 1 and 2. */
export const TYPED_ACCOUNTS = [
  ...accountsOf(TYPED_CHART),
  ...[1, 2].map((n) => ({id: BigInt(1000 + n), code: 20, flags: AccountFlags.debits_must_not_exceed_credits})),
]

/** The accounts of the chart, with capital of 1,000.00, 500.00 that customer 1 paid in, and a sale of 300.00 to this customer. */
export async function typedBooks(): Promise<MemoryBooks> {
  const books = await memoryBooks(...TYPED_ACCOUNTS)
  await books.pay(1n, 6n, 100_000n)
  await books.pay(1n, 1001n, 50_000n)
  await books.pay(1001n, 4n, 30_000n, {code: 2})
  return books
}
