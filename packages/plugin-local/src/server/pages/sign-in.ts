import {Hono} from 'hono'
import {html} from 'hono/html'
import {PASSWORDLESS_PATH} from '../identity/constants.js'
import {findPerson, listPeople, type Person, SignInRefused} from '../identity/people.js'
import type {Service} from '../service.js'
import {errorPage, type Markup, renderPage} from './layout.js'
import {callProvider, readForm, redirectAfter} from './provider-call.js'

const TEXT_CHARACTERS_MAX = 200

/** Signing in: one press for those who were here before, a short form for others. No passwords: this is one's own machine. */
export function signInRoutes(service: Service): Hono {
  const routes = new Hono()
  routes.get('/sign-in', (c) => showSignIn(service, new URL(c.req.url)))
  routes.post('/sign-in', async (c) => signIn(service, c.req.raw, await readForm(c.req.raw)))
  routes.post('/sign-out', async (c) => redirectAfter(await callProvider(service, c.req.raw, '/sign-out', {}), '/'))
  return routes
}

function showSignIn(service: Service, url: URL): Promise<Response> {
  // Signed by Better Auth: the whole query has to come back as it is.
  const hidden = url.searchParams.has('sig')
    ? html`<input type="hidden" name="oauth_query" value="${url.search.slice(1)}">`
    : html`<input type="hidden" name="next" value="${localPath(url.searchParams.get('next'))}">`
  const [first, ...others] = listPeople(service.database)
  return renderPage({
    title: 'Sign in',
    body: html`<h1>Sign in to Parix</h1>
<p class="soft">The local Parix service of this machine, at <code>${new URL(service.baseUrl).host}</code>.</p>
<form method="post" action="/sign-in">${hidden}
${first && personButton(first, 'main')}
${others.map((other) => personButton(other, ''))}
</form>
<details>
<summary>Sign in as someone else</summary>
<form method="post" action="/sign-in">${hidden}
<label for="email">Email</label>
<input type="email" id="email" name="email" required maxlength="${TEXT_CHARACTERS_MAX}" autocomplete="off">
<label for="name">Name <span class="hint">(optional)</span></label>
<input type="text" id="name" name="name" maxlength="${TEXT_CHARACTERS_MAX}" autocomplete="off">
<label for="organization">Organization <span class="hint">(optional)</span></label>
<input type="text" id="organization" name="organization" placeholder="Local" maxlength="${TEXT_CHARACTERS_MAX}" autocomplete="off">
<p class="soft">Nothing is checked and there is no password: only programs on this machine reach this service. An organization that doesn't exist yet is created, with this person as its owner.</p>
<button type="submit">Continue as this person</button>
</form>
</details>`,
  })
}

function personButton(person: Person, style: string): Markup {
  return html`<button type="submit" class="${style}" name="user" value="${person.id}">Sign in as ${person.email}</button>`
}

async function signIn(service: Service, request: Request, form: URLSearchParams): Promise<Response> {
  const person = await chosenPerson(service, form).catch((error: unknown) => {
    if (error instanceof SignInRefused) return error
    throw error
  })
  if (person instanceof SignInRefused) return errorPage(400, person.message)
  if (!person) return errorPage(400, 'That is not an email address that can be signed in with.')
  const oauthQuery = text(form, 'oauth_query')
  const response = await callProvider(service, request, PASSWORDLESS_PATH, {
    userId: person.id,
    ...(oauthQuery && {oauth_query: oauthQuery}),
  })
  return redirectAfter(response, localPath(text(form, 'next')))
}

async function chosenPerson(service: Service, form: URLSearchParams): Promise<Person | undefined> {
  const userId = text(form, 'user')
  if (userId) return findPerson(service.database, userId)
  const [email, name, organization] = [text(form, 'email'), text(form, 'name'), text(form, 'organization')]
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) return undefined
  if ([email, name, organization].some((value) => value.length > TEXT_CHARACTERS_MAX)) return undefined
  return service.people.ensure({email, name, organization})
}

function text(form: URLSearchParams, name: string): string {
  return form.get(name)?.trim() ?? ''
}

/** A path of this service that a person can be sent to after signing in; the start page for anything else. */
function localPath(next: string | null): string {
  return next && /^\/(device|settings\/api-keys|console(\/[\w%.~-]*)*)(\?[\w=%&.@/~+:-]*)?$/.test(next) ? next : '/'
}
