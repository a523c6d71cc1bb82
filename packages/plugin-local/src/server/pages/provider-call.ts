import {findBrowserUser} from '../identity/principal.js'
import type {Service} from '../service.js'
import {errorPage} from './layout.js'

/**
 * Calls Better Auth from a page's form, in this process: with the browser's cookies, and as coming from this service, which
 * `sameOriginOnly` has made sure of.
 */
export async function callProvider(service: Service, request: Request, path: string, body: object): Promise<Response> {
  const {origin} = new URL(request.url)
  const headers = new Headers({'content-type': 'application/json', accept: 'application/json', origin})
  const cookie = request.headers.get('cookie')
  if (cookie) headers.set('cookie', cookie)
  const provider = await service.loadProvider()
  return provider.handler(
    new Request(`${origin}/api/auth${path}`, {method: 'POST', headers, body: JSON.stringify(body)}),
  )
}

/** Sends the browser where Better Auth's response says (`{url}`), or to `otherwise`, with the cookies that it set. */
export async function redirectAfter(response: Response, otherwise: string): Promise<Response> {
  if (!response.ok && response.status !== 302) return errorPage(400, EXPIRED)
  const {url} = (await response.json().catch(() => ({}))) as {url?: unknown}
  const headers = new Headers({
    location: typeof url === 'string' ? url : otherwise,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  })
  for (const cookie of response.headers.getSetCookie()) headers.append('set-cookie', cookie)
  return new Response(null, {status: 303, headers})
}

const EXPIRED = 'This page is too old, or was changed on its way. Start the sign-in again from the terminal.'

/** The fields of a posted form. Our forms are all URL-encoded; anything else reads as a form without fields. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await request.text())
}

/** The id of the person whose browser this is. */
export function signedInUser({loadProvider}: Service, {headers}: Request): Promise<string | undefined> {
  return findBrowserUser(loadProvider, headers)
}

/** To the sign-in page, and back to `next` after it. */
export function askToSignIn(next: string): Response {
  const location = `/sign-in?${new URLSearchParams({next})}`
  return new Response(null, {status: 303, headers: {location, 'cache-control': 'no-store'}})
}
