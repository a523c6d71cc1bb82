import {PATHS} from '@parix/kit/contract'
import {Hono} from 'hono'
import {html} from 'hono/html'
import {API_KEY_NAME_CHARACTERS_MAX} from '../identity/constants.js'
import {type ApiKeyRow, createApiKey, listApiKeys, revokeApiKey} from '../identity/keys.js'
import {findMembership} from '../identity/people.js'
import type {Service} from '../service.js'
import {whoIsSignedIn} from './consent.js'
import {errorPage, type Markup, notFoundPage, renderPage} from './layout.js'
import {askToSignIn, readForm, signedInUser} from './provider-call.js'

interface Database {
  id: string
  name: string
}

/** How long a key may be good for, in days; the empty text: until it is revoked. */
const LIFETIMES: [days: string, label: string][] = [
  ['', 'until it is revoked'],
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'one year'],
]

/** API keys for machines: created here, shown once, revoked here. */
export function apiKeyRoutes(service: Service): Hono<{Variables: {userId: string}}> {
  const routes = new Hono<{Variables: {userId: string}}>()
  routes.use(`${PATHS.apiKeys}/*`, async (c, next) => {
    const userId = await signedInUser(service, c.req.raw)
    if (!userId) return askToSignIn(PATHS.apiKeys)
    c.set('userId', userId)
    return next()
  })
  routes.get(PATHS.apiKeys, (c) => showKeys(service, c.get('userId')))
  routes.post(PATHS.apiKeys, async (c) => createKey(service, c.get('userId'), await readForm(c.req.raw)))
  routes.post(`${PATHS.apiKeys}/revoke`, async (c) => {
    const form = await readForm(c.req.raw)
    const key = listApiKeys(service.database, c.get('userId')).find(({id}) => id === form.get('id'))
    if (!key) return errorPage(404, 'You have no such API key: it may have been revoked already.', 'No such API key')
    if (form.get('confirm') !== 'yes') return confirmRevocation(service, c.get('userId'), key)
    revokeApiKey(service.database, c.get('userId'), key.id)
    return c.redirect(PATHS.apiKeys, 303)
  })
  routes.get(`${PATHS.apiKeys}/*`, () => notFoundPage())
  return routes
}

async function createKey(service: Service, userId: string, form: URLSearchParams): Promise<Response> {
  const name = (form.get('name') ?? '').trim()
  const access = form.get('access')
  const days = form.get('expires') ?? ''
  const databaseId = form.get('database') ?? ''
  if (!name || name.length > API_KEY_NAME_CHARACTERS_MAX) {
    return errorPage(400, `The name of a key must be 1 to ${API_KEY_NAME_CHARACTERS_MAX} characters long.`)
  }
  if (access !== 'read' && access !== 'write') return errorPage(400, 'The access of a key is read, or read and write.')
  if (!LIFETIMES.some(([choice]) => choice === days)) return errorPage(400, 'There is no such lifetime.')
  if (databaseId && !databasesOf(service, userId).some(({id}) => id === databaseId)) {
    return errorPage(400, 'There is no such database in this organization.')
  }
  const {key} = await createApiKey(service.loadProvider, userId, name, {
    access,
    ...(databaseId && {databaseId}),
    ...(days && {lifeDays: Number(days)}),
  })
  return showKeys(service, userId, key)
}

function databasesOf(service: Service, userId: string): readonly Database[] {
  const membership = findMembership(service.database, userId)
  return membership ? service.listDatabases(membership.id) : []
}

function showKeys(service: Service, userId: string, fresh?: string): Promise<Response> {
  const databases = databasesOf(service, userId)
  const keys = listApiKeys(service.database, userId)
  return renderPage({
    title: 'API keys',
    layout: 'wide',
    body: html`<h1>API keys</h1>
<p class="soft">For scripts and CI: set <code>PARIX_API_KEY</code> instead of signing in.</p>
${whoIsSignedIn(service, userId)}
${
  fresh &&
  html`<div class="notice" role="status"><p><strong>Copy the new key: it is shown only now.</strong></p>
<p class="secret">${fresh}</p></div>`
}
${
  keys.length === 0
    ? html`<p>You have no keys yet.</p>`
    : html`<ul class="cards">${keys.map(
        (key) => html`<li>${keyFacts(key, databases)}
<form method="post" action="${PATHS.apiKeys}/revoke"><input type="hidden" name="id" value="${key.id}">
<button type="submit" class="small danger" aria-label="Revoke ${key.name}">Revoke</button></form></li>`,
      )}</ul>`
}
<h2>New key</h2>
<form method="post" action="${PATHS.apiKeys}">
<div class="fields">
<div><label for="name">Name</label>
<input type="text" id="name" name="name" required maxlength="${API_KEY_NAME_CHARACTERS_MAX}" autocomplete="off"></div>
<div><label for="access">Access</label>
<select id="access" name="access"><option value="read">read</option><option value="write">read and write</option></select></div>
<div><label for="database">Databases</label>
<select id="database" name="database"><option value="">all databases</option>${databases.map(
      ({id, name}) => html`<option value="${id}">${name}</option>`,
    )}</select></div>
<div><label for="expires">Valid for</label>
<select id="expires" name="expires">${LIFETIMES.map(
      ([days, label]) => html`<option value="${days}">${label}</option>`,
    )}</select></div>
</div>
<button type="submit" class="main">Create key</button>
</form>
<form method="post" action="/sign-out"><button type="submit" class="plain">Sign out of this browser</button></form>`,
  })
}

function confirmRevocation(service: Service, userId: string, key: ApiKeyRow): Promise<Response> {
  return renderPage({
    title: 'Revoke this key?',
    body: html`<h1>Revoke this key?</h1>
<p>Programs that use it are refused at once. This can't be undone.</p>
<ul class="cards"><li>${keyFacts(key, databasesOf(service, userId))}</li></ul>
<form method="post" action="${PATHS.apiKeys}/revoke">
<input type="hidden" name="id" value="${key.id}"><input type="hidden" name="confirm" value="yes">
<div class="pair"><a class="button" href="${PATHS.apiKeys}">Keep it</a>
<button type="submit" class="stop">Revoke key</button></div>
</form>`,
  })
}

function keyFacts(key: ApiKeyRow, databases: readonly Database[]): Markup {
  const {databaseId, expiresAt} = key
  const where =
    databaseId === undefined ? 'all databases' : (databases.find(({id}) => id === databaseId)?.name ?? databaseId)
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= Date.now()
  return html`<h2>${key.name}</h2>
<dl class="facts">
<div><dt>Key</dt><dd><code>${key.start}…</code></dd></div>
<div><dt>Access</dt><dd>${key.access === 'write' ? 'read and write' : 'read'}</dd></div>
<div><dt>Databases</dt><dd>${where}</dd></div>
<div><dt>Created</dt><dd>${day(key.createdAt)}</dd></div>
<div><dt>Last used</dt><dd>${key.lastUsedAt === null ? 'never' : minute(key.lastUsedAt)}</dd></div>
<div><dt>Expires</dt><dd${isExpired ? html` class="expired"` : ''}>${
    expiresAt === null ? 'never' : isExpired ? `expired ${day(expiresAt)}` : day(expiresAt)
  }</dd></div>
</dl>`
}

function day(time: string): string {
  return new Date(time).toISOString().slice(0, 10)
}

function minute(time: string): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
