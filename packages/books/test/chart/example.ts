import {Chart} from '@parix/books/chart'
import {compileChart} from '@parix/books/chart/compile'

export const EXAMPLE = `version: 1
for: [books, local:test]
ledgers:
  USD: {id: 700, scale: 2}
  JPY: {id: 701, scale: 0}
  points: {id: 900, scale: 0, tenants: {bits: 16}}
codes:
  account:  {bank: 10, customer: 20, revenue: 30, control: 99}
  transfer: {deposit: 1, payment: 2}
types: {bank: asset, customer: liability, revenue: income, control: equity}
accounts:
  bank:        {id: 1, ledger: USD, code: bank, flags: [history]}
  sales/eu:    {id: "0x2", ledger: USD, code: revenue}
  customer/*:  {id: {base: 0x1000000000000, plus: n}, ledger: USD, code: customer, flags: [debits_must_not_exceed_credits, history]}
  wallet/*:    {id: uuid, ledger: points, code: customer}
  shop/*:      {id: {hash: shop}, ledger: USD, code: customer, names: shops.csv}
userData:
  transfer: {128: {name: order, as: uuid}, 64: {name: occurredAt, as: time}}
imports:
  bank: {id: ref, amount: "betrag|money:USD"}
`

export function compile(text: string, names = 'name\nnorth\nsouth\n') {
  return compileChart(text, {file: 'parix.chart.yaml', readNames: () => names})
}

export function exampleChart(): Chart {
  // Through JSON, as the cache keeps it.
  return new Chart(JSON.parse(JSON.stringify(compile(EXAMPLE))))
}
