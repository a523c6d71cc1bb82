import {formatAmount} from '@parix/books/amounts'
import type {Chart} from '@parix/books/chart'
import {dateOf, dateTimeOf, isoOf} from '@parix/books/periods'
import {accountLabel} from '@parix/books/present'
import type {Statement, StatementRow} from '@parix/books/statement'
import {
  describeRow,
  type StatementContext,
  statementBeancount,
  statementCsv,
  statementHledger,
  statementHtml,
} from '@parix/books/statement-formats'
import {replaceFile} from '@parix/files/atomic-write'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {isLoopback} from '@parix/kit/origin'
import type {View} from '@parix/kit/output'
import {accountId} from './account-argument.js'
import {type PeriodFlags, readPeriod} from './period.js'
import {readStatement} from './read-statement.js'

/** `--json` of a statement. Amounts are decimal strings in the smallest unit; with a chart, `*Text` and `*_name` beside. */
export interface StatementAnswer {
  account: string
  account_name?: string
  database: {id: string; name: string}
  from: string
  to: string
  side: 'debit' | 'credit'
  opening: string
  rows: RowAnswer[]
  open: RowAnswer[]
  closing: string
  readAt: string
  /** Transfers that were added up for the opening balance. */
  folded: number
}

interface RowAnswer {
  timestamp: string
  time: string
  id: string
  counterpart: string
  counterpart_name?: string
  debit: string
  credit: string
  balance: string
  balanceText?: string
  state: StatementRow['state']
  heldSince?: string
  heldAmount?: string
  code: number
  reversedBy?: string
}

export interface StatementCall {
  api: Api
  database: ResolvedDatabase
  account: string
  flags: PeriodFlags & {
    holds: 'fold' | 'show' | 'hide'
    as: 'table' | 'csv' | 'hledger' | 'beancount' | 'html'
    output: string
  }
  chart: Chart | undefined
  /** Nanoseconds since 1970. */
  now: bigint
}

/** @throws ParixError as `readStatement` */
export async function showStatement({
  api,
  database,
  account,
  flags,
  chart,
  now,
}: StatementCall): Promise<{answer: StatementAnswer; view: View | undefined; notices: string[]}> {
  chart?.assertUsableWith(database.name, isLoopback(api.base.url))
  const id = accountId(account, chart)
  const period = readPeriod(flags, now)
  const {
    statement,
    account: row,
    folded,
  } = await readStatement({api, databaseId: database.id}, id, period, flags.holds, chart)
  const unit = chart?.ledgerOf(row.ledger) ?? {id: row.ledger, name: `L${row.ledger}`, scale: 0}
  const context: StatementContext = {
    ledger: unit,
    chart,
    zone: flags.tz,
    source: `${database.name} at ${api.base.url.host}`,
  }
  const answer = answerOf(statement, database, chart, unit.scale, now, folded)
  const notices =
    folded > 0 ? [`The account has no history of balances: ${folded} earlier transfers were added up.`] : []
  const text = textOf(flags.as, statement, context)
  if (text === undefined) return {answer, view: tableOf(statement, context), notices}
  if (flags.output === '-') return {answer, view: text, notices}
  replaceFile(flags.output, text, 'keep')
  return {
    answer,
    view: undefined,
    notices: [
      ...notices,
      `Written to ${flags.output}: ${statement.rows.length} rows, closing balance ${formatAmount(statement.closing, unit.scale)} ${unit.name}.`,
    ],
  }
}

function textOf(as: StatementCall['flags']['as'], statement: Statement, context: StatementContext): string | undefined {
  if (as === 'csv') return statementCsv(statement, context)
  if (as === 'hledger') return statementHledger(statement, context)
  if (as === 'beancount') return statementBeancount(statement, context)
  return as === 'html' ? statementHtml(statement, context) : undefined
}

function tableOf(statement: Statement, context: StatementContext): View {
  const {ledger, chart, zone} = context
  const money = (amount: bigint) => formatAmount(amount, ledger.scale)
  const moved = (amount: bigint) => (amount === 0n ? '' : money(amount))
  const first = statement.from === 0n ? '' : dateOf(statement.from, zone)
  return {
    columns: [
      'TIME',
      'COUNTERPART',
      'CODE',
      {name: 'DEBIT', align: 'right'},
      {name: 'CREDIT', align: 'right'},
      {name: `BALANCE (${ledger.name})`, align: 'right'},
      'NOTE',
    ],
    rows: [
      [first, 'opening balance', '', '', '', money(statement.opening), ''],
      ...[...statement.rows, ...statement.open].map((row) => [
        dateTimeOf(row.timestamp, zone),
        accountLabel(row.counterpart, chart),
        chart?.codeName('transfer', row.code) ?? row.code,
        moved(row.debit),
        moved(row.credit),
        money(row.balance),
        noteOf(row, context),
      ]),
      [dateOf(statement.to - 1n, zone), 'closing balance', '', '', '', money(statement.closing), ''],
    ],
    whenEmpty: '',
  }
}

function noteOf(row: StatementRow, context: StatementContext): string {
  const reversed = row.reversedBy === undefined ? '' : `reversed by ${row.reversedBy}`
  return [describeRow(row, context), reversed].filter((note) => note !== '').join('; ')
}

function answerOf(
  statement: Statement,
  database: ResolvedDatabase,
  chart: Chart | undefined,
  scale: number,
  now: bigint,
  folded: number,
): StatementAnswer {
  const name = chart?.nameOf(statement.account)
  const row = (item: StatementRow): RowAnswer => {
    const counterpart = chart?.nameOf(item.counterpart)
    return {
      timestamp: String(item.timestamp),
      time: isoOf(item.timestamp),
      id: String(item.id),
      counterpart: String(item.counterpart),
      ...(counterpart !== undefined && {counterpart_name: counterpart}),
      debit: String(item.debit),
      credit: String(item.credit),
      balance: String(item.balance),
      ...(chart !== undefined && {balanceText: formatAmount(item.balance, scale)}),
      state: item.state,
      ...(item.heldSince !== undefined && {heldSince: isoOf(item.heldSince)}),
      ...(item.heldAmount !== undefined && {heldAmount: String(item.heldAmount)}),
      code: item.code,
      ...(item.reversedBy !== undefined && {reversedBy: String(item.reversedBy)}),
    }
  }
  return {
    account: String(statement.account),
    ...(name !== undefined && {account_name: name}),
    database: {id: database.id, name: database.name},
    from: isoOf(statement.from),
    to: isoOf(statement.to),
    side: statement.side,
    opening: String(statement.opening),
    rows: statement.rows.map(row),
    open: statement.open.map(row),
    closing: String(statement.closing),
    readAt: isoOf(now),
    folded,
  }
}
