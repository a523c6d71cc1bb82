import {parseMoney} from '@parix/books/amounts'
import type {Chart} from '@parix/books/chart'
import {parseUint} from '@parix/kit/integers'
import {BLANK_TRANSFER, type Transfer, TransferFlags} from '@parix/ledger/schema'
import {html} from 'hono/html'
import type {Page} from '../view/layout.js'
import {codeName, type Markup, shortLabel} from '../view/markup.js'
import {
  type FormContext,
  goTo,
  idOf,
  isAsTried,
  isStored,
  problemNote,
  refusal,
  stepOf,
  textField,
  tick,
  withProblem,
} from './forms.js'
import {BadQuery} from './page-context.js'
import {accountIn, codeIn, codesOffered} from './selection.js'
import {tryPage, tryTransfer} from './try-transfer.js'

/** A form for one transfer: tried on a copy first, with what it would make of both accounts. */
export async function newTransferPage(context: FormContext): Promise<Page | Response> {
  const {base, form, writer} = context
  const step = stepOf(form)
  if (step === undefined) return formPage(context, undefined)
  return withProblem(
    (problem) => formPage(context, problem),
    async () => {
      const transfer = await transferOf(context)
      if (step === 'preview' || !isAsTried(form, transfer)) {
        const {chart} = context.database
        const what = `${codeName('transfer', transfer.code, chart)}: ${shortLabel(transfer.debit_account_id, chart)} → ${shortLabel(transfer.credit_account_id, chart)}`
        return tryPage(context, {
          title: 'Create this transfer?',
          what,
          button: 'Create transfer',
          amount: transfer.amount,
          transfer,
          tried: await tryTransfer(context, transfer),
        })
      }
      const [result] = await writer.createTransfers([transfer])
      if (isStored('transfer', result!.status)) return goTo(`${base}/transfers/${transfer.id}`)
      return {...formPage(context, undefined, refusal('transfer', result!.status, 'was')), status: 409}
    },
  )
}

/** @throws BadQuery, ParixError BAD_INPUT */
async function transferOf({form, database: {chart, reader}}: FormContext): Promise<Transfer> {
  const debit = accountIn(form.get('debit') ?? '', chart)
  const credit = accountIn(form.get('credit') ?? '', chart)
  if (debit === undefined || credit === undefined)
    throw new BadQuery('Which account is debited, and which is credited?')
  const [account] = await reader.lookupAccounts([debit])
  if (account === undefined) throw new BadQuery(`The account ${shortLabel(debit, chart)} does not exist.`)
  const code = codeIn(form, 'transfer', chart)
  if (code === 0) throw new BadQuery('Which code? It can not be empty.')
  const pending = form.get('pending') === 'yes'
  const timeout = form.get('timeout')?.trim() ?? ''
  if (timeout !== '' && !pending) throw new BadQuery('Only a hold has a timeout.')
  return {
    ...BLANK_TRANSFER,
    id: idOf(form),
    debit_account_id: debit,
    credit_account_id: credit,
    amount: amountIn(form.get('amount') ?? '', account.ledger, chart),
    ledger: account.ledger,
    code,
    flags: pending ? TransferFlags.pending : 0,
    timeout: timeout === '' ? 0 : Number(parseUint('The timeout', timeout, 32)),
  }
}

/** Money where the chart has the ledger, else an integer. @throws ParixError BAD_INPUT */
export function amountIn(text: string, ledger: number, chart: Chart | undefined): bigint {
  const unit = chart?.ledgerOf(ledger)
  return unit === undefined ? parseUint('The amount', text.trim(), 128) : parseMoney('The amount', text, unit)
}

function formPage(
  {base, form, query, writer, database: {chart}}: FormContext,
  problem: string | undefined,
  note: Markup | '' = '',
): Page {
  // A link may say which accounts are meant.
  const shown = new URLSearchParams([...query, ...form])
  if (!form.has('id') || note !== '') shown.set('id', writer.newId().toString())
  const names = chart?.names().map((known) => `@${known}`) ?? []
  return {
    title: 'New transfer',
    body: html`<p class="crumbs"><a href="${base}/transfers">Transfers</a> / new</p><div class="head"><div><h1>New transfer</h1></div></div>${problemNote(problem)}${note}
<form method="post" class="card"><div class="body form"><input type="hidden" name="id" value="${shown.get('id')}">
<div class="fields">${textField('Debit', 'debit', shown, {required: true, hint: chart ? '@name or id' : 'id', offered: names})}${textField('Credit', 'credit', shown, {required: true, hint: chart ? '@name or id' : 'id', offered: names})}${textField('Amount', 'amount', shown, {required: true, hint: chart ? '12.50' : '1250'})}${textField('Code', 'code', shown, {required: true, offered: codesOffered('transfer', chart)})}</div>
<fieldset><legend>Hold</legend><div class="ticks">${tick('Only hold the amount', 'pending', 'yes', shown)}<label>for at most <input name="timeout" value="${shown.get('timeout') ?? ''}" size="8" inputmode="numeric" maxlength="10" autocomplete="off"> seconds</label></div></fieldset>
<button type="submit" class="main" name="step" value="preview">Preview</button></div></form>`,
  }
}
