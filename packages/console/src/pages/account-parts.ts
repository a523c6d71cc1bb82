/** The parts of an account's page that are made from its latest transfers. */

import {expiryOf, movedBy} from '@parix/books/holds'
import {isoOf} from '@parix/books/periods'
import {amountLabel} from '@parix/books/present'
import type {StatementRow} from '@parix/books/statement'
import {html} from 'hono/html'
import type {AccountHistory} from '../read/account-history.js'
import {type Point, stepChart} from '../view/charts.js'
import {accountLink, badge, codeName, figure, ledgerName, type Markup, money, shortLabel, time} from '../view/markup.js'
import {holdTable} from './holds.js'
import {type PageContext, withQuery} from './page-context.js'

const ROWS = 50
const TEE_ROWS = 5

/** Debits to the left, credits to the right; what is older than the rows is one sum. */
export function teeAccount(
  {account, statement, transfers}: AccountHistory,
  {base, database: {chart}}: PageContext,
): Markup {
  const {id, ledger} = account
  const moving = transfers.filter((transfer) => movedBy(transfer) > 0n)
  const side = (isDebit: boolean) => {
    const total = isDebit ? account.debits_posted : account.credits_posted
    const shown = moving.filter((transfer) => (transfer.debit_account_id === id) === isDebit).slice(-TEE_ROWS)
    const earlier = total - shown.reduce((sum, transfer) => sum + movedBy(transfer), 0n)
    const balance = statement.side === (isDebit ? 'debit' : 'credit')
    const held = isDebit ? account.debits_pending : account.credits_pending
    return html`<div><h3>${isDebit ? 'Debit' : 'Credit'}</h3><ul>${earlier !== 0n && html`<li><span>earlier</span><span>${figure(earlier, ledger, chart)}</span></li>`}${shown.map(
      (transfer) =>
        html`<li><span>${accountLink(base, isDebit ? transfer.credit_account_id : transfer.debit_account_id, chart)}</span><span>${figure(movedBy(transfer), ledger, chart)}</span></li>`,
    )}<li class="sum"><span>posted</span><span>${figure(total, ledger, chart)}</span></li>${
      balance &&
      html`<li class="sum balance"><span>balance</span><span>${figure(isDebit ? account.debits_posted - account.credits_posted : account.credits_posted - account.debits_posted, ledger, chart)}</span></li>`
    }${held > 0n && html`<li><span>held</span><span>${figure(held, ledger, chart)}</span></li>`}</ul></div>`
  }
  return html`<div class="tee">${side(true)}${side(false)}</div>`
}

export function balanceLine(
  {account: {ledger}, statement, balanced}: AccountHistory,
  {database: {chart}}: PageContext,
): Markup {
  const moving = statement.rows.filter(({debit, credit}) => debit + credit > 0n)
  const [first] = moving
  if (!balanced || first === undefined) return html`<p class="soft">Nothing has moved yet.</p>`
  const point = (at: bigint, value: bigint): Point => ({
    at,
    value,
    label: `${isoOf(at).slice(0, 19).replace('T', ' ')}: ${amountLabel(value, ledger, chart)}`,
  })
  const points = [
    point(first.timestamp - 1n, statement.opening),
    ...moving.map(({timestamp, balance}) => point(timestamp, balance)),
    point(statement.to, statement.closing),
  ]
  return stepChart(points, (value) => money(value, ledger, chart))
}

const STATES: Record<StatementRow['state'], Markup | ''> = {
  posted: '',
  held: badge('hold', 'held'),
  hold_posted: badge('good', 'hold posted'),
  voided: badge('plain', 'hold voided'),
  lapsed: badge('plain', 'hold lapsed'),
}

