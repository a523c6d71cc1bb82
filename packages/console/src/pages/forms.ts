/** What the forms share: a form is filled in, tried on a copy of the ledger, and sent with the id that it was tried with. */

import {isParixError} from '@parix/kit/errors'
import {nextCommand, renderCommand} from '@parix/kit/next-command'
import {type Account, type CreateKind, idFate, statusName, type Transfer} from '@parix/ledger/schema'
import {html} from 'hono/html'
import type {LedgerWriter} from '../host.js'
import type {Page} from '../view/layout.js'
import {command, type Markup} from '../view/markup.js'
import {BadQuery, type PageContext} from './page-context.js'
import {idIn} from './selection.js'

export interface FormContext extends PageContext {
  writer: LedgerWriter
  form: URLSearchParams
}

/** A form that was sent: undefined where it is shown for the first time. `preview` tries, `create` does. */
export function stepOf(form: URLSearchParams): 'preview' | 'create' | undefined {
  const step = form.get('step')
  return step === 'preview' || step === 'create' ? step : undefined
}

/**
 * The id that the form has. It was made before the form was shown: whoever presses twice sends one event twice, and it
 * is created once.
 *
 * @throws BadQuery
 */
export function idOf(form: URLSearchParams): bigint {
  const id = idIn(form.get('id')?.trim() ?? '')
  if (id === undefined || id === 0n) throw new BadQuery('The id is not a number of up to 128 bits.')
  return id
}

/** Whether the event is in the ledger after a create call with this status. */
export function isStored(kind: CreateKind, status: number): boolean {
  return idFate(kind, statusName(kind, status) ?? '') === 'stored'
}

/** Why an event was refused, or would be. */
export function refusal(kind: CreateKind, status: number, tense: 'was' | 'would be'): Markup {
  const name = statusName(kind, status) ?? `status ${status}`
  return html`<div class="note bad" role="alert">The ${kind} ${tense} refused: <code>${name}</code>.${
    tense === 'was' && idFate(kind, name) === 'burnt' && ' Its id is used up; start again for a new one.'
  }</div>${command(renderCommand(nextCommand('tb explain', {args: [name]})))}`
}

export const NO_COPY = html`<div class="note">This ledger is too large to be copied for a preview. What you create is created at once.</div>`

/** The fields of a form that was tried, unseen, and the event that it was read as. */
export function hiddenFields(form: URLSearchParams, event: Event): Markup {
  const own = [...form].filter(([field]) => field !== 'step' && field !== 'tried')
  return html`${[...own, ['tried', textOf(event)] as const].map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`)}`
}

type Event = Account | Transfer

/**
 * Whether a form that is sent means what its preview has shown: another chart, sent in between, may give its names other
 * accounts and its amount another scale.
 */
export function isAsTried(form: URLSearchParams, event: Event): boolean {
  const tried = form.get('tried')
  return tried === null || tried === textOf(event)
}

function textOf(event: Event): string {
  return Object.values(event).join(',')
}

/** Runs what reads a form. What it can't read is shown above the form again, which keeps what was typed. */
export async function withProblem(
  show: (problem: string | undefined) => Page,
  work: () => Promise<Page | Response>,
): Promise<Page | Response> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof BadQuery) && !(isParixError(error) && error.kind === 'BAD_INPUT')) throw error
    return {...show(error.message), status: 400}
  }
}

export function problemNote(problem: string | undefined): Markup | '' {
  return problem === undefined ? '' : html`<div class="note bad" role="alert">${problem}</div>`
}

export function textField(
  label: string,
  field: string,
  form: URLSearchParams,
  more: {hint?: string; required?: boolean; offered?: readonly string[]} = {},
): Markup {
  const {hint, required, offered = []} = more
  const list = offered.length > 0 ? `offer-${field}` : undefined
  return html`<label>${label}<input name="${field}" value="${form.get(field) ?? ''}" maxlength="200" autocomplete="off" spellcheck="false"${required ? html` required` : ''}${list ? html` list="${list}"` : ''}${hint ? html` placeholder="${hint}"` : ''}></label>${
    list &&
    html`<datalist id="${list}">${offered.slice(0, 200).map((value) => html`<option value="${value}"></option>`)}</datalist>`
  }`
}

export function tick(label: string, field: string, value: string, form: URLSearchParams): Markup {
  return html`<label><input type="checkbox" name="${field}" value="${value}"${form.getAll(field).includes(value) ? html` checked` : ''}>${label}</label>`
}

export function goTo(path: string): Response {
  return new Response(null, {status: 303, headers: {location: path, 'cache-control': 'no-store'}})
}
