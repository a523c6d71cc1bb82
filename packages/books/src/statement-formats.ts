/** A statement as text for other programs: CSV (RFC 4180), hledger, beancount, and one page of HTML for people. */

import {formatAmount} from './amounts.js'
import type {Chart} from './chart/chart.js'
import {dateOf, dateTimeOf, endOfDay, isoOf} from './periods.js'
import {accountLabel} from './present.js'
import type {Statement, StatementRow} from './statement.js'

export interface StatementContext {
  ledger: {id: number; name: string; scale: number}
  chart: Chart | undefined
  /** Time zone of the dates. */
  zone: string
  /** Where it comes from, as a heading: `books at localhost:5173`. */
  source: string
}

const LABELS: Readonly<Record<StatementRow['state'], string>> = {
  posted: '',
  held: 'held',
  hold_posted: 'hold posted',
  voided: 'hold voided',
  lapsed: 'hold lapsed',
}

/** When a row happened, where that is known, else when it was recorded. */
export function timeOf({occurred, timestamp}: StatementRow): bigint {
  return occurred ?? timestamp
}

/** What became of a hold, in words: `held 2026-11-20, posted 60.00 of 100.00`. */
export function describeRow(row: StatementRow, {ledger, zone}: StatementContext): string {
  if (row.heldSince === undefined || row.heldAmount === undefined) return LABELS[row.state]
  const held = `held ${dateOf(row.heldSince, zone)}`
  const amount = formatAmount(row.heldAmount, ledger.scale)
  if (row.state === 'hold_posted')
    return `${held}, posted ${formatAmount(row.debit + row.credit, ledger.scale)} of ${amount}`
  if (row.state === 'held') return `${amount} held`
  return `${amount} ${held}, ${row.state}`
}

export function statementCsv(statement: Statement, context: StatementContext): string {
  const {ledger, chart} = context
  const money = (amount: bigint) => formatAmount(amount, ledger.scale)
  const rows = statement.rows.map((row) => [
    isoOf(timeOf(row)),
    row.id.toString(),
    textCell(accountLabel(row.counterpart, chart)),
    textCell(chart?.codeName('transfer', row.code) ?? String(row.code)),
    row.debit === 0n ? '' : money(row.debit),
    row.credit === 0n ? '' : money(row.credit),
    money(row.balance),
    textCell(describeRow(row, context)),
  ])
  return [['time', 'transfer', 'counterpart', 'code', 'debit', 'credit', 'balance', 'note'], ...rows]
    .map(csvLine)
    .join('')
}

/**
 * A cell of text that a spreadsheet does not take for a formula: `=`, `+`, `-`, `@`, tab and CR at its beginning are what
 * spreadsheets evaluate, so such a cell gets a leading apostrophe (OWASP, CSV injection).
 */
