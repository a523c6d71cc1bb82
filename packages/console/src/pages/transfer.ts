import {isPending, resolvesHold} from '@parix/books/holds'
import {amountLabel} from '@parix/books/present'
import {type Account, FIELDS, FLAGS, type Transfer, TransferFlags} from '@parix/ledger/schema'
import {html} from 'hono/html'
import {type FoundTrace, readTrace} from '../read/transfer-trace.js'
import type {Page} from '../view/layout.js'
import {
  accountLink,
  badge,
  codeName,
  command,
  exactTime,
  type Markup,
  money,
  shortId,
  shortLabel,
  time,
  timeLeft,
  transferLink,
} from '../view/markup.js'
import {transferTable} from '../view/tables.js'
import {userData, wholeId} from './account.js'
import {commandText, type PageContext} from './page-context.js'

/** One transfer: between whom, what it belongs to, and what became of it. */
export async function transferPage(context: PageContext, transferId: bigint): Promise<Page | undefined> {
  const {database, base, now} = context
  const {chart} = database
  const found = await readTrace(database.reader, transferId, now)
  if (found === undefined) return undefined
  const {transfer, chain, related} = found
  return {
    title: `Transfer ${transferId}`,
    body: html`<p class="crumbs"><a href="${base}/transfers">Transfers</a> / ${codeName('transfer', transfer.code, chart)}</p>
<div class="head"><div><h1>${money(transfer.amount, transfer.ledger, chart)}</h1></div><div>${database.writer && isPending(transfer) && found.outcome?.state === 'open' && html`<a class="button main" href="${base}/transfers/${transferId.toString()}/end">Post or void</a> `}${stateBadge(found)}</div></div>
<section class="card"><header><h2>${codeName('transfer', transfer.code, chart)}</h2><p>${time(transfer.timestamp)}</p></header><div class="body"><div class="flow">
<div><div class="soft">Debit</div>${party(found.debitAccount, transfer.debit_account_id, context)}</div>
<div class="mid"><span class="arrow" aria-hidden="true">⟶</span></div>
<div><div class="soft">Credit</div>${party(found.creditAccount, transfer.credit_account_id, context)}</div></div>
<p>${explanation(found, context)}</p></div></section>
<div class="cols even"><div>
<section class="card"><header><h2>History</h2></header><div class="body">${history(found, context)}</div></section>
${chain.length > 1 && chainCard(found, context)}
<section class="card"><header><h2>On the command line</h2></header><div class="body">${command(commandText(context, 'tb trace', [transferId.toString()]))}${command(commandText(context, 'tb lookup-transfers', [], {id: transferId.toString()}))}</div></section>
</div><div>
<section class="card"><header><h2>Fields</h2></header><div class="body">${fields(transfer, context)}</div></section>
</div></div>
${related.length > 0 && html`<section class="card"><header><h2>Same user_data_128</h2></header>${transferTable(related, {base, chart})}</section>`}`,
  }
}

const OUTCOMES = {
  open: badge('hold', 'held'),
  posted: badge('good', 'posted'),
  voided: badge('plain', 'voided'),
  lapsed: badge('plain', 'lapsed'),
} as const

function stateBadge({transfer, outcome, reversals, outcomeUnknown}: FoundTrace): Markup {
  const reversed = reversals.length > 0 && html` ${badge('bad', 'reversed')}`
  if (isPending(transfer))
    return html`${outcomeUnknown ? badge('hold', 'pending') : OUTCOMES[outcome?.state ?? 'open']}${reversed}`
  if (resolvesHold(transfer))
    return html`${isVoid(transfer) ? badge('plain', 'voids a hold') : badge('good', 'posts a hold')}${reversed}`
  return html`${badge('good', 'posted')}${reversed}`
}

function isVoid({flags}: Transfer): boolean {
  return (flags & TransferFlags.void_pending_transfer) !== 0
}

function party(account: Account | undefined, accountId: bigint, {base, database: {chart}}: PageContext): Markup {
  return html`<div>${accountLink(base, accountId, chart)}</div><div class="soft">${account === undefined ? '' : html`${codeName('account', account.code, chart)} · `}<span class="id">${shortId(accountId)}</span></div>`
}

