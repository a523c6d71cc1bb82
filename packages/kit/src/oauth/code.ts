import {randomBytes} from 'node:crypto'
import {type CliState, PATHS} from '../contract/index.js'
import {ParixError} from '../errors.js'
import {plainCommand} from '../next-command.js'
import {type BaseUrl, sameOrigin, serviceUrl} from '../origin.js'
import {excerpt} from '../text.js'
import {issuerOf, type OAuthOptions, prepareCall} from './call.js'
import {oauthFailure} from './failure.js'
import {forgiveTokens, readMembers} from './forgive.js'
import {readTokens, type Tokens} from './tokens.js'

/** The authorization code flow with PKCE (RFC 7636, S256 always), bounced over the service as the contract says. */
export interface AuthorizationRequest {
  url: URL
  state: string
  codeVerifier: string
}

/** New verifier and state for one attempt; the browser goes to `url`, in which nothing is secret (threats 8.7). */
export async function authorizationRequest(
  base: BaseUrl,
  options: {redirectUri: string; prompt?: string},
): Promise<AuthorizationRequest> {
  const client = await import('openid-client')
  const codeVerifier = client.randomPKCECodeVerifier()
  const cliState: CliState = {nonce: randomBytes(32).toString('base64url'), redirectUri: options.redirectUri}
  const state = Buffer.from(JSON.stringify(cliState)).toString('base64url')
  const url = serviceUrl(base, PATHS.authorize)
  url.search = new URLSearchParams({
    state,
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    prompt: options.prompt ?? 'consent',
  }).toString()
  return {url, state, codeVerifier}
}

/**
 * @param options.callback the URL that the loopback was called with; its query counts
 * @throws ParixError FAILED (refused, not ours, not accepted), UNAVAILABLE
 */
export async function exchangeCode(
  base: BaseUrl,
  options: {callback: URL; state: string; codeVerifier: string},
  world: OAuthOptions,
): Promise<Tokens> {
  const {client, config, wire} = await prepareCall(base, world, {
    adapt: (body) => forgiveSpelling(base, forgiveTokens(body)),
  })
  // The code was issued to the service's own callback, which is what the token request must name.
  const callback = serviceUrl(base, PATHS.callback)
  callback.search = options.callback.search
  spellIssuer(base, callback.searchParams)
  const code = callback.searchParams.get('code') ?? ''
  try {
    const checks = {pkceCodeVerifier: options.codeVerifier, expectedState: options.state}
    const response = await client.authorizationCodeGrant(config, callback, checks)
    return readTokens(response, (world.now ?? Date.now)())
  } catch (error) {
    if (wire.response === undefined && wire.failure === undefined) throw callbackFailure(callback)
    const failure = oauthFailure(error, wire, [code, options.codeVerifier])
    throw failure.code === 'invalid_grant' ? codeRefused(failure) : failure
  }
}

/** Nothing was sent: what the browser brought is not a response to this attempt. */
function callbackFailure(callback: URL): ParixError {
  const refusal = callback.searchParams.get('error')
  const foreignIssuer = callback.searchParams.has('iss')
  if (refusal === 'access_denied') {
    return new ParixError('FAILED', 'You refused access in the browser.', {code: 'access_denied'})
  }
  if (refusal !== null) {
    const words = excerpt(callback.searchParams.get('error_description') ?? '', 200)
    return new ParixError(
      'FAILED',
      `The service refused (${excerpt(refusal, 40)})${words === '' ? '' : `: ${words}`}.`,
      {
        code: 'authorization_refused',
      },
    )
  }
  const why = foreignIssuer ? 'it may come from another service' : 'its state or code is missing or wrong'
  return new ParixError('FAILED', `The response that the browser brought can't be used: ${why}.`, {
    code: 'bad_callback',
    next: plainCommand('auth login'),
  })
}

function codeRefused(failure: ParixError): ParixError {
  return new ParixError('FAILED', `The service did not accept the sign-in: ${failure.message}`, {
    ...failure.details,
    next: plainCommand('auth login'),
  })
}

/** The callback's `iss` (RFC 9207) in our spelling if it is of our origin; a foreign one stays, for the library to refuse. */
function spellIssuer(base: BaseUrl, query: URLSearchParams): void {
  const [iss, ...more] = query.getAll('iss')
  if (iss !== undefined && more.length === 0 && isOwn(base, iss)) query.set('iss', issuerOf(base))
}

/**
 * Leaves an `id_token` out of the response if its issuer is ours in another spelling: who is signed in is asked at userinfo
 * anyway. One of a foreign issuer stays, for the library to refuse.
 */
function forgiveSpelling(base: BaseUrl, body: Buffer): Buffer {
  const response = readMembers(body)
  const iss = typeof response?.id_token === 'string' ? claims(response.id_token)?.iss : undefined
  if (response === undefined || typeof iss !== 'string' || iss === issuerOf(base) || !isOwn(base, iss)) return body
  const {id_token: _, ...rest} = response
  return Buffer.from(JSON.stringify(rest))
}

function isOwn(base: BaseUrl, issuer: string): boolean {
  return URL.canParse(issuer) && sameOrigin(base.url, new URL(issuer))
}

function claims(token: string): Record<string, unknown> | undefined {
  return readMembers(Buffer.from(token.split('.')[1] ?? '', 'base64url'))
}
