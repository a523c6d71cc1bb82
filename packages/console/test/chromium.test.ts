import {BLANK_QUERY_FILTER} from '@parix/ledger/schema'
import {hasChromium, launchChromium, OUT_OF_REACH, openPage, seriousViolations} from '@parix/testkit/chromium'
import {expect} from 'chai'
import type {Browser} from 'playwright-core'
import {type Listening, listen} from './support/listen.js'
import {type SampleBooks, sampleBooks, transfer} from './support/sample-books.js'
import {consoleOf, LIMITS} from './support/visit.js'
import {writerOf} from './support/writer.js'

/** Every page, by what it is. */
const PAGES: Record<string, (ids: SampleBooks['ids']) => string> = {
  databases: () => '',
  overview: () => 'shop',
  accounts: () => 'shop/accounts',
  'an account': () => 'shop/accounts/1003',
  transfers: () => 'shop/transfers',
  'a hold': ({open}) => `shop/transfers/${open}`,
  'a transfer of a chain': ({chained}) => `shop/transfers/${chained}`,
  holds: () => 'shop/holds',
  reports: () => 'shop/reports',
  'a new account': () => 'shop/accounts/new',
  'a new transfer': () => 'shop/transfers/new?debit=1&credit=1003',
  'a page that is not there': () => 'shop/nothing',
}

const suite = hasChromium ? describe : describe.skip

