/** `tb reconcile`: the rows of an account beside the lines of its bank, and what would make them equal. */

import {formatAmount} from '@parix/books/amounts'
import type {Chart} from '@parix/books/chart'
import {dateOf, isoOf} from '@parix/books/periods'
import {accountLabel} from '@parix/books/present'
import {type BankLine, type BookLine, isReconciled, type Reconciliation, reconcile} from '@parix/books/reconcile'
import type {StatementRow} from '@parix/books/statement'
import {timeOf} from '@parix/books/statement-formats'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {parseDuration} from '@parix/kit/duration'
import {type NextCommand, nextCommand, renderCommand} from '@parix/kit/next-command'
import type {Table, Terminal} from '@parix/kit/output'
import {type Period, readPeriod} from '../books/period.js'
import {accountsById} from '../books/read-books.js'
import {occurrenceBits, readStatement} from '../books/read-statement.js'
import {accountId, parseId} from '../database-and-id.js'
import {mappingSpecs} from '../import/mapping-specs.js'
import {readFilter} from '../input/filter.js'
import {lookUpAccount} from '../reads/lookup.js'
import {bookLine, correctAmount, type Proposals, type ReferenceField, referenceOf, referenceText} from './propose.js'
import {readBank} from './read-bank.js'

/** `--json` of a reconciliation. Amounts are decimal strings in the smallest unit, positive on the account's normal side. */
export interface ReconcileResult {
  database: {id: string; name: string}
  account: string
  account_name?: string
  from: string
  to: string
  bankLines: number
  bookLines: number
  bankTotal: string
  bookTotal: string
  matched: number
  /** Transfers of the books that another one takes back, in pairs. */
  cancelled: number
  differences: Difference[]
}

export interface Difference {
  kind: 'only_bank' | 'only_books' | 'amount_differs' | 'doubled'
  /** Line of the file. */
  line: number | null
  date: string
  bankAmount: string | null
  bookAmount: string | null
  bankAmountText?: string | null
  bookAmountText?: string | null
  reference: string | null
  text: string | null
  /** The transfer. */
  id: string | null
  counterpart: string | null
  /** Commands that run as they are. */
  next: string[]
}

export interface ReconcileCall {
  api: Api
  terminal: Terminal
  database: ResolvedDatabase
  account: string
  flags: {
    against: string
    map?: string[] | undefined
    mapping?: string | undefined
    reference: ReferenceField
    window: string
    from?: string | undefined
    to?: string | undefined
    tz: string
    by: 'recorded' | 'occurred'
    'decimal-comma': boolean
    invert: boolean
    counterpart?: string | undefined
    code?: string | undefined
    chart?: string | undefined
  }
  chart: Chart | undefined
  /** Nanoseconds since 1970. */
  now: bigint
}

interface Result {
  result: ReconcileResult
  view: Table
  summary: string
  notices: string[]
  reconciled: boolean
}

