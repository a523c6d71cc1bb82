import {createHash} from 'node:crypto'
import {PATHS} from '@parix/kit/contract'
import type {MiddlewareHandler} from 'hono'
import {html, raw} from 'hono/html'
import {ICON, STYLE} from './style.js'

/** Text that is safe to put into a page: `html` escapes everything that isn't of this type. */
export type Markup = ReturnType<typeof html>

export interface Page {
  title: string
  body: Markup
  status?: number
  /** Width of the page; `narrow` when left out: a single question. */
  layout?: 'narrow' | 'wide' | 'docs'
  /** Where forms of this page may lead, redirects included; this service and loopback listeners when left out. */
  formAction?: string
}

/** A whole page. It works without scripts, can't be framed, is not cached, and has a link to the start page. */
export async function renderPage(page: Page): Promise<Response> {
  const document = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · Parix</title>
<link rel="icon" href="${raw(ICON)}">
<style>${raw(STYLE)}</style>
</head>
<body class="${page.layout ?? 'narrow'}">
<header><a class="brand" href="/">parix<span class="tag">local</span></a>
<nav aria-label="Site"><a href="/">Home</a><a href="/console/">Console</a><a href="${PATHS.apiKeys}">API keys</a><a href="/docs">API</a></nav></header>
<main>
${page.body}
</main>
</body>
</html>
`
  return new Response(document.toString(), {
    status: page.status ?? 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(page.formAction),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      // Not `no-referrer`: with it browsers send `Origin: null` with our own forms, and the origin check needs the truth.
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    },
  })
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** Browsers hold the response to a form to `form-action` too, so the CLI's listener has to be in it. */
function contentSecurityPolicy(formAction = "'self' http://127.0.0.1:* http://localhost:*"): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    'img-src data:',
    `form-action ${formAction}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** A page for what went wrong. `message` is ours: the only text of a request in it are names that it typed. */
export function errorPage(status: number, message: string, title = 'That did not work'): Promise<Response> {
  return renderPage({
    title,
    status,
    body: html`<h1>${title}</h1><p>${message}</p>
<p class="soft"><a href="/">Go to the start page</a></p>`,
  })
}

export function notFoundPage(): Promise<Response> {
  return errorPage(404, 'There is no page at this address.', 'Page not found')
}

/**
 * Accepts forms from our own pages only (threat 2.11). Browsers send `Origin` with every form that is posted, and a page of
 * another site can neither omit nor change it.
 */
export const sameOriginOnly: MiddlewareHandler = async (c, next) => {
  const {method, url} = c.req
  if (method === 'GET' || method === 'HEAD') return next()
  const site = c.req.header('sec-fetch-site')
  const isOurs = c.req.header('origin') === new URL(url).origin && (site === undefined || site === 'same-origin')
  return isOurs ? next() : errorPage(403, 'This form did not come from a page of this service. Nothing was done.')
}
