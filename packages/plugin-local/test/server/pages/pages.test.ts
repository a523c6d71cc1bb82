import {type BrowserPage, createBrowser} from '@parix/testkit'
import {expect} from 'chai'
import {signIn, startAttempt, throughTheBrowser} from '../../support/cli.js'
import {useLocalService} from '../../support/local.js'

const CALLBACK = 'http://127.0.0.1:4000/callback'

describe('the pages', () => {
  const local = useLocalService()
  const base = () => local.service.baseUrl

  async function consentPage(parameters: Record<string, string> = {}): Promise<BrowserPage> {
    const page = await createBrowser().open(startAttempt(base(), CALLBACK, parameters).authorizeUrl)
    return page.press(/sign in as you/i)
  }

  describe('headers', () => {
    for (const path of [
      '/',
      '/sign-in',
      '/error',
      '/cli-oauth-consent-granted',
      '/consent',
      '/device',
      '/api/oauth/cli/authorize',
      '/nowhere',
    ]) {
      it(`threat 2.11: ${path} can’t be framed, runs no script, and stays in no cache`, async () => {
        const page = await createBrowser().open(local.url(path))
        expect(page.headers['content-security-policy']).to.match(/default-src 'none'.*frame-ancestors 'none'/)
        expect(page.headers['content-security-policy']).not.to.match(/unsafe|script-src/)
        expect(page.headers).to.include({
          'x-frame-options': 'DENY',
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
          'referrer-policy': 'same-origin',
        })
        expect(page.html).not.to.match(/<script|\son\w+=|https?:\/\/(?!localhost|127\.0\.0\.1|www\.w3\.org)/)
      })
    }

    for (const path of ['/', '/sign-in', '/error', '/cli-oauth-consent-granted', '/consent', '/docs', '/nowhere']) {
      it(`${path} has a link to the start page`, async () => {
        const page = await createBrowser().open(local.url(path))
        expect((await page.follow(/^Home$/)).url).to.equal(local.url('/'))
      })
    }

    it('a page that does not exist is a 404 that says so and gives no advice about signing in', async () => {
      for (const path of ['/nope', '/consoles', '/settings', '/settings/api-keys/nope', '/docs/nope']) {
        const browser = createBrowser()
        const page = await browser.open(local.url(path))
        if (path.startsWith('/settings/api-keys')) continue
        expect([path, page.status, page.title]).to.deep.equal([path, 404, 'Page not found · Parix'])
        expect(page.text).not.to.match(/auth login|sign-in/)
      }
    })

    it('threat 2.11: the session cookie is SameSite, HttpOnly, and of this installation', async () => {
      const page = await createBrowser().open(local.url('/sign-in'))
      const form = page.forms[0]!
      const response = await fetch(local.url('/sign-in'), {
        method: 'POST',
        redirect: 'manual',
        headers: {origin: base()},
        body: new URLSearchParams([[form.buttons[0]!.name!, form.buttons[0]!.value]]),
      })
      expect(response.status).to.equal(303)
      const cookies = response.headers.getSetCookie()
      expect(cookies).not.to.have.length(0)
      for (const cookie of cookies) {
        expect(cookie).to.match(/^parix-[0-9a-f]{8}\./)
        expect(cookie).to.match(/SameSite=Lax/i)
        expect(cookie).to.match(/HttpOnly/i)
        expect(cookie).not.to.match(/Domain=/i)
      }
    })
  })

  describe('forms of other sites', () => {
    const foreign: Record<string, Record<string, string>> = {
      'another site': {origin: 'https://evil.example', 'sec-fetch-site': 'cross-site'},
      'another port of this machine': {origin: 'http://localhost:1', 'sec-fetch-site': 'same-site'},
      'another name of this machine': {origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'cross-site'},
      'a sandboxed frame': {origin: 'null', 'sec-fetch-site': 'cross-site'},
      'a page that says it is ours, from elsewhere': {'sec-fetch-site': 'cross-site'},
    }
    for (const [what, headers] of Object.entries(foreign)) {
      it(`threat 2.11: consent posted from ${what} is refused`, async () => {
        const page = await consentPage()
        const refused = await page.press(/^allow$/i, {headers})
        expect(refused.status).to.equal(403)
        expect(refused.url).to.equal(local.url('/consent'))
        // The person can still decide on their own.
        expect(page.forms[0]!.buttons).to.have.length(2)
      })
    }

    for (const path of [
      '/sign-in',
      '/sign-out',
      '/consent',
      '/device',
      '/device/decide',
      '/settings/api-keys',
      '/settings/api-keys/revoke',
    ]) {
      it(`threat 2.11: ${path} takes nothing without an Origin of ours`, async () => {
        for (const headers of [{}, {origin: 'https://evil.example'}] as Record<string, string>[]) {
          const response = await fetch(local.url(path), {
            method: 'POST',
            headers,
            body: new URLSearchParams({x: '1'}),
            redirect: 'manual',
          })
          expect(response.status).to.equal(403)
          expect(response.headers.getSetCookie()).to.deep.equal([])
        }
      })
    }

    it('a consent that was changed on its way is refused', async () => {
      const page = await consentPage()
      const query = new URLSearchParams(page.forms[0]!.fields.find(([name]) => name === 'oauth_query')![1])
      query.set('redirect_uri', 'https://evil.example/callback')
      const refused = await page.press(/^allow$/i, {fill: {oauth_query: query.toString()}})
      expect(refused.status).to.equal(400)
    })

    it('a consent is for the person whom the page named, not for one who signed in since', async () => {
      const browser = createBrowser()
      const first = await browser.open(startAttempt(base(), CALLBACK).authorizeUrl)
      const consent = await first.press(/sign in as you/i)
      const tab = await browser.open(local.url('/sign-in'))
      await tab.press(/continue as this person/i, {fill: {email: 'mallory@example.org'}})
      const refused = await consent.press(/^allow$/i)
      expect(refused.status).to.equal(400)
      expect(refused.text).to.contain('Another account has signed in')
    })

    it('what is not a form is refused, and does not break anything', async () => {
      for (const [type, body] of [
        ['application/json', '{"user": {"$ne": null}}'],
        ['multipart/form-data; boundary=x', 'not multipart'],
        ['text/plain', '\0\0'],
      ] as const) {
        for (const path of ['/sign-in', '/consent', '/device/decide']) {
          const response = await fetch(local.url(path), {
            method: 'POST',
            headers: {origin: base(), 'content-type': type},
            body,
            redirect: 'manual',
          })
          expect(response.status, `${path} ${type}`).to.equal(400)
        }
      }
    })

    it('a consent can’t be widened by the form', async () => {
      const page = await consentPage()
      const query = new URLSearchParams(page.forms[0]!.fields.find(([name]) => name === 'oauth_query')![1])
      expect(query.get('scope')).to.contain('db:write')
      query.set('scope', `${query.get('scope')} admin`)
      expect((await page.press(/^allow$/i, {fill: {oauth_query: query.toString()}})).status).to.equal(400)
    })
  })

  describe('consent', () => {
    it('names the program, the person, the organization, and each scope in words', async () => {
      const page = await consentPage()
      expect(page.text).to.contain('Allow Parix CLI to act for you?')
      expect(page.text).to.contain('you@parix.local')
      expect(page.text).to.contain('owner of Local')
      expect(page.text).to.contain('listens at 127.0.0.1:4000')
      for (const words of [
        'Know who you are',
        'See your name',
        'See your email address',
        'Stay signed in until you sign out',
        'See your organization and your role in it',
        'See databases, accounts, transfers and balances',
        'Create and remove databases, create accounts and transfers',
        'See the state of billing',
      ]) {
        expect(page.text).to.contain(words)
      }
    })

    it('threat 2.12: grants a part of the scopes', async () => {
      const tokens = await signIn(base(), {untick: ['db:write', 'billing:read', 'org:read', 'email']})
      expect(tokens.scope).to.equal('openid profile offline_access db:read')
      const headers = {authorization: `Bearer ${tokens.access_token}`}
      const user = (await (await fetch(local.url('/api/auth/oauth2/userinfo'), {headers})).json()) as object
      expect(user).to.have.all.keys('sub', 'name')
      const session = (await (await fetch(local.url('/api/v1/session'), {headers})).json()) as object
      expect(session)
        .to.have.nested.property('auth.scopes')
        .that.deep.equals('openid profile offline_access db:read'.split(' '))
      expect(session).not.to.have.nested.property('auth.organization')
    })

    it('threat 2.12: without offline_access there is no refresh token', async () => {
      expect(await signIn(base(), {untick: ['offline_access']})).not.to.have.property('refresh_token')
    })

    it('is not remembered: the next sign-in asks for everything again', async () => {
      const browser = createBrowser()
      await throughTheBrowser(base(), {browser, untick: ['db:write']})
      const page = await browser.open(startAttempt(base(), CALLBACK).authorizeUrl)
      expect(page.forms[0]!.checkboxes.map(({value}) => value)).to.include('db:write')
    })
  })

  describe('another account', () => {
    it('threat 1.29: can be made and signed in with, in another organization', async () => {
      const browser = createBrowser()
      const page = await browser.open(startAttempt(base(), CALLBACK).authorizeUrl)
      expect(page.text).to.contain('there is no password')
      const consent = await page.press(/continue as this person/i, {
        fill: {email: 'Ann@Example.org', name: 'Ann', organization: 'Acme & Co'},
      })
      expect(consent.text).to.contain('ann@example.org')
      expect(consent.text).to.contain('owner of Acme & Co')
    })

    it('threat 1.29: joins Local as a member where no organization is named', async () => {
      const page = await createBrowser().open(startAttempt(base(), CALLBACK).authorizeUrl)
      const consent = await page.press(/continue as this person/i, {fill: {email: 'bob@example.org'}})
      expect(consent.text).to.contain('bob · member of Local')
    })

    it('threat 1.29: can be changed on the consent page', async () => {
      const page = await (await consentPage()).follow(/use another account/i)
      const consent = await page.press(/continue as this person/i, {fill: {email: 'cy@example.org'}})
      expect(consent.text).to.contain('cy@example.org')
      expect(consent.title).to.equal('Allow Parix CLI? · Parix')
    })

    it('text that people typed is text on every page', async () => {
      const page = await createBrowser().open(local.url('/sign-in?next=/settings/api-keys'))
      const evil = '"><script>alert(1)</script>'
      const keys = await page.press(/continue as this person/i, {
        fill: {email: 'eve@example.org', name: evil, organization: evil},
      })
      expect(keys.html).not.to.contain('<script')
      expect(keys.text).to.contain(evil)
    })

    it('refuses what is not an address', async () => {
      const page = await createBrowser().open(local.url('/sign-in'))
      for (const email of ['', 'nobody', 'a b@c', `${'a'.repeat(300)}@example.org`]) {
        expect((await page.press(/continue as this person/i, {fill: {email}})).status).to.equal(400)
      }
    })
  })

  describe('after signing in', () => {
    for (const next of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '/sign-in',
      'javascript:alert(1)',
    ]) {
      it(`leads to the start page, not to ${next}`, async () => {
        const page = await createBrowser().open(local.url(`/sign-in?${new URLSearchParams({next})}`))
        expect((await page.press(/sign in as/i)).url).to.equal(local.url('/'))
      })
    }
  })
})
