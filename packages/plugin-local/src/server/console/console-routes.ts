import type {ConsoleHost, DatabaseCard, LedgerReader, LedgerWriter, Visitor} from '@parix/console'
import {PATHS} from '@parix/kit/contract'
import {id as newId} from '@parix/ledger'
import type {DatabaseRecord} from '../databases/table.js'
import {findMembership, findPerson} from '../identity/people.js'
import {askToSignIn, signedInUser} from '../pages/provider-call.js'
import type {Service} from '../service.js'
import type {LedgerPort} from '../tigerbeetle/port.js'
import type {Charts} from './charts.js'
import {failuresTool} from './failures-page.js'
import type {RequestLog} from './request-log.js'
import {requestsTool} from './requests-page.js'

/** Where the console is. */
export const CONSOLE_PATH = '/console'

/** What one page may read of a ledger in this process: it takes 50 ms at most. */
const LIMITS = {pageRows: 8_189, recentPagesMax: 6, accountPagesMax: 25, livePollMs: 100}

/** The console of this service, loaded when its first page is asked for. */
export function consoleOf(service: Service, log: RequestLog, charts: Charts): (request: Request) => Promise<Response> {
  let loaded: Promise<(request: Request) => Response | Promise<Response>> | undefined
  return async (request) => {
    loaded ??= load(service, log, charts)
    return (await loaded)(request)
  }
}

async function load(
  service: Service,
  log: RequestLog,
  charts: Charts,
): Promise<(request: Request) => Response | Promise<Response>> {
  const pieces = await import('@parix/console')
  const inPrint = {flag: service.baseUrl, loginFlag: service.baseUrl}
  const organizationOf = async (request: Request) => {
    const userId = await signedInUser(service, request)
    return userId === undefined ? undefined : findMembership(service.database, userId)?.id
  }
  const host: ConsoleHost = {
    base: CONSOLE_PATH,
    tag: 'local',
    admit: (request) => admit(service, charts, request),
    limits: LIMITS,
    tools: [requestsTool(log, pieces, {organizationOf, inPrint}), failuresTool(service.faults, pieces, organizationOf)],
    links: [
      {label: 'API keys', href: PATHS.apiKeys, icon: 'keys'},
      {label: 'API reference', href: '/docs', icon: 'docs'},
    ],
    inPrint,
    log: (message) => service.log('error', `console: ${message}`),
  }
  const app = pieces.createConsole(host)
  return (request) => app.fetch(request)
}

/** Whoever is signed in in this browser sees the databases of their organization. */
async function admit(service: Service, charts: Charts, request: Request): Promise<Visitor | Response> {
  const userId = await signedInUser(service, request)
  const organization = userId === undefined ? undefined : findMembership(service.database, userId)
  if (userId === undefined || organization === undefined) {
    const {pathname, search} = new URL(request.url)
    return askToSignIn(pathname + search)
  }
  const records = () => service.databases.list(organization.id)
  return {
    label: `${findPerson(service.database, userId)?.email ?? userId} · ${organization.name}`,
    databases: async () => records().map(card),
    async database(key) {
      const record = records().find(({name}) => name === key) ?? records().find(({id}) => id === key)
      if (record === undefined || record.status !== 'READY') return undefined
      const {id, name} = record
      const writer = writerOf(service, record)
      const chart = await charts.of(id)
      return {id, name, reader: readerOf(service, id), chart, ...(writer && {writer})}
    },
  }
}

function card({id, name, status, provider, region, createdAt}: DatabaseRecord): DatabaseCard {
  return {id, name, status, place: `${provider} ${region}`, createdAt}
}

function readerOf({databases}: Service, id: string): LedgerReader {
  const use = <T>(work: (ledger: LedgerPort) => Promise<T>) => databases.useLedger(id, work)
  return {
    lookupAccounts: (ids) => use((ledger) => ledger.lookupAccounts(ids)),
    lookupTransfers: (ids) => use((ledger) => ledger.lookupTransfers(ids)),
    getAccountTransfers: (filter) => use((ledger) => ledger.getAccountTransfers(filter)),
    getAccountBalances: (filter) => use((ledger) => ledger.getAccountBalances(filter)),
    queryAccounts: (filter) => use((ledger) => ledger.queryAccounts(filter)),
    queryTransfers: (filter) => use((ledger) => ledger.queryTransfers(filter)),
  }
}

/** A log of this size is copied within a tenth of a second or two. */
const COPY_BYTES_MAX = 64 * 1024 * 1024

/** A cluster is shared, and may be somebody's real one: nothing is created in it from a page. */
function writerOf({databases, faults}: Service, {id, organizationId}: DatabaseRecord): LedgerWriter | undefined {
  // With the switch on, nothing is stored: a page that says otherwise would be wrong.
  if (databases.source.backend.kind !== 'embedded' || faults.of(organizationId).stub) return undefined
  const use = <T>(work: (ledger: LedgerPort) => Promise<T>) => databases.useLedger(id, work)
  return {
    newId,
    createAccounts: (events) => use((ledger) => ledger.createAccounts(events)),
    createTransfers: (events) => use((ledger) => ledger.createTransfers(events)),
    onCopy: async (work) => {
      const copy = await use(async (ledger) => ledger.copy?.(COPY_BYTES_MAX))
      if (copy === undefined) return undefined
      try {
        return await work(copy)
      } finally {
        await copy.close()
      }
    },
  }
}
