import {expect} from 'chai'
import {apiTakes, oauthError, refresh, signIn} from '../../support/cli.js'
import {useLocalService} from '../../support/local.js'

describe('revocation', () => {
  const local = useLocalService()
  const base = () => local.service.baseUrl
  const revoke = (form: Record<string, string>) =>
    fetch(local.url('/api/auth/oauth2/revoke'), {method: 'POST', body: new URLSearchParams(form)})

  it('threat 6.1: a refresh token takes its sign-in with it, and no other', async () => {
    const leaving = await signIn(base())
    const staying = await signIn(base())
    const renewed = (await (await refresh(base(), leaving.refresh_token!)).json()) as typeof leaving
    const response = await revoke({client_id: 'parix', token: renewed.refresh_token!, token_type_hint: 'refresh_token'})
    expect(response.status).to.equal(200)
    expect(await oauthError(await refresh(base(), renewed.refresh_token!))).to.deep.equal({
      status: 400,
      error: 'invalid_grant',
    })
    expect(await apiTakes(base(), leaving.access_token)).to.equal(false)
    expect(await apiTakes(base(), renewed.access_token)).to.equal(false)
    expect(await apiTakes(base(), staying.access_token)).to.equal(true)
  })

  it('an access token goes alone', async () => {
    const {access_token: token, refresh_token: refreshToken} = await signIn(base())
    expect((await revoke({client_id: 'parix', token})).status).to.equal(200)
    expect(await apiTakes(base(), token)).to.equal(false)
    expect((await refresh(base(), refreshToken!)).status).to.equal(200)
  })

  it('a token that nobody knows is as good as revoked (RFC 7009 §2.2)', async () => {
    expect((await revoke({client_id: 'parix', token: 'pxr_unknown'})).status).to.equal(200)
  })

  it('wants the client and a token', async () => {
    expect(await oauthError(await revoke({token: 'x'}))).to.deep.equal({status: 401, error: 'invalid_client'})
    expect(await oauthError(await revoke({client_id: 'parix'}))).to.deep.equal({status: 400, error: 'invalid_request'})
  })
})
