/** The console as a function from Request to Response. It reads; nothing that it shows is kept, and nothing is changed. */

import {isParixError} from '@parix/kit/errors'
import {Hono} from 'hono'
import type {ConsoleDatabase, ConsoleHost, Visitor} from './host.js'
import {liveTransfers} from './live.js'
import {accountPage} from './pages/account.js'
import {accountsPage} from './pages/accounts.js'
import {databasePath, databasesPage} from './pages/databases.js'
import {findInBooks} from './pages/find.js'
import {holdsPage} from './pages/holds.js'
import {overviewPage, tiles} from './pages/overview.js'
import {BadQuery, type PageContext, type PageOf} from './pages/page-context.js'
import {reportsPage} from './pages/reports.js'
import {idIn} from './pages/selection.js'
import {transferPage} from './pages/transfer.js'
import {transfersPage} from './pages/transfers.js'
import {AccountSumsCache} from './read/account-sums.js'
import {RecentTransfers} from './read/recent-transfers.js'
import {ASSETS, messagePage, type Place, renderPage} from './view/layout.js'
import {name} from './view/markup.js'

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

function addPages(app: Hono<Environment>, host: ConsoleHost, books: ReturnType<typeof keepBooks>): void {
  const {base} = host
  const open = async (visitor: Visitor, request: Request, key: string): Promise<PageContext | undefined> => {
    const database = await visitor.database(key)
    if (database === undefined) return undefined
    const now = BigInt(Date.now()) * 1_000_000n
    const query = new URL(request.url).searchParams
    return {host, visitor, database, base: databasePath(host, database), ...books(database), query, now}
  }
  const add = (
    path: string,
    section: string,
    page: (context: PageContext, id: string) => Promise<Response | Awaited<ReturnType<PageOf>> | undefined>,
  ) =>
    app.get(`${base}/:database${path}`, async (c) => {
      const visitor = c.get('visitor')
      const context = await open(visitor, c.req.raw, c.req.param('database'))
      const none = {host, visitor, section}
      if (context === undefined)
        return messagePage(none, 404, 'No such database', 'There is no database at this address, or it is not ready.')
      const place = {...none, database: {name: context.database.name, path: context.base}}
      try {
        const found = await page(context, c.req.param('id') ?? '')
        if (found instanceof Response) return found
        return found === undefined
          ? messagePage(place, 404, 'Not found', 'This database has nothing with this id.')
          : renderPage(found, place)
      } catch (error) {
        return failurePage(error as Error, place)
      }
    })
  add('', 'Overview', overviewPage)
  add('/accounts', 'Accounts', accountsPage)
  add('/accounts/:id', 'Accounts', async (context, text) => onePage(text, (id) => accountPage(context, id)))
  add('/transfers', 'Transfers', transfersPage)
  add('/transfers/:id', 'Transfers', async (context, text) => onePage(text, (id) => transferPage(context, id)))
  add('/holds', 'Holds', holdsPage)
  add('/reports', 'Reports', reportsPage)
  add('/find', '', findInBooks)
  add('/live', '', async (context) =>
    liveTransfers(context, {tiles: async () => String(tiles(context, await context.sums.current()))}),
  )
}

async function onePage<T>(text: string, page: (id: bigint) => Promise<T>): Promise<T | undefined> {
  const id = idIn(text)
  return id === undefined ? undefined : page(id)
}

/** The host's own pages. Their forms are accepted from our pages only: browsers send `Origin` with each, and no page can change it. */
function addTools(app: Hono<Environment>, host: ConsoleHost): void {
  for (const tool of host.tools ?? []) {
    const path = `${host.base}/-/${tool.slug}`
    app.get(path, async (c) => {
      const body = await tool.show(c.req.raw)
      return renderPage({title: tool.label, body}, {host, visitor: c.get('visitor'), section: tool.slug})
    })
    app.post(path, async (c) => {
      const place = {host, visitor: c.get('visitor'), section: tool.slug}
      if (tool.submit === undefined) return messagePage(place, 405, 'Nothing to send here', 'This page has no form.')
      if (!isFromOurPages(c.req.raw))
        return messagePage(
          place,
          403,
          'Refused',
          'This form did not come from a page of this service. Nothing was done.',
        )
      const text = await c.req.raw.text()
      if (text.length > FORM_BYTES_MAX)
        return messagePage(place, 413, 'Too large', 'That form is too large. Nothing was done.')
      await tool.submit(c.req.raw, new URLSearchParams(text))
      return c.redirect(path, 303)
    })
  }
  app.get(`${host.base}/-/*`, (c) =>
    messagePage(
      {host, visitor: c.get('visitor'), section: ''},
      404,
      'Page not found',
      String(name('There is no page at this address.')),
    ),
  )
}

function isFromOurPages(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  return request.headers.get('origin') === new URL(request.url).origin && (site === null || site === 'same-origin')
}
