import {normalSide} from '@parix/books/chart'
import {html} from 'hono/html'
import {type AccountSums, trialOf} from '../read/account-sums.js'
import {queryFilter} from '../read/filters.js'
import {barChart, perText} from '../view/charts.js'
import type {Page} from '../view/layout.js'
import {badge, codeName, count, figure, ledgerName, type Markup, money} from '../view/markup.js'
import {transferTable} from '../view/tables.js'
import {holdTable} from './holds.js'
import {coverage, type PageContext} from './page-context.js'

const LAST_ROWS = 12
const HOLDS_SHOWN = 5
const TILES_MAX = 8
const GROUPS_SHOWN = 60

/** A database at a glance: whether it is balanced, who holds what, and what happens now. */
export async function overviewPage(context: PageContext): Promise<Page> {
  const {database, base, now} = context
  const {chart, reader} = database
  const last = await reader.queryTransfers(queryFilter({limit: LAST_ROWS, newestFirst: true}))
  const recent = await context.recent.current(now)
  const sums = await context.sums.current()
  const after = (last[0]?.timestamp ?? 0n).toString()
  return {
    title: 'Overview',
    body: html`<div class="head"><div><h1>Overview</h1><p class="lead">${count(sums.accounts, 'account')}${sums.complete ? '' : ' read so far'}, ${coverage(recent)}.</p></div></div>
<div data-tiles>${tiles(context, sums)}</div>
<section class="card"><header><h2>Transfers over time</h2><p>${recent.bars.list.length > 0 && html`${perText(recent.bars.seconds)}${KEY}`}</p></header><div class="body">${
      recent.bars.list.length > 0 ? barChart(recent.bars) : html`<p class="soft">No transfers yet.</p>`
    }</div></section>
<div class="cols watch">
<section class="card"><header><h2>Last transfers</h2><p><a href="${base}/transfers">All transfers</a></p></header>${transferTable(last, {base, chart}, {url: `${base}/live?after=${after}`, rows: LAST_ROWS})}</section>
<div class="pair">
<section class="card"><header><h2>Accounts by code</h2><p><a href="${base}/accounts">All accounts</a></p></header>${codeTable(context, sums)}</section>
<section class="card"><header><h2>Open holds</h2><p><a href="${base}/holds">All holds</a></p></header>${holdTable(recent.open.slice(-HOLDS_SHOWN).reverse(), context, 'brief')}</section>
</div></div>`,
  }
}

const KEY = html`<span class="key"><svg viewBox="0 0 9 9" class="chart" aria-hidden="true"><rect class="bar" width="9" height="9" rx="2"/></svg>transfers</span><span class="key"><svg viewBox="0 0 9 9" class="chart" aria-hidden="true"><rect class="hold" width="9" height="9" rx="2"/></svg>of them pending</span>`

/** One for each ledger: debits and credits are equal, or the books are wrong. */
export function tiles({database: {chart}}: PageContext, sums: AccountSums): Markup {
  const ledgers = trialOf(sums.groups, chart)
  const shown = ledgers.slice(0, TILES_MAX)
  return html`<ul class="tiles">${shown.map(({ledger, debits, credits, balanced}) => {
    const groups = sums.groups.filter((group) => group.ledger === ledger)
    const held = groups.reduce((sum, group) => sum + group.held, 0n)
    const accounts = groups.reduce((sum, group) => sum + group.accounts, 0)
    const comparable = sums.complete && sums.consistent
    return html`<li class="tile"><div class="top-line"><span>${ledgerName(ledger, chart)}</span>${
      comparable ? (balanced ? badge('good', 'balanced') : badge('bad', 'not balanced')) : badge('plain', 'being read')
    }</div>
<div class="big">${money(debits, ledger, chart)}</div>
<dl><div><dt>debits ${balanced ? '= credits' : ''}</dt>${balanced ? '' : html` <dd>credits ${figure(credits, ledger, chart)}</dd>`}</div><div><dt>held</dt> <dd>${figure(held, ledger, chart)}</dd></div><div><dt>accounts</dt> <dd>${accounts.toLocaleString('en-US')}</dd></div></dl></li>`
  })}</ul>
${ledgers.length > TILES_MAX && html`<p class="soft">${ledgers.length - TILES_MAX} more ledgers are in the <a href="#main">table by code</a>.</p>`}`
}

function codeTable({base, database: {chart}}: PageContext, sums: AccountSums): Markup {
  if (sums.groups.length === 0) return html`<div class="empty">No accounts yet.</div>`
  return html`<table><thead><tr><th>Code</th><th class="r">Accounts</th><th class="r">Balance</th></tr></thead>
<tbody>${sums.groups.slice(0, GROUPS_SHOWN).map(({ledger, code, accounts, debits, credits}) => {
    const type = chart?.typeOf(code)
    const balance = normalSide(type) === 'debit' ? debits - credits : credits - debits
    return html`<tr><td><a href="${base}/accounts?ledger=${ledger}&code=${code}">${codeName('account', code, chart)}</a>${type && html` <span class="soft">${type}</span>`}</td>
<td class="r">${accounts.toLocaleString('en-US')}</td><td class="r">${money(balance, ledger, chart)}</td></tr>`
  })}</tbody></table>`
}
