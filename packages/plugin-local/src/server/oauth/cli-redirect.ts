import {CLIENT_ID, type CliState, PATHS, SCOPES} from '@parix/kit/contract'
import {Hono} from 'hono'
import {errorPage} from '../pages/layout.js'
import {consentPrompt} from './oauth-routes.js'

/** Parameters that the callback passes on to the CLI, and no others (threat 2.6). */
const PASSED_ON = ['code', 'state', 'error', 'error_description', 'iss'] as const

/**
 * The CLI's sign-in (see the contract, 'Signing in'): the CLI can't be a registered redirect address, because its port
 * changes. So the service registers an address of its own, and redirects the browser from there to the loopback address in
 * `state`.
 */
export function cliRedirectRoutes(): Hono {
  const routes = new Hono()
  routes.get(PATHS.authorize, (c) => startSignIn(new URL(c.req.url)))
  routes.get(PATHS.callback, (c) => redirectToCli(new URL(c.req.url)))
  return routes
}

async function startSignIn(url: URL): Promise<Response> {
  const {searchParams: query, origin} = url
  const state = only(query, 'state')
  if (!readCliState(state)) return errorPage(400, BAD_STATE)
  if (only(query, 'code_challenge_method') !== 'S256') return errorPage(400, 'Sign-in needs PKCE with the method S256.')
  const challenge = only(query, 'code_challenge')
  if (!challenge || !/^[\w-]{43}$/.test(challenge)) return errorPage(400, 'Sign-in needs a PKCE challenge.')
  if (query.getAll('prompt').length > 1) return errorPage(400, 'prompt is given twice.')
  const authorize = new URL(`${origin}${PATHS.issuer}/oauth2/authorize`)
  authorize.search = new URLSearchParams({
    client_id: CLIENT_ID,
    response_type: 'code',
    redirect_uri: `${origin}${PATHS.callback}`,
    scope: SCOPES.join(' '),
    state: state!,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    prompt: consentPrompt(query.get('prompt') ?? ''),
  }).toString()
  return redirect(authorize)
}

async function redirectToCli(url: URL): Promise<Response> {
  // Checked again: this address can be reached without going through `startSignIn`.
  const state = readCliState(only(url.searchParams, 'state'))
  if (!state) return errorPage(400, BAD_STATE)
  const target = new URL(state.redirectUri)
  for (const name of PASSED_ON) {
    const value = only(url.searchParams, name)
    if (value !== undefined) target.searchParams.set(name, value)
  }
  return redirect(target)
}

const BAD_STATE =
  'This sign-in link was not created by the Parix CLI: it would not lead back to a program on this machine. Nothing was signed in.'

/** The value of a parameter that is given exactly once. */
function only(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name)
  return values.length === 1 ? values[0] : undefined
}

function redirect(location: URL): Response {
  return new Response(null, {
    status: 302,
    headers: {location: location.href, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer'},
  })
}

const STATE_CHARACTERS_MAX = 2048
const NONCE_CHARACTERS_MIN = 16
const PORT_MAX = 65_535

/**
 * The gravest rule of the whole sign-in (threat 2.4): the service sends an authorization code to `state.redirectUri`, and
 * whoever makes the sign-in link writes that address. Only a loopback address of the user's own machine may ever stand
 * there, spelled out exactly: compared as text, so that no reading of the address by some browser can differ from ours.
 */
const LOOPBACK_CALLBACK = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):([1-9]\d{0,4})\/callback$/

export function isLoopbackCallback(uri: string): boolean {
  const port = LOOPBACK_CALLBACK.exec(uri)?.[1]
  return port !== undefined && Number(port) <= PORT_MAX
}

/**
 * What the CLI packed into `state`: base64url of a flat JSON object (see the contract, 'Signing in').
 *
 * @returns undefined for anything that isn't exactly that, or that would send the browser off this machine
 */
export function readCliState(state: string | undefined): CliState | undefined {
  if (!state || state.length > STATE_CHARACTERS_MAX || !/^[\w-]+$/.test(state)) return undefined
  const value = decode(state)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  if (Object.values(value).some((member) => typeof member === 'object' || typeof member === 'boolean')) return undefined
  if (Object.hasOwn(value, '__proto__')) return undefined
  const {nonce, redirectUri} = value as Record<string, unknown>
  if (typeof nonce !== 'string' || nonce.length < NONCE_CHARACTERS_MIN) return undefined
  if (typeof redirectUri !== 'string' || !isLoopbackCallback(redirectUri)) return undefined
  return {nonce, redirectUri}
}

function decode(state: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(Buffer.from(state, 'base64url')))
  } catch {
    return undefined
  }
}
