import type {UserDataField} from '@parix/books/chart'
import {accountLabel, userDataText} from '@parix/books/present'
import {type Account, AccountFlags, FLAGS} from '@parix/ledger/schema'
import {html} from 'hono/html'
import {readAccountHistory} from '../read/account-history.js'
import type {Page} from '../view/layout.js'
import {badge, codeName, command, count, figure, id, ledgerName, type Markup, money, time} from '../view/markup.js'
import {balanceOf} from '../view/tables.js'
import {balanceLine, openHolds, statementCard, teeAccount} from './account-parts.js'
import {commandText, cursor, type PageContext} from './page-context.js'

/** One account: what it holds, why that much is available, and what led to it. */
export async function accountPage(context: PageContext, accountId: bigint): Promise<Page | undefined> {
  const {database, base, query, now} = context
  const {chart, reader} = database
  const before = cursor(query, 'before')
  const found = await readAccountHistory(reader, accountId, chart, {before, now})
  if (found === undefined) return undefined
  const {account, statement} = found
  const {ledger} = account
  const label = accountLabel(accountId, chart)
  const isNewest = before === undefined
  return {
    title: label,
    body: html`<p class="crumbs"><a href="${base}/accounts">Accounts</a> / ${codeName('account', account.code, chart)}</p>
<div class="head"><div><h1>${label.startsWith('@') ? label : id(accountId)}</h1></div><div>${database.writer && html`<a class="button" href="${base}/transfers/new?credit=${accountId.toString()}">Credit</a> <a class="button" href="${base}/transfers/new?debit=${accountId.toString()}">Debit</a> `}${(account.flags & AccountFlags.closed) !== 0 && badge('bad', 'closed')} ${badge('plain', `${ledgerName(ledger, chart)}`)}</div></div>
${
  isNewest &&
  html`<ul class="tiles"><li class="tile"><div class="top-line">Balance</div><div class="big">${money(balanceOf(account, chart), ledger, chart)}</div><dl><div><dt>on its ${statement.side} side</dt></div></dl></li>
${available(account, context)}
<li class="tile"><div class="top-line">Held</div><div class="big">${money(account.debits_pending + account.credits_pending, ledger, chart)}</div><dl><div><dt>debits</dt> <dd>${figure(account.debits_pending, ledger, chart)}</dd></div><div><dt>credits</dt> <dd>${figure(account.credits_pending, ledger, chart)}</dd></div></dl></li></ul>
<div class="cols even"><section class="card"><header><h2>T-account</h2><p>what was posted, and the latest of it</p></header><div class="body">${teeAccount(found, context)}</div></section>
<section class="card"><header><h2>Balance over time</h2><p>${found.more ? `the latest ${found.transfers.length} transfers` : count(found.transfers.length, 'transfer')}</p></header><div class="body">${balanceLine(found, context)}</div></section></div>`
}
${statementCard(found, context)}
${
  isNewest &&
  html`${openHolds(found, context)}
<div class="cols even"><section class="card"><header><h2>Account</h2></header><div class="body">${facts(account, context)}</div></section>
<section class="card"><header><h2>On the command line</h2></header><div class="body">${command(commandText(context, 'tb statement', [accountId.toString()]))}${command(commandText(context, 'tb balance', [accountId.toString()]))}${command(commandText(context, 'tb get-account-transfers', [], {'account-id': accountId.toString()}))}</div></section></div>`
}`,
  }
}

/** What can be spent, and by which rule (TigerBeetle: the limit flags count pending amounts as spent). */
function available(account: Account, {database: {chart}}: PageContext): Markup {
  const {ledger, flags, debits_posted, debits_pending, credits_posted, credits_pending} = account
  const debits = (flags & AccountFlags.debits_must_not_exceed_credits) !== 0
  const credits = (flags & AccountFlags.credits_must_not_exceed_debits) !== 0
  if (!debits && !credits) {
    return html`<li class="tile"><div class="top-line">Available</div><div class="big">no limit</div><dl><div><dt>The account has no limit flag.</dt></div></dl></li>`
  }
  const [have, spent, held] = debits
    ? [credits_posted, debits_posted, debits_pending]
    : [debits_posted, credits_posted, credits_pending]
  const figureOf = (value: bigint) => figure(value, ledger, chart)
  return html`<li class="tile"><div class="top-line">Available</div><div class="big">${money(have - spent - held, ledger, chart)}</div>
<dl><div><dt>${debits ? 'credits' : 'debits'}</dt> <dd>${figureOf(have)}</dd></div><div><dt>− ${debits ? 'debits' : 'credits'}</dt> <dd>${figureOf(spent)}</dd></div><div><dt>− held</dt> <dd>${figureOf(held)}</dd></div></dl></li>`
}

function facts(account: Account, {database: {chart}}: PageContext): Markup {
  const {ledger, code, flags, timestamp} = account
  const set = Object.entries(FLAGS.account).filter(([, bit]) => (flags & bit) !== 0)
  const type = chart?.typeOf(code)
  return html`<dl class="facts"><div><dt>Id</dt><dd>${wholeId(account.id)}</dd></div>
<div><dt>Ledger</dt><dd>${ledgerName(ledger, chart)} <span class="soft">${ledger}</span></dd></div>
<div><dt>Code</dt><dd>${codeName('account', code, chart)} <span class="soft">${code}${type ? `, ${type}` : ''}</span></dd></div>
<div><dt>Flags</dt><dd>${set.length === 0 ? html`<span class="soft">none</span>` : set.map(([flag]) => html`<code>${flag}</code> `)}</dd></div>
<div><dt>Created</dt><dd>${time(timestamp)}</dd></div>${userData(account, chart?.compiled.userData.account ?? {})}</dl>`
}

export function wholeId(value: bigint): Markup {
  return html`<span class="id" data-copy="${value.toString()}">${value.toString()}</span>`
}

type UserData = Pick<Account, 'user_data_128' | 'user_data_64' | 'user_data_32'>

/** The three fields of user data by what the chart says that they are; those that are 0 are left out. */
export function userData(row: UserData, meanings: Record<string, UserDataField>): Markup {
  const fields = (['128', '64', '32'] as const).map((bits) => ({bits, value: BigInt(row[`user_data_${bits}`])}))
  return html`${fields
    .filter(({value}) => value !== 0n)
    .map(({bits, value}) => {
      const meaning = meanings[bits]
      const text = meaning && userDataText(value, meaning.as)
      return html`<div><dt>${meaning?.name ?? `user_data_${bits}`}</dt><dd>${text !== undefined && text !== value.toString() && html`${text} `}${wholeId(value)}</dd></div>`
    })}`
}
