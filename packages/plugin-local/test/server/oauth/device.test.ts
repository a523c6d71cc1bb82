import {type BrowserPage, createBrowser} from '@parix/testkit'
import {expect} from 'chai'
import {apiTakes, oauthError, refresh, type Tokens, tokenRequest} from '../../support/cli.js'
import {useLocalService} from '../../support/local.js'

interface DeviceCode {
  device_code: string
  user_code: string
  verification_uri: string
  verification_uri_complete: string
  expires_in: number
  interval: number
}

describe('the device grant', () => {
  const local = useLocalService()
  const base = () => local.service.baseUrl

  async function ask(scope = 'openid offline_access db:read'): Promise<DeviceCode> {
    const response = await fetch(local.url('/api/auth/device/code'), {
      method: 'POST',
      body: new URLSearchParams({client_id: 'parix', scope}),
    })
    expect(response.status).to.equal(200)
    return (await response.json()) as DeviceCode
  }

  const poll = (code: DeviceCode) =>
    tokenRequest(base(), {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: 'parix',
      device_code: code.device_code,
    })

  async function openSignedIn(url: string): Promise<BrowserPage> {
    const page = await createBrowser().open(url)
    return page.press(/sign in as you/i)
  }

  it('threat 9.7: codes of eight letters and digits, good for fifteen minutes', async () => {
    const code = await ask()
    expect(code.user_code).to.match(/^[A-HJ-NP-Z2-9]{8}$/)
    expect(code).to.include({expires_in: 900, interval: 5, verification_uri: local.url('/device')})
  })

  it('threat 9.6: names code, client, person and scopes before anything is allowed', async () => {
    const code = await ask('openid db:write')
    const page = await (await openSignedIn(code.verification_uri_complete)).press(/continue/i)
    // Letter by letter as the terminal shows it, so that comparing is easy.
    expect(page.text).to.contain(code.user_code)
    expect(page.text).to.contain('Parix CLI')
    expect(page.text).to.contain('you@parix.local')
    expect(page.text).to.contain('owner of Local')
    expect(page.text).to.contain('Create and remove databases')
    expect(page.text).not.to.contain(code.device_code)
    expect(await oauthError(await poll(code))).to.deep.equal({status: 400, error: 'authorization_pending'})
  })

  it('gives tokens once it was allowed, by a code typed in by hand', async () => {
    const code = await ask()
    const typed = `${code.user_code.slice(0, 4)}-${code.user_code.slice(4)}`.toLowerCase()
    const page = await (await openSignedIn(code.verification_uri)).press(/continue/i, {fill: {user_code: typed}})
    const done = await page.press(/^allow$/i)
    expect(done.title).to.equal('Allowed · Parix')
    const response = await poll(code)
    expect(response.status).to.equal(200)
    const tokens = (await response.json()) as Tokens
    expect(tokens.scope).to.equal('openid offline_access db:read')
    expect(await apiTakes(base(), tokens.access_token)).to.equal(true)
    expect((await oauthError(await poll(code))).error).to.equal('invalid_grant')
  })

  it('gives no more than the person left ticked, as the consent of a browser does', async () => {
    const code = await ask('openid offline_access db:read db:write')
    const page = await (await openSignedIn(code.verification_uri_complete)).press(/continue/i)
    await page.press(/^allow$/i, {untick: ['db:write', 'offline_access']})
    const tokens = (await (await poll(code)).json()) as Tokens
    expect(tokens.scope).to.equal('openid db:read')
    expect(tokens.refresh_token).to.equal(undefined)
  })

  it('a form can’t add scopes that the program did not ask for', async () => {
    const code = await ask('openid db:read')
    const page = await (await openSignedIn(code.verification_uri_complete)).press(/continue/i)
    await page.press(/^allow$/i, {fill: {}, headers: {}})
    expect(((await (await poll(code)).json()) as Tokens).scope).to.equal('openid db:read')
  })

  it('its grant ends on its own when a refresh token comes twice', async () => {
    const sign = async (): Promise<Tokens> => {
      const code = await ask()
      await (await (await openSignedIn(code.verification_uri_complete)).press(/continue/i)).press(/^allow$/i)
      return (await (await poll(code)).json()) as Tokens
    }
    const [reused, other] = [await sign(), await sign()]
    const renewed = (await (await refresh(base(), reused.refresh_token!)).json()) as Tokens
    expect((await oauthError(await refresh(base(), reused.refresh_token!))).error).to.equal('invalid_grant')
    expect(await apiTakes(base(), renewed.access_token)).to.equal(false)
    expect(await apiTakes(base(), other.access_token)).to.equal(true)
  })

  it('threat 9.2: tells the device that it was denied', async () => {
    const code = await ask()
    const page = await (await openSignedIn(code.verification_uri_complete)).press(/continue/i)
    expect((await page.press(/^deny$/i)).title).to.equal('Denied · Parix')
    expect((await oauthError(await poll(code))).error).to.equal('access_denied')
  })

  it('threat 9.1: slows down who asks too often', async () => {
    const code = await ask()
    await poll(code)
    expect((await oauthError(await poll(code))).error).to.equal('slow_down')
  })

  it('a code can be allowed only by whoever looked at it first', async () => {
    const code = await ask()
    await (await openSignedIn(code.verification_uri_complete)).press(/continue/i)
    const stranger = await (await createBrowser().open(local.url('/sign-in?next=/device'))).press(/continue as/i, {
      fill: {email: 'eve@example.org'},
    })
    const refused = await stranger.press(/continue/i, {fill: {user_code: code.user_code}})
    expect(refused.status).to.equal(400)
    expect(refused.text).to.contain('There is no such code')
  })

  it('wants a client that there is', async () => {
    const response = await fetch(local.url('/api/auth/device/code'), {
      method: 'POST',
      body: new URLSearchParams({client_id: 'nobody'}),
    })
    expect((await oauthError(response)).error).to.equal('invalid_client')
  })
})

describe('guessing user codes', () => {
  const local = useLocalService()

  it('threat 9.7: ends after ten wrong ones of a person, not for others, and Better Auth’s own route for it is not there', async () => {
    let page = await (await createBrowser().open(local.url('/sign-in?next=/device'))).press(/sign in as/i)
    for (let guess = 0; guess < 10; guess++) {
      page = await page.press(/continue/i, {fill: {user_code: `WRNG222${(guess % 8) + 2}`}})
      expect(page.status).to.equal(400)
    }
    page = await page.press(/continue/i, {fill: {user_code: 'WRNG3333'}})
    expect(page.status).to.equal(429)
    expect((await fetch(local.url('/api/auth/device?user_code=WRNG2222'))).status).to.equal(404)
    const other = await (await createBrowser().open(local.url('/sign-in?next=/device'))).press(/continue as/i, {
      fill: {email: 'other@example.org'},
    })
    expect((await other.press(/continue/i, {fill: {user_code: 'WRNG3333'}})).status).to.equal(400)
  })
})
