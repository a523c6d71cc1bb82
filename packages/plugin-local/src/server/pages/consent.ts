import {CLIENT_ID} from '@parix/kit/contract'
import {Hono} from 'hono'
import {html} from 'hono/html'
import {findMembership, findPerson} from '../identity/people.js'
import {CLIENT_NAME} from '../identity/seed.js'
import {readCliState} from '../oauth/cli-redirect.js'
import {createQueue, type Queue} from '../queue.js'
import type {Service} from '../service.js'
import {errorPage, type Markup, renderPage} from './layout.js'
import {callProvider, readForm, redirectAfter, signedInUser} from './provider-call.js'

/** The question of every sign-in through a browser: which program may do what, and for whom. */
export function consentRoutes(service: Service): Hono {
  const routes = new Hono()
  const queue = createQueue()
  routes.get('/consent', (c) => showConsent(service, c.req.raw))
  routes.post('/consent', async (c) => decide(service, queue, c.req.raw, await readForm(c.req.raw)))
  return routes
}

async function showConsent(service: Service, request: Request): Promise<Response> {
  const {search, searchParams: query} = new URL(request.url)
  const userId = await signedInUser(service, request)
  // The page shows what is in the query; whether the query is the signed one, Better Auth checks with the decision.
  if (!userId || !query.has('sig') || query.get('client_id') !== CLIENT_ID) return errorPage(400, NOTHING_TO_DECIDE)
  const listener = listenerOf(query)
  return renderPage({
    title: `Allow ${CLIENT_NAME}?`,
    // `[::1]` can't be written in a policy, so there is none for that listener.
    ...(listener?.hostname === '[::1]' && {formAction: '*'}),
    body: html`<h1>Allow ${CLIENT_NAME} to act for you?</h1>
${whoIsSignedIn(service, userId, `/sign-in${search}`)}
<form method="post" action="/consent">
<input type="hidden" name="oauth_query" value="${search.slice(1)}">
<input type="hidden" name="user" value="${userId}">
${scopeChoice(splitScopes(query.get('scope')))}
${DECISION}
</form>
<p class="soft">Allow this only if you have just started a sign-in in a terminal${
      listener && html`: your browser goes back to the program that listens at <code>${listener.host}</code>`
    }.</p>`,
  })
}

async function decide(service: Service, queue: Queue, request: Request, form: URLSearchParams): Promise<Response> {
  const oauthQuery = form.get('oauth_query')
  const decision = form.get('decision')
  if (!oauthQuery || (decision !== 'allow' && decision !== 'deny')) return errorPage(400, NOTHING_TO_DECIDE)
  // Another tab may have signed in somebody else since: consent is for the person whom the page named.
  const userId = await signedInUser(service, request)
  if (!userId || userId !== form.get('user')) return errorPage(400, ANOTHER_PERSON)
  const scopes = allowedScopes(splitScopes(new URLSearchParams(oauthQuery).get('scope')), form)
  // `forgetConsent` deletes all consents of a person: a second one must not begin before the first has its code.
  const response = await queue(userId, () =>
    callProvider(service, request, '/oauth2/consent', {
      accept: decision === 'allow',
      oauth_query: oauthQuery,
      ...(decision === 'allow' && {scope: scopes.join(' ')}),
    }),
  )
  return redirectAfter(response, '/')
}

const ANOTHER_PERSON =
  'Another account has signed in in this browser meanwhile. Start the sign-in again from the terminal.'
const NOTHING_TO_DECIDE = 'There is no sign-in here to allow or deny. Start one from the terminal.'

/** Where the CLI waits for the browser, for the person to compare. */
function listenerOf(query: URLSearchParams): URL | undefined {
  const state = readCliState(query.get('state') ?? undefined)
  return state && new URL(state.redirectUri)
}

/** Can't be refused: there is no sign-in without it. */
const REQUIRED_SCOPE = 'openid'

/** What each scope lets a program do, in words for the person who is asked. */
const SCOPE_WORDS: Record<string, string> = {
  openid: 'Know who you are',
  profile: 'See your name',
  email: 'See your email address',
  offline_access: 'Stay signed in until you sign out',
  'org:read': 'See your organization and your role in it',
  'db:read': 'See databases, accounts, transfers and balances',
  'db:write': 'Create and remove databases, create accounts and transfers',
  'billing:read': 'See the state of billing',
}

/** The scopes of a request, each once, in the order requested. */
export function splitScopes(scope: string | null | undefined): string[] {
  return [...new Set((scope ?? '').split(' ').filter(Boolean))]
}

/** A check box for each scope, so that a part of them can be refused. */
export function scopeChoice(scopes: readonly string[]): Markup {
  return html`<p>It asks to:</p>
<ul class="scopes">${scopes.map((scope) => {
    const words = html`<span>${SCOPE_WORDS[scope] ?? scope}</span><code>${scope}</code>`
    return scope === REQUIRED_SCOPE
      ? html`<li><label><input type="checkbox" checked disabled>${words}</label></li>`
      : html`<li><label><input type="checkbox" name="scope" value="${scope}" checked>${words}</label></li>`
  })}</ul>`
}

/** Those of `asked` that a form of `scopeChoice` allowed: never one that was not asked for. */
export function allowedScopes(asked: readonly string[], form: URLSearchParams): string[] {
  const allowed = new Set([REQUIRED_SCOPE, ...form.getAll('scope')])
  return asked.filter((scope) => allowed.has(scope))
}

/** The two buttons, at the end of a form; on a small screen they stay in sight. */
export const DECISION: Markup = html`<div class="pair decide">
<button type="submit" name="decision" value="deny">Deny</button>
<button type="submit" class="main" name="decision" value="allow">Allow</button>
</div>`

/** Who is signed in, and for which organization; `switchTo` is where another account can be chosen. */
export function whoIsSignedIn(service: Service, userId: string, switchTo?: string): Markup {
  const person = findPerson(service.database, userId)
  const membership = findMembership(service.database, userId)
  return html`<div class="who"><span class="dot" aria-hidden="true">${(person?.name || '?').slice(0, 1).toUpperCase()}</span>
<span><b>${person?.email}</b><span class="soft">${person?.name}${
    membership && html` · ${membership.memberRole} of ${membership.name}`
  }${switchTo && html`<br><a href="${switchTo}">Not you? Use another account</a>`}</span></span></div>`
}
