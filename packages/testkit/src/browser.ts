import type {IncomingHttpHeaders} from 'node:http'
import {fileURLToPath} from 'node:url'
import {type BrowserResponse, browserHeaders, createCookieJar, type Exchange, send} from './browser/exchange.js'
import {type Document, type Form, readDocument} from './browser/html.js'

/**
 * A browser for tests and demonstrations: it follows pages and presses buttons by what is written on them, without scripts.
 * It sends what browsers send of their own accord (cookies by host, `Origin` with forms, `Sec-Fetch-*`), so that a server's
 * checks are met as a real browser would meet them.
 */
export interface Browser {
  /** As if typed into the address bar. */
  open(url: string): Promise<BrowserPage>
  /** Every address that was asked for, redirects included. */
  readonly visited: readonly string[]
  /** The cookies of a host: they don't tell ports apart, as in real browsers. */
  cookies(hostname: string): ReadonlyMap<string, string>
}

export interface BrowserPage extends Document {
  /** Where the browser ended up. */
  url: string
  status: number
  headers: IncomingHttpHeaders
  html: string
  /** Presses the first button whose label matches. @throws Error naming the buttons there are */
  press(label: RegExp, changes?: FormChanges): Promise<BrowserPage>
  /** Follows the first link whose label matches. @throws Error naming the links there are */
  follow(label: RegExp): Promise<BrowserPage>
}

export interface FormChanges {
  /** Text typed into fields, by name. */
  fill?: Record<string, string>
  /** Values of checkboxes whose ticks are taken away. */
  untick?: readonly string[]
  /** Headers that replace the browser's own; for what an attacker's page would send. */
  headers?: Record<string, string>
}

export interface BrowserOptions {
  /** How many redirects one navigation may take. */
  redirectsMax?: number
  /** Milliseconds until a request is given up. */
  timeoutMs?: number
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])
const REDIRECTS_MAX = 20
const TIMEOUT_MS = 60_000

/** Goes to an address and says where it ended. */
type Navigate = (url: string, exchange: Exchange) => Promise<BrowserPage>

export function createBrowser(options: BrowserOptions = {}): Browser {
  const {redirectsMax = REDIRECTS_MAX, timeoutMs = TIMEOUT_MS} = options
  const jar = createCookieJar()
  const visited: string[] = []

  const navigate: Navigate = async (url, exchange) => {
    let target = new URL(url)
    let step = exchange
    const chain: string[] = []
    while (chain.length <= redirectsMax) {
      chain.push(target.origin)
      visited.push(target.href)
      const headers = browserHeaders(step, chain, jar.header(target.hostname))
      const response = await send(target, step.method, headers, step.body, timeoutMs)
      jar.keep(target.hostname, response.headers['set-cookie'] ?? [])
      const {location} = response.headers
      if (!REDIRECTS.has(response.status) || location === undefined) return createPage(target, response, navigate)
      target = new URL(location, target)
      if (response.status < 307 && step.method === 'POST') step = {method: 'GET', ...(step.from && {from: step.from})}
    }
    throw new Error(`Too many redirects:\n${visited.join('\n')}`)
  }

  return {open: (url) => navigate(url, {method: 'GET'}), visited, cookies: (hostname) => jar.of(hostname)}
}

function createPage(url: URL, response: BrowserResponse, navigate: Navigate): BrowserPage {
  const document = readDocument(response.text)
  return {
    ...document,
    url: url.href,
    status: response.status,
    headers: response.headers,
    html: response.text,
    press: (label, changes = {}) => press(url, document, label, changes, navigate),
    follow: (label) => {
      const link = document.links.find((candidate) => label.test(candidate.label))
      if (!link) throw new Error(`No link ${label} on ${url.href}; there are: ${list(document.links)}`)
      return navigate(new URL(link.href, url).href, {method: 'GET', from: url.origin})
    },
  }
}

function press(
  url: URL,
  document: Document,
  label: RegExp,
  changes: FormChanges,
  navigate: Navigate,
): Promise<BrowserPage> {
  const buttons = document.forms.flatMap((form) => form.buttons.map((button) => ({form, button})))
  const found = buttons.find(({button}) => label.test(button.label))
  if (!found) {
    const there = list(buttons.map(({button}) => button))
    throw new Error(`No button ${label} on ${url.href}; there are: ${there}\n${document.text}`)
  }
  const data = formData(found.form, found.button, changes)
  const target = new URL(found.form.action || url.href, url)
  const {method} = found.form
  const exchange: Exchange = {method, from: url.origin, ...(changes.headers && {headers: changes.headers})}
  if (method === 'POST') return navigate(target.href, {...exchange, body: data.toString()})
  target.search = data.toString()
  return navigate(target.href, exchange)
}

/** What the form sends when `button` is pressed (HTML standard, 'constructing the entry list'). */
function formData(form: Form, button: Form['buttons'][number], changes: FormChanges): URLSearchParams {
  const data = new URLSearchParams()
  for (const [name, value] of form.fields) data.append(name, changes.fill?.[name] ?? value)
  for (const box of form.checkboxes) {
    if (box.checked && !changes.untick?.includes(box.value)) data.append(box.name, box.value)
  }
  if (button.name) data.append(button.name, button.value)
  return data
}

function list(items: readonly {label: string}[]): string {
  return items.map(({label}) => `"${label}"`).join(', ') || 'none'
}

/**
 * Signs in at `url` (what the CLI opens a browser with) and presses the buttons that a person would.
 *
 * @returns the last page: 'You are signed in' when all went well
 */
export async function signInWithBrowser(
  url: string,
  choice: {decision?: 'allow' | 'deny'; untick?: readonly string[]; browser?: Browser} = {},
): Promise<BrowserPage> {
  let page = await (choice.browser ?? createBrowser()).open(url)
  if (hasButton(page, /^sign in as/i)) page = await page.press(/^sign in as/i)
  const decision = choice.decision === 'deny' ? /^deny$/i : /^allow$/i
  return hasButton(page, decision) ? page.press(decision, choice.untick ? {untick: choice.untick} : {}) : page
}

function hasButton(page: Document, label: RegExp): boolean {
  return page.forms.some((form) => form.buttons.some((button) => label.test(button.label)))
}

/** The same as a program, for `$BROWSER`: signs in and presses Allow; Deny with `PARIX_TEST_BROWSER=deny`. */
export const BROWSER_PROGRAM = fileURLToPath(new URL('../bin/browser.mjs', import.meta.url))
