import {randomUUID} from 'node:crypto'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {join} from 'node:path'
import {getRequestListener} from '@hono/node-server'
import {LOCAL_PORT} from '@parix/kit/contract'
import {createFaultInjection, respondOrFail} from './api/fault-injection.js'
import type {Switches} from './api/fault-rules.js'
import {type App, createApp} from './app.js'
import {removeChart} from './console/charts.js'
import {describeCluster, type RunningCluster} from './databases/backend.js'
import {createEmpty, type Databases, openDatabases} from './databases/databases.js'
import {dataDirFault} from './faults.js'
import {createPeople, findMembership, type Membership, type Person} from './identity/people.js'
import {attributeRequest, findPrincipal} from './identity/principal.js'
import type {LoadProvider, Provider} from './identity/provider.js'
import {prepareIdentity} from './identity/seed.js'
import {openPort, type Port} from './port.js'
import {createEndings, type Service} from './service.js'
import {FILES, prepareDataDir} from './store/data-directory.js'
import {closeDatabase, type Database, openDatabase} from './store/database.js'
import {forgetInstance, noteInstance} from './store/instance.js'
import {hasLedgers, loadSecrets, type Secrets} from './store/secrets.js'
import {type ClusterOptions, clusterLedgers} from './tigerbeetle/cluster.js'
import {embeddedLedgers} from './tigerbeetle/embedded.js'
import type {LedgerSource} from './tigerbeetle/port.js'

export {type FailRule, parseFailRule, type Switches} from './api/fault-rules.js'
export {ServiceFault, type ServiceFaultCode} from './faults.js'
export type {Service} from './service.js'

export interface ServiceOptions {
  /** 0 takes a free one. */
  port?: number
  dataDir: string
  /** Whether what it confirms is safe from a power cut; default true. False for a directory that goes with the service. */
  durable?: boolean
  accessTokenLifeS?: number
  refreshTokenLifeS?: number
  /** How long a new database is `PROVISIONING`. */
  provisionDelayMs?: number
  /** How long a database that is to be removed is still there. */
  removalDelayMs?: number
  /** Name of an empty database that is to be there, READY. */
  database?: string
  /** A real TigerBeetle cluster, in place of the ledgers inside this service. */
  cluster?: ClusterOptions
  /** What misbehaves from the start. */
  switches?: Partial<Switches>
  /** Stands in front of every request; for tests that drop, delay, count or falsify answers. */
  intercept?: (request: Request, next: App) => Response | Promise<Response>
  /** Gets what the provider has to say, a line at a time. Nothing secret is in it. */
  log?: (level: string, message: string) => void
}

export interface RunningService {
  /** `http://localhost:PORT` */
  baseUrl: string
  port: number
  user: Person
  organization: Membership
  /** The first user's key: may read and write. */
  apiKey: string
  dataDir: string
  /** Id of the database that was to be there; undefined where the name is taken, or can't be one: `POST /databases` says why. */
  databaseId?: string
  /** The cluster behind it, where it has one. */
  cluster?: RunningCluster
  close(): Promise<void>
}

const HOUR_S = 3600
const DAY_S = 24 * HOUR_S

/** Long enough to be seen, short enough to wait for. */
const PROVISION_DELAY_MS = 1_500
const REMOVAL_DELAY_MS = 500

