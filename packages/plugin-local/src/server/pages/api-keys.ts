import {PATHS} from '@parix/kit/contract'
import {Hono} from 'hono'
import {html} from 'hono/html'
import {type ApiKeyRow, createApiKey, listApiKeys, revokeApiKey} from '../identity/keys.js'
import {findMembership} from '../identity/membership.js'
import type {Service} from '../service.js'
import {errorPage} from './error.js'
import {askToSignIn, readForm, signedInUser} from './inside.js'
import {type Markup, renderPage} from './layout.js'
import {whoIsSignedIn} from './person.js'

const NAME_CHARACTERS_MAX = 60

/** API keys for machines: made here, shown once, ended here. */
export function apiKeyRoutes(service: Service): Hono<{Variables: {userId: string}}> {
  const routes = new Hono<{Variables: {userId: string}}>()
  routes.use(`${PATHS.apiKeys}/*`, async (c, next) => {
    const userId = await signedInUser(service, c.req.raw)
    if (!userId) return askToSignIn(PATHS.apiKeys)
    c.set('userId', userId)
    return next()
  })
  routes.get(PATHS.apiKeys, (c) => showKeys(service, c.get('userId')))
  routes.post(PATHS.apiKeys, async (c) => makeKey(service, c.get('userId'), await readForm(c.req.raw)))
  routes.post(`${PATHS.apiKeys}/revoke`, async (c) => {
    const id = (await readForm(c.req.raw)).get('id') ?? ''
    revokeApiKey(service.database, c.get('userId'), id)
    return c.redirect(PATHS.apiKeys, 303)
  })
  return routes
}

async function makeKey(service: Service, userId: string, form: URLSearchParams): Promise<Response> {
  const name = (form.get('name') ?? '').trim()
  const access = form.get('access')
  if (!name || name.length > NAME_CHARACTERS_MAX) return errorPage(400, 'A key needs a name.')
  if (access !== 'read' && access !== 'write') return errorPage(400, 'A key may read, or read and write.')
  const databaseId = form.get('database') ?? ''
  if (databaseId && !databasesOf(service, userId).some(({id}) => id === databaseId)) {
    return errorPage(400, 'There is no such database in this organization.')
  }
  const key = await createApiKey(service.provider, userId, name, {access, ...(databaseId && {databaseId})})
  return showKeys(service, userId, key)
}

function databasesOf(service: Service, userId: string): readonly {id: string; name: string}[] {
  const membership = findMembership(service.database, userId)
  return membership ? service.listDatabases(membership.id) : []
}

function showKeys(service: Service, userId: string, fresh?: string): Promise<Response> {
  const databases = databasesOf(service, userId)
  const keys = listApiKeys(service.database, userId)
  return renderPage({
    title: 'API keys',
    wide: true,
    body: html`<h1>API keys</h1>
<p class="soft">For scripts and CI: <code>PARIX_API_KEY=px_…</code> in place of a sign-in.</p>
${whoIsSignedIn(service, userId)}
${fresh && html`<p role="status"><strong>This is the new key. It is shown only now: copy it.</strong></p><p class="secret">${fresh}</p>`}
${keys.length === 0 ? html`<p>No keys yet.</p>` : keyTable(keys, databases)}
<h2>New key</h2>
<form method="post" action="${PATHS.apiKeys}">
<label for="name">Name</label>
<input type="text" id="name" name="name" required maxlength="${NAME_CHARACTERS_MAX}" autocomplete="off">
<label for="access">May</label>
<select id="access" name="access"><option value="read">read</option><option value="write">read and write</option></select>
<label for="database">In</label>
<select id="database" name="database"><option value="">all databases</option>${databases.map(
      ({id, name}) => html`<option value="${id}">${name}</option>`,
    )}</select>
<button type="submit" class="main">Create key</button>
</form>
<form method="post" action="/sign-out"><button type="submit">Sign out of this browser</button></form>`,
  })
}

function keyTable(keys: readonly ApiKeyRow[], databases: readonly {id: string; name: string}[]): Markup {
  const where = ({databaseId}: ApiKeyRow) =>
    databaseId === undefined ? 'all databases' : (databases.find(({id}) => id === databaseId)?.name ?? databaseId)
  return html`<div class="table"><table>
<tr><th>Name</th><th>Key</th><th>May</th><th>In</th><th>Made</th><th></th></tr>
${keys.map(
  (key) => html`<tr><td>${key.name}</td><td><code>${key.start}…</code></td>
<td>${key.access === 'write' ? 'read and write' : 'read'}</td><td>${where(key)}</td><td>${key.createdAt.slice(0, 10)}</td>
<td><form method="post" action="${PATHS.apiKeys}/revoke"><input type="hidden" name="id" value="${key.id}">
<button type="submit" class="small danger" aria-label="Revoke ${key.name}">Revoke</button></form></td></tr>`,
)}
</table></div>`
}
