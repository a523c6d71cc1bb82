import {existsSync, readFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import {createRequire} from 'node:module'
import {getRequestListener} from '@hono/node-server'
import {type Browser, type BrowserContextOptions, chromium, type Page} from 'playwright-core'

const CHROMIUM = process.env.PARIX_CHROMIUM || '/usr/bin/chromium'

/** Where no Chromium is installed, there is nothing to look with. */
export const withChromium = existsSync(CHROMIUM) ? describe : describe.skip

export function launchChromium(): Promise<Browser> {
  return chromium.launch({executablePath: CHROMIUM, args: ['--no-sandbox']})
}

export interface Listening {
  url: string
  close(): Promise<void>
}

export async function listen(respond: (request: Request) => Response | Promise<Response>): Promise<Listening> {
  const server: Server = createServer(getRequestListener(respond))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as {port: number}).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

/** A page that remembers what the browser complained about: errors of scripts, and what the policy refused. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions,
): Promise<{page: Page; complaints: string[]}> {
  const page = await (await browser.newContext(options)).newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return {page, complaints}
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core calls serious or critical, with the first element of each. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  return page.evaluate<string[]>(`axe.run(document, {resultTypes: ['violations']}).then(({violations}) =>
    violations.filter(({impact}) => impact === 'serious' || impact === 'critical')
      .map(({id, nodes}) => id + ': ' + nodes[0].html.slice(0, 160) + ' ' + nodes[0].failureSummary.slice(0, 200)))`)
}

// As text, since it runs in the page and knows the DOM.
export const OUT_OF_REACH = `[document.documentElement.scrollWidth - innerWidth, ...[...document.querySelectorAll('main *')]
  .filter((element) => element.getClientRects().length > 0 && !element.closest('.scroll') && !element.closest('svg'))
  .map((element) => Math.max(element.getBoundingClientRect().right - innerWidth, -element.getBoundingClientRect().left))]
  .filter((pixels) => pixels > 1)`