/** @throws ParixError BAD_INPUT for the file, NOT_FOUND for the account, REFUSED when its rows don't lead to its balance */
export async function runReconcile(call: ReconcileCall): Promise<Result> {
  const {api, database, flags, chart, now} = call
  const id = accountId(call.account, chart)
  if (flags.counterpart !== undefined) parseId('--counterpart', flags.counterpart, 'account', chart)
  if (flags.code !== undefined)
    readFilter('query_filter', undefined, {code: flags.code}, undefined, {chart, codes: 'transfer'})
  const windowNs = BigInt(Math.round(parseDuration('--window', flags.window))) * 1_000_000n
  const period = flags.from === undefined && flags.to === undefined ? undefined : readPeriod(flags, now)
  const reader = {api, databaseId: database.id}
  const account = (await accountsById(reader, [id])).get(id)
  if (account === undefined) await lookUpAccount(api, database.id, database.name, id)
  const unit = chart?.ledgerOf(account!.ledger)
  const format = {
    specs: await mappingSpecs(flags, chart, call.terminal),
    scale: unit?.scale ?? 0,
    decimalComma: flags['decimal-comma'],
    invert: flags.invert,
    zone: flags.tz,
    referenceOf: (text: string) => referenceOf(text, flags.reference, chart),
  }
  const lines = await readBank(flags.against, format, call.terminal)
  const span = period ?? spanOf(lines, now)
  const bank = lines.filter(({time, until}) => (until ?? time) >= span.from && time < span.to)
  const {statement} = await readStatement(reader, id, widened(span, windowNs, now), 'hide', chart, flags.by)
  const rows = new Map(statement.rows.filter(({debit, credit}) => debit + credit > 0n).map((row) => [row.id, row]))
  const books = bookLines([...rows.values()], statement.side, flags.reference, chart)
  const inside = ({time}: BookLine) => time >= span.from && time < span.to
  const found = reconcile(bank, books, windowNs)
  const result = {...found, onlyBooks: found.onlyBooks.filter(inside)}
  const proposals: Proposals = {
    database: database.name,
    account: id,
    side: statement.side,
    ledger: account!.ledger,
    scale: unit?.scale,
    chart,
    chartFlag: flags.chart,
    reference: flags.reference,
    counterpart: flags.counterpart,
    code: flags.code,
    occurred: flags.by === 'occurred' ? `user-data-${occurrenceBits(chart)}` : undefined,
  }
  const differences = differencesOf(result, rows, proposals, api, flags.tz)
  const name = chart?.nameOf(id)
  const total = (of: readonly {amount: bigint}[]) => String(of.reduce((sum, {amount}) => sum + amount, 0n))
  const outcome: ReconcileResult = {
    database: {id: database.id, name: database.name},
    account: String(id),
    ...(name !== undefined && {account_name: name}),
    from: isoOf(span.from),
    to: isoOf(span.to),
    bankLines: bank.length,
    bookLines: books.filter(inside).length,
    bankTotal: total(bank),
    bookTotal: total(books.filter(inside)),
    matched: result.matched.length,
    cancelled: 2 * result.cancelled.length,
    differences,
  }
  return {
    result: outcome,
    view: tableOf(differences, unit?.scale ?? 0),
    summary: summaryOf(outcome, accountLabel(id, chart), result),
    notices: noticesOf(lines.length - bank.length, differences),
    reconciled: isReconciled(result),
  }
}

function spanOf(lines: readonly BankLine[], now: bigint): Period {
  let [from, to] = [lines[0]!.time, 0n]
  for (const {time, until = time} of lines) {
    if (time < from) from = time
    if (until + 1n > to) to = until + 1n
  }
  return to > now ? {from, to: now + 1n, now: true} : {from, to, now: false}
}

/** Rows a little earlier or later may belong to a line at the edge of the period. */
function widened({from, to, now: isNow}: Period, windowNs: bigint, now: bigint): Period {
  const begin = from > windowNs ? from - windowNs : 0n
  return isNow || to + windowNs > now
    ? {from: begin, to: now + 1n, now: true}
    : {from: begin, to: to + windowNs, now: false}
}

function bookLines(
  rows: readonly StatementRow[],
  side: 'debit' | 'credit',
  field: ReferenceField,
  chart: Chart | undefined,
): BookLine[] {
  const originals = new Map(rows.flatMap(({id, reversedBy}) => (reversedBy === undefined ? [] : [[reversedBy, id]])))
  return rows.map((row) => {
    const reference = referenceText(row, field, chart)
    const reverses = originals.get(row.id)
    return {
      id: row.id,
      time: timeOf(row),
      amount: side === 'debit' ? row.debit - row.credit : row.credit - row.debit,
      ...(reference !== undefined && {reference}),
      ...(reverses !== undefined && {reverses}),
    }
  })
}

