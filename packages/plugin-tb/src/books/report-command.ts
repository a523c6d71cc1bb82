import {formatAmount} from '@parix/books/amounts'
import type {Chart} from '@parix/books/chart'
import {movedBy} from '@parix/books/holds'
import {isoOf} from '@parix/books/periods'
import {balanceSheets, Flows, type GroupBy, incomeStatements, type TypedRow, trialBalance} from '@parix/books/report'
import type {Posted} from '@parix/books/statement'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import {startProgress, type Terminal, type View} from '@parix/kit/output'
import type {Account} from '@parix/ledger/schema'
import {type Period, type PeriodFlags, readPeriod} from './period.js'
import {accountsOfOneMoment, type BookReader, readAccounts, transferPages} from './read-books.js'

export const REPORTS = ['trial-balance', 'balance-sheet', 'income-statement', 'flows'] as const
export type ReportKind = (typeof REPORTS)[number]

/** `--json` of a report. Amounts are decimal strings in the smallest unit. */
export interface ReportResult {
  report: ReportKind
  database: {id: string; name: string}
  from: string
  to: string
  ledgers: unknown[]
}

export interface ReportCall {
  kind: ReportKind
  api: Api
  database: ResolvedDatabase
  terminal: Terminal
  flags: PeriodFlags & {by: string}
  chart: Chart | undefined
  /** Nanoseconds since 1970. */
  now: bigint
}

/** @throws ParixError REFUSED when a ledger is not balanced; BAD_INPUT when the report needs a chart */
export async function runReport(call: ReportCall): Promise<{result: ReportResult; view: View; notices: string[]}> {
  const {kind, api, database, terminal, flags, chart, now} = call
  const [period, by] = [readPeriod(flags, now), readGroupBy(flags.by)]
  const reader = {api, databaseId: database.id}
  const progress = startProgress(terminal, {text: `Reading ${database.name}`})
  try {
    // Present balances are in the accounts; everything else is added up from the transfers.
    const present = period.now && period.from === 0n && kind !== 'flows'
    const accounts = present
      ? (await accountsOfOneMoment(reader, isBalanced, '--to with a moment of the past allows for that.')).accounts
      : await readAccounts(reader)
    const {totals, flows} = present
      ? {totals: presentTotals(accounts), flows: undefined}
      : await foldPeriod(reader, accounts, period, (rows) =>
          progress.update({text: `Reading ${database.name}: ${rows} transfers`}),
        )
    const head = {
      report: kind,
      database: {id: database.id, name: database.name},
      from: isoOf(period.from),
      to: isoOf(period.to),
    }
    if (kind === 'flows') return flowReport(head, flows!, chart)
    if (kind === 'trial-balance')
      return trialReport(head, trialBalance(totals, accounts, by, chart), chart, database.name)
    if (chart === undefined)
      throw new ParixError('BAD_INPUT', `A ${kind} needs a chart of accounts, which says what type each code has.`, {
        code: 'no_chart',
        next: plainCommand('chart init'),
      })
    return kind === 'balance-sheet'
      ? sheetReport(head, balanceSheets(totals, accounts, by, chart), chart, database.name)
      : incomeReport(head, incomeStatements(totals, accounts, by, chart), chart)
  } finally {
    progress.end()
  }
}

function readGroupBy(text: string): GroupBy {
  if (text === 'account' || text === 'code' || text === 'ledger') return text
  const prefix = /^prefix:([1-9]\d?)$/.exec(text)?.[1]
  if (prefix !== undefined) return {prefix: Number(prefix)}
  throw new ParixError(
    'USAGE',
    `--by is account, code, ledger or prefix:N, but is ${JSON.stringify(text.slice(0, 60))}.`,
  )
}

/** Whether debits and credits of every ledger are equal, as they are when its accounts are of one moment. */
function isBalanced(accounts: ReadonlyMap<bigint, Account>): boolean {
  const nets = new Map<number, bigint>()
  for (const {ledger, debits_posted, credits_posted} of accounts.values())
    nets.set(ledger, (nets.get(ledger) ?? 0n) + debits_posted - credits_posted)
  return [...nets.values()].every((net) => net === 0n)
}

function presentTotals(accounts: ReadonlyMap<bigint, Account>): Map<bigint, Posted> {
  return new Map(
    [...accounts].map(([id, {debits_posted, credits_posted}]) => [
      id,
      {debits: debits_posted, credits: credits_posted},
    ]),
  )
}

async function foldPeriod(
  reader: BookReader,
  accounts: ReadonlyMap<bigint, Account>,
  {from, to, now}: Period,
  progress: (rows: number) => void,
): Promise<{totals: Map<bigint, Posted>; flows: Flows}> {
  const totals = new Map<bigint, Posted>()
  const flows = new Flows(accounts)
  let rows = 0
  const of = (id: bigint) => {
    let sum = totals.get(id)
    if (sum === undefined) {
      sum = {debits: 0n, credits: 0n}
      totals.set(id, sum)
    }
    return sum
  }
  // The present is the ledger's, whose clock may be ahead of this one.
  for await (const page of transferPages(reader, {from, ...(!now && {to: to - 1n})})) {
    for (const transfer of page) {
      const moved = movedBy(transfer)
      if (moved === 0n) continue
      of(transfer.debit_account_id).debits += moved
      of(transfer.credit_account_id).credits += moved
      flows.add(transfer, moved)
    }
    rows += page.length
    progress(rows)
  }
  return {totals, flows}
}

