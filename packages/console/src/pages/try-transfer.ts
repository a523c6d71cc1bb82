/** A transfer on a copy of the ledger: whether it would be created, and what both accounts would hold. */

import type {Chart} from '@parix/books/chart'
import type {Account, Transfer} from '@parix/ledger/schema'
import {html} from 'hono/html'
import type {Page} from '../view/layout.js'
import {digits, figure, type Markup, money, shortLabel} from '../view/markup.js'
import {balanceOf} from '../view/tables.js'
import {type FormContext, hiddenFields, isStored, NO_COPY, refusal} from './forms.js'

export interface Tried {
  /** Undefined where the ledger could not be copied. */
  status: number | undefined
  accounts: {before: Account; after: Account | undefined}[]
  ledger: number
}

export async function tryTransfer(
  {writer, database: {reader}}: FormContext,
  transfer: Transfer,
  ids = [transfer.debit_account_id, transfer.credit_account_id],
): Promise<Tried> {
  const before = await reader.lookupAccounts(ids)
  const copy = await writer.onCopy(async (ledger) => {
    const [result] = await ledger.createTransfers([transfer])
    return {status: result!.status, after: await ledger.lookupAccounts(ids)}
  })
  return {
    status: copy?.status,
    accounts: before.map((account) => ({before: account, after: copy?.after.find(({id}) => id === account.id)})),
    ledger: before[0]?.ledger ?? transfer.ledger,
  }
}

interface Question {
  title: string
  what: string
  button: string
  amount: bigint | undefined
  transfer: Transfer
  tried: Tried
}

/** What would come of it, and the button that does it with the same id. */
export function tryPage(
  {base, form, database: {chart}}: FormContext,
  {title, what, button, amount, transfer, tried}: Question,
): Page {
  const {status, accounts, ledger} = tried
  const refused = status !== undefined && !isStored('transfer', status)
  return {
    title,
    body: html`<p class="crumbs"><a href="${base}/transfers">Transfers</a> / preview</p><div class="head"><div><h1>${title}</h1></div></div>
${status === undefined ? NO_COPY : refused ? refusal('transfer', status, 'would be') : html`<div class="note good">It was tried on a copy of the ledger: this is what it makes of the accounts.</div>`}
<section class="card"><header><h2>${what}</h2><p>${amount !== undefined && money(amount, ledger, chart)}</p></header>
<table><thead><tr><th>Account</th><th class="r">Balance now</th><th class="r">Balance after</th><th class="r wide">Held now</th><th class="r wide">Held after</th></tr></thead>
<tbody>${accounts.map(({before, after}) => row(before, refused ? undefined : after, chart))}</tbody></table>
<footer><form method="post">${hiddenFields(form, transfer)}<button type="submit" class="main" name="step" value="create"${refused ? html` disabled` : ''}>${button}</button> <a class="button" href="${base}/transfers">Cancel</a></form></footer></section>`,
  }
}

function row(before: Account, after: Account | undefined, chart: Chart | undefined): Markup {
  const {ledger} = before
  const held = ({debits_pending, credits_pending}: Account) => debits_pending + credits_pending
  const change = (value: bigint, now: bigint) => {
    const difference = value - now
    if (difference === 0n) return figure(value, ledger, chart)
    const scale = chart?.ledgerOf(ledger)?.scale ?? 0
    return html`${figure(value, ledger, chart)} <span class="soft change">(${difference > 0n ? '+' : ''}${digits(difference, scale)})</span>`
  }
  return html`<tr><td>${shortLabel(before.id, chart)}</td><td class="r">${figure(balanceOf(before, chart), ledger, chart)}</td><td class="r">${after && change(balanceOf(after, chart), balanceOf(before, chart))}</td><td class="r wide">${figure(held(before), ledger, chart)}</td><td class="r wide">${after && change(held(after), held(before))}</td></tr>`
}
