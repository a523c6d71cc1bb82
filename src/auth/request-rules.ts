import type {IncomingMessage} from 'node:http'
import {LOOPBACK_CALLBACK_PATH} from '@parix/kit/contract'
import type {PageName} from './pages.js'

/**
 * Which requests to the loopback listener are looked at all. Returns the page that says no, or the callback's query. Decided
 * on the raw request line and headers: a parsed URL would already have repaired what must be refused.
 */
export function readRequest(request: IncomingMessage, port: number): {refuse: PageName} | {query: URLSearchParams} {
  if (!isOurHost(request, port)) return {refuse: 'host'}
  if (request.method !== 'GET') return {refuse: 'method'}
  const [path, query = ''] = splitOnce(request.url ?? '', '?')
  if (path !== LOOPBACK_CALLBACK_PATH) return {refuse: 'notFound'}
  if (!isPlainNavigation(request)) return {refuse: 'embedded'}
  return {query: new URLSearchParams(query)}
}

/** DNS rebinding brings a foreign name along (threats 1.10). Exactly one Host header, with exactly our address. */
function isOurHost(request: IncomingMessage, port: number): boolean {
  const hosts = request.rawHeaders.filter(
    (_, index, all) => index % 2 === 1 && all[index - 1]!.toLowerCase() === 'host',
  )
  return hosts.length === 1 && (hosts[0] === `127.0.0.1:${port}` || hosts[0] === `localhost:${port}`)
}

/**
 * The real answer is a page opened in a tab. An image, a script, a frame or a prefetch that a page makes the browser send
 * is not (1.9); a browser tells the two apart in the Fetch Metadata headers. curl and scripts send none, and pass.
 */
function isPlainNavigation({headers}: IncomingMessage): boolean {
  if (/prefetch|prerender/i.test(`${headers['sec-purpose'] ?? ''} ${headers.purpose ?? ''}`)) return false
  if (headers['sec-fetch-site'] === undefined) return true
  const destination = headers['sec-fetch-dest']
  return headers['sec-fetch-mode'] === 'navigate' && (destination === undefined || destination === 'document')
}

function splitOnce(text: string, separator: string): [string, string?] {
  const index = text.indexOf(separator)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + separator.length)]
}
