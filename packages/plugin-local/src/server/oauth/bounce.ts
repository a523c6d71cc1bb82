import {CLIENT_ID, PATHS, SCOPES} from '@parix/kit/contract'
import {Hono} from 'hono'
import {errorPage} from '../pages/layout.js'
import {consentPrompt} from './prompt.js'
import {readCliState} from './state.js'

/** What the callback hands on to the CLI, and nothing else (threat 2.6). */
const PASSED_ON = ['code', 'state', 'error', 'error_description', 'iss'] as const

/**
 * The CLI's sign-in (see the contract, 'Signing in'): the CLI can't be a registered redirect address, because its port
 * changes, so the service stands in with one of its own and bounces the browser on to the loopback that `state` names.
 */
export function bounceRoutes(): Hono {
  const routes = new Hono()
  routes.get(PATHS.authorize, (c) => startSignIn(new URL(c.req.url)))
  routes.get(PATHS.callback, (c) => bounceToCli(new URL(c.req.url)))
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

async function bounceToCli(url: URL): Promise<Response> {
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
  'This sign-in link is not one that the Parix CLI made: it would not lead back to a program on this machine. Nothing was signed in.'

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
