/** Tables of transfers and accounts: debit before credit, amounts to the right. */

import type {Chart} from '@parix/books/chart'
import {normalSide} from '@parix/books/chart'
import {type Account, AccountFlags, type Transfer, TransferFlags} from '@parix/ledger/schema'
import {html} from 'hono/html'
import {
  accountLink,
  badge,
  codeName,
  figure,
  id,
  ledgerName,
  type Markup,
  money,
  shortLabel,
  time,
  transferLink,
} from './markup.js'

export interface TableContext {
  /** The path of the database. */
  base: string
  chart: Chart | undefined
}

/** What kind of transfer it is; nothing for a plain one. */
export function kindBadge({flags}: Pick<Transfer, 'flags'>): Markup | '' {
  const has = (flag: TransferFlags) => (flags & flag) !== 0
  if (has(TransferFlags.closing_debit) || has(TransferFlags.closing_credit)) return badge('bad', 'closing')
  if (has(TransferFlags.pending)) return badge('hold', 'hold')
  if (has(TransferFlags.post_pending_transfer)) return badge('good', 'posts hold')
  if (has(TransferFlags.void_pending_transfer)) return badge('plain', 'voids hold')
  if (has(TransferFlags.imported)) return badge('info', 'imported')
  return ''
}

export function transferRow(row: Transfer, {base, chart}: TableContext): Markup {
  const {id: transfer, debit_account_id, credit_account_id, amount, ledger, code, timestamp, flags} = row
  return html`<tr><td class="fit wide">${time(timestamp)}</td>
<td class="kind"><a class="open" href="${base}/transfers/${transfer.toString()}">${codeName('transfer', code, chart)}</a> ${kindBadge(row)}${
    (flags & TransferFlags.linked) !== 0 && html`${badge('plain', 'linked')}`
  }<span class="route">${shortLabel(debit_account_id, chart)} → ${shortLabel(credit_account_id, chart)}</span></td>
<td class="cut wide">${accountLink(base, debit_account_id, chart)}</td><td class="cut wide">${accountLink(base, credit_account_id, chart)}</td>
<td class="r">${money(amount, ledger, chart)}</td><td class="fit wide last-id">${transferLink(base, transfer)}</td></tr>`
}

/** @param live where new rows come from, for the script */
export function transferTable(
  rows: readonly Transfer[],
  context: TableContext,
  live?: {url: string; rows: number},
): Markup {
  return html`<table><thead><tr><th class="fit wide">Time</th><th>Transfer</th><th class="wide">Debit</th><th class="wide">Credit</th><th class="r">Amount</th><th class="wide last-id">Id</th></tr></thead>
<tbody${live === undefined ? '' : html` data-live="${live.url}" data-rows="${live.rows.toString()}"`}>${rows.map((row) => transferRow(row, context))}</tbody></table>
${rows.length === 0 && html`<div class="empty" data-empty>No transfers.</div>`}`
}

/** On the normal side of its type; debits less credits without a type. */
export function balanceOf({debits_posted, credits_posted, code}: Account, chart: Chart | undefined): bigint {
  return normalSide(chart?.typeOf(code)) === 'debit' ? debits_posted - credits_posted : credits_posted - debits_posted
}

export function accountTable(rows: readonly Account[], {base, chart}: TableContext): Markup {
  return html`<table><thead><tr><th>Account</th><th class="wide">Id</th><th class="wide">Code</th><th class="r wide">Debits</th><th class="r wide">Credits</th><th class="r wide">Held</th><th class="r">Balance</th></tr></thead>
<tbody>${rows.map((row) => {
    const {id: account, ledger, code, flags, debits_posted, credits_posted, debits_pending, credits_pending} = row
    return html`<tr><td class="cut"><a class="acct open" href="${base}/accounts/${account.toString()}">${shortLabel(account, chart)}</a>${
      (flags & AccountFlags.closed) !== 0 && html` ${badge('bad', 'closed')}`
    }<span class="route">${codeName('account', code, chart)} · ${ledgerName(ledger, chart)}</span></td>
<td class="fit wide">${id(account)}</td><td class="fit wide">${codeName('account', code, chart)}</td>
<td class="r wide">${figure(debits_posted, ledger, chart)}</td><td class="r wide">${figure(credits_posted, ledger, chart)}</td>
<td class="r wide">${figure(debits_pending + credits_pending, ledger, chart, true)}</td><td class="r">${money(balanceOf(row, chart), ledger, chart)}</td></tr>`
  })}</tbody></table>
${rows.length === 0 && html`<div class="empty">No accounts.</div>`}`
}
