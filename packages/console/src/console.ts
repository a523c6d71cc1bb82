/** The console as a function from Request to Response. It changes nothing, unless the host gives it a writer. */

import {isParixError} from '@parix/kit/errors'
import {type CommandFlags, nextCommand, renderCommand} from '@parix/kit/next-command'
import {type Context, Hono} from 'hono'
import {bodyLimit} from 'hono/body-limit'
import {html} from 'hono/html'
import type {ConsoleDatabase, ConsoleHost, DatabaseCard, Visitor} from './host.js'
import {liveTransfers} from './live.js'
import {accountPage} from './pages/account.js'
import {accountsPage} from './pages/accounts.js'
import {endHoldPage} from './pages/end-hold.js'
import type {FormContext} from './pages/forms.js'
import {holdsPage} from './pages/holds.js'
import {newAccountPage} from './pages/new-account.js'
import {newTransferPage} from './pages/new-transfer.js'
import {overviewPage, tiles} from './pages/overview.js'
import {BadQuery, type PageContext} from './pages/page-context.js'
import {reportsPage} from './pages/reports.js'
import {findInBooks, idIn} from './pages/selection.js'
import {transferPage} from './pages/transfer.js'
import {transfersPage} from './pages/transfers.js'
import {AccountSumsCache} from './read/account-sums.js'
import {RecentTransfers} from './read/recent-transfers.js'
import {ASSETS, messagePage, type Page, type Place, renderPage} from './view/layout.js'
import {badge, command, type Markup, name} from './view/markup.js'

interface Environment {
  Variables: {visitor: Visitor}
}

/** Databases whose sums and latest transfers are kept in memory. */
const BOOKS_KEPT = 8
const FORM_BYTES_MAX = 64 * 1024

export function createConsole(host: ConsoleHost): Hono<Environment> {
  const app = new Hono<Environment>()
  const books = keepBooks(host)
  const {base} = host
  for (const {name: file, text, type} of Object.values(ASSETS)) {
    app.get(`${base}/-/${file}`, (c) =>
      c.body(text, 200, {
        'content-type': type,
        'cache-control': 'public, max-age=31536000, immutable',
        ...ASSET_HEADERS,
      }),
    )
  }
  app.use(async (c, next) => {
    const visitor = await host.admit(c.req.raw)
    if (visitor instanceof Response) return visitor
    c.set('visitor', visitor)
    return next()
  })
  const tooLarge = (c: PageRequest) =>
    messagePage(
      {host, visitor: c.get('visitor'), section: ''},
      413,
      'Too large',
      'That form is too large. Nothing was done.',
    )
  app.use(bodyLimit({maxSize: FORM_BYTES_MAX, onError: tooLarge}))
  app.get(base, (c) => c.redirect(`${base}/`, 308))
  app.get(`${base}/`, async (c) =>
    renderPage(await databasesPage(host, c.get('visitor')), {host, visitor: c.get('visitor'), section: 'Databases'}),
  )
  addTools(app, host)
  addPages(app, host, books)
  app.notFound((c) =>
    messagePage(
      {host, visitor: c.get('visitor'), section: ''},
      404,
      'Page not found',
      'There is no page at this address.',
    ),
  )
  app.onError((error, c) => failurePage(error, {host, visitor: c.get('visitor'), section: ''}))
  return app
}

const ASSET_HEADERS = {'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin'}

/** What is shown of a failure: the sentences of a ParixError are for people, others are for the log alone. */
function failurePage(error: Error, place: Place): Response {
  if (error instanceof BadQuery) return messagePage(place, 400, 'That can not be shown', error.message)
  place.host.log(error.stack ?? error.message)
  const message = isParixError(error) ? error.message : 'The page could not be read. The log of the service says more.'
  return messagePage(place, 502, 'That did not work', message)
}

interface Books {
  sums: AccountSumsCache
  recent: RecentTransfers
}

/** The books of the databases that were shown last. A database that was removed and created again has another id. */
function keepBooks({limits}: ConsoleHost): (database: ConsoleDatabase) => Books {
  const kept = new Map<string, Books>()
  return ({id, reader}) => {
    const known = kept.get(id) ?? {
      sums: new AccountSumsCache(reader, limits),
      recent: new RecentTransfers(reader, limits),
    }
    kept.delete(id)
    kept.set(id, known)
    for (const oldest of kept.keys()) {
      if (kept.size <= BOOKS_KEPT) break
      kept.delete(oldest)
    }
    return known
  }
}

type PageResult = Page | Response | undefined