suite('the console in Chromium', function () {
  this.timeout(120_000)
  let books: SampleBooks
  let browser: Browser
  /** For what is the same in any context; tests that leave something behind have one of their own. */
  let opened: Awaited<ReturnType<typeof openPage>>
  let site: Listening
  let pages: string[]
  before(async () => {
    books = await sampleBooks(120)
    const app = consoleOf([{...books.database, writer: writerOf(books.ledger)}])
    site = await listen((request) => app.fetch(request))
    pages = Object.values(PAGES).map((pathOf) => pathOf(books.ids))
    browser = await launchChromium()
    opened = await openPage(browser, {})
  })
  after(async () => {
    await browser?.close()
    await site?.close()
    await books?.ledger.close()
  })

  const url = (path: string) => `${site.url}/console/${path}`

  // Nothing but style sheets knows the width and the scheme of colours, so that a page need not be loaded for each.
  for (const [name, pathOf] of Object.entries(PAGES)) {
    it(`${name} at 375, 1280 and 1920 px in light and dark: nothing out of reach, no complaint, nothing serious for axe-core`, async () => {
      const {page, complaints} = opened
      complaints.length = 0
      await page.goto(url(pathOf(books.ids)))
      for (const width of [375, 1280, 1920]) {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({width, height: 800})
          await page.emulateMedia({colorScheme})
          expect(await page.evaluate(OUT_OF_REACH), `${width} ${colorScheme}`).to.deep.equal([])
          // The colours differ by scheme, and the layout by width: two of the six see every combination of pages and rules.
          if ((width === 375) === (colorScheme === 'dark') && width !== 1920)
            expect(await seriousViolations(page), `${width} ${colorScheme}`).to.deep.equal([])
        }
      }
      expect(complaints.filter((text) => !text.includes('404'))).to.deep.equal([])
    })
  }

  it('previews of forms: nothing out of reach and nothing serious for axe-core, whether they can be created or not', async () => {
    const {page, complaints} = opened
    complaints.length = 0
    for (const [path, fields, text] of [
      ['shop/transfers/new', {debit: '@bank/usd', credit: '@customer/3', amount: '1.00', code: 'topup'}, 'after'],
      [
        'shop/transfers/new',
        {debit: '@customer/3', credit: '@bank/usd', amount: '9999999.00', code: 'payout'},
        'exceeds_credits',
      ],
      ['shop/transfers/new', {debit: 'nobody', credit: '@bank/usd', amount: 'x', code: 'payout'}, 'nobody'],
      ['shop/accounts/new', {name: '@customer/77'}, 'tried on a copy'],
    ] as const) {
      await page.goto(url(path))
      for (const [name, value] of Object.entries(fields)) await page.fill(`[name="${name}"]`, value)
      await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
      expect(await page.textContent('main'), JSON.stringify(fields)).to.contain(text)
      for (const [width, colorScheme] of [
        [375, 'dark'],
        [1280, 'light'],
      ] as const) {
        await page.setViewportSize({width, height: 800})
        await page.emulateMedia({colorScheme})
        expect(await page.evaluate(OUT_OF_REACH), `${width} ${JSON.stringify(fields)}`).to.deep.equal([])
        expect(await seriousViolations(page), `${width} ${JSON.stringify(fields)}`).to.deep.equal([])
      }
    }
    expect(complaints.filter((text) => !/\b400\b/.test(text))).to.deep.equal([])
  })

  it('prints what was read: black on white whatever the scheme, without what only a screen can use', async () => {
    const {page} = await openPage(browser, {colorScheme: 'dark'})
    await page.emulateMedia({media: 'print', colorScheme: 'dark'})
    for (const path of ['shop', 'shop/accounts/1003', 'shop/reports', 'shop/transfers/new']) {
      await page.goto(url(path))
      const shown = await page.evaluate<string[]>(
        `[...document.querySelectorAll('nav, form, button, .button, input, .copy')].filter((e) => e.getClientRects().length > 0).map((e) => e.outerHTML.slice(0, 120))`,
      )
      if (!path.endsWith('new')) expect(shown, path).to.deep.equal([])
      const [ink, ground] = await page.evaluate<string[]>(
        `(() => { const {color, backgroundColor} = getComputedStyle(document.body); return [color, backgroundColor] })()`,
      )
      expect([ink, ground], path).to.deep.equal(['rgb(0, 0, 0)', 'rgb(255, 255, 255)'])
    }
    await page.context().close()
  })

  it('shows the same text without scripts', async () => {
    const text = `document.querySelectorAll('.copy').forEach((button) => button.remove()),
      document.querySelector('main').innerText.replace(/\\d+ (d|h|min|s)( \\d+ (h|min|s))?/g, '').replace(/\\s+/g, ' ')`
    const withScripts = await openPage(browser, {})
    const without = await openPage(browser, {javaScriptEnabled: false})
    for (const path of pages) {
      await withScripts.page.goto(url(path))
      await without.page.goto(url(path))
      expect(await without.page.evaluate(text), path).to.equal(await withScripts.page.evaluate(text))
    }
    await withScripts.page.context().close()
    await without.page.context().close()
  })

  it('is used without a mouse: / finds an account, j and k move through rows, Enter opens one', async () => {
    const {page} = await openPage(browser, {})
    await page.goto(url('shop'))
    await page.keyboard.press('/')
    await page.keyboard.type('@customer/3')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/accounts/1003')
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    const target = await page.evaluate<string>('document.activeElement.getAttribute("href")')
    expect(target).to.match(/^\/console\/shop\/transfers\/\d+$/)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${target}`)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('Skip to the content')
    await page.context().close()
  })

  it('shows a new transfer by itself, with new sums, and a burst without growing', async () => {
    const {page} = await openPage(browser, {})
    await page.goto(url('shop'))
    await page.waitForSelector('.live.on')
    const first = 900_000_000n
    await books.ledger.createTransfers([
      transfer({id: first, debit_account_id: 1n, credit_account_id: 1001n, amount: 4_242n}),
    ])
    await page.waitForSelector(`tbody a[href$="/transfers/${first}"]`)
    const burst = Array.from({length: 5_000}, (_, n) =>
      transfer({id: first + 1n + BigInt(n), debit_account_id: 1n, credit_account_id: 1001n, amount: 1n}),
    )
    await books.ledger.createTransfers(burst)
    await page.waitForSelector(`tbody a[href$="/transfers/${first + 5_000n}"]`)
    expect(await page.evaluate('document.querySelector("tbody[data-live]").children.length')).to.equal(12)
    const [bank] = await books.ledger.lookupAccounts([1n])
    expect(bank!.debits_posted > 4_242n).to.equal(true)
    await page.context().close()
  })

  it('sends new rows as soon as it looks again, in at most 20 rows an event', async () => {
    const app = consoleOf([books.database], {limits: {...LIMITS, livePollMs: 5}})
    const [last] = await books.ledger.queryTransfers({...NEWEST, limit: 1})
    const response = await app.request(`${url('shop/live')}?after=${last!.timestamp}`)
    const reader = response.body!.getReader()
    await books.ledger.createTransfers(
      Array.from({length: 100}, (_, n) =>
        transfer({id: 800_000_000n + BigInt(n), debit_account_id: 1n, credit_account_id: 1001n, amount: 1n}),
      ),
    )
    let text = ''
    while (!text.includes('event: rows')) text += Buffer.from((await reader.read()).value!).toString()
    await reader.cancel()
    const {html, skipped} = JSON.parse(/^data: (.*)$/m.exec(text.slice(text.indexOf('event: rows')))![1]!) as {
      html: string
      skipped: number
    }
    expect(html.match(/<tr>/g)).to.have.length(20)
    expect(skipped).to.equal(80)
    expect(html).to.not.match(/[\r\n]event:/)
  })

  it('can not be framed, read or used by a page of another origin', async () => {
    const other = await listen(
      () =>
        new Response(`<!doctype html><iframe src="${url('shop')}"></iframe><script src="${url('shop')}"></script>`, {
          headers: {'content-type': 'text/html'},
        }),
    )
    const {page, complaints} = await openPage(browser, {})
    await page.goto(other.url)
    await expectSoon(() => complaints.some((text) => /frame/i.test(text)))
    const frame = page.frames().find((candidate) => candidate.url().includes('/console'))
    expect(frame === undefined || (await frame.content().catch(() => '')).includes('Overview')).to.equal(
      frame === undefined,
    )
    const read = (mode: string) =>
      page.evaluate<string>(
        `fetch(${JSON.stringify(url('shop'))}, {mode: '${mode}', credentials: 'include'}).then((r) => r.text(), () => 'refused')`,
      )
    expect(await read('cors')).to.equal('refused')
    expect(await read('no-cors')).to.equal('refused')
    const live = `new Promise((resolve) => { const source = new EventSource(${JSON.stringify(url('shop/live'))}); source.onerror = () => resolve('refused'); source.onmessage = () => resolve('read') })`
    expect(await page.evaluate(live)).to.equal('refused')
    await page.context().close()
    await other.close()
  })
})

const NEWEST = {...BLANK_QUERY_FILTER, flags: 1}

/** Looks again at each turn of the event loop until it is so, or mocha's time is over. */
async function expectSoon(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
