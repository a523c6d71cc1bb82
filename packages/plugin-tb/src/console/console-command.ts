/** The console in front of a service: the one of the local service itself, or one on a port of its own for a hosted service. */

import type {Chart} from '@parix/books/chart'
import type {LedgerReader, ServedConsole, Visitor} from '@parix/console'
import {type Api, readNamedDatabases} from '@parix/kit/api'
import {openBrowser, planBrowser, thisMachine} from '@parix/kit/browser'
import type {Operation} from '@parix/kit/contract'
import {searchDatabases} from '@parix/kit/databases'
import {isParixError, ParixError} from '@parix/kit/errors'
import {nextCommand} from '@parix/kit/next-command'
import {isLoopback} from '@parix/kit/origin'
import {
  type Account,
  type AccountBalance,
  type AccountFilter,
  FIELDS,
  type Field,
  type QueryFilter,
  type Transfer,
} from '@parix/ledger/schema'
import type {LoadedChart} from '../chart/load-chart.js'
import {readRows} from '../reads/query.js'
import {numberIn, type Row} from '../reads/rows.js'
import type {LedgerRecord} from '../records/kinds.js'
import {wireIds, wireObject} from '../records/wire.js'

/** `--json`: where the console is. */
export interface ConsoleAddress {
  url: string
  /** The service that it shows. */
  service: string
  /** The local service has the page itself; a hosted one is shown by this process, until it ends. */
  served: boolean
}

export interface ConsoleCall {
  api: Api
  /** The database whose page is opened; the list of databases without one. */
  database: string | undefined
  chart: LoadedChart | undefined
  /** 0 takes a free port. */
  port: number
}

/** Rows over a network cost more than in the same process. */
const LIMITS = {pageRows: 1_000, recentPagesMax: 5, accountPagesMax: 5, livePollMs: 250}
const IDLE_MS = 30 * 60_000

/** Whether the service is a local one, which has the console itself. */
export async function hasConsole(api: Api): Promise<boolean> {
  if (!isLoopback(api.base.url)) return false
  const {status, body} = await api.request({method: 'GET', target: new URL('/health', api.base.url)})
  return status === 200 && body.includes('"instance"')
}

/**
 * The address of the console that the local service has. The chart, where there is one, is sent to it, so that the page has
 * the names that the commands have.
 */
export async function localConsole({api, database, chart}: ConsoleCall): Promise<string> {
  const url = new URL('/console/', api.base.url)
  if (database === undefined) return url.href
  const known = await findDatabase(api, database)
  if (known === undefined) throw notFound(database)
  if (chart !== undefined) {
    chart.chart.assertUsableWith(known.name, true)
    const target = new URL(`/local/charts/${encodeURIComponent(known.id)}`, api.base.url)
    const body = JSON.stringify({text: chart.text, names: Object.fromEntries(chart.names)})
    await api.json({method: 'PUT', target, headers: {'content-type': 'application/json'}, body}, (response) => response)
  }
  return new URL(pathOf(known), url).href
}

