import {createBrowser} from '@parix/testkit'
import {expect} from 'chai'
import {startAttempt, throughTheBrowser} from '../../support/cli.js'
import {useLocalService} from '../../support/local.js'

const CALLBACK = 'http://127.0.0.1:4000/callback'

describe('the authorization endpoint', () => {
  const local = useLocalService()
  const base = () => local.service.baseUrl

  function authorizeUrl(changes: Record<string, string | undefined> = {}): string {
    const parameters = {
      client_id: 'parix',
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid db:read',
      state: 'x',
      code_challenge: startAttempt(base(), CALLBACK).challenge,
      code_challenge_method: 'S256',
      ...changes,
    }
    const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined)
    return `${base()}/api/auth/oauth2/authorize?${new URLSearchParams(given)}`
  }

  for (const redirect of [
    'https://127.0.0.1/callback',
    'http://127.0.0.1:4000/other',
    'http://127.0.0.1:4000/callback/',
    'http://127.0.0.1:4000/callback?x=1',
    'http://127.0.0.1:4000/callback#x',
    'http://user@127.0.0.1:4000/callback',
    'http://localhost:4000/callback',
    'http://evil.example/callback',
    'http://evil.example/api/oauth/cli/callback',
    'http://192.168.0.1:4000/callback',
    'parix://callback',
    '',
    undefined,
  ]) {
    it(`threat 2.10: leads nowhere with the redirect address ${redirect}`, async () => {
      const response = await fetch(authorizeUrl({redirect_uri: redirect}), {redirect: 'manual'})
      const location = response.headers.get('location')
      if (location === null) expect(response.status).to.equal(400)
      else expect(new URL(location, base()).pathname).to.equal('/error')
      if (location !== null) expect(new URL(location, base()).origin).to.equal(base())
    })
  }

  it('threat 2.10: takes 127.0.0.1 with any port', async () => {
    for (const port of [1024, 4000, 65535]) {
      const page = await createBrowser().open(authorizeUrl({redirect_uri: `http://127.0.0.1:${port}/callback`}))
      expect(page.title).to.equal('Sign in · Parix')
    }
  })

  for (const [what, changes] of Object.entries({
    'no challenge': {code_challenge: undefined, code_challenge_method: undefined},
    'the method plain': {code_challenge_method: 'plain'},
    'no method': {code_challenge_method: undefined},
  })) {
    it(`threat 2.1: refuses ${what}`, async () => {
      const response = await fetch(authorizeUrl(changes), {redirect: 'manual'})
      const location = new URL(response.headers.get('location')!, base())
      expect(location.searchParams.get('error')).to.equal('invalid_request')
      expect(location.searchParams.has('code')).to.equal(false)
    })
  }

  for (const prompt of [undefined, '', 'consent', 'login', 'select_account', 'create', 'login consent']) {
    it(`threat 2.7: asks for consent again and again, with prompt=${prompt}`, async () => {
      const browser = createBrowser()
      for (let time = 0; time < 2; time++) {
        const parameters = prompt === undefined ? {} : {prompt}
        await throughTheBrowser(base(), {browser, parameters})
      }
      const asked = browser.visited.filter((url) => new URL(url).pathname === '/consent')
      // The page, and the form that it posts, each time.
      expect(asked).to.have.length(4)
    })
  }

  it('threat 2.7: the same without the bounce', async () => {
    const browser = createBrowser()
    await throughTheBrowser(base(), {browser})
    const page = await browser.open(authorizeUrl({prompt: undefined}))
    expect(page.title).to.equal('Allow Parix CLI? · Parix')
    expect(page.forms[0]?.buttons.map(({label}) => label)).to.deep.equal(['Deny', 'Allow'])
  })

  it('threat 2.7: prompt=none gets no code, even from a browser that has consented before', async () => {
    const browser = createBrowser()
    await throughTheBrowser(base(), {browser})
    const {parameters} = await throughTheBrowser(base(), {browser, parameters: {prompt: 'none'}})
    expect(parameters.get('error')).to.equal('consent_required')
    expect(parameters.has('code')).to.equal(false)
  })

  it('prompt=login shows the sign-in page though somebody is signed in', async () => {
    const browser = createBrowser()
    await throughTheBrowser(base(), {browser})
    const {authorizeUrl} = startAttempt(base(), CALLBACK, {prompt: 'login'})
    expect((await browser.open(authorizeUrl)).title).to.equal('Sign in · Parix')
  })

  it('a scope that there isn’t is refused', async () => {
    const response = await fetch(authorizeUrl({scope: 'openid admin'}), {redirect: 'manual'})
    expect(new URL(response.headers.get('location')!).searchParams.get('error')).to.equal('invalid_scope')
  })
})
