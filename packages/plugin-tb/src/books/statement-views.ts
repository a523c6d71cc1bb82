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
  timeOf,
} from '@parix/books/statement-formats'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import type {View} from '@parix/kit/output'
import {cleanLine} from '@parix/kit/text'
import {accountId} from '../database-and-id.js'
import {type PeriodFlags, readPeriod} from './period.js'
import {readStatement} from './read-statement.js'

/** `--json` of a statement. Amounts are decimal strings in the smallest unit; with a chart, `*Text` and `*_name` beside. */
export interface StatementResult {
  account: string
  account_name?: string
  database: {id: string; name: string}
  from: string
  to: string
  side: 'debit' | 'credit'
  opening: string
  rows: RowResult[]
  open: RowResult[]
  closing: string
  readAt: string
  /** Transfers that were added up for the opening balance. */
  folded: number
}

interface RowResult {
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
  /** With --by occurred: RFC 3339. */
  occurred?: string
}

/** Forms of a statement that are text of their own; the others are made from the result as every command makes them. */
export const TEXT_FORMATS = ['csv', 'hledger', 'beancount', 'html'] as const
export type TextFormat = (typeof TEXT_FORMATS)[number]

export interface StatementCall {
  api: Api
  database: ResolvedDatabase
  account: string
  flags: PeriodFlags & {holds: 'fold' | 'show' | 'hide'; by: 'recorded' | 'occurred'}
  text: TextFormat | undefined
  chart: Chart | undefined
  /** Nanoseconds since 1970. */
  now: bigint
}

export interface ShownStatement {
  result: StatementResult
  view: View
  /** Set where the statement has a text of its own. */
  text: string | undefined
  notices: string[]
  /** What a file of it has in it, in a sentence. */
  summary: string
}

/** @throws ParixError as `readStatement` */
export async function showStatement({
  api,
  database,
  account,
  flags,
  text,
  chart,
  now,
}: StatementCall): Promise<ShownStatement> {
  const id = accountId(account, chart)
  const period = readPeriod(flags, now)
  const reader = {api, databaseId: database.id}
  const {statement, account: row, folded} = await readStatement(reader, id, period, flags.holds, chart, flags.by)
  const unit = chart?.ledgerOf(row.ledger) ?? {id: row.ledger, name: `L${row.ledger}`, scale: 0}
  const context: StatementContext = {
    ledger: unit,
    chart,
    zone: flags.tz,
    // Names of the service become text of a journal, where a line end would begin another entry.
    source: cleanLine(`${database.name} at ${api.base.url.host}`),
  }
  const why = flags.by === 'occurred' ? 'Ordered by when things happened' : 'The account has no history of balances'
  return {
    result: resultOf(statement, database, chart, unit.scale, now, folded),
    view: tableOf(statement, context),
    text: text && TEXTS[text](statement, context),
    notices: folded > 0 ? [`${why}: ${folded} other transfers were added up.`] : [],
    summary: `${statement.rows.length} rows, closing balance ${formatAmount(statement.closing, unit.scale)} ${unit.name}`,
  }
}

const TEXTS: Readonly<Record<TextFormat, (statement: Statement, context: StatementContext) => string>> = {
  csv: statementCsv,
  hledger: statementHledger,
  beancount: statementBeancount,
  html: statementHtml,
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
        dateTimeOf(timeOf(row), zone),
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

function resultOf(
  statement: Statement,
  database: ResolvedDatabase,
  chart: Chart | undefined,
  scale: number,
  now: bigint,
  folded: number,
): StatementResult {
  const name = chart?.nameOf(statement.account)
  const row = (item: StatementRow): RowResult => {
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
      ...(item.occurred !== undefined && {occurred: isoOf(item.occurred)}),
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