/** Serves the console of a hosted service on 127.0.0.1: read-only, for who opens its address first. */
export async function servedConsole(
  {api, database, chart, port}: ConsoleCall,
  log: (text: string) => void,
): Promise<ServedConsole> {
  // Asked before anything is served: who is not signed in, or offline, is told so here and not on a page.
  const known = database === undefined ? await anyDatabase(api) : await findDatabase(api, database)
  if (database !== undefined && known === undefined) throw notFound(database)
  if (known !== undefined) chart?.chart.assertUsableWith(known.name, false)
  const {serveConsole} = await import('@parix/console')
  const {inPrint} = api.base
  try {
    return await serveConsole({
      visitor: visitorOf(api, chart?.chart),
      path: `/${known === undefined ? '' : pathOf(known)}`,
      port,
      idleMs: IDLE_MS,
      limits: LIMITS,
      ...(inPrint && {inPrint}),
      log,
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new ParixError('FAILED', `Port ${port} is in use.`, {
      code: 'port_in_use',
      hint: 'Leave --port out to take a free one.',
      cause: error,
    })
  }
}

/** Opens a page in the browser of this machine. @returns why it was not opened */
export async function openPage(url: string): Promise<string | undefined> {
  const plan = planBrowser(new URL(url), {...thisMachine(), environment: process.env})
  return plan.launchers.length === 0 ? (plan as {reason: string}).reason : openBrowser(plan.launchers, process.env)
}

interface KnownDatabase {
  id: string
  name: string
}

/** As in the addresses of the console: a name that needs no escapes, else the id. */
function pathOf({id, name}: KnownDatabase): string {
  return encodeURIComponent(/^[a-z0-9][\w.-]{0,63}$/i.test(name) ? name : id)
}

async function findDatabase(api: Api, nameOrId: string): Promise<KnownDatabase | undefined> {
  const {databases: all} = await searchDatabases(api, nameOrId)
  return all.find(({name}) => name === nameOrId) ?? all.find(({id}) => id === nameOrId)
}

function notFound(database: string): ParixError {
  return new ParixError('NOT_FOUND', `There is no database ${JSON.stringify(database)}.`, {
    next: nextCommand('database list'),
  })
}

/** As many as the service lists at once. */
const LISTED_MAX = 1_000

function listDatabases(api: Api) {
  return api.get('/databases', {limit: LISTED_MAX}, readNamedDatabases)
}

async function anyDatabase(api: Api): Promise<undefined> {
  await api.get('/databases', {limit: 1}, readNamedDatabases)
}

function visitorOf(api: Api, chart: Chart | undefined): Visitor {
  return {
    label: api.base.url.host,
    async databases() {
      const rows = await listDatabases(api)
      return rows.map(({id, name, status, provider, region, createdAt}) => ({
        id,
        name,
        status: status ?? 'READY',
        place: [provider, region].filter((part) => typeof part === 'string').join(' '),
        createdAt: String(createdAt ?? ''),
      }))
    },
    async database(key) {
      const known = await findDatabase(api, key)
      if (known === undefined) return undefined
      return {...known, reader: apiReader(api, known.id), chart: usable(chart, known.name)}
    },
  }
}

/** The chart, unless it says that it is for other databases. */
function usable(chart: Chart | undefined, database: string): Chart | undefined {
  try {
    chart?.assertUsableWith(database, false)
    return chart
  } catch (error) {
    if (isParixError(error)) return undefined
    throw error
  }
}

// The reads of a database over HTTP, in the shapes that the console takes: rows with bigints, as the ledger's own.

/** @throws ParixError by each read as `readRows` does */
function apiReader(api: Api, databaseId: string): LedgerReader {
  const read = async <T>(operation: Operation, body: string, fields: readonly Field[]): Promise<T[]> => {
    const {responsePayload} = await readRows(api, databaseId, operation, body)
    return responsePayload.map((row) => typed<T>(row, fields))
  }
  const account = (filter: AccountFilter) => wireObject('account_filter', integers(filter))
  const query = (filter: QueryFilter) => wireObject('query_filter', integers(filter))
  return {
    lookupAccounts: async (ids) =>
      ids.length === 0 ? [] : read<Account>('lookup_accounts', wireIds(ids), FIELDS.account),
    lookupTransfers: async (ids) =>
      ids.length === 0 ? [] : read<Transfer>('lookup_transfers', wireIds(ids), FIELDS.transfer),
    getAccountTransfers: (filter) => read<Transfer>('get_account_transfers', account(filter), FIELDS.transfer),
    getAccountBalances: (filter) =>
      read<AccountBalance>('get_account_balances', account(filter), FIELDS.account_balance),
    queryAccounts: (filter) => read<Account>('query_accounts', query(filter), FIELDS.account),
    queryTransfers: (filter) => read<Transfer>('query_transfers', query(filter), FIELDS.transfer),
  }
}

function typed<T>(row: Row, fields: readonly Field[]): T {
  const entries = fields.map(({name, bits}) => {
    const value = numberIn(row, name)
    return [name, bits > 32 ? value : Number(value)]
  })
  return Object.fromEntries(entries) as T
}

function integers(filter: AccountFilter | QueryFilter): LedgerRecord {
  return Object.fromEntries(Object.entries(filter).map(([field, value]) => [field, BigInt(value)]))
}
