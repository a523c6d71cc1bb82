import {createHash} from 'node:crypto'
import type {ServerResponse} from 'node:http'

/**
 * What the browser sees of us. No page holds text from a query, and no header does: there is nothing to escape, and nothing
 * that a crafted callback could put on the screen or split a header with (threats 1.18, 1.20).
 */
const PAGES = {
  foreign: [
    400,
    'Not the expected response',
    'This address belongs to another sign-in. The one in your terminal is still waiting.',
  ],
  idle: [200, 'Already done', 'This sign-in was already answered. You can close this tab.'],
  refused: [200, 'You are not signed in', 'You refused access. You can close this tab.'],
  failed: [502, 'You are not signed in', 'Signing in failed. Your terminal says why. You can close this tab.'],
  slow: [
    202,
    'Still working',
    'The service is slow to respond. Your terminal will show the outcome. You can close this tab.',
  ],
  notFound: [404, 'Nothing here', 'Parix waits here for the response to a sign-in, and for nothing else.'],
  method: [405, 'Method not allowed', 'Only GET is allowed here.'],
  host: [421, 'Wrong host', 'Parix responds only at its own address on this machine.'],
  embedded: [403, 'Not from inside another page', 'Open this address in a tab.'],
} as const

export type PageName = keyof typeof PAGES

const STYLE = `body{margin:0;min-height:100vh;display:grid;place-content:center;font:16px/1.5 system-ui,sans-serif;\
background:#f6f7f9;color:#1c2430}main{max-width:28rem;padding:2rem}h1{font-size:1.25rem;margin:0 0 .5rem}p{margin:0}\
@media(prefers-color-scheme:dark){body{background:#14181f;color:#e6e9ee}}`

/** Answers with one of the fixed pages, and ends the connection. */
export function sendPage(response: ServerResponse, name: PageName): void {
  const [status, title, text] = PAGES[name]
  const body = page(title, text)
  response.writeHead(status, {
    ...COMMON_HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'content-security-policy': contentSecurityPolicy(),
    ...(status === 405 && {allow: 'GET'}),
  })
  response.end(body)
}

/** Sends the browser on to `target`, which must be built from our own base URL only (1.16). */
export function sendRedirect(response: ServerResponse, target: URL): void {
  response.writeHead(303, {...COMMON_HEADERS, location: target.href, 'content-length': 0})
  response.end()
}

const COMMON_HEADERS = {
  // A kept-alive connection would hold the process after the login (1.15).
  connection: 'close',
  'cache-control': 'no-store',
  // The callback's address holds the code: it must not travel on to where the redirect leads (1.19).
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

function contentSecurityPolicy(): string {
  const styleHash = createHash('sha256').update(STYLE).digest('base64')
  return `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
}

function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} – Parix</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1><p>${text}</p></main></body>
</html>
`
}