function addPages(app: Hono<Environment>, host: ConsoleHost, books: ReturnType<typeof keepBooks>): void {
  const {base} = host
  /** Shows what `work` makes of the database in the address. */
  const respond = async (c: PageRequest, section: string, work: (context: PageContext) => Promise<PageResult>) => {
    const visitor = c.get('visitor')
    const none = {host, visitor, section}
    const database = await visitor.database(c.req.param('database') ?? '')
    if (database === undefined)
      return messagePage(none, 404, 'No such database', 'There is no database at this address, or it is not ready.')
    const path = databasePath(host, database)
    const place = {...none, database: {name: database.name, path}}
    const now = BigInt(Date.now()) * 1_000_000n
    const query = new URL(c.req.url).searchParams
    try {
      const found = await work({host, visitor, database, base: path, ...books(database), query, now})
      if (found instanceof Response) return found
      return found === undefined
        ? messagePage(place, 404, 'Not found', 'This database has nothing at this address.')
        : renderPage(found, place)
    } catch (error) {
      return failurePage(error as Error, place)
    }
  }
  const idOf = (c: PageRequest) => idIn(c.req.param('id') ?? '')
  const page = (path: string, section: string, show: (context: PageContext) => Promise<PageResult>) =>
    app.get(`${base}/:database${path}`, (c) => respond(c, section, show))
  const pageOfOne = (path: string, section: string, show: (context: PageContext, id: bigint) => Promise<PageResult>) =>
    app.get(`${base}/:database${path}`, (c) =>
      respond(c, section, async (context) => {
        const id = idOf(c)
        return id === undefined ? undefined : show(context, id)
      }),
    )
  const form = (path: string, section: string, show: (context: FormContext, id: bigint) => Promise<PageResult>) =>
    app.on(['GET', 'POST'], `${base}/:database${path}`, async (c) => {
      if (c.req.method === 'POST' && !isFromOurPages(c.req.raw)) return foreignForm(host, c.get('visitor'))
      const fields = new URLSearchParams(c.req.method === 'POST' ? await c.req.raw.text() : '')
      return respond(c, section, async (context) => {
        const {writer} = context.database
        return writer && show({...context, writer, form: fields}, idOf(c) ?? 0n)
      })
    })
  page('', 'Overview', overviewPage)
  form('/accounts/new', 'Accounts', newAccountPage)
  form('/transfers/new', 'Transfers', newTransferPage)
  form('/transfers/:id/end', 'Transfers', endHoldPage)
  page('/accounts', 'Accounts', accountsPage)
  pageOfOne('/accounts/:id', 'Accounts', accountPage)
  page('/transfers', 'Transfers', transfersPage)
  pageOfOne('/transfers/:id', 'Transfers', transferPage)
  page('/holds', 'Holds', holdsPage)
  page('/reports', 'Reports', reportsPage)
  page('/find', '', findInBooks)
  page('/live', '', async (context) =>
    liveTransfers(context, {tiles: async () => String(tiles(context, await context.sums.current()))}),
  )
}

type PageRequest = Context<Environment>

/** The host's own pages. */
function addTools(app: Hono<Environment>, host: ConsoleHost): void {
  for (const tool of host.tools ?? []) {
    const path = `${host.base}/-/${tool.slug}`
    app.get(path, async (c) => {
      const body = await tool.show(c.req.raw)
      return renderPage({title: tool.label, body}, {host, visitor: c.get('visitor'), section: tool.slug})
    })
    app.post(path, async (c) => {
      if (!isFromOurPages(c.req.raw)) return foreignForm(host, c.get('visitor'))
      if (tool.submit === undefined) return c.notFound()
      await tool.submit(c.req.raw, new URLSearchParams(await c.req.raw.text()))
      return c.redirect(path, 303)
    })
  }
  app.get(`${host.base}/-/*`, (c) => c.notFound())
}

/** Browsers send `Origin` with each form that is posted, and a page of another origin can neither omit nor change it. */
function isFromOurPages(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  return request.headers.get('origin') === new URL(request.url).origin && (site === null || site === 'same-origin')
}

function foreignForm(host: ConsoleHost, visitor: Visitor): Response {
  const message = 'This form did not come from a page of this service. Nothing was done.'
  return messagePage({host, visitor, section: ''}, 403, 'Refused', message)
}

const SHOWN_MAX = 200

/** Every database that the visitor may read. */
async function databasesPage(host: ConsoleHost, visitor: Visitor): Promise<Page> {
  const databases = await visitor.databases()
  return {
    title: 'Databases',
    body: html`<div class="head"><div><h1>Databases</h1><p class="lead">TigerBeetle databases of your organization.</p></div></div>
<section class="card"><table><thead><tr><th>Name</th><th>Status</th><th class="wide">Place</th><th class="wide">Created</th></tr></thead>
<tbody>${databases.slice(0, SHOWN_MAX).map((database) => databaseRow(host, database))}</tbody></table>
${databases.length === 0 && html`<div class="empty">No databases yet.</div>`}
${databases.length > SHOWN_MAX && html`<footer>${SHOWN_MAX} of ${databases.length} databases are shown.</footer>`}</section>
<section class="card"><header><h2>On the command line</h2></header><div class="body">${command(commandOf(host, 'database create', ['books'], {wait: true}))}${command(commandOf(host, 'database list'))}</div></section>`,
  }
}

function databaseRow(host: ConsoleHost, {id, name: text, status, place, createdAt}: DatabaseCard): Markup {
  const label = name(text)
  return html`<tr><td class="cut">${status === 'READY' ? html`<a class="acct open" href="${databasePath(host, {id, name: text})}">${label}</a>` : label}</td>
<td class="fit">${badge(status === 'READY' ? 'good' : status === 'FAILED' ? 'bad' : 'hold', status.toLowerCase())}</td><td class="wide">${name(place)}</td><td class="wide">${name(createdAt.slice(0, 16).replace('T', ' '))}</td></tr>`
}

function commandOf({inPrint}: ConsoleHost, words: string, args: string[] = [], flags: CommandFlags = {}): string {
  return renderCommand(nextCommand(words, {args, flags}), inPrint && {inPrint})
}

/** Names that read well in an address are used there; others by their id. */
function databasePath({base}: ConsoleHost, {id, name: text}: {id: string; name: string}): string {
  return `${base}/${encodeURIComponent(/^[a-z0-9][\w.-]{0,63}$/i.test(text) ? text : id)}`
}
