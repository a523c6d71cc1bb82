import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {fetchProfileByToken} from '@parix/kit/api'
import {authorizationRequest, exchangeCode, type Tokens} from '@parix/kit/oauth'
import {parseBaseUrl} from '@parix/kit/origin'
import {openSessionStore} from '@parix/kit/session'
import {createBrowser, type Peer, sessionFile, type TestHome} from '@parix/testkit'

export const WORLD = {userAgent: 'parix/test'}

/** What a browser brings to the loopback when the peer's pages were answered with yes. */
export async function callbackFrom(peer: Peer): Promise<{callback: URL; state: string; codeVerifier: string}> {
  const callbacks: URL[] = []
  const loopback = createServer((request, response) => {
    callbacks.push(new URL(request.url ?? '', 'http://127.0.0.1'))
    response.end('done')
  })
  await new Promise<void>((resolve) => loopback.listen(0, '127.0.0.1', resolve))
  const redirectUri = `http://127.0.0.1:${(loopback.address() as AddressInfo).port}/callback`
  const {url, state, codeVerifier} = await authorizationRequest(parseBaseUrl(peer.baseUrl), {redirectUri})
  await peer.approve(createBrowser(), url.href)
  loopback.close()
  return {callback: callbacks[0]!, state, codeVerifier}
}

/** The whole flow, and the session in the home. */
export async function signInAt(peer: Peer, home: TestHome): Promise<Tokens> {
  const base = parseBaseUrl(peer.baseUrl)
  const tokens = await exchangeCode(base, await callbackFrom(peer), WORLD)
  const profile = await fetchProfileByToken(base, tokens.accessToken, WORLD)
  const {accessToken, accessTokenExpiresAt, refreshToken = null, scopes = []} = tokens
  const session = sessionFile({
    baseUrl: peer.baseUrl,
    accessToken,
    accessTokenExpiresAt,
    refreshToken,
    scopes,
    ...profile,
  })
  await openSessionStore({environment: home.environment}).save(session, {activate: true})
  return tokens
}
