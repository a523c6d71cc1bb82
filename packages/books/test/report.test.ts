import {Chart} from '@parix/books/chart'
import {Fold} from '@parix/books/fold'
import {movedBy} from '@parix/books/holds'
import {balanceSheets, Flows, incomeStatements, trialBalance} from '@parix/books/report'
import {expect} from 'chai'
import {compile} from './chart/example.js'
import {type History, randomHistory, seeded} from './random-ledger.js'

const TYPED = `version: 1
ledgers: {USD: {id: 1, scale: 2}, EUR: {id: 2, scale: 2}}
codes: {account: {cash: 10, owed: 20, sales: 30, costs: 40}, transfer: {}}
types: {cash: asset, owed: liability, sales: income, costs: expense}
accounts: {till: {id: 1, ledger: USD, code: cash}}
`

describe('reports', () => {
  const chart = new Chart(compile(TYPED))
  let history: History
  let totals: Map<bigint, {debits: bigint; credits: bigint}>
  before(async () => {
    history = await randomHistory(seeded(21), 100)
    const fold = new Fold()
    for (const transfer of history.transfers) fold.add(transfer)
    totals = new Map(
      [...fold.columns].map(([id, columns]) => [id, {debits: columns.debitsPosted, credits: columns.creditsPosted}]),
    )
  })

  it('a trial balance is balanced in every ledger, by account, code, ledger and prefix', () => {
    for (const by of ['account', 'code', 'ledger', {prefix: 1}] as const) {
      const ledgers = trialBalance(totals, history.accounts, by, chart)
      expect(ledgers.map(({name}) => name)).to.deep.equal(['USD', 'EUR'])
      for (const ledger of ledgers) {
        expect(ledger.balanced).to.equal(true)
        expect(ledger.rows.reduce((sum, row) => sum + row.net, 0n)).to.equal(0n)
      }
    }
    expect(trialBalance(totals, history.accounts, 'account', chart)[0]!.rows[0]!.key).to.equal('till')
    expect(trialBalance(totals, history.accounts, 'code')[0]!.rows[0]!.key).to.equal('10')
  })

  it('says which ledger is not balanced', () => {
    const wrong = new Map(totals).set(1n, {debits: 10n ** 30n, credits: 0n})
    expect(trialBalance(wrong, history.accounts, 'code').map(({balanced}) => balanced)).to.deep.equal([false, true])
  })

  it('a balance sheet holds when every account has a type, and names those that have none', () => {
    for (const sheet of balanceSheets(totals, history.accounts, 'code', chart)) {
      expect(sheet.holds).to.equal(true)
      expect(sheet.untyped).to.deep.equal([])
    }
    const untyped = new Chart(compile(TYPED.replace(', costs: expense', '')))
    const [sheet] = balanceSheets(totals, history.accounts, 'code', untyped)
    expect(sheet!.holds).to.equal(false)
    expect(sheet!.untyped.map(({key}) => key)).to.deep.equal(['costs'])
  })

  it('an income statement is the difference that the balance sheet has', () => {
    const sheets = balanceSheets(totals, history.accounts, 'code', chart)
    const income = incomeStatements(totals, history.accounts, 'code', chart)
    expect(income.map(({result}) => result)).to.deep.equal(sheets.map(({result}) => result))
  })

  it('flows add up to everything that moved', () => {
    const flows = new Flows(history.accounts)
    for (const transfer of history.transfers) flows.add(transfer, movedBy(transfer))
    const moved = history.transfers.reduce((sum, transfer) => sum + movedBy(transfer), 0n)
    expect(flows.list().reduce((sum, {amount}) => sum + amount, 0n)).to.equal(moved)
    expect(
      flows.list().every(({debitCode, creditCode}) => [10, 20, 30, 40].includes(debitCode) && creditCode > 0),
    ).to.equal(true)
  })
})