/** Newest first: the closing balance is above the rows, the opening balance below them. */
export function statementCard(
  {account, statement, more, balanced}: AccountHistory,
  {base, query, database: {chart}}: PageContext,
): Markup {
  const {ledger} = account
  const path = `${base}/accounts/${account.id.toString()}`
  const rows = statement.rows.slice(-ROWS).reverse()
  const hasOlder = more || statement.rows.length > ROWS
  const oldest = rows.at(-1)
  const balance = (value: bigint) => (balanced ? figure(value, ledger, chart) : html`<span class="soft">?</span>`)
  const opening = oldest === undefined ? statement.opening : before(oldest, statement.side)
  return html`<section class="card"><header><h2>Statement</h2><p>${ledgerName(ledger, chart)}${query.has('before') && html` · <a href="${path}">newest</a>`}</p></header>
${!balanced && html`<div class="empty">Too many transfers came since for this page to know the balances. The command line reads all of them.</div>`}
<table><thead><tr><th class="fit wide">Time</th><th>With</th><th class="wide">Transfer</th><th class="r wide">Debit</th><th class="r wide">Credit</th><th class="r narrow-only">Moved</th><th class="r">Balance</th></tr></thead>
<tbody>${rows.map((row) => statementRow(row, {base, ledger, chart, balance}))}</tbody>
<tfoot><tr><th class="over" colspan="2">${hasOlder ? 'Balance brought forward' : 'Opening balance'}</th><td class="wide" colspan="3"></td><td class="r">${balance(opening)}</td></tr></tfoot></table>
${rows.length === 0 && html`<div class="empty">No transfers.</div>`}
${hasOlder && oldest && html`<div class="pages"><span></span><a href="${withQuery(path, query, {before: oldest.timestamp.toString()})}">Older →</a></div>`}</section>`
}

/** The balance before a row. */
function before({balance, debit, credit}: StatementRow, side: 'debit' | 'credit'): bigint {
  return side === 'debit' ? balance - debit + credit : balance - credit + debit
}

interface RowContext {
  base: string
  ledger: number
  chart: PageContext['database']['chart']
  balance: (value: bigint) => Markup | ''
}

function statementRow(row: StatementRow, {base, ledger, chart, balance}: RowContext): Markup {
  const {timestamp, counterpart, debit, credit, state, heldAmount, reversedBy} = row
  const moved = state === 'posted' || state === 'hold_posted'
  return html`<tr><td class="fit wide">${time(timestamp)}</td>
<td class="cut">${accountLink(base, counterpart, chart)}<a class="route" href="${base}/transfers/${row.id.toString()}">${codeName('transfer', row.code, chart)} · ${isoOf(timestamp).slice(5, 16).replace('T', ' ')}</a></td>
<td class="kind wide"><a class="open" href="${base}/transfers/${row.id.toString()}">${codeName('transfer', row.code, chart)}</a> ${STATES[state]}${
    !moved && heldAmount !== undefined && html` <span class="soft">${figure(heldAmount, ledger, chart)}</span>`
  }${reversedBy !== undefined && html` ${badge('bad', 'reversed')}`}</td>
<td class="r wide">${figure(debit, ledger, chart, true)}</td><td class="r wide">${figure(credit, ledger, chart, true)}</td>
<td class="r narrow-only">${moved ? html`${debit > 0n ? 'Dr ' : 'Cr '}${figure(debit + credit, ledger, chart)}` : STATES[state]}</td><td class="r">${balance(row.balance)}</td></tr>`
}

/** Holds among the rows that are open, against what the account says is held. */
export function openHolds({account, statement, transfers, more}: AccountHistory, context: PageContext): Markup {
  const {chart} = context.database
  const ids = new Set(statement.open.map(({id}) => id))
  const open = transfers.filter(({id}) => ids.has(id)).map((transfer) => ({transfer, expiresAt: expiryOf(transfer)}))
  const held = account.debits_pending + account.credits_pending
  if (held === 0n && open.length === 0) return html``
  const missing = held - open.reduce((sum, {transfer}) => sum + transfer.amount, 0n)
  return html`<section class="card"><header><h2>Open holds</h2></header>${holdTable(open, context, 'all')}${
    more &&
    missing > 0n &&
    html`<footer>${money(missing, account.ledger, chart)} is held by older transfers of ${shortLabel(account.id, chart)}.</footer>`
  }</section>`
}
