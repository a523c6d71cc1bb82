import {CLIENT_ID} from '@parix/kit/contract'
import {Hono} from 'hono'
import {html} from 'hono/html'
import {CLIENT_NAME} from '../identity/seed.js'
import {readCliState} from '../oauth/state.js'
import {createQueue, type Queue} from '../queue.js'
import type {Service} from '../service.js'
import {errorPage} from './error.js'
import {callProvider, goOn, readForm, signedInUser} from './inside.js'
import {type Markup, renderPage} from './layout.js'
import {whoIsSignedIn} from './person.js'
import {scopeInWords, splitScopes} from './scopes.js'

/** What can't be left out: without it there is no sign-in. */
const REQUIRED_SCOPE = 'openid'

/** The question that every sign-in asks: who may do what for whom. */
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
  // The page says what is in the query; whether the query is the one that was signed, Better Auth checks with the answer.
  if (!userId || !query.has('sig') || query.get('client_id') !== CLIENT_ID) return errorPage(400, NOTHING_TO_DECIDE)
  const listener = listenerOf(query)
  return renderPage({
    title: `Allow ${CLIENT_NAME}?`,
    // `[::1]` can't be written in a policy, so for that listener there is none.
    ...(listener?.hostname === '[::1]' && {formAction: '*'}),
    body: html`<h1>Allow ${CLIENT_NAME} to act for you?</h1>
${whoIsSignedIn(service, userId, `/sign-in${search}`)}
<form method="post" action="/consent">
<input type="hidden" name="oauth_query" value="${search.slice(1)}">
<input type="hidden" name="user" value="${userId}">
<p>It asks to:</p>
<ul class="scopes">${splitScopes(query.get('scope')).map(scopeLine)}</ul>
<div class="pair">
<button type="submit" name="decision" value="deny">Deny</button>
<button type="submit" class="main" name="decision" value="allow">Allow</button>
</div>
</form>
<p class="soft">Allow this only if you have just started a sign-in in a terminal${
      listener && html`: your browser goes back to the program that listens at <code>${listener.host}</code>`
    }.</p>`,
  })
}

function scopeLine(scope: string): Markup {
  const words = html`<span>${scopeInWords(scope)}</span><code>${scope}</code>`
  return scope === REQUIRED_SCOPE
    ? html`<li><label><input type="checkbox" checked disabled>${words}</label></li>`
    : html`<li><label><input type="checkbox" name="scope" value="${scope}" checked>${words}</label></li>`
}

/** Where the CLI waits for its answer, for the person to compare. */
function listenerOf(query: URLSearchParams): URL | undefined {
  const state = readCliState(query.get('state') ?? undefined)
  return state && new URL(state.redirectUri)
}

async function decide(service: Service, queue: Queue, request: Request, form: URLSearchParams): Promise<Response> {
  const oauthQuery = form.get('oauth_query')
  const decision = form.get('decision')
  if (!oauthQuery || (decision !== 'allow' && decision !== 'deny')) return errorPage(400, NOTHING_TO_DECIDE)
  // Another tab may have signed in somebody else since: consent is for the person whom the page named.
  const userId = await signedInUser(service, request)
  if (!userId || userId !== form.get('user')) return errorPage(400, ANOTHER_PERSON)
  const asked = splitScopes(new URLSearchParams(oauthQuery).get('scope'))
  const allowed = new Set([REQUIRED_SCOPE, ...form.getAll('scope')])
  // `forgetConsent` deletes all consents of a person: a second one must not begin before the first has its code.
  const answer = await queue(userId, () =>
    callProvider(service, request, '/oauth2/consent', {
      accept: decision === 'allow',
      oauth_query: oauthQuery,
      ...(decision === 'allow' && {scope: asked.filter((scope) => allowed.has(scope)).join(' ')}),
    }),
  )
  return goOn(answer, '/')
}

const ANOTHER_PERSON =
  'Another account has signed in in this browser meanwhile. Start the sign-in again from the terminal.'
const NOTHING_TO_DECIDE = 'There is no sign-in here to allow or deny. Start one from the terminal.'
