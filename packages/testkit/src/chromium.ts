/** Real Chromium for the tests of pages. A module of its own: no other test loads a driver of browsers. */

import {existsSync, readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {type Browser, type BrowserContextOptions, chromium, type Page} from 'playwright-core'

const CHROMIUM = process.env.PARIX_CHROMIUM || '/usr/bin/chromium'

/** Chromium talks to its maker at every start; here it talks to this machine and to nobody else. */
const FLAGS = [
  '--no-sandbox',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--metrics-recording-only',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
]

/** Where there is no Chromium, there is nothing to look with: the tests are skipped, which is said. */
export const hasChromium = existsSync(CHROMIUM)
if (!hasChromium)
  console.warn(
    `\n  !!! No Chromium at ${CHROMIUM}: install it, or set PARIX_CHROMIUM. Tests of pages are NOT run. !!!\n`,
  )

export function launchChromium(): Promise<Browser> {
  return chromium.launch({executablePath: CHROMIUM, args: FLAGS})
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
  // Half a megabyte, once for each page that is loaded.
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(AXE)
  return page.evaluate<string[]>(`axe.run(document, {resultTypes: ['violations']}).then(({violations}) =>
    violations.filter(({impact}) => impact === 'serious' || impact === 'critical')
      .map(({id, nodes}) => id + ': ' + nodes[0].html.slice(0, 160) + ' ' + nodes[0].failureSummary.slice(0, 200)))`)
}

// As text, since it runs in the page and knows the DOM.
export const OUT_OF_REACH = `[document.documentElement.scrollWidth - innerWidth, ...[...document.querySelectorAll('main *')]
  .filter((element) => element.getClientRects().length > 0 && !element.closest('.scroll') && !element.closest('svg'))
  .map((element) => Math.max(element.getBoundingClientRect().right - innerWidth, -element.getBoundingClientRect().left))]
  .filter((pixels) => pixels > 1)`
