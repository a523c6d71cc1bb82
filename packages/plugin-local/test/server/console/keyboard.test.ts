import {hasChromium, launchChromium, OUT_OF_REACH, seriousViolations} from '@parix/testkit/chromium'
import {expect} from 'chai'
import type {Browser, Page} from 'playwright-core'
import {callApi, useApi} from '../../support/api.js'

const CHART = `version: 1
ledgers: {USD: {id: 700, scale: 2}}
codes: {account: {bank: 10, customer: 20}, transfer: {deposit: 1}}
types: {bank: asset, customer: liability}
accounts:
  bank: {id: 1, ledger: USD, code: bank}
  customer/*: {id: {base: 100, plus: n, count: 100}, ledger: USD, code: customer}
`

const suite = hasChromium ? describe : describe.skip

suite('the console by the keyboard alone', function () {
  this.timeout(60_000)
  const api = useApi()
  let browser: Browser
  let page: Page
  before(async () => {
    const database = await api.makeDatabase('books')
    await callApi(api.service, 'PUT', `/local/charts/${database}`, JSON.stringify({text: CHART}))
    await api.operate(database, 'create_accounts', '[{"id":1,"ledger":700,"code":10}]')
    browser = await launchChromium()
    page = await browser.newPage()
  })
  after(() => browser?.close())

  /** Presses Tab until the element has the focus: what Tab does not reach fails the test by its time. */
  const tabTo = async (what: string) => {
    const focused = `(() => { const {activeElement: e} = document; return [e.name, e.textContent.trim(), e.value] })()`
    while (!(await page.evaluate<(string | undefined)[]>(focused)).includes(what)) await page.keyboard.press('Tab')
  }
  const fill = async (field: string, text: string) => {
    await tabTo(field)
    await page.keyboard.type(text)
  }
  const press = async (what: string, leadsTo: string | RegExp) => {
    await tabTo(what)
    await Promise.all([page.waitForURL(leadsTo), page.keyboard.press('Enter')])
  }

  it('from signing in over an account and a transfer, each previewed, to its statement', async () => {
    await page.goto(api.url('/console/books/accounts'))
    await press('Sign in as you@parix.local', '**/console/books/accounts')
    await press('New account', '**/accounts/new')
    await fill('name', '@customer/7')
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=It was tried on a copy')
    await press('Create account', '**/accounts/107')
    await press('Credit', '**/transfers/new?credit=107')
    await fill('debit', '@bank')
    await fill('amount', '12.50')
    await fill('code', 'deposit')
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=+12.50')
    await press('Create transfer', /\/transfers\/\d+$/)
    await press('@customer/7', '**/accounts/107')
    const statement = page.locator('section', {has: page.getByRole('heading', {name: 'Statement'})})
    expect(await statement.textContent()).to.match(/@bank.*deposit\s*12\.50.*12\.50\s*Opening balance\s*0\.00/s)
  })

  it('the pages of requests and of failures have nothing serious for axe-core, and nothing out of reach on a phone', async () => {
    await api.operate(await api.makeDatabase('other'), 'create_transfers', '[{"id":5000}]')
    for (const width of [375, 1280]) {
      await page.setViewportSize({width, height: 800})
      for (const path of ['/console/-/requests', '/console/-/requests?status=refused', '/console/-/failures']) {
        await page.goto(api.url(path))
        expect(await page.evaluate(OUT_OF_REACH), path).to.deep.equal([])
        expect(await seriousViolations(page), path).to.deep.equal([])
      }
    }
  })

  it('a request that fails is asked for, and taken back, by the keyboard', async () => {
    await page.goto(api.url('/console/-/failures'))
    await tabTo('Add')
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
    expect(await page.textContent('main')).to.contain('A request fails with 503')
    await tabTo('Turn all off')
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
    expect(await page.textContent('main')).to.not.contain('A request fails with 503')
    expect((await api.call('GET', '/databases')).status).to.equal(200)
  })
})
