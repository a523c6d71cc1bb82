import {Chart} from '@parix/books/chart'
import {compileChart} from '@parix/books/chart/compile'

/** A chart that names little: two ledgers, three accounts, one code of each kind. */
export const CHART_TEXT = `version: 1
ledgers: {USD: {id: 700, scale: 2}, EUR: {id: 978, scale: 2}}
codes: {account: {bank: 10}, transfer: {payment: 1}}
accounts:
  bank: {id: 1, ledger: USD, code: bank, flags: [history]}
  alice: {id: 2, ledger: USD, code: bank}
  paris: {id: 3, ledger: EUR, code: bank}
`

export const CHART = new Chart(compileChart(CHART_TEXT, {file: 'parix.chart.yaml', readNames: () => ''}))