export function textCell(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

/** One record, with CRLF as RFC 4180 has it. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`
}

/** hledger's journal: strict (`check -s`) because every account and commodity is declared. */
export function statementHledger(statement: Statement, context: StatementContext): string {
  const {ledger, zone} = context
  const commodity = /^[A-Za-z]+$/.test(ledger.name) ? ledger.name : `"${ledger.name}"`
  const name = (id: bigint) => journalAccount(id, context)
  const own = name(statement.account)
  const sign = statement.side === 'debit' ? 1n : -1n
  const money = (amount: bigint) => `${formatAmount(amount, ledger.scale)} ${commodity}`
  const counterparts = [...new Set(statement.rows.map(({counterpart}) => name(counterpart)))]
  const accounts = [...new Set([own, ...counterparts, 'equity:opening'])].sort()
  const head = [
    `; ${context.source}`,
    'decimal-mark .',
    `commodity ${formatAmount(10n ** BigInt(ledger.scale + 3), ledger.scale)}${ledger.scale === 0 ? '.' : ''} ${commodity}`,
    ...accounts.map((account) => `account ${account}`),
    '',
    `${dateOf(statement.from, zone)} opening balance`,
    `    ${own}  ${money(sign * statement.opening)} = ${money(sign * statement.opening)}`,
    '    equity:opening',
    '',
  ]
  const entries = statement.rows
    .filter((row) => row.debit + row.credit > 0n)
    .flatMap((row) => [
      `${dateOf(timeOf(row), zone)} ${codeLabel(row, context)}  ; id:${row.id}, ts:${row.timestamp}, code:${row.code}`,
      `    ${own}  ${money(row.debit - row.credit)} = ${money(sign * row.balance)}`,
      `    ${name(row.counterpart)}  ${money(row.credit - row.debit)}`,
      '',
    ])
  const last = dateOf(statement.to - 1n, zone)
  const held = statement.open.flatMap((row) => [
    `${dateOf(row.timestamp, zone)} ! held ${formatAmount(row.heldAmount ?? 0n, ledger.scale)} ${ledger.name}  ; id:${row.id}, ts:${row.timestamp}`,
    `    ${own}  0 ${commodity}`,
    '',
  ])
  const closing = [`${last} closing balance`, `    ${own}  0 ${commodity} = ${money(sign * statement.closing)}`, '']
  return [...head, ...entries, ...held, ...closing].join('\n')
}

/** beancount's journal; account names begin with one of its five roots and have capital first letters. */
export function statementBeancount(statement: Statement, context: StatementContext): string {
  const {ledger, zone} = context
  const commodity = beancountCommodity(ledger.name)
  const name = (id: bigint) => beancountAccount(id, context)
  const own = name(statement.account)
  const sign = statement.side === 'debit' ? 1n : -1n
  const money = (amount: bigint) => `${formatAmount(amount, ledger.scale)} ${commodity}`
  const accounts = [
    ...new Set([own, ...statement.rows.map(({counterpart}) => name(counterpart)), 'Equity:Opening']),
  ].sort()
  const first = dateOf(statement.from, zone)
  const days = dayEnds(statement, zone)
  return [
    `; ${context.source}`,
    'option "operating_currency" '.concat(`"${commodity}"`),
    ...accounts.map((account) => `${first} open ${account}`),
    '',
    `${first} * "opening balance"`,
    `  ${own}  ${money(sign * statement.opening)}`,
    `  Equity:Opening  ${money(-sign * statement.opening)}`,
    '',
    ...statement.rows
      .filter((row) => row.debit + row.credit > 0n)
      .flatMap((row) => [
        `${dateOf(timeOf(row), zone)} * "${codeLabel(row, context)}"`,
        `  id: "${row.id}"`,
        `  ts: "${row.timestamp}"`,
        `  ${own}  ${money(row.debit - row.credit)}`,
        `  ${name(row.counterpart)}  ${money(row.credit - row.debit)}`,
        '',
      ]),
    ...days.map(([day, balance]) => `${day} balance ${own}  ${money(sign * balance)}`),
    '',
  ].join('\n')
}

/** The balance at the end of each day with rows, and at the end, by the day after: beancount checks at its beginning. */
function dayEnds({rows, to, closing}: Statement, zone: string): [day: string, balance: bigint][] {
  const ends = new Map<string, bigint>()
  for (const row of rows) ends.set(dayAfter(timeOf(row), zone), row.balance)
  ends.set(dayAfter(to - 1n, zone), closing)
  return [...ends]
}

function dayAfter(time: bigint, zone: string): string {
  return dateOf(endOfDay(dateOf(time, zone), zone)!, zone)
}

const ROOTS = {
  asset: 'assets',
  liability: 'liabilities',
  equity: 'equity',
  income: 'income',
  expense: 'expenses',
} as const

/** `liabilities:customer:17`, or `unnamed:ID`: names of a chart have `/` where journals have `:`. */
function journalAccount(id: bigint, {chart}: StatementContext): string {
  const name = chart?.nameOf(id)
  if (name === undefined || chart === undefined) return `unnamed:${id}`
  const type = typeOfName(name, chart)
  return [type === undefined ? 'unnamed' : ROOTS[type], ...name.split('/')].join(':')
}

function typeOfName(name: string, chart: Chart) {
  return chart.typeOf(chart.account(name).code)
}

function beancountAccount(id: bigint, context: StatementContext): string {
  const [root = '', ...rest] = journalAccount(id, context).split(':')
  const parts = root === 'unnamed' ? ['Equity', 'Unnamed', ...rest] : [root[0]!.toUpperCase() + root.slice(1), ...rest]
  return parts.map((part) => `${part[0]!.toUpperCase()}${part.slice(1)}`.replace(/[^A-Za-z0-9-]/g, '-')).join(':')
}

/** Upper-case letters, digits and `'._-`, 2 to 24 characters, a letter first and a letter or digit last. */
function beancountCommodity(name: string): string {
  const upper = name.toUpperCase().replace(/[^A-Z0-9.'_-]/g, '-')
  return (/^[A-Z]/.test(upper) ? upper : `L${upper}`).padEnd(2, 'X').slice(0, 24)
}

function codeLabel({code, state}: StatementRow, {chart}: StatementContext): string {
  const name = chart?.codeName('transfer', code) ?? `code ${code}`
  return state === 'posted' ? name : `${name}, ${LABELS[state]}`
}

/** One self-contained page without scripts, which prints on A4 and Letter. */
export function statementHtml(statement: Statement, context: StatementContext): string {
  const {ledger, chart, zone, source} = context
  const money = (amount: bigint) => formatAmount(amount, ledger.scale)
  const cell = (text: string) => `<td>${escapeHtml(text)}</td>`
  const number = (amount: bigint, empty = false) => `<td class="n">${empty && amount === 0n ? '' : money(amount)}</td>`
  const title = `${accountLabel(statement.account, chart)}, ${dateOf(statement.from, zone)} to ${dateOf(statement.to - 1n, zone)}`
  const rows = statement.rows.map(
    (row) =>
      `<tr>${cell(dateTimeOf(timeOf(row), zone))}${cell(accountLabel(row.counterpart, chart))}${cell(codeLabel(row, context))}` +
      `${number(row.debit, true)}${number(row.credit, true)}${number(row.balance)}<td class="note">${escapeHtml(describeRow(row, context))}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>
<style>
body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#16202a;background:#fff}
h1{font-size:1.25rem;margin:0}p{color:#56616c;margin:.25rem 0 1.5rem}
table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:600;border-bottom:2px solid #16202a}
td,th{padding:.3rem .6rem .3rem 0;vertical-align:top}tr+tr td{border-top:1px solid #e3e7eb}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.note{color:#56616c}tfoot td{font-weight:600;border-top:2px solid #16202a}
@media print{body{margin:0;max-width:none;font-size:10pt}thead{display:table-header-group}tr{break-inside:avoid}}
</style></head><body>
<h1>${escapeHtml(title)}</h1><p>${escapeHtml(source)}, ${escapeHtml(ledger.name)}, times in ${escapeHtml(zone)}</p>
<table><thead><tr><th>Time</th><th>Counterpart</th><th>For</th><th class="n">Debit</th><th class="n">Credit</th><th class="n">Balance</th><th>Note</th></tr></thead>
<tbody><tr><td colspan="5">Opening balance</td>${number(statement.opening)}<td></td></tr>
${rows.join('\n')}
</tbody><tfoot><tr><td colspan="5">Closing balance</td>${number(statement.closing)}<td></td></tr></tfoot></table>
</body></html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
