import {isPending} from '@parix/books/holds'
import {AMOUNT_MAX, BLANK_TRANSFER, type Transfer, TransferFlags} from '@parix/ledger/schema'
import {html} from 'hono/html'
import type {Page} from '../view/layout.js'
import {codeName, type Markup, money, shortLabel} from '../view/markup.js'
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
  withProblem,
} from './forms.js'
import {amountIn} from './new-transfer.js'
import {BadQuery} from './page-context.js'
import {tryPage, tryTransfer} from './try-transfer.js'

/** Posts or voids a hold. @returns undefined where there is no such hold */
export async function endHoldPage(context: FormContext, holdId: bigint): Promise<Page | Response | undefined> {
  const {base, form, writer, database} = context
  const [hold] = await database.reader.lookupTransfers([holdId])
  if (hold === undefined || !isPending(hold)) return undefined
  const step = stepOf(form)
  if (step === undefined) return formPage(context, hold, undefined)
  return withProblem(
    (problem) => formPage(context, hold, problem),
    async () => {
      const transfer = endingOf(context, hold)
      const posts = (transfer.flags & TransferFlags.post_pending_transfer) !== 0
      if (step === 'preview' || !isAsTried(form, transfer)) {
        const {chart} = database
        const what = `${codeName('transfer', hold.code, chart)}: ${shortLabel(hold.debit_account_id, chart)} → ${shortLabel(hold.credit_account_id, chart)}`
        return tryPage(context, {
          title: posts ? 'Post this hold?' : 'Void this hold?',
          what,
          button: posts ? 'Post' : 'Void',
          amount: transfer.amount === AMOUNT_MAX || !posts ? hold.amount : transfer.amount,
          transfer,
          tried: await tryTransfer(context, transfer, [hold.debit_account_id, hold.credit_account_id]),
        })
      }
      const [result] = await writer.createTransfers([transfer])
      if (isStored('transfer', result!.status)) return goTo(`${base}/transfers/${holdId}`)
      return {...formPage(context, hold, undefined, refusal('transfer', result!.status, 'was')), status: 409}
    },
  )
}

/** @throws BadQuery, ParixError BAD_INPUT */
function endingOf({form, database: {chart}}: FormContext, hold: Transfer): Transfer {
  const shared = {...BLANK_TRANSFER, id: idOf(form), pending_id: hold.id}
  const end = form.get('end')
  if (end === 'void') return {...shared, flags: TransferFlags.void_pending_transfer}
  if (end !== 'post') throw new BadQuery('A hold is posted or voided.')
  const text = form.get('amount')?.trim() ?? ''
  const amount = text === '' ? AMOUNT_MAX : amountIn(text, hold.ledger, chart)
  return {...shared, amount, flags: TransferFlags.post_pending_transfer}
}

function formPage(
  {base, form, writer, database: {chart}}: FormContext,
  hold: Transfer,
  problem: string | undefined,
  note: Markup | '' = '',
): Page {
  const shown = new URLSearchParams(form)
  if (!form.has('id') || note !== '') shown.set('id', writer.newId().toString())
  const fields = (end: 'post' | 'void') =>
    html`<input type="hidden" name="id" value="${shown.get('id')}"><input type="hidden" name="end" value="${end}">`
  return {
    title: 'End this hold',
    body: html`<p class="crumbs"><a href="${base}/transfers/${hold.id.toString()}">Hold</a> / end</p><div class="head"><div><h1>${money(hold.amount, hold.ledger, chart)} held</h1><p class="lead">${shortLabel(hold.debit_account_id, chart)} → ${shortLabel(hold.credit_account_id, chart)}</p></div></div>${problemNote(problem)}${note}
<div class="cols even"><form method="post" class="card"><header><h2>Post</h2></header><div class="body form">${fields('post')}<p class="soft">The amount moves, or a part of it; the rest is released.</p><div class="fields">${textField('Amount', 'amount', shown, {hint: 'all of it'})}</div><button type="submit" class="main" name="step" value="preview">Preview post</button></div></form>
<form method="post" class="card"><header><h2>Void</h2></header><div class="body form">${fields('void')}<p class="soft">Nothing moves, and the amount is released.</p><button type="submit" name="step" value="preview">Preview void</button></div></form></div>`,
  }
}