type Head = Omit<ReportResult, 'ledgers'>
type Report = {result: ReportResult; view: View; notices: string[]}

const MONEY = (name: string) => ({name, align: 'right'}) as const

function scaled(chart: Chart | undefined, ledger: number): (amount: bigint) => string {
  const scale = chart?.ledgerOf(ledger)?.scale ?? 0
  return (amount) => formatAmount(amount, scale)
}

function trialReport(
  head: Head,
  ledgers: ReturnType<typeof trialBalance>,
  chart: Chart | undefined,
  name: string,
): Report {
  const wrong = ledgers.filter(({balanced}) => !balanced)
  if (wrong.length > 0) {
    throw new ParixError('REFUSED', `The books of ${name} are not balanced.`, {
      code: 'not_balanced',
      errors: wrong.map(
        ({name: ledger, debits, credits}) => `ledger ${ledger}: debits of ${debits}, credits of ${credits}`,
      ),
    })
  }
  const rows = ledgers.flatMap(({ledger, name: unit, rows: groups, debits, credits}) => {
    const money = scaled(chart, ledger)
    return [
      ...groups.map((row) => [
        unit,
        row.key,
        row.accounts,
        money(row.debits),
        money(row.credits),
        row.net > 0n ? money(row.net) : '',
        row.net < 0n ? money(-row.net) : '',
      ]),
      [unit, 'total', groups.reduce((sum, {accounts}) => sum + accounts, 0), money(debits), money(credits), '', ''],
    ]
  })
  const columns = [
    'LEDGER',
    'GROUP',
    MONEY('ACCOUNTS'),
    MONEY('DEBITS'),
    MONEY('CREDITS'),
    MONEY('DEBIT BALANCE'),
    MONEY('CREDIT BALANCE'),
  ]
  return {
    result: {...head, ledgers: text(ledgers)},
    view: {columns, rows, whenEmpty: 'The database has no accounts.'},
    notices: ledgers.length > 0 ? ['Every ledger is balanced.'] : [],
  }
}

function sheetReport(head: Head, sheets: ReturnType<typeof balanceSheets>, chart: Chart, name: string): Report {
  const wrong = sheets.filter(({holds}) => !holds)
  if (wrong.length > 0) {
    throw new ParixError('REFUSED', `The balance sheet of ${name} does not add up.`, {
      code: 'not_balanced',
      errors: wrong.map(({name: ledger, untyped}) =>
        untyped.length > 0
          ? `ledger ${ledger}: the chart gives no type to ${untyped.map(({key}) => key).join(', ')}`
          : `ledger ${ledger}: assets − liabilities is not equity + result`,
      ),
      hint: 'Give every account code a type under types: in the chart.',
    })
  }
  const rows = sheets.flatMap(({ledger, name: unit, assets, liabilities, equity, result}) => {
    const money = scaled(chart, ledger)
    return [
      ...typed(unit, 'assets', assets, money),
      ...typed(unit, 'liabilities', liabilities, money),
      ...typed(unit, 'equity', equity, money),
      [unit, 'equity', 'result (income − expenses)', money(result)],
    ]
  })
  return {
    result: {...head, ledgers: text(sheets)},
    view: {columns: ['LEDGER', 'PART', 'GROUP', MONEY('BALANCE')], rows, whenEmpty: 'The database has no accounts.'},
    notices: [],
  }
}

function incomeReport(head: Head, statements: ReturnType<typeof incomeStatements>, chart: Chart): Report {
  const rows = statements.flatMap(({ledger, name: unit, income, expenses, result}) => {
    const money = scaled(chart, ledger)
    return [
      ...typed(unit, 'income', income, money),
      ...typed(unit, 'expenses', expenses, money),
      [unit, 'result', '', money(result)],
    ]
  })
  return {
    result: {...head, ledgers: text(statements)},
    view: {columns: ['LEDGER', 'PART', 'GROUP', MONEY('AMOUNT')], rows, whenEmpty: 'The database has no accounts.'},
    notices: [],
  }
}

function typed(unit: string, part: string, rows: readonly TypedRow[], money: (amount: bigint) => string) {
  return rows.map(({key, balance}) => [unit, part, key, money(balance)])
}

function flowReport(head: Head, flows: Flows, chart: Chart | undefined): Report {
  const list = flows.list()
  const code = (value: number) => chart?.codeName('account', value) ?? value
  return {
    result: {...head, ledgers: text(list)},
    view: {
      columns: ['LEDGER', 'DEBITED', 'CREDITED', MONEY('TRANSFERS'), MONEY('AMOUNT')],
      rows: list.map(({ledger, debitCode, creditCode, transfers, amount}) => [
        chart?.ledgerOf(ledger)?.name ?? ledger,
        code(debitCode),
        code(creditCode),
        transfers,
        scaled(chart, ledger)(amount),
      ]),
      whenEmpty: 'Nothing moved in this period.',
    },
    notices: [],
  }
}

/** Bigints as decimal strings. */
function text(value: unknown[]): unknown[] {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)),
  ) as unknown[]
}
