import {movedBy} from '@parix/books/holds'
import {dateOf, startOfDay} from '@parix/books/periods'
import type {Flow, TrialLedger} from '@parix/books/report'
import {html} from 'hono/html'
import type {LedgerReader, ReadLimits} from '../host.js'
import type {AccountKinds} from '../read/account-kinds.js'
import {type AccountSums, type Group, keyOfGroup, trialOf} from '../read/account-sums.js'
import {queryFilter} from '../read/filters.js'
import type {Page} from '../view/layout.js'
import {badge, codeName, command, figure, ledgerName, type Markup} from '../view/markup.js'
import {commandText, coverage, type PageContext} from './page-context.js'
import {dateField, day} from './selection.js'

/** The trial balance, now or at a date, and what moved between kinds of account. */
export async function reportsPage(context: PageContext): Promise<Page> {
  const {base, query, now, database} = context
  const {chart} = database
  const date = query.get('at') ?? ''
  const at = date === '' ? undefined : day('at', date, startOfDay)
  const sums = await context.sums.current()
  const recent = await context.recent.current(now)
  const groups =
    at === undefined || at > now
      ? sums.groups
      : await sumsAt(database.reader, context.host.limits, sums, at, context.recent.kinds)
  const comparable = sums.complete && sums.consistent
  return {
    title: 'Reports',
    body: html`<div class="head"><div><h1>Reports</h1></div></div>
<form class="filters" action="${base}/reports">${dateField('Balances at the beginning of', 'at', query)}<button type="submit">Show</button>${at !== undefined && html`<a class="button" href="${base}/reports">Now</a>`}</form>
${
  groups === undefined
    ? html`<div class="note">More moved since ${date} than a page reads, or transfers come in at this moment. The command line reads all of it: ${command(commandText(context, 'tb report trial-balance', [], {at: date}))}</div>`
    : html`${trialOf(groups, chart).map((ledger) => trialCard(ledger, context, {at: at === undefined ? `now, ${dateOf(now, 'UTC')}` : date, comparable, groups}))}${groups.length === 0 && html`<section class="card"><div class="empty">No accounts yet.</div></section>`}`
}
${flowCards(recent.flows, context, coverage(recent))}`,
  }
}

function trialCard(
  {ledger, rows, debits, credits, balanced}: TrialLedger,
  {database: {chart}}: PageContext,
  {at, comparable, groups}: {at: string; comparable: boolean; groups: readonly Group[]},
): Markup {
  const amount = (value: bigint) => figure(value, ledger, chart)
  const accounts = (key: string) =>
    groups
      .filter((group) => group.ledger === ledger && keyOfGroup(group, chart) === key)
      .reduce((sum, group) => sum + group.accounts, 0)
  const side = (net: bigint) => (net === 0n ? '' : net > 0n ? 'Dr' : 'Cr')
  return html`<section class="card"><header><h2>Trial balance, ${ledgerName(ledger, chart)} ${comparable ? (balanced ? badge('good', 'balanced') : badge('bad', 'not balanced')) : badge('plain', 'being read')}</h2><p>${at}</p></header>
<table><thead><tr><th>Code</th><th class="r wide">Accounts</th><th class="r">Debits</th><th class="r">Credits</th><th class="r wide">Net</th></tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr><td>${/^\d+$/.test(row.key) ? `code ${row.key}` : row.key}</td><td class="r wide">${accounts(row.key).toLocaleString('en-US')}</td><td class="r">${amount(row.debits)}</td><td class="r">${amount(row.credits)}</td><td class="r wide">${amount(row.net < 0n ? -row.net : row.net)} <span class="u">${side(row.net)}</span></td></tr>`,
  )}</tbody>
<tfoot><tr><th>Total</th><td class="r wide"></td><td class="r">${amount(debits)}</td><td class="r">${amount(credits)}</td><td class="r wide"></td></tr></tfoot></table></section>`
}

const MATRIX_MAX = 12

/** Debited codes as rows, credited codes as columns. */
function flowCards(flows: readonly Flow[], context: PageContext, from: string): Markup {
  const ledgers = [...new Set(flows.map(({ledger}) => ledger))].sort((a, b) => a - b)
  return html`${ledgers.map((ledger) =>
    flowCard(
      ledger,
      flows.filter((flow) => flow.ledger === ledger),
      context,
      from,
    ),
  )}`
}

function flowCard(ledger: number, flows: readonly Flow[], {database: {chart}}: PageContext, from: string): Markup {
  const debits = [...new Set(flows.map(({debitCode}) => debitCode))].sort((a, b) => a - b)
  const credits = [...new Set(flows.map(({creditCode}) => creditCode))].sort((a, b) => a - b)
  const name = (code: number) => codeName('account', code, chart)
  const cell = (debit: number, credit: number) => {
    const flow = flows.find(({debitCode, creditCode}) => debitCode === debit && creditCode === credit)
    return flow === undefined
      ? html`<td class="r"></td>`
      : html`<td class="r" title="${flow.transfers} transfers">${figure(flow.amount, ledger, chart)}</td>`
  }
  const shown = credits.slice(0, MATRIX_MAX)
  return html`<section class="card"><header><h2>Flows, ${ledgerName(ledger, chart)}</h2><p>debited kinds of account down, credited kinds across; ${from}</p></header>
<div class="scroll" tabindex="0" role="region" aria-label="Flows, ${ledgerName(ledger, chart)}"><table class="matrix"><thead><tr><th>Debit \\ Credit</th>${shown.map((code) => html`<th class="r">${name(code)}</th>`)}</tr></thead>
<tbody>${debits.map((debit) => html`<tr><th scope="row">${name(debit)}</th>${shown.map((credit) => cell(debit, credit))}</tr>`)}</tbody></table></div></section>`
}

// Sums by ledger and code as they were at a moment: those of now without what moved since.

/** Pages of transfers that are taken back; a moment that lies further back is not shown. */
const PAGES_MAX = 2

/**
 * @param at nanoseconds: what was created before it counts
 * @returns undefined where more transfers came since than a page may read, accounts are missing from the sums, or it is not
 *   known which transfers are in them
 */
async function sumsAt(
  reader: LedgerReader,
  limits: ReadLimits,
  sums: AccountSums,
  at: bigint,
  kinds: AccountKinds,
): Promise<readonly Group[] | undefined> {
  if (!sums.complete || sums.asOf === undefined) return undefined
  if (sums.asOf < at) return sums.groups
  const groups = new Map(sums.groups.map((group) => [group.ledger * 0x1_0000 + group.code, {...group}]))
  let from = at
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const rows = await reader.queryTransfers(
      queryFilter({timestamp_min: from, timestamp_max: sums.asOf, limit: limits.pageRows}),
    )
    const known = await kinds.of(rows)
    for (const row of rows) {
      const moved = movedBy(row)
      if (moved === 0n) continue
      const debited = groups.get(row.ledger * 0x1_0000 + (known.get(row.debit_account_id)?.code ?? 0))
      const credited = groups.get(row.ledger * 0x1_0000 + (known.get(row.credit_account_id)?.code ?? 0))
      if (debited === undefined || credited === undefined) return undefined
      debited.debits -= moved
      credited.credits -= moved
    }
    if (rows.length < limits.pageRows || rows.at(-1)!.timestamp >= sums.asOf) return [...groups.values()]
    from = rows.at(-1)!.timestamp + 1n
  }
  return undefined
}
