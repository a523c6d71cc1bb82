/** The frame of every page: side bar, search, and the headers that keep other sites out. */

import {createHash} from 'node:crypto'
import {html, raw} from 'hono/html'
import type {ConsoleHost, Visitor} from '../host.js'
import {type Markup, name, visible} from './markup.js'
import {SCRIPT} from './script.js'
import {STYLE} from './style.js'

export interface Page {
  title: string
  status?: number
  body: Markup
}

/** Where a page is: what the side bar shows. */
export interface Place {
  host: ConsoleHost
  visitor: Visitor | undefined
  /** The name of the database, and its path. */
  database?: {name: string; path: string}
  /** The entry of the side bar that is current. */
  section: string
}

export const ASSETS = {
  style: asset(STYLE, 'css', 'text/css; charset=utf-8'),
  script: asset(SCRIPT, 'js', 'text/javascript; charset=utf-8'),
}

function asset(text: string, extension: string, type: string): {name: string; text: string; type: string} {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return {name: `${digest}.${extension}`, text, type}
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230a6b4d'/%3E%3Cpath d='M5 12.5v-9h3.5a2.75 2.75 0 0 1 0 5.5H5' fill='none' stroke='white' stroke-width='1.8'/%3E%3C/svg%3E"

/** A whole page. It can't be framed and is not cached; nothing of it comes from elsewhere. */
export function renderPage({title, status = 200, body}: Page, place: Place): Response {
  const {host, visitor, database} = place
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}${database ? ` · ${visible(database.name)}` : ''} · Parix</title>
<link rel="icon" href="${raw(ICON)}">
<link rel="stylesheet" href="${host.base}/-/${ASSETS.style.name}">
<script src="${host.base}/-/${ASSETS.script.name}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${sideBar(place)}
<div>
${
  database &&
  html`<div class="top"><form class="search" action="${database.path}/find" role="search">
<input type="search" name="q" placeholder="Find an account or transfer: id or @name" aria-label="Find an account or transfer by its id or @name" autocomplete="off" spellcheck="false" required maxlength="200"><kbd hidden aria-hidden="true">/</kbd></form>
<span class="live" hidden><span></span></span></div>`
}
<main id="main">
${body}
</main>
<div class="foot">All times are UTC. Amounts are exact.${visitor === undefined ? '' : html` <kbd>/</kbd> finds, <kbd>j</kbd> and <kbd>k</kbd> move through rows.`}</div>
</div>
</body>
</html>
`
  return new Response(String(document), {status, headers: HEADERS})
}

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not `no-referrer`: with it browsers send `Origin: null` with our own forms, and the origin check needs the truth.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

const SECTIONS = [
  ['', 'Overview'],
  ['/accounts', 'Accounts'],
  ['/transfers', 'Transfers'],
  ['/holds', 'Holds'],
  ['/reports', 'Reports'],
] as const

function sideBar({host, visitor, database, section}: Place): Markup {
  const link = (href: string, label: string, icon: string, current: boolean) =>
    html`<li><a href="${href}"${current ? raw(' aria-current="page"') : ''}>${raw(ICONS[icon] ?? '')}${label}</a></li>`
  const more = [
    ...(host.tools ?? []).map(({slug, label, icon}) => link(`${host.base}/-/${slug}`, label, icon, section === slug)),
    ...(host.links ?? []).map(({href, label, icon}) => link(href, label, icon, false)),
  ]
  return html`<header class="side"><div>
<div class="brand"><a href="${host.base}/">parix</a><span class="tag">${host.tag}</span>${visitor && html`<span class="user">${name(visitor.label)}</span>`}</div>
${database && html`<div class="db"><span title="${visible(database.name)}">${name(database.name)}</span><a href="${host.base}/">switch</a></div>`}
<nav aria-label="Console">
<ul>${
    database
      ? SECTIONS.map(([path, label]) => link(`${database.path}${path}`, label, label, section === label))
      : link(`${host.base}/`, 'Databases', 'Databases', section === 'Databases')
  }</ul>
${more.length > 0 && html`<h2>This service</h2><ul>${more}</ul>`}
</nav>
${visitor && html`<div class="last">${name(visitor.label)}</div>`}
</div></header>`
}

const icon = (path: string) =>
  `<svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${path}"/></svg>`

const ICONS: Record<string, string> = {
  Databases: icon(
    'M3 4c0-1.1 2.2-2 5-2s5 .9 5 2v8c0 1.1-2.2 2-5 2s-5-.9-5-2zM3 4c0 1.1 2.2 2 5 2s5-.9 5-2M3 8c0 1.1 2.2 2 5 2s5-.9 5-2',
  ),
  Overview: icon('M2.5 2.5h4.5v6H2.5zM9 2.5h4.5v3H9zM9 7.5h4.5v6H9zM2.5 10.5H7v3H2.5z'),
  Accounts: icon('M2 3.5h12M8 3.5v10M4 7h2M4 10h2M10 7h2M10 10h2'),
  Transfers: icon('M2 5.5h11M10.5 3 13 5.5 10.5 8M14 10.5H3M5.5 8 3 10.5 5.5 13'),
  Holds: icon('M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.2l2 1.3'),
  Reports: icon('M3 13.5v-5M6.5 13.5v-11M10 13.5V6M13.5 13.5v-3'),
  requests: icon('M2.5 4h11M2.5 8h11M2.5 12h7'),
  failures: icon('M8.8 1.8 3 9h4.2l-.9 5.2L13 7H8.5z'),
  keys: icon('M10 9a3 3 0 1 0-2.9-3.7L2.5 10v3.5H5L5 12h1.5v-1.5L8 9.2A3 3 0 0 0 10 9z'),
  docs: icon('M3.5 2h6l3 3v9h-9zM9.5 2v3h3M5.5 8.5h5M5.5 11h5'),
}

/** A page that says what is wrong, and why. */
export function messagePage(place: Place, status: number, title: string, message: string): Response {
  return renderPage(
    {
      title,
      status,
      body: html`<div class="head"><h1>${title}</h1></div><section class="card"><div class="empty">${message}</div></section>`,
    },
    place,
  )
}
