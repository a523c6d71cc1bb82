import type {Transfer} from '@parix/ledger/schema'
import {html} from 'hono/html'
import {accountFilter, queryFilter} from '../read/filters.js'
import type {Page} from '../view/layout.js'
import {transferTable} from '../view/tables.js'
import {cursor, type PageContext, withQuery} from './page-context.js'
import {accountIn, choice, codeIn, codesOffered, dateField, daysIn, ledgerIn, ledgersOffered} from './selection.js'

const ROWS = 50

/** Transfers, newest first. Where nothing is filtered and it is the first page, new ones appear by themselves. */
export async function transfersPage(context: PageContext): Promise<Page> {
  const {base, query, database} = context
  const {chart} = database
  const {rows, newer, older} = await page(context)
  const path = `${base}/transfers`
  const after = (rows[0]?.timestamp ?? 0n).toString()
  return {
    title: 'Transfers',
    body: html`<div class="head"><div><h1>Transfers</h1></div>${database.writer && html`<a class="button main" href="${base}/transfers/new">New transfer</a>`}</div>
<form class="filters" action="${path}">${choice('Account', 'account', query, [])}${choice('Ledger', 'ledger', query, ledgersOffered(chart))}${choice('Code', 'code', query, codesOffered('transfer', chart))}${dateField('From', 'from', query)}${dateField('To', 'to', query)}<button type="submit">Show</button>${
      query.size > 0 && html`<a class="button" href="${path}">Clear</a>`
    }</form>
<section class="card">${transferTable(rows, {base, chart}, query.size === 0 ? {url: `${base}/live?after=${after}`, rows: ROWS} : undefined)}${
      (newer || older) &&
      html`<div class="pages"><span>${newer && html`<a href="${withQuery(path, query, {newer: after, before: undefined})}">← Newer</a>`}</span><span>${
        older &&
        html`<a href="${withQuery(path, query, {before: rows.at(-1)!.timestamp.toString(), newer: undefined})}">Older →</a>`
      }</span></div>`
    }</section>`,
  }
}

interface Rows {
  /** Newest first. */
  rows: Transfer[]
  newer: boolean
  older: boolean
}

/** Pages follow each other by timestamp, so that rows which come meanwhile move nothing. */
async function page({query, database: {reader, chart}}: PageContext): Promise<Rows> {
  const {from, to} = daysIn(query)
  const before = cursor(query, 'before')
  const newerThan = cursor(query, 'newer')
  const account = accountIn(query.get('account') ?? '', chart)
  const ledger = ledgerIn(query, chart)
  const latest = least(before, to)
  const range = {
    code: codeIn(query, 'transfer', chart),
    timestamp_min: newerThan === undefined || newerThan < from ? from : newerThan + 1n,
    timestamp_max: latest === undefined || latest === 0n ? 0n : latest - 1n,
    limit: ROWS + 1,
    newestFirst: newerThan === undefined,
  }
  const found =
    account === undefined
      ? await reader.queryTransfers(queryFilter({...range, ledger}))
      : await reader.getAccountTransfers(accountFilter({...range, account_id: account}))
  const more = found.length > ROWS
  const rows = found.slice(0, ROWS)
  if (newerThan !== undefined) return {rows: rows.reverse(), newer: more, older: true}
  return {rows, newer: before !== undefined, older: more}
}

function least(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a < b ? a : b
}
