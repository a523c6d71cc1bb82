import {type IncomingHttpHeaders, request} from 'node:http'
import {fileURLToPath} from 'node:url'
import {type Document, type Form, readDocument} from './html.js'

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

interface Navigation {
  method: 'GET' | 'POST'
  body?: string
  /** The origin of the page that asked for it; undefined when typed. */
  from?: string
  headers?: Record<string, string>
}

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

export function createBrowser(options: BrowserOptions = {}): Browser {
  const jar = new Map<string, Map<string, string>>()
  const visited: string[] = []

  async function navigate(url: string, navigation: Navigation): Promise<BrowserPage> {
    let target = new URL(url)
    let step = navigation
    const chain: string[] = []
    for (let redirects = 0; redirects <= (options.redirectsMax ?? 20); redirects++) {
      chain.push(target.origin)
      visited.push(target.href)
      const answer = await send(target, step, chain)
      keepCookies(target.hostname, answer.headers['set-cookie'] ?? [])
      const location = answer.headers.location
      if (!REDIRECTS.has(answer.status) || location === undefined) return page(target, answer)
      target = new URL(location, target)
      if (answer.status < 307 && step.method === 'POST') step = {method: 'GET', ...(step.from && {from: step.from})}
    }
    throw new Error(`Too many redirects:\n${visited.join('\n')}`)
  }

  function send(url: URL, navigation: Navigation, chain: string[]): Promise<Answer> {
    const cookies = [...(jar.get(url.hostname) ?? [])].map(([name, value]) => `${name}=${value}`)
    const headers: Record<string, string> = {
      accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      'user-agent': 'parix-testkit',
      'sec-fetch-site': fetchSite(navigation.from, chain),
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      ...(cookies.length > 0 && {cookie: cookies.join('; ')}),
      ...(navigation.method === 'POST' && {
        origin: navigation.from ?? 'null',
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(Buffer.byteLength(navigation.body ?? '')),
      }),
      ...navigation.headers,
    }
    return exchange(url, navigation.method, headers, navigation.body, options.timeoutMs ?? 60_000)
  }

  function keepCookies(hostname: string, lines: readonly string[]): void {
    const cookies = jar.get(hostname) ?? new Map<string, string>()
    jar.set(hostname, cookies)
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const split = pair.indexOf('=')
      const gone = attributes.some((attribute) => /^max-age=(0|-\d+)$/i.test(attribute))
      if (gone) cookies.delete(pair.slice(0, split))
      else cookies.set(pair.slice(0, split), pair.slice(split + 1))
    }
  }

  function page(url: URL, answer: Answer): BrowserPage {
    const document = readDocument(answer.text)
    return {
      ...document,
      url: url.href,
      status: answer.status,
      headers: answer.headers,
      html: answer.text,
      press: (label, changes = {}) => press(url, document, label, changes),
      follow: (label) => {
        const link = document.links.find((candidate) => label.test(candidate.label))
        if (!link) throw new Error(`No link ${label} on ${url.href}; there are: ${list(document.links)}`)
        return navigate(new URL(link.href, url).href, {method: 'GET', from: url.origin})
      },
    }
  }

  function press(url: URL, document: Document, label: RegExp, changes: FormChanges): Promise<BrowserPage> {
    const buttons = document.forms.flatMap((form) => form.buttons.map((button) => ({form, button})))
    const found = buttons.find(({button}) => label.test(button.label))
    if (!found) {
      const there = list(buttons.map(({button}) => button))
      throw new Error(`No button ${label} on ${url.href}; there are: ${there}\n${document.text}`)
    }
    const data = formData(found.form, found.button, changes)
    const target = new URL(found.form.action || url.href, url)
    const extra = changes.headers ? {headers: changes.headers} : {}
    if (found.form.method === 'POST') {
      return navigate(target.href, {method: 'POST', body: data.toString(), from: url.origin, ...extra})
    }
    target.search = data.toString()
    return navigate(target.href, {method: 'GET', from: url.origin, ...extra})
  }

  return {
    open: (url) => navigate(url, {method: 'GET'}),
    visited,
    cookies: (hostname) => jar.get(hostname) ?? new Map(),
  }
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

/** Fetch Metadata §2.3: `none` when typed; else by the worst relation between the page that asked and all addresses on the way. */
function fetchSite(from: string | undefined, chain: readonly string[]): string {
  if (from === undefined) return 'none'
  if (chain.every((origin) => origin === from)) return 'same-origin'
  const site = new URL(from).hostname
  return chain.every((origin) => new URL(origin).hostname === site) ? 'same-site' : 'cross-site'
}

function exchange(
  url: URL,
  method: string,
  headers: Record<string, string>,
  body: string | undefined,
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {method, headers, agent: false, timeout: timeoutMs}, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        })
      })
    })
    sent.on('timeout', () => sent.destroy(new Error(`No answer from ${url.href}`)))
    sent.on('error', reject)
    sent.end(body)
  })
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
