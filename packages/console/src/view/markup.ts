/** Small pieces of pages: amounts, ids, names and times. Everything that comes from a ledger or a service is escaped here. */

import {formatAmount} from '@parix/books/amounts'
import type {Chart} from '@parix/books/chart'
import {isoOf} from '@parix/books/periods'
import {accountLabel} from '@parix/books/present'
import {cleanLine} from '@parix/kit/text'
import {html, raw} from 'hono/html'

export type Markup = ReturnType<typeof html>

const NAME_CHARACTERS_MAX = 160

/** Text of others: control and bidirectional characters as escapes, cut, and kept from changing the direction of what follows. */
export function name(text: string): Markup {
  const shown = visible(text)
  return html`<bdi>${shown}</bdi>`
}

export function visible(text: string): string {
  const cut =
    text.length > NAME_CHARACTERS_MAX ? `${text.slice(0, NAME_CHARACTERS_MAX).replace(/[\ud800-\udbff]$/, '')}…` : text
  return cleanLine(cut)
}

/**
 * Digits as `formatAmount` has them, in groups of three that only the style sheet sets apart: what is copied from the page is
 * the amount as the command line takes it.
 */
export function digits(amount: bigint, scale: number): Markup {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(.*)$/.exec(formatAmount(amount, scale)) ?? []
  const head = whole.length % 3 || 3
  const groups = whole.slice(head).replace(/\d{3}/g, '<i>$&</i>')
  return html`<span class="n">${sign}${whole.slice(0, head)}${raw(groups)}${rest}</span>`
}

/** An amount with its currency; the integer where the chart does not have the ledger. */
export function money(amount: bigint, ledger: number, chart: Chart | undefined): Markup {
  const unit = chart?.ledgerOf(ledger)
  return unit === undefined
    ? digits(amount, 0)
    : html`${digits(amount, unit.scale)}<span class="u"> ${unit.name}</span>`
}

/** An amount without its currency, for columns of one ledger; nothing where it is 0 and `blank`. */
export function figure(amount: bigint, ledger: number, chart: Chart | undefined, blank = false): Markup | '' {
  return blank && amount === 0n ? '' : digits(amount, chart?.ledgerOf(ledger)?.scale ?? 0)
}

export function ledgerName(ledger: number, chart: Chart | undefined): string {
  return chart?.ledgerOf(ledger)?.name ?? `ledger ${ledger}`
}

export function codeName(kind: 'account' | 'transfer', code: number, chart: Chart | undefined): string {
  return chart?.codeName(kind, code) ?? `code ${code}`
}

/** Shortened in the middle, the whole as a title and for the copy button. */
export function id(value: bigint): Markup {
  const whole = value.toString()
  return html`<span class="id" data-copy="${whole}" title="${whole}">${shortId(value)}</span>`
}

export function shortId(value: bigint): string {
  const whole = value.toString()
  return whole.length > 14 ? `${whole.slice(0, 5)}…${whole.slice(-5)}` : whole
}

export function shortLabel(account: bigint, chart: Chart | undefined): string {
  const label = accountLabel(account, chart)
  return label.startsWith('@') ? label : shortId(account)
}

/** The name of an account, or its short id, as a link to its page. */
export function accountLink(base: string, account: bigint, chart: Chart | undefined): Markup {
  return html`<a class="acct" href="${base}/accounts/${account.toString()}" title="${accountLabel(account, chart)}">${shortLabel(account, chart)}</a>`
}

export function transferLink(base: string, transfer: bigint): Markup {
  const whole = transfer.toString()
  return html`<a class="id" href="${base}/transfers/${whole}" data-copy="${whole}" title="${whole}">${shortId(transfer)}</a>`
}

/** `2026-11-27 09:00:00`, with all nine places of the second as its title. UTC. */
export function time(nanoseconds: bigint): Markup {
  const iso = isoOf(nanoseconds)
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(0, 10)}<span class="hm"> ${iso.slice(11, 19)}</span></time>`
}

/** As `time`, with milliseconds: for what follows each other closely. */
export function exactTime(nanoseconds: bigint): Markup {
  const iso = isoOf(nanoseconds)
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 23)}</time>`
}

/** How long until `end`, which a script keeps up to date. */
export function timeLeft(end: bigint | undefined, now: bigint): Markup {
  if (end === undefined) return html`<span class="soft">no limit</span>`
  const iso = isoOf(end)
  return html`<time class="left" datetime="${iso}" title="${iso}" data-until="${(end / 1_000_000n).toString()}">${durationText(end - now)}</time>`
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

/** `2 d 4 h`, `59 s`, `over`: the two largest units. */
export function durationText(nanoseconds: bigint): string {
  let seconds = Number(nanoseconds / 1_000_000_000n)
  if (seconds <= 0) return 'over'
  const parts: string[] = []
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size)
    if (count === 0 && parts.length === 0) continue
    parts.push(`${count} ${unit}`)
    seconds -= count * size
    if (parts.length === 2) break
  }
  return parts.join(' ')
}

export function badge(kind: 'good' | 'hold' | 'bad' | 'plain' | 'info', text: string): Markup {
  return html`<span class="badge ${kind}">${text}</span>`
}

/** A command to run, with a copy button that the script adds. */
export function command(text: string): Markup {
  return html`<pre class="cmd" data-copy="${text}" tabindex="0" aria-label="Command"><code>${text}</code></pre>`
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`
}
