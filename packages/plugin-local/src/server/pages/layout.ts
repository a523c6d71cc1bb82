import {createHash} from 'node:crypto'
import {html, raw} from 'hono/html'
import {ICON, STYLE} from './style.js'

/** Text that is safe to put into a page: `html` escapes everything that isn't of this type. */
export type Markup = ReturnType<typeof html>

export interface Page {
  title: string
  body: Markup
  status?: number
  /** For tables. */
  wide?: boolean
  /** `Set-Cookie` values to pass on. */
  cookies?: readonly string[]
  /** Where forms of this page may lead, redirects included; this service and loopback listeners when left out. */
  formAction?: string
}

/** A whole page. It works without scripts, can't be framed, and stays in no cache. */
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
<body>
<main${page.wide ? raw(' class="wide"') : ''}>
<p class="brand">parix<span class="tag">local</span></p>
${page.body}
</main>
</body>
</html>
`
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(page.formAction),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // Not `no-referrer`: with it browsers send `Origin: null` with our own forms, and the origin check needs the truth.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  })
  for (const cookie of page.cookies ?? []) headers.append('set-cookie', cookie)
  return new Response(document.toString(), {status: page.status ?? 200, headers})
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** Browsers hold the answer to a form to `form-action` too, so the CLI's listener has to be in it. */
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
