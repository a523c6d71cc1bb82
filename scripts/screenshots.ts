/**
 * `npm run screenshots`: the pictures of docs/console, from demo books in a service that is thrown away. The same books in every
 * run, so that pictures differ only where pages do.
 */
import {execFileSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {withHome} from '@parix/testkit'
import {launchChromium} from '@parix/testkit/chromium'
import type {Browser} from 'playwright-core'
import {ROOT} from './build/workspaces.js'

const DIRECTORY = join(ROOT, 'docs/console')

interface Picture {
  file: string
  /** Under the page of the database. */
  path: string
  /** Followed on that page, where the address holds an id that is not known before. */
  follow?: string
  width: number
  height: number
  scheme: 'light' | 'dark'
}

const PICTURES: Picture[] = [
  {file: 'overview.png', path: '', width: 1120, height: 700, scheme: 'light'},
  {
    file: 'account.png',
    path: '/accounts',
    follow: 'tbody tr:nth-child(9) a.open',
    width: 1120,
    height: 700,
    scheme: 'dark',
  },
  {file: 'reports.png', path: '/reports', width: 1120, height: 560, scheme: 'light'},
  {file: 'phone.png', path: '/transfers', width: 375, height: 700, scheme: 'dark'},
]

await withHome(async (home) => {
  const run = (...words: string[]) =>
    execFileSync(process.execPath, [join(ROOT, 'bin/run.js'), ...words], {
      env: home.environment,
      cwd: home.path,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  const demo = JSON.parse(run('local', 'demo', 'marketplace', '--detach', '--port', '0', '--json')) as {console: string}
  const browser = await launchChromium()
  try {
    mkdirSync(DIRECTORY, {recursive: true})
    for (const picture of PICTURES) await take(browser, demo.console.replace(/\/$/, ''), picture)
  } finally {
    await browser.close()
    run('local', 'stop')
  }
})

async function take(
  browser: Browser,
  url: string,
  {file, path, follow, width, height, scheme}: Picture,
): Promise<void> {
  const context = await browser.newContext({viewport: {width, height}, colorScheme: scheme})
  const page = await context.newPage()
  await page.goto(url + path)
  await page
    .getByRole('button', {name: /^Sign in as/})
    .first()
    .click()
  await page.waitForURL(url + path)
  if (follow !== undefined) await Promise.all([page.waitForEvent('load'), page.click(follow)])
  await page.screenshot({path: join(DIRECTORY, file)})
  await context.close()
  process.stderr.write(`${file}\n`)
}
