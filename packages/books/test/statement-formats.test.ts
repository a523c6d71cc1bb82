import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {formatAmount} from '@parix/books/amounts'
import {Chart} from '@parix/books/chart'
import {buildStatement, type Statement} from '@parix/books/statement'
import {
  csvLine,
  type StatementContext,
  statementBeancount,
  statementCsv,
  statementHledger,
  statementHtml,
  textCell,
} from '@parix/books/statement-formats'
import {expect} from 'chai'
import {compile} from './chart/example.js'
import {type History, randomHistory, START, seeded} from './random-ledger.js'

const CHART = `version: 1
ledgers: {USD: {id: 1, scale: 2}, points: {id: 2, scale: 0}}
codes: {account: {cash: 10, owed: 20, sales: 30, costs: 40}, transfer: {payment: 1, "fee": 2}}
types: {cash: asset, owed: liability, sales: income, costs: expense}
accounts: {till/main: {id: 1, ledger: USD, code: cash}, customer: {id: 2, ledger: USD, code: owed}, sales: {id: 3, ledger: USD, code: sales}}
`

const has = (program: string) => spawnSync(program, ['--version']).status === 0

describe('statements in other formats', () => {
  const chart = new Chart(compile(CHART))
  const context: StatementContext = {
    ledger: {id: 1, name: 'USD', scale: 2},
    chart,
    zone: 'Europe/Berlin',
    source: 'books at localhost',
  }
  const statements: Statement[] = []
  let history: History
  let directory: string
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'parix-formats-'))
    history = await randomHistory(seeded(31), 80)
    for (const [account, type] of [
      [1n, 'asset'],
      [2n, 'liability'],
      [3n, 'income'],
      [4n, 'expense'],
    ] as const) {
      const rows = history.transfers.filter(
        (row) => row.debit_account_id === account || row.credit_account_id === account,
      )
      const input = {
        account,
        type,
        from: START,
        to: history.now + 1n,
        holds: 'fold',
        opening: {debits: 0n, credits: 0n},
      } as const
      statements.push(buildStatement(input, rows))
    }
  })
  after(() => rmSync(directory, {recursive: true}))

  it('hledger reads them strictly and agrees on the balance', function () {
    if (!has('hledger')) this.skip()
    for (const statement of statements) {
      const file = join(directory, 's.journal')
      writeFileSync(file, statementHledger(statement, context))
      const checked = spawnSync('hledger', ['-f', file, 'check', '-s'], {encoding: 'utf8'})
      expect(checked.status, checked.stderr).to.equal(0)
      const account =
        {1: 'assets:till:main', 2: 'liabilities:customer', 3: 'income:sales'}[Number(statement.account)] ?? 'unnamed:4'
      const {stdout} = spawnSync('hledger', ['-f', file, 'balance', `^${account}$`, '-N', '--flat', '-E'], {
        encoding: 'utf8',
      })
      const balance = statement.side === 'debit' ? statement.closing : -statement.closing
      expect(stdout.trim().split(/\s{2,}/)[0]).to.equal(balance === 0n ? '0' : `${formatAmount(balance, 2)} USD`)
    }
  })

  it('hledger takes the largest amounts and ledgers without decimal places', function () {
    if (!has('hledger')) this.skip()
    const huge = {...statements[0]!, opening: 2n ** 127n, closing: 2n ** 127n, rows: [], open: []}
    for (const ledger of [
      {id: 1, name: 'USD', scale: 2},
      {id: 2, name: 'points', scale: 0},
      {id: 3, name: 'L3_x', scale: 38},
    ]) {
      const file = join(directory, 'h.journal')
      writeFileSync(file, statementHledger(huge, {...context, ledger}))
      const checked = spawnSync('hledger', ['-f', file, 'check', '-s'], {encoding: 'utf8'})
      expect(checked.status, checked.stderr).to.equal(0)
    }
  })

  it('beancount checks them', function () {
    if (!has('bean-check')) this.skip()
    for (const statement of statements) {
      const file = join(directory, 's.beancount')
      writeFileSync(file, statementBeancount(statement, context))
      const checked = spawnSync('bean-check', [file], {encoding: 'utf8'})
      expect(checked.status, checked.stdout + checked.stderr).to.equal(0)
    }
  })

  it('CSV follows RFC 4180 and holds no formula', () => {
    const csv = statementCsv(statements[0]!, context)
    expect(csv.split('\r\n')[0]).to.equal('time,transfer,counterpart,code,debit,credit,balance,note')
    expect(csv).to.match(/,'@customer,payment,/)
    expect(csv.split('\r\n')).to.have.length(statements[0]!.rows.length + 2)
    expect(['=1', '+1', '-1', '@x', '\tx', 'x'].map(textCell)).to.deep.equal(["'=1", "'+1", "'-1", "'@x", "'\tx", 'x'])
    expect(csvLine(['a"b', 'c,d', 'e\nf', 'g'])).to.equal('"a""b","c,d","e\nf",g\r\n')
  })

  it('HTML is one page without scripts, and names are only text in it', () => {
    const html = statementHtml(statements[0]!, {...context, source: '<script>alert(1)</script> & "x"'})
    expect(html).not.to.match(/<script|https?:\/\//)
    expect(html).to.contain('&#60;script&#62;')
    expect(html.match(/<tr>/g)!.length).to.equal(statements[0]!.rows.length + 3)
  })
})