/** What happened, in sentences. */
function explanation(
  {transfer, hold, outcome, chain, reversals, outcomeUnknown}: FoundTrace,
  {database: {chart}}: PageContext,
): string {
  const amount = amountLabel(transfer.amount, transfer.ledger, chart)
  const from = shortLabel(transfer.debit_account_id, chart)
  const to = shortLabel(transfer.credit_account_id, chart)
  const sentences: string[] = []
  if (isPending(transfer)) {
    sentences.push(`Reserves ${amount}: a debit of ${from} and a credit of ${to} that are not posted yet.`)
    if (outcomeUnknown) sentences.push('What became of it is not among the transfers that this page looked through.')
    else if (outcome?.state === 'posted' && outcome.by)
      sentences.push(
        `It was posted with ${amountLabel(outcome.by.amount, transfer.ledger, chart)}${outcome.by.amount < transfer.amount ? '; the rest was released' : ''}.`,
      )
    else if (outcome?.state === 'voided') sentences.push('It was voided: nothing moved.')
    else if (outcome?.state === 'lapsed')
      sentences.push('Its time ran out: nothing moved, and the amount was released.')
    else
      sentences.push(
        transfer.timeout === 0
          ? 'It stays until it is posted or voided.'
          : 'It lapses by itself unless it is posted or voided before.',
      )
  } else if (isVoid(transfer)) sentences.push(`Voids a hold of ${amount}: nothing moves, and the amount is released.`)
  else if (resolvesHold(transfer)) {
    const held = hold && amountLabel(hold.amount, hold.ledger, chart)
    sentences.push(
      `Posts ${amount}${held ? ` of the ${held} that were held` : ''}: ${from} is debited and ${to} is credited.`,
    )
  } else sentences.push(`Debits ${from} and credits ${to} by ${amount}.`)
  if (chain.length > 1)
    sentences.push(`It is part of a chain of ${chain.length} transfers that were created all or none.`)
  if (reversals.length > 0)
    sentences.push(
      `${reversals.length === 1 ? 'A reversal takes' : `${reversals.length} reversals take`} back ${amountLabel(
        reversals.reduce((sum, {amount: part}) => sum + part, 0n),
        transfer.ledger,
        chart,
      )}.`,
    )
  return sentences.join(' ')
}

/** The transfer, its hold, what ended it, and what takes it back, in the order of time. */
function history({transfer, hold, outcome, reversals, outcomeUnknown}: FoundTrace, context: PageContext): Markup {
  const {
    base,
    now,
    database: {chart},
  } = context
  const step = (kind: string, at: bigint, text: Markup) => ({
    at,
    markup: html`<li class="${kind}"><div>${text}</div><div class="when">${exactTime(at)}</div></li>`,
  })
  const amount = ({amount: value, ledger}: Transfer) => money(value, ledger, chart)
  const other = (row: Transfer) =>
    row.id === transfer.id ? html`<strong>this transfer</strong>` : transferLink(base, row.id)
  const pending = isPending(transfer) ? transfer : hold
  const steps = []
  if (pending !== undefined) {
    steps.push(step('hold', pending.timestamp, html`${amount(pending)} held by ${other(pending)}`))
    const {state, at, by} = outcome ?? {}
    if (by !== undefined)
      steps.push(
        step(
          state === 'posted' ? 'good' : '',
          by.timestamp,
          html`${state === 'posted' ? html`${amount(by)} posted` : 'voided'} by ${other(by)}`,
        ),
      )
    else if (state === 'lapsed' && !outcomeUnknown) steps.push(step('', at!, html`lapsed`))
    else if (at !== undefined && !outcomeUnknown)
      steps.push(step('', at, html`lapses unless it is posted or voided: ${timeLeft(at, now)}`))
  } else steps.push(step('good', transfer.timestamp, html`${amount(transfer)} posted by ${other(transfer)}`))
  for (const reversal of reversals)
    steps.push(step('bad', reversal.timestamp, html`${amount(reversal)} taken back by ${other(reversal)}`))
  return html`<ol class="steps">${steps.map(({markup}) => markup)}</ol>`
}

const CHAIN_SHOWN = 50

function chainCard({transfer, chain}: FoundTrace, {base, database: {chart}}: PageContext): Markup {
  const place = chain.findIndex((row) => row.id === transfer.id)
  const first = Math.max(0, Math.min(place - CHAIN_SHOWN / 2, chain.length - CHAIN_SHOWN))
  return html`<section class="card"><header><h2>Linked chain</h2><p>${place + 1} of ${chain.length}, all or none</p></header><div class="body"><ol class="steps" start="${first + 1}">${chain
    .slice(first, first + CHAIN_SHOWN)
    .map(
      (row) =>
        html`<li class="${row.id === transfer.id ? 'good' : ''}"><div>${row.id === transfer.id ? html`<strong>${codeName('transfer', row.code, chart)}</strong>` : html`<a href="${base}/transfers/${row.id.toString()}">${codeName('transfer', row.code, chart)}</a>`} ${money(row.amount, row.ledger, chart)}</div><div class="when">${shortLabel(row.debit_account_id, chart)} → ${shortLabel(row.credit_account_id, chart)}</div></li>`,
    )}</ol></div></section>`
}

/** As the ledger has them; user data by the names of the chart. */
function fields(transfer: Transfer, {base, database: {chart}}: PageContext): Markup {
  const set = Object.entries(FLAGS.transfer).filter(([, bit]) => (transfer.flags & bit) !== 0)
  const shown = FIELDS.transfer
    .filter(({name}) => !/^(flags|timestamp|user_data_.*)$/.test(name))
    .filter(({name}) => name === 'id' || Number(transfer[name as keyof Transfer]) !== 0)
  return html`<dl class="facts">${shown.map(({name, bits}) => {
    const value = BigInt(transfer[name as keyof Transfer])
    return html`<div><dt>${name}</dt><dd>${name === 'pending_id' ? transferLink(base, value) : bits === 128 ? wholeId(value) : value.toString()}</dd></div>`
  })}<div><dt>flags</dt><dd>${set.length === 0 ? html`<span class="soft">none</span>` : set.map(([flag]) => html`<code>${flag}</code> `)}</dd></div>
<div><dt>timestamp</dt><dd class="id">${transfer.timestamp.toString()}</dd></div>${userData(transfer, chart?.compiled.userData.transfer ?? {})}</dl>`
}
