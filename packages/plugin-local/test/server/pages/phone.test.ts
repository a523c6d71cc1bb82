import {hasChromium, launchChromium} from '@parix/testkit/chromium'
import {expect} from 'chai'
import type {Browser, Page} from 'playwright-core'
import {useApi} from '../../support/api.js'
import {startAttempt} from '../../support/cli.js'

const suite = hasChromium ? describe : describe.skip

suite('the pages on a phone (375 × 667)', function () {
  this.timeout(120_000)
  const api = useApi()
  let browser: Browser
  let page: Page

  before(async () => {
    browser = await launchChromium()
    page = await (await browser.newContext({viewport: {width: 375, height: 667}})).newPage()
    await api.makeDatabase('a-database-with-a-name-as-long-as-names-can-be-0123456789-abcdef')
    await page.goto(`${api.service.baseUrl}/settings/api-keys`)
    await page.click('text=Sign in as you')
    for (const name of ['x'.repeat(60), '支払い', 'deploy key of the payments team']) {
      await page.fill('#name', name)
      await page.selectOption('#database', {index: 1})
      await page.click('text=Create key')
    }
  })
  after(() => browser?.close())

  /** Elements whose edge is off the screen, and those that cut off their own content. */
  const outOfReach = () => page.evaluate<string[]>(OUT_OF_REACH)

  const consentUrl = () => startAttempt(api.service.baseUrl, 'http://127.0.0.1:4000/callback').authorizeUrl

  for (const path of ['/', '/settings/api-keys', '/docs', '/device', '/sign-in', '/nope', '/local/checkout']) {
    it(`${path} has nothing out of reach`, async () => {
      await page.goto(api.service.baseUrl + path)
      expect(await outOfReach()).to.deep.equal([])
    })
  }

  it('every key has its Revoke button in sight beside its name', async () => {
    await page.goto(`${api.service.baseUrl}/settings/api-keys`)
    const boxes = await Promise.all(
      (await page.getByRole('button', {name: /^Revoke/}).all()).map((button) => button.boundingBox()),
    )
    expect(boxes).to.have.length(4)
    for (const box of boxes) expect(box!.x + box!.width).to.be.at.most(375)
  })

  it('Allow and Deny of a sign-in are in sight without scrolling, and every scope can be reached', async () => {
    await page.goto(consentUrl())
    for (const name of ['Allow', 'Deny']) {
      const box = (await page.getByRole('button', {name, exact: true}).boundingBox())!
      expect(box.y + box.height).to.be.at.most(667)
    }
    const last = page.locator('ul.scopes input').last()
    await last.click()
    expect(await last.isChecked()).to.equal(false)
    expect(await outOfReach()).to.deep.equal([])
  })

  it('Allow and Deny of a device are in sight without scrolling', async () => {
    const response = await fetch(`${api.service.baseUrl}/api/auth/device/code`, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: 'parix',
        scope: 'openid profile email offline_access org:read db:read db:write',
      }),
    })
    const code = (await response.json()) as {verification_uri_complete: string}
    await page.goto(code.verification_uri_complete)
    await page.click('text=Continue')
    for (const name of ['Allow', 'Deny']) {
      const box = (await page.getByRole('button', {name, exact: true}).boundingBox())!
      expect(box.y + box.height).to.be.at.most(667)
    }
  })

  it('no text in a code sample is larger or smaller than the rest of it', async () => {
    await page.goto(`${api.service.baseUrl}/docs`)
    const sizes = await page.evaluate<boolean[]>(SAME_SIZE)
    expect(sizes.length).to.be.greaterThan(5)
    expect(sizes.every(Boolean)).to.equal(true)
  })
})

// As text, since these run in the page and know the DOM.
const OUT_OF_REACH = `[...document.querySelectorAll('main *, header *')]
  .filter((element) => element.getClientRects().length > 0 && getComputedStyle(element).display !== 'inline')
  .filter((element) => {
    const {left, right} = element.getBoundingClientRect()
    return left < -1 || right > innerWidth + 1 || element.scrollWidth > element.clientWidth + 2
  })
  .map((element) => element.tagName + ' ' + element.textContent.slice(0, 40))`

const SAME_SIZE = `[...document.querySelectorAll('pre .soft')].map(
  (comment) => getComputedStyle(comment).fontSize === getComputedStyle(comment.closest('pre')).fontSize)`
