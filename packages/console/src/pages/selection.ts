/** What the address of a page selects: the fields of the filters of accounts and transfers, and the text to find. */

import type {Chart} from '@parix/books/chart'
import {endOfDay, startOfDay} from '@parix/books/periods'
import {UINT16_MAX, UINT32_MAX, UINT128_MAX} from '@parix/kit/integers'
import {html} from 'hono/html'
import type {Page} from '../view/layout.js'
import {type Markup, visible} from '../view/markup.js'
import {BadQuery, type PageContext} from './page-context.js'

/** The ledger that a field names, by name or id; 0: any. @throws BadQuery */
export function ledgerIn(query: URLSearchParams, chart: Chart | undefined): number {
  const text = query.get('ledger')?.trim() ?? ''
  if (text === '') return 0
  if (/^\d+$/.test(text)) return integerIn('ledger', text, UINT32_MAX)
  return found('ledger', text, () => chart?.ledger(text).id)
}

/** @throws BadQuery */
export function codeIn(query: URLSearchParams, kind: 'account' | 'transfer', chart: Chart | undefined): number {
  const text = query.get('code')?.trim() ?? ''
  if (text === '') return 0
  if (/^\d+$/.test(text)) return integerIn('code', text, UINT16_MAX)
  return found('code', text, () => chart?.code(kind, text))
}

/** An account by `@name`, name or id; undefined where the field is empty. @throws BadQuery */
export function accountIn(text: string, chart: Chart | undefined): bigint | undefined {
  const written = text.trim()
  if (written === '') return undefined
  return idIn(written) ?? found('account', written, () => chart?.account(written.replace(/^@/, '')).id)
}

/** A decimal or hexadecimal id, or a UUID; undefined for anything else. */
export function idIn(text: string): bigint | undefined {
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? `0x${text.replaceAll('-', '')}` : text
  if (!/^(\d{1,39}|0x[0-9a-f]{1,32})$/i.test(uuid)) return undefined
  const id = BigInt(uuid)
  return id <= UINT128_MAX ? id : undefined
}

/** The range of days, in nanoseconds; `to` is the first moment after it. @throws BadQuery */
export function daysIn(query: URLSearchParams): {from: bigint; to: bigint | undefined} {
  const from = query.get('from') ?? ''
  const to = query.get('to') ?? ''
  return {from: from === '' ? 0n : day('from', from, startOfDay), to: to === '' ? undefined : day('to', to, endOfDay)}
}

/** @throws BadQuery */
export function day(field: string, text: string, bound: typeof startOfDay): bigint {
  const at = bound(text, 'UTC')
  if (at === undefined || at < 0n) throw new BadQuery(`${field} is not a date such as 2026-11-27.`)
  return at
}

function integerIn(field: string, text: string, max: bigint): number {
  const value = text.length > 10 ? max + 1n : BigInt(text)
  if (value > max) throw new BadQuery(`${field} is larger than ${max}.`)
  return Number(value)
}

function found<T>(field: string, text: string, look: () => T | undefined): T {
  let value: T | undefined
  try {
    value = look()
  } catch (error) {
    throw new BadQuery((error as Error).message)
  }
  if (value === undefined)
    throw new BadQuery(`${field} is not a number, and there is no chart with names: ${text.slice(0, 60)}`)
  return value
}

/** A text field with what the chart offers for it. */
export function choice(label: string, field: string, query: URLSearchParams, offered: readonly string[]): Markup {
  const list = offered.length > 0 ? `offer-${field}` : undefined
  return html`<label>${label}<input name="${field}" value="${query.get(field) ?? ''}" maxlength="200" autocomplete="off" spellcheck="false"${list ? html` list="${list}"` : ''}></label>${
    list &&
    html`<datalist id="${list}">${offered.slice(0, OFFERED_MAX).map((value) => html`<option value="${value}"></option>`)}</datalist>`
  }`
}

const OFFERED_MAX = 200

export function dateField(label: string, field: string, query: URLSearchParams): Markup {
  return html`<label>${label}<input type="date" name="${field}" value="${query.get(field) ?? ''}"></label>`
}

export function ledgersOffered(chart: Chart | undefined): string[] {
  return chart?.compiled.ledgers.map(({name}) => name) ?? []
}

export function codesOffered(kind: 'account' | 'transfer', chart: Chart | undefined): string[] {
  return Object.keys(chart?.compiled.codes[kind] ?? {})
}

/** Leads to the account or the transfer that a text names. */
export async function findInBooks({base, query, database: {reader, chart}}: PageContext): Promise<Page | Response> {
  const text = (query.get('q') ?? '').trim()
  const id = idIn(text)
  const goTo = (path: string) =>
    new Response(null, {status: 303, headers: {location: `${base}${path}`, 'cache-control': 'no-store'}})
  if (id !== undefined) {
    const [account] = await reader.lookupAccounts([id])
    if (account !== undefined) return goTo(`/accounts/${id}`)
    const [transfer] = await reader.lookupTransfers([id])
    if (transfer !== undefined) return goTo(`/transfers/${id}`)
    return nothing(`There is no account and no transfer with the id ${id}.`)
  }
  if (text === '') return nothing('Type an id, or the @name of an account.')
  try {
    const named = accountIn(text, chart)
    const [account] = named === undefined ? [] : await reader.lookupAccounts([named])
    if (account !== undefined) return goTo(`/accounts/${account.id}`)
    return nothing(`The chart knows ${visible(text)}, but the account was not created yet.`)
  } catch (error) {
    if (!(error instanceof BadQuery)) throw error
    // A part of a name: the accounts that have it.
    if (chart !== undefined && /^@?[a-z][a-z0-9._/-]{0,127}$/.test(text))
      return goTo(`/accounts?${new URLSearchParams({name: text})}`)
    return nothing(
      `${visible(text)} is not an id${chart === undefined ? ', and there is no chart with names' : ' or a name'}.`,
    )
  }
}

function nothing(message: string): Page {
  return {
    title: 'Nothing found',
    status: 404,
    body: html`<div class="head"><h1>Nothing found</h1></div><section class="card"><div class="empty">${message}</div></section>`,
  }
}
