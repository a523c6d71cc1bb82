import {expect} from 'chai'
import {FOREIGN_CALLBACKS} from '../../support/callbacks.js'
import {packState, startAttempt, throughTheBrowser} from '../../support/cli.js'
import {useLocalService} from '../../support/local.js'

const NONCE = 'AAAAAAAAAAAAAAAAAAAAAA'

describe('the redirect of a sign-in to the CLI', () => {
  const local = useLocalService()
  const get = (path: string) => fetch(local.url(path), {redirect: 'manual'})
  const callback = (parameters: [string, string][]) => get(`/api/oauth/cli/callback?${new URLSearchParams(parameters)}`)
  const goodState = () => packState({nonce: NONCE, redirectUri: 'http://127.0.0.1:4000/callback'})

  /** Refused, and the browser stays here: nothing in the answer leads anywhere else. */
  async function expectRefused(response: Response): Promise<void> {
    expect(response.status).to.equal(400)
    expect(response.headers.get('location')).to.equal(null)
    expect(response.headers.get('refresh')).to.equal(null)
    expect(response.headers.get('content-security-policy')).to.contain("default-src 'none'")
    const page = await response.text()
    expect(page).not.to.contain('evil')
    expect(page).not.to.match(/http-equiv|<script/i)
  }

  for (const redirectUri of FOREIGN_CALLBACKS) {
    it(`threat 2.4: neither starts nor ends a sign-in that leads to ${JSON.stringify(redirectUri)}`, async () => {
      const {authorizeUrl} = startAttempt(local.service.baseUrl, redirectUri)
      await expectRefused(await fetch(authorizeUrl, {redirect: 'manual'}))
      await expectRefused(
        await callback([
          ['code', 'c'],
          ['state', packState({nonce: NONCE, redirectUri})],
        ]),
      )
    })
  }

  for (const [what, state] of Object.entries({
    missing: undefined,
    empty: '',
    'not base64url': '***',
    'not JSON': packState('{'),
    'an array': packState([1]),
    nested: packState({nonce: NONCE, redirectUri: {href: 'http://127.0.0.1:1/callback'}}),
    'with __proto__': packState('{"__proto__":{"redirectUri":"http://127.0.0.1:1/callback"}}'),
    huge: 'A'.repeat(10_000),
  })) {
    it(`threat 2.5: answers 400 to a state that is ${what}`, async () => {
      const query = new URLSearchParams({code_challenge: 'A'.repeat(43), code_challenge_method: 'S256'})
      if (state !== undefined) query.set('state', state)
      await expectRefused(await get(`/api/oauth/cli/authorize?${query}`))
      await expectRefused(
        await callback([['code', 'c'], ...(state === undefined ? [] : [['state', state] as [string, string]])]),
      )
    })
  }

  it('threat 2.5: answers 400 to a state that is given twice', async () => {
    await expectRefused(
      await callback([
        ['code', 'c'],
        ['state', goodState()],
        ['state', goodState()],
      ]),
    )
  })

  it('threat 2.6: hands on code, state, error, error_description and iss, and nothing else', async () => {
    const response = await callback([
      ...[
        'code',
        'error',
        'error_description',
        'iss',
        'scope',
        'access_token',
        'next',
        'redirect',
        'session_state',
      ].map((name): [string, string] => [name, `${name}-value`]),
      ['state', goodState()],
    ])
    expect(response.status).to.equal(302)
    const target = new URL(response.headers.get('location')!)
    expect(target.origin + target.pathname).to.equal('http://127.0.0.1:4000/callback')
    expect(Object.fromEntries(target.searchParams)).to.deep.equal({
      code: 'code-value',
      state: goodState(),
      error: 'error-value',
      error_description: 'error_description-value',
      iss: 'iss-value',
    })
    expect(response.headers.get('cache-control')).to.equal('no-store')
    expect(response.headers.get('referrer-policy')).to.equal('no-referrer')
  })

  it('threat 2.6: hands on no parameter that is given twice', async () => {
    const response = await callback([
      ['code', 'a'],
      ['code', 'b'],
      ['state', goodState()],
    ])
    expect(new URL(response.headers.get('location')!).searchParams.has('code')).to.equal(false)
  })

  const pkce: Record<string, Record<string, string>> = {
    'without a challenge': {code_challenge: ''},
    'with the method plain': {code_challenge_method: 'plain'},
    'without a method': {code_challenge_method: ''},
    'with a challenge of another length': {code_challenge: 'A'.repeat(42)},
  }
  for (const [what, parameters] of Object.entries(pkce)) {
    it(`threat 2.1: refuses a sign-in ${what}`, async () => {
      const {authorizeUrl} = startAttempt(local.service.baseUrl, 'http://127.0.0.1:4000/callback', parameters)
      await expectRefused(await fetch(authorizeUrl, {redirect: 'manual'}))
    })
  }

  it('fills in client, scopes and its own redirect address', async () => {
    const {authorizeUrl, challenge, state} = startAttempt(local.service.baseUrl, 'http://127.0.0.1:4000/callback', {
      scope: 'admin',
      client_id: 'evil',
      redirect_uri: 'https://evil.example',
    })
    const response = await fetch(authorizeUrl, {redirect: 'manual'})
    const target = new URL(response.headers.get('location')!)
    expect(target.origin + target.pathname).to.equal(local.url('/api/auth/oauth2/authorize'))
    expect(Object.fromEntries(target.searchParams)).to.deep.equal({
      client_id: 'parix',
      response_type: 'code',
      redirect_uri: local.url('/api/oauth/cli/callback'),
      scope: 'openid profile email offline_access org:read db:read db:write billing:read',
      state,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      prompt: 'consent',
    })
  })

  it('comes back with code, state and iss when allowed, and with access_denied when denied', async () => {
    const allowed = await throughTheBrowser(local.service.baseUrl)
    expect([...allowed.parameters.keys()].sort()).to.deep.equal(['code', 'iss', 'state'])
    expect(allowed.parameters.get('state')).to.equal(allowed.attempt.state)
    expect(allowed.parameters.get('iss')).to.equal(local.url('/api/auth'))
    const denied = await throughTheBrowser(local.service.baseUrl, {decision: 'deny'})
    expect(denied.parameters.get('error')).to.equal('access_denied')
    expect(denied.parameters.get('state')).to.equal(denied.attempt.state)
    expect(denied.parameters.has('code')).to.equal(false)
  })
})