function differencesOf(
  {amountDiffers, onlyBank, onlyBooks, doubled}: Reconciliation,
  rows: ReadonlyMap<bigint, StatementRow>,
  proposals: Proposals,
  api: Api,
  zone: string,
): Difference[] {
  const {chart, scale} = proposals
  const text = (commands: (NextCommand | undefined)[]) =>
    commands.flatMap((command) => (command === undefined ? [] : [renderCommand(command, api.base)]))
  const difference = (
    kind: Difference['kind'],
    bank: BankLine | undefined,
    book: BookLine | undefined,
    next: string[],
  ) => ({
    time: book?.time ?? bank!.time,
    shown: {
      kind,
      line: bank?.line ?? null,
      date: dateOf(bank?.time ?? book!.time, zone),
      bankAmount: bank === undefined ? null : String(bank.amount),
      bookAmount: book === undefined ? null : String(book.amount),
      ...(scale !== undefined && {
        bankAmountText: bank === undefined ? null : formatAmount(bank.amount, scale),
        bookAmountText: book === undefined ? null : formatAmount(book.amount, scale),
      }),
      reference: bank?.reference ?? book?.reference ?? null,
      text: bank?.text ?? null,
      id: book === undefined ? null : String(book.id),
      counterpart: book === undefined ? null : accountLabel(rows.get(book.id)!.counterpart, chart),
      next,
    },
  })
  const trace = ({id}: BookLine) => nextCommand('tb trace', {args: [proposals.database, String(id)]})
  return [
    ...onlyBank.map((bank) => difference('only_bank', bank, undefined, text([bookLine(bank, proposals)]))),
    ...doubled.map((bank) => difference('doubled', bank, undefined, [])),
    ...amountDiffers.map(({bank, book}) =>
      difference('amount_differs', bank, book, text(correctAmount(bank, rows.get(book.id)!, proposals))),
    ),
    ...onlyBooks.map((book) => difference('only_books', undefined, book, text([trace(book)]))),
  ]
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    .map(({shown}) => shown)
}

const KINDS: Readonly<Record<Difference['kind'], string>> = {
  only_bank: 'only at the bank',
  only_books: 'only in the books',
  amount_differs: 'amounts differ',
  doubled: 'twice at the bank',
}

function tableOf(differences: readonly Difference[], scale: number): Table {
  const money = (amount: string | null) => (amount === null ? '' : formatAmount(BigInt(amount), scale))
  return {
    columns: [
      'DIFFERENCE',
      {name: 'LINE', align: 'right'},
      'DATE',
      {name: 'BANK', align: 'right'},
      {name: 'BOOKS', align: 'right'},
      'REFERENCE',
      'TRANSFER',
      'TEXT',
    ],
    rows: differences.map((row) => [
      KINDS[row.kind],
      row.line,
      row.date,
      money(row.bankAmount),
      money(row.bookAmount),
      row.reference,
      row.id === null ? '' : `${row.id} ${row.counterpart}`,
      row.text,
    ]),
    whenEmpty: 'Nothing differs.',
  }
}

function summaryOf(result: ReconcileResult, account: string, {cancelled}: Reconciliation): string {
  const {bankLines, bookLines, matched, differences} = result
  const back = cancelled.length === 0 ? '' : `, ${2 * cancelled.length} take each other back`
  const left = differences.length === 0 ? 'nothing is left' : `${differences.length} left to look at`
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`
  return `${account}: ${count(bankLines, 'line')} of the bank, ${count(bookLines, 'row')} of the books; ${matched} matched${back}; ${left}.`
}

function noticesOf(outside: number, differences: readonly Difference[]): string[] {
  const unplaced = differences.some(({kind, next}) => kind === 'only_bank' && next.length === 0)
  return [
    ...(outside > 0 ? [`${outside} ${outside === 1 ? 'line' : 'lines'} of the bank outside the period left out.`] : []),
    ...(unplaced
      ? ['With --counterpart ACCOUNT and --code CODE, entries for what is only at the bank are proposed.']
      : []),
  ]
}
