import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, parix, type TestHome} from '@parix/testkit'
import {hasChromium, launchChromium} from '@parix/testkit/chromium'
import {expect} from 'chai'
import type {Browser, Page} from 'playwright-core'
import {driveLogin} from '../commands/auth/driven-login.js'

const suite = hasChromium ? describe : describe.skip

suite('story: signing in with a real browser', function () {
  this.timeout(120_000)
  let dataDir: string
  let service: RunningService
  let browser: Browser
  let home: TestHome
  let page: Page

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-chromium-'))
    service = await startService({port: 0, dataDir})
    browser = await launchChromium()
  })
  after(async () => {
    await browser?.close()
    await service?.close()
    if (dataDir !== undefined) rmSync(dataDir, {recursive: true, force: true})
  })
  beforeEach(async () => {
    home = makeHome()
    page = await browser.newPage()
  })
  afterEach(async () => {
    await page?.close()
    home?.remove()
  })

  const press = (label: RegExp) => page.getByRole('button', {name: label}).click()

  it('one click to sign in, one to allow, and the terminal says who', async () => {
    const login = await driveLogin({home, baseUrl: service.baseUrl})
    await page.goto(login.page.href)
    await press(/sign in as/i)
    expect(await page.textContent('body')).to.match(/parix/i)
    await press(/^allow$/i)
    await page.waitForURL(`${service.baseUrl}/cli-oauth-consent-granted`)
    const {code, stdout} = await login.result
    expect(code).to.equal(0)
    expect(stdout).to.contain('you@parix.local').and.contain('Local')
    // The callback, with the code in it, was replaced in the tab.
    await page.goBack()
    expect(page.url()).to.not.contain('/callback')
    expect((await parix('auth status', {home})).code).to.equal(0)
  })

  it('threat 1.5: pressing Deny ends on a page, and the terminal says so', async () => {
    const login = await driveLogin({home, baseUrl: service.baseUrl})
    await page.goto(login.page.href)
    await press(/sign in as/i)
    await press(/^deny$/i)
    await page.getByText('You refused access').waitFor()
    const {code, stderr} = await login.result
    expect(code).to.equal(2)
    expect(stderr).to.contain('You refused access in the browser.')
  })

  it('threat 1.9: a page of another site can’t bring the answer by an image, a frame or a fetch', async () => {
    const login = await driveLogin({home, baseUrl: service.baseUrl})
    const forged = `${login.redirectUri}?${new URLSearchParams({code: 'stolen', state: login.state})}`
    const statuses: number[] = []
    const bothAnswers = new Promise<void>((resolve) => {
      page.on('response', (response) => {
        if (response.url() === forged && statuses.push(response.status()) === 2) resolve()
      })
    })
    await visitEvilPage(
      `<img src="${forged.replaceAll('&', '&amp;')}"><iframe src="${forged.replaceAll('&', '&amp;')}"></iframe>`,
    )
    await page.evaluate((url) => fetch(url, {mode: 'no-cors'}).then(String), forged)
    // Of the frame Chromium tells nothing: our pages may not be framed at all.
    await bothAnswers
    expect(statuses).to.deep.equal([403, 403])

    await page.goto(login.page.href)
    await press(/sign in as/i)
    await press(/^allow$/i)
    await page.waitForURL(`${service.baseUrl}/cli-oauth-consent-granted`)
    expect((await login.result).code).to.equal(0)
  })

  /** `localhost` is a different site from 127.0.0.1; about:blank would do nothing, since Chromium lets it reach no loopback. */
  async function visitEvilPage(body: string): Promise<void> {
    const evil = createServer((_, response) => response.setHeader('content-type', 'text/html').end(body))
    await once(evil.listen(0, '127.0.0.1'), 'listening')
    await page.goto(`http://localhost:${(evil.address() as AddressInfo).port}`)
    evil.close()
  }
})
