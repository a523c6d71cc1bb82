import type {Chart} from '@parix/books/chart'
import type {Account} from '@parix/ledger/schema'
import {html} from 'hono/html'
import {queryFilter} from '../read/filters.js'
import type {Page} from '../view/layout.js'
import type {Markup} from '../view/markup.js'
import {accountTable} from '../view/tables.js'
import {cursor, type PageContext, withQuery} from './page-context.js'
import {choice, codeIn, codesOffered, ledgerIn, ledgersOffered} from './selection.js'

const ROWS = 50

/** Accounts in the order of their creation, or those of the chart whose name contains a text. */
export async function accountsPage(context: PageContext): Promise<Page> {
  const {base, query, database} = context
  const {chart} = database
  const wanted = query.get('name')?.trim().replace(/^@/, '') ?? ''
  const {rows, footer} = wanted === '' ? await page(context) : await byName(context, wanted)
  return {
    title: 'Accounts',
    body: html`<div class="head"><div><h1>Accounts</h1></div>${database.writer && html`<a class="button main" href="${base}/accounts/new">New account</a>`}</div>
<form class="filters" action="${base}/accounts">${choice('Ledger', 'ledger', query, ledgersOffered(chart))}${choice('Code', 'code', query, codesOffered('account', chart))}${
      chart && choice('Name contains', 'name', query, [])
    }<button type="submit">Show</button>${query.size > 0 && html`<a class="button" href="${base}/accounts">Clear</a>`}</form>
<section class="card">${accountTable(rows, {base, chart})}${footer}</section>`,
  }
}

async function page({base, query, database: {reader, chart}}: PageContext): Promise<{rows: Account[]; footer: Markup}> {
  const after = cursor(query, 'after')
  const before = cursor(query, 'before')
  const filter = {ledger: ledgerIn(query, chart), code: codeIn(query, 'account', chart), limit: ROWS + 1}
  const backwards = before !== undefined && before > 0n
  const found = await reader.queryAccounts(
    queryFilter({
      ...filter,
      ...(backwards ? {timestamp_max: before - 1n, newestFirst: true} : {timestamp_min: (after ?? -1n) + 1n}),
    }),
  )
  const more = found.length > ROWS
  const rows = found.slice(0, ROWS)
  if (backwards) rows.reverse()
  const path = `${base}/accounts`
  const [first, last] = [rows[0]?.timestamp, rows.at(-1)?.timestamp]
  const hasPrevious = first !== undefined && (backwards ? more : after !== undefined)
  const hasNext = last !== undefined && (backwards || more)
  const footer = html`${
    (hasPrevious || hasNext) &&
    html`<div class="pages"><span>${hasPrevious && html`<a href="${withQuery(path, query, {before: first.toString(), after: undefined})}">← Earlier</a>`}</span><span>${
      hasNext && html`<a href="${withQuery(path, query, {after: last.toString(), before: undefined})}">Later →</a>`
    }</span></div>`
  }`
  return {rows, footer}
}

/** Names are the chart's: of those that it lists and that contain the text, the accounts that exist. */
async function byName(
  {query, database: {reader, chart}}: PageContext,
  wanted: string,
): Promise<{rows: Account[]; footer: Markup}> {
  const ids = namesLike(chart, wanted)
  const accounts = ids.length === 0 ? [] : await reader.lookupAccounts(ids.slice(0, LOOKUP_MAX))
  const ledger = ledgerIn(query, chart)
  const code = codeIn(query, 'account', chart)
  const rows = accounts.filter((row) => (ledger === 0 || row.ledger === ledger) && (code === 0 || row.code === code))
  const footer = html`${rows.length > ROWS && html`<footer>The first ${ROWS} are shown.</footer>`}`
  return {rows: rows.slice(0, ROWS), footer}
}

const LOOKUP_MAX = 500

function namesLike(chart: Chart | undefined, wanted: string): bigint[] {
  if (chart === undefined) return []
  const ids = chart
    .listed()
    .filter(({name}) => name.includes(wanted))
    .map(({id}) => id)
  try {
    // A name that follows a pattern, such as customer/42, is not listed.
    return [...new Set([chart.account(wanted).id, ...ids])]
  } catch {
    return ids
  }
}
