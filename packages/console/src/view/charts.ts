/** Charts as SVG, made on the server. Each mark has a title, and the same figures are in a table below. */

import {html} from 'hono/html'
import type {RecentView} from '../read/recent-transfers.js'
import {count, type Markup} from './markup.js'

const WIDTH = 720
const HEIGHT = 120

/** Transfers per minute, hour or day. */
export function barChart({seconds, list}: RecentView['bars']): Markup {
  const top = Math.max(1, ...list.map(({transfers}) => transfers))
  const step = WIDTH / list.length
  const gap = Math.min(3, step * 0.25)
  const y = (value: number) => (HEIGHT * value) / top
  const marks = list.map(({from, transfers, holds}, index) => {
    if (transfers === 0) return ''
    const x = (index * step).toFixed(1)
    const width = Math.max(1, Math.min(step - gap, 40)).toFixed(1)
    const label = `${instant(from)}: ${count(transfers, 'transfer')}${holds > 0 ? `, ${holds} of them pending` : ''}`
    return html`<g><title>${label}</title><rect class="bar" x="${x}" y="${(HEIGHT - y(transfers)).toFixed(1)}" width="${width}" height="${y(transfers).toFixed(1)}" rx="1.5"/>${
      holds > 0 &&
      html`<rect class="hold" x="${x}" y="${(HEIGHT - y(holds)).toFixed(1)}" width="${width}" height="${y(holds).toFixed(1)}" rx="1.5"/>`
    }</g>`
  })
  return html`<div class="plot"><span class="y">${top.toLocaleString('en-US')}</span>
<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Transfers over time, at most ${top} ${perText(seconds)}">
<path class="grid" d="M0 .5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}"/>${marks}<path class="zero" d="M0 ${HEIGHT}H${WIDTH}"/></svg>
<div class="axis"><span>${instant(list[0]!.from)}</span><span>${instant(list.at(-1)!.from + seconds)} UTC</span></div></div>
<details><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Transfers over time"><table><thead><tr><th>From (UTC)</th><th class="r">Transfers</th><th class="r">Pending</th></tr></thead>
<tbody>${list
    .filter(({transfers}) => transfers > 0)
    .slice(-100)
    .map(
      ({from, transfers, holds}) =>
        html`<tr><td>${instant(from)}</td><td class="r">${transfers.toString()}</td><td class="r">${holds.toString()}</td></tr>`,
    )}</tbody></table></div></details>`
}

/** `a day`, `an hour`, `15 minutes` */
export function perText(seconds: number): string {
  const known: Record<number, string> = {60: 'per minute', 3600: 'per hour', 86400: 'per day', 604800: 'per week'}
  const hours = seconds / 3600
  return (
    known[seconds] ??
    (hours >= 24 ? `per ${hours / 24} days` : hours >= 1 ? `per ${hours} hours` : `per ${seconds / 60} minutes`)
  )
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')
}

export interface Point {
  /** Nanoseconds. */
  at: bigint
  value: bigint
  label: string
}

/** A balance over time: it stays the same until the next transfer. */
export function stepChart(points: readonly Point[], shown: (value: bigint) => Markup): Markup {
  const values = [0n, ...points.map(({value}) => value)]
  const ascending = values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const low = ascending[0]!
  const high = ascending.at(-1)! === low ? low + 1n : ascending.at(-1)!
  const first = points[0]!.at
  const span = points.at(-1)!.at - first || 1n
  // Positions on the screen, to a thousandth: the only place where an amount is not exact.
  const x = (at: bigint) => Number(((at - first) * BigInt(WIDTH) * 1000n) / span) / 1000
  const y = (value: bigint) => HEIGHT - Number(((value - low) * BigInt(HEIGHT) * 1000n) / (high - low)) / 1000
  let path = `M${round(x(first))} ${round(y(points[0]!.value))}`
  for (const {at, value} of points.slice(1)) path += `H${round(x(at))}V${round(y(value))}`
  const zero = round(y(0n))
  const spots = points.filter((_, index) => points.length <= 80 || index % Math.ceil(points.length / 80) === 0)
  return html`<div class="plot tall"><span class="y">${shown(high)}</span>${low < 0n && html`<span class="y low">${shown(low)}</span>`}
<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Balance over time">
<path class="area" d="${path}V${zero}H0Z"/><path class="grid" d="M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}"/><path class="zero" d="M0 ${zero}H${WIDTH}"/><path class="line" d="${path}"/>
${spots.map(
  ({at, label}) =>
    html`<rect x="${round(x(at) - 4)}" y="0" width="8" height="${HEIGHT}" fill="transparent"><title>${label}</title></rect>`,
)}</svg>
<div class="axis"><span>${nsText(first)}</span><span>${nsText(points.at(-1)!.at)} UTC</span></div></div>`
}

function nsText(nanoseconds: bigint): string {
  return instant(Number(nanoseconds / 1_000_000_000n))
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10)
}
