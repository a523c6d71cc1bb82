import {expect} from 'chai'
import {createQueue} from '../../../src/server/queue.js'
import {
  apiTakes,
  exchangeCode,
  oauthError,
  refresh,
  signIn,
  type Tokens,
  throughTheBrowser,
  tokenRequest,
} from '../../support/cli.js'
import {useLocalService} from '../../support/local.js'

const REFUSED = {status: 400, error: 'invalid_grant'}

describe('the token endpoint', () => {
  const local = useLocalService()
  const base = () => local.service.baseUrl
  const tokensOf = async (response: Response): Promise<Tokens> => {
    expect(response.status).to.equal(200)
    return (await response.json()) as Tokens
  }

  it('answers a code with all that the contract names', async () => {
    const {attempt, parameters} = await throughTheBrowser(base())
    const response = await exchangeCode(base(), attempt, parameters.get('code')!)
    expect(response.headers.get('cache-control')).to.equal('no-store')
    const tokens = await tokensOf(response)
    expect(tokens.token_type).to.equal('Bearer')
    expect(tokens.expires_in).to.equal(3600)
    expect(tokens.access_token).to.match(/^pxa_\w{32}$/)
    expect(tokens.refresh_token).to.match(/^pxr_\w{32}$/)
    expect(tokens.scope).to.equal('openid profile email offline_access org:read db:read db:write billing:read')
    expect(tokens.id_token).to.match(/^[\w-]+\.[\w-]+\.[\w-]+$/)
  })

  it('threat 2.2: refuses a wrong verifier, and none', async () => {
    for (const verifier of ['A'.repeat(43), '']) {
      const {attempt, parameters} = await throughTheBrowser(base())
      const response = await exchangeCode(base(), attempt, parameters.get('code')!, {code_verifier: verifier})
      expect(response.status).to.be.oneOf([400, 401])
      expect((await response.json()) as object).to.have.property('error')
    }
  })

  it('threat 1.4: a code of another flow does not fit the verifier', async () => {
    const victim = await throughTheBrowser(base())
    const attacker = await throughTheBrowser(base())
    const response = await exchangeCode(base(), victim.attempt, attacker.parameters.get('code')!)
    expect(response.status).to.be.oneOf([400, 401])
    expect((await response.json()) as object).not.to.have.property('access_token')
  })

  it('threat 2.8: a code that comes twice is refused, and the tokens of the first time are dead', async () => {
    const {attempt, parameters} = await throughTheBrowser(base())
    const code = parameters.get('code')!
    const first = await tokensOf(await exchangeCode(base(), attempt, code))
    expect(await apiTakes(base(), first.access_token)).to.equal(true)
    expect(await oauthError(await exchangeCode(base(), attempt, code))).to.deep.equal(REFUSED)
    expect(await apiTakes(base(), first.access_token)).to.equal(false)
    expect(await oauthError(await refresh(base(), first.refresh_token!))).to.deep.equal(REFUSED)
  })

  it('threat 2.8: two exchanges of one code at once give tokens at most once', async () => {
    const {attempt, parameters} = await throughTheBrowser(base())
    const responses = await Promise.all(
      Array.from({length: 5}, () => exchangeCode(base(), attempt, parameters.get('code')!)),
    )
    expect(responses.filter(({status}) => status === 200)).to.have.length(1)
    const {access_token: token} = (await responses.find(({status}) => status === 200)!.json()) as Tokens
    expect(await apiTakes(base(), token)).to.equal(false)
  })

  for (const [what, changes] of Object.entries({
    'another client': {client_id: 'somebody-else'},
    'another redirect address': {redirect_uri: 'http://127.0.0.1:1/api/oauth/cli/callback'},
    'another path': {redirect_uri: 'http://127.0.0.1/callback'},
  })) {
    it(`threat 2.9: a code is no good for ${what}`, async () => {
      const {attempt, parameters} = await throughTheBrowser(base())
      const response = await exchangeCode(base(), attempt, parameters.get('code')!, changes)
      expect(response.status).to.be.oneOf([400, 401])
      expect((await oauthError(response)).error).to.be.oneOf(['invalid_grant', 'invalid_client'])
    })
  }

  it('threat 2.9: an unknown code is an invalid grant', async () => {
    const {attempt} = await throughTheBrowser(base())
    expect((await oauthError(await exchangeCode(base(), attempt, 'A'.repeat(32)))).error).to.equal('invalid_grant')
  })

  it('refuses a parameter that is given twice (RFC 6749 §3.2)', async () => {
    const response = await fetch(local.url('/api/auth/oauth2/token'), {
      method: 'POST',
      headers: {'content-type': 'application/x-www-form-urlencoded'},
      body: 'grant_type=refresh_token&client_id=parix&refresh_token=a&refresh_token=b',
    })
    expect(await oauthError(response)).to.deep.equal({status: 400, error: 'invalid_request'})
  })

  it('gives nobody tokens for a client of their own', async () => {
    const response = await tokenRequest(base(), {
      grant_type: 'client_credentials',
      client_id: 'parix',
      scope: 'db:read',
    })
    expect(response.status).to.be.oneOf([400, 401])
  })

  describe('refresh', () => {
    it('rotates: the new token works, the old one ends the whole grant', async () => {
      const first = await signIn(base())
      const second = await tokensOf(await refresh(base(), first.refresh_token!))
      const third = await tokensOf(await refresh(base(), second.refresh_token!))
      expect(new Set([first, second, third].map(({refresh_token: token}) => token)).size).to.equal(3)
      expect(await apiTakes(base(), third.access_token)).to.equal(true)
      expect(await oauthError(await refresh(base(), first.refresh_token!))).to.deep.equal(REFUSED)
      for (const {access_token: token} of [first, second, third]) {
        expect(await apiTakes(base(), token)).to.equal(false)
      }
      expect(await oauthError(await refresh(base(), third.refresh_token!))).to.deep.equal(REFUSED)
    })

    it('ends no other sign-in of the same person', async () => {
      const other = await signIn(base())
      const reused = await signIn(base())
      await refresh(base(), reused.refresh_token!)
      expect(await oauthError(await refresh(base(), reused.refresh_token!))).to.deep.equal(REFUSED)
      expect(await apiTakes(base(), other.access_token)).to.equal(true)
      expect((await refresh(base(), other.refresh_token!)).status).to.equal(200)
    })

    it('of one token by many at once: one gets an answer, and the grant ends', async () => {
      const {refresh_token: token} = await signIn(base())
      const bystander = await signIn(base())
      const responses = await Promise.all(Array.from({length: 8}, () => refresh(base(), token!)))
      const statuses = responses.map(({status}) => status).sort()
      expect(statuses).to.deep.equal([200, 400, 400, 400, 400, 400, 400, 400])
      const winner = (await responses.find(({status}) => status === 200)!.json()) as Tokens
      expect(await apiTakes(base(), winner.access_token)).to.equal(false)
      expect(await apiTakes(base(), bystander.access_token)).to.equal(true)
    })

    it('one after another is not limited', async () => {
      let {refresh_token: token} = await signIn(base())
      for (let round = 0; round < 40; round++) {
        token = (await tokensOf(await refresh(base(), token!))).refresh_token
      }
    })

    it('may ask for less, and not for more', async () => {
      const {refresh_token: token} = await signIn(base(), {untick: ['db:write', 'billing:read']})
      const form = {grant_type: 'refresh_token', client_id: 'parix', refresh_token: token!}
      const more = await tokenRequest(base(), {...form, scope: 'openid db:write'})
      expect(await oauthError(more)).to.deep.equal({status: 400, error: 'invalid_scope'})
    })
  })
})

describe('the queue of token requests', () => {
  it('does one after another, in order, and continues after a failure', async () => {
    const queue = createQueue()
    const events: string[] = []
    const work = (name: string, fails = false) =>
      queue('key', async () => {
        events.push(`${name} begins`)
        await new Promise((resolve) => setImmediate(resolve))
        events.push(`${name} ends`)
        if (fails) throw new Error(name)
        return name
      })
    const settled = await Promise.allSettled([work('a'), work('b', true), work('c')])
    expect(events).to.deep.equal(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
    expect(settled.map(({status}) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
  })
})

describe('tokens that have had their time', () => {
  const local = useLocalService({accessTokenLifeS: 0, refreshTokenLifeS: 0})

  it('are refused by the API and at the token endpoint', async () => {
    const {access_token: token, refresh_token: refreshToken} = await signIn(local.service.baseUrl)
    expect(await apiTakes(local.service.baseUrl, token)).to.equal(false)
    expect(await oauthError(await refresh(local.service.baseUrl, refreshToken!))).to.deep.equal(REFUSED)
  })
})