/**
 * Starts the whole service on this machine and resolves when it answers.
 *
 * @throws ServiceFault when the port or the data directory can't be had
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const {dataDir, durable = true, intercept, log = () => undefined} = options
  prepareDataDir(dataDir)
  const endings = createEndings()
  try {
    const database = openDatabase(dataDir, {durable})
    endings.add(() => closeDatabase(database))
    // Left by a run that was killed: its pid may be another program's by now.
    forgetInstance(dataDir)
    const secrets = loadSecrets(dataDir, database, durable)
    let respond: Respond = () => new Response('Starting.\n', {status: 503, headers: {'retry-after': '1'}})
    const port = await openPort(
      options.port ?? LOCAL_PORT,
      getRequestListener((request, {incoming, outgoing}) =>
        respond(request, incoming as IncomingMessage, outgoing as ServerResponse),
      ),
    )
    endings.add(() => port.close(), 'first')
    const baseUrl = `http://${port.hosts[0]}`
    const instance = randomUUID()
    const startedAt = new Date().toISOString()
    noteInstance(dataDir, {pid: process.pid, port: port.number, baseUrl, instance, startedAt})
    endings.add(() => forgetInstance(dataDir))
    const loadProvider = providerLoader(options, database, secrets, port.hosts)
    const people = createPeople(loadProvider, database)
    const identity = {database, dataDir, durable, secrets, people, loadProvider, hosts: port.hosts}
    const {user, apiKey} = await prepareIdentity(identity)
    const databases = await openOwnDatabases(options, database, log)
    endings.add(() => databases.close())
    const cluster = await probeCluster(databases.source, log)
    const service: Service = {
      baseUrl,
      hosts: port.hosts,
      dataDir,
      database,
      loadProvider,
      people,
      instance,
      findPrincipal: (headers) => findPrincipal(database, headers),
      listDatabases: (organizationId) => databases.list(organizationId),
      databases,
      faults: createFaultInjection(options.switches),
      log,
      onClose: (ending) => endings.add(ending),
    }
    respond = withFaults(service, createApp(service), intercept)
    const organization = findMembership(database, user.id)!
    const databaseId =
      options.database === undefined ? undefined : await createEmpty(databases, organization.id, options.database)
    return {
      ...{baseUrl, port: port.number, user, organization, apiKey, dataDir, close: endings.run},
      ...(databaseId !== undefined && {databaseId}),
      ...(cluster && {cluster}),
    }
  } catch (error) {
    await endings.run().catch(() => undefined)
    // Whatever came to the disk while starting; a port's failures have codes of their own.
    const isDiskError = /^(SQLITE_.*|ENOSPC|EDQUOT|EROFS)$/.test(String((error as {code?: unknown}).code))
    throw (isDiskError && dataDirFault(`The data directory ${dataDir}`, error)) || error
  }
}

type Respond = (request: Request, incoming: IncomingMessage, outgoing: ServerResponse) => Response | Promise<Response>

/** The app behind what its organizations asked to fail, and behind `intercept`. */
function withFaults(service: Service, app: App, intercept: ServiceOptions['intercept']): Respond {
  const {faults, database, loadProvider} = service
  const whole: App = intercept ? (request) => intercept(request, app) : app
  return (request, incoming, outgoing) =>
    respondOrFail(request, {
      faults,
      attribute: (unknown) => attributeRequest(database, loadProvider, unknown),
      cut: () => incoming.socket.destroy(),
      next: (passed) => whole(passed, incoming, outgoing),
    })
}

async function openOwnDatabases(
  {dataDir, durable, cluster, provisionDelayMs, removalDelayMs}: ServiceOptions,
  store: Database,
  log: Service['log'],
): Promise<Databases> {
  const source = cluster ? await clusterLedgers(cluster) : embeddedLedgers(join(dataDir, FILES.ledgers), durable)
  try {
    return openDatabases({
      store,
      source,
      hasEmbeddedLedgers: () => hasLedgers(dataDir),
      provisionDelayMs: provisionDelayMs ?? PROVISION_DELAY_MS,
      removalDelayMs: removalDelayMs ?? REMOVAL_DELAY_MS,
      removed: (id) => removeChart(dataDir, id),
      log,
    })
  } catch (error) {
    await source.close()
    throw error
  }
}

/** A cluster that does not answer is not a reason not to start: it may come later. But it is said at once. */
async function probeCluster(source: LedgerSource, log: Service['log']): Promise<RunningCluster | undefined> {
  const cluster = describeCluster(source.backend, await source.probe())
  if (!cluster) return undefined
  if (cluster.reason !== undefined) {
    log('warning', `The cluster ${cluster.id} at ${cluster.addresses.join(', ')} does not respond: ${cluster.reason}`)
  }
  return cluster
}

/** Better Auth and what it stands on are two thirds of what there is to load, and sign-ins alone need them. */
function providerLoader(
  options: ServiceOptions,
  database: Database,
  secrets: Secrets,
  hosts: Port['hosts'],
): LoadProvider {
  let provider: Promise<Provider> | undefined
  const load = async () => {
    const {createProvider} = await import('./identity/provider.js')
    return createProvider({
      database,
      secrets,
      hosts,
      accessTokenLifeS: options.accessTokenLifeS ?? HOUR_S,
      refreshTokenLifeS: options.refreshTokenLifeS ?? 30 * DAY_S,
      log: options.log ?? (() => undefined),
    })
  }
  return () => {
    // What could not be read (too many open files) may be read by the next request.
    provider ??= load().catch((error: unknown) => {
      provider = undefined
      throw error
    })
    return provider
  }
}
