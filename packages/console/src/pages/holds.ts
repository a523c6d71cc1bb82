import type {Hold} from '@parix/books/holds'
import {html} from 'hono/html'
import type {AccountSums} from '../read/account-sums.js'
import type {RecentView} from '../read/recent-transfers.js'
import type {Page} from '../view/layout.js'
import {
  accountLink,
  codeName,
  command,
  ledgerName,
  type Markup,
  money,
  shortLabel,
  time,
  timeLeft,
  transferLink,
} from '../view/markup.js'
import {commandText, coverage, type PageContext} from './page-context.js'

const SHOWN_MAX = 100

/** What is held, and for how long. Those that lapse first come first. */
export async function holdsPage(context: PageContext): Promise<Page> {
  const {recent, now} = context
  const view = await recent.current(now)
  const sums = await context.sums.current()
  const open = [...view.open].sort(byExpiry)
  return {
    title: 'Holds',
    body: html`<div class="head"><div><h1>Holds</h1><p class="lead">Pending transfers that are neither posted nor voided, from ${coverage(view)}.</p></div></div>
${heldByLedger(context, sums, view)}
<section class="card"><header><h2>Open holds</h2><p>${open.length > SHOWN_MAX ? `the first ${SHOWN_MAX} of ${open.length.toLocaleString('en-US')}` : open.length.toLocaleString('en-US')}</p></header>${holdTable(open.slice(0, SHOWN_MAX), context, 'all')}</section>`,
  }
}

function byExpiry(a: Hold, b: Hold): number {
  if (a.expiresAt === b.expiresAt) return a.transfer.timestamp < b.transfer.timestamp ? -1 : 1
  if (a.expiresAt === undefined) return 1
  if (b.expiresAt === undefined) return -1
  return a.expiresAt < b.expiresAt ? -1 : 1
}

/** What the accounts say is held, against the holds that were found. */
function heldByLedger(context: PageContext, {groups, complete}: AccountSums, view: RecentView): Markup {
  const {chart} = context.database
  const ledgers = [...new Set(groups.filter(({held}) => held > 0n).map(({ledger}) => ledger))]
  if (ledgers.length === 0) return html``
  const rows = ledgers.map((ledger) => {
    const held = groups.filter((group) => group.ledger === ledger).reduce((sum, group) => sum + group.held, 0n)
    const found = view.open.filter((hold) => hold.transfer.ledger === ledger)
    const sum = found.reduce((all, {transfer}) => all + transfer.amount, 0n)
    return {ledger, held, found: found.length, missing: held - sum}
  })
  // Where every transfer was read, a difference is only that of two moments.
  const older = complete && !view.complete ? rows.filter(({missing}) => missing > 0n) : []
  return html`<ul class="tiles">${rows.map(
    ({ledger, held, found}) =>
      html`<li class="tile"><div class="top-line"><span>${ledgerName(ledger, chart)}</span></div><div class="big">${money(held, ledger, chart)}</div><dl><div><dt>held by</dt> <dd>${found.toLocaleString('en-US')} ${found === 1 ? 'transfer' : 'transfers'}</dd></div></dl></li>`,
  )}</ul>
${older.map(
  ({ledger, missing}) =>
    html`<div class="note">${money(missing, ledger, chart)} more is held by older transfers than those that were read. The command line reads all of them: ${command(commandText(context, 'tb pending', []))}</div>`,
)}`
}

export function holdTable(
  holds: readonly Hold[],
  {base, now, database: {chart}}: PageContext,
  extent: 'brief' | 'all',
): Markup {
  if (holds.length === 0) return html`<div class="empty">Nothing is held.</div>`
  return html`<table><thead><tr><th>Hold</th>${extent === 'all' && html`<th class="wide">Debit</th><th class="wide">Credit</th><th class="wide">Since</th>`}<th>Time left</th><th class="r">Amount</th>${extent === 'all' && html`<th class="wide">Id</th>`}</tr></thead>
<tbody>${holds.map(
    ({transfer, expiresAt}) =>
      html`<tr><td class="cut"><a class="open" href="${base}/transfers/${transfer.id.toString()}">${codeName('transfer', transfer.code, chart)}</a>${
        extent === 'all'
          ? html`<span class="route">${shortLabel(transfer.debit_account_id, chart)} → ${shortLabel(transfer.credit_account_id, chart)}</span>`
          : html`<div class="soft">${accountLink(base, transfer.debit_account_id, chart)}</div>`
      }</td>
${extent === 'all' && html`<td class="cut wide">${accountLink(base, transfer.debit_account_id, chart)}</td><td class="cut wide">${accountLink(base, transfer.credit_account_id, chart)}</td><td class="fit wide">${time(transfer.timestamp)}</td>`}
<td class="fit">${timeLeft(expiresAt, now)}</td><td class="r">${money(transfer.amount, transfer.ledger, chart)}</td>${extent === 'all' && html`<td class="fit wide">${transferLink(base, transfer.id)}</td>`}</tr>`,
  )}</tbody></table>`
}
