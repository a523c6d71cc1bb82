import {accountLabel} from '@parix/books/present'
import {type Account, BLANK_ACCOUNT, FLAGS} from '@parix/ledger/schema'
import {html} from 'hono/html'
import type {Page} from '../view/layout.js'
import {codeName, ledgerName, type Markup} from '../view/markup.js'
import {wholeId} from './account.js'
import {
  type FormContext,
  goTo,
  hiddenFields,
  idOf,
  isAsTried,
  isStored,
  NO_COPY,
  problemNote,
  refusal,
  stepOf,
  textField,
  tick,
  withProblem,
} from './forms.js'
import {BadQuery} from './page-context.js'
import {codeIn, codesOffered, ledgerIn, ledgersOffered} from './selection.js'

/** A form for one account, by its name in the chart or by its fields. */
export async function newAccountPage(context: FormContext): Promise<Page | Response> {
  const {base, form, writer} = context
  const step = stepOf(form)
  if (step === undefined) return formPage(context, undefined)
  return withProblem(
    (problem) => formPage(context, problem),
    async () => {
      const account = accountOf(context)
      if (step === 'preview' || !isAsTried(form, account)) {
        const tried = await writer.onCopy(async (copy) => (await copy.createAccounts([account]))[0]!.status)
        return previewPage(context, account, tried)
      }
      const [result] = await writer.createAccounts([account])
      if (isStored('account', result!.status)) return goTo(`${base}/accounts/${account.id}`)
      return {...formPage(context, undefined, refusal('account', result!.status, 'was')), status: 409}
    },
  )
}

const OFFERED_FLAGS = [
  ['debits_must_not_exceed_credits', 'Debits must not exceed credits'],
  ['credits_must_not_exceed_debits', 'Credits must not exceed debits'],
  ['history', 'Keep the history of balances'],
] as const

/** @throws BadQuery, ParixError BAD_INPUT */
function accountOf({form, database: {chart}}: FormContext): Account {
  const name = form.get('name')?.trim().replace(/^@/, '') ?? ''
  const flags = form.getAll('flag').reduce((bits, flag) => bits | (FLAGS.account[flag] ?? 0), 0)
  if (name !== '') {
    if (chart === undefined) throw new BadQuery('There is no chart, so accounts have no names here.')
    const named = chart.account(name)
    const own = named.flags.reduce((bits, flag) => bits | (FLAGS.account[flag] ?? 0), 0)
    return {...BLANK_ACCOUNT, id: named.id, ledger: named.ledger.id, code: named.code, flags: own}
  }
  const account = {
    ...BLANK_ACCOUNT,
    id: idOf(form),
    ledger: ledgerIn(form, chart),
    code: codeIn(form, 'account', chart),
    flags,
  }
  if (account.ledger === 0) throw new BadQuery('Which ledger? It can not be empty.')
  if (account.code === 0) throw new BadQuery('Which code? It can not be empty.')
  return account
}

function formPage(
  {base, form, writer, database: {chart}}: FormContext,
  problem: string | undefined,
  note: Markup | '' = '',
): Page {
  const shown = new URLSearchParams(form)
  if (!shown.has('id')) shown.set('id', writer.newId().toString())
  return {
    title: 'New account',
    body: html`<p class="crumbs"><a href="${base}/accounts">Accounts</a> / new</p><div class="head"><div><h1>New account</h1></div></div>${problemNote(problem)}${note}
<form method="post" class="card"><div class="body form">
${chart && html`<div class="fields">${textField('Name in the chart', 'name', shown, {hint: '@customer/17', offered: chart.names().map((known) => `@${known}`)})}</div><p class="soft">A name says all the rest. Without a name:</p>`}
<div class="fields">${textField('Ledger', 'ledger', shown, {offered: ledgersOffered(chart)})}${textField('Code', 'code', shown, {offered: codesOffered('account', chart)})}${textField('Id', 'id', shown)}</div>
<fieldset><legend>Flags</legend><div class="ticks">${OFFERED_FLAGS.map(([flag, label]) => tick(label, 'flag', flag, shown))}</div></fieldset>
<button type="submit" class="main" name="step" value="preview">Preview</button></div></form>`,
  }
}

function previewPage({base, form, database: {chart}}: FormContext, account: Account, tried: number | undefined): Page {
  const flags = Object.entries(FLAGS.account).filter(([, bit]) => (account.flags & bit) !== 0)
  const refused = tried !== undefined && !isStored('account', tried)
  return {
    title: 'Create this account?',
    body: html`<p class="crumbs"><a href="${base}/accounts">Accounts</a> / new</p><div class="head"><div><h1>Create this account?</h1></div></div>
${tried === undefined ? NO_COPY : refused ? refusal('account', tried, 'would be') : html`<div class="note good">It was tried on a copy of the ledger, and can be created.</div>`}
<section class="card"><div class="body form"><dl class="facts"><div><dt>Account</dt><dd>${accountLabel(account.id, chart)}</dd></div><div><dt>Id</dt><dd>${wholeId(account.id)}</dd></div><div><dt>Ledger</dt><dd>${ledgerName(account.ledger, chart)}</dd></div><div><dt>Code</dt><dd>${codeName('account', account.code, chart)}</dd></div><div><dt>Flags</dt><dd>${flags.length === 0 ? 'none' : flags.map(([flag]) => html`<code>${flag}</code> `)}</dd></div></dl></div>
<footer><form method="post">${hiddenFields(form, account)}<button type="submit" class="main" name="step" value="create"${refused ? html` disabled` : ''}>Create account</button> <a class="button" href="${base}/accounts">Cancel</a></form></footer></section>`,
  }
}
