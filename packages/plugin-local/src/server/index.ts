import {randomUUID} from 'node:crypto'
import type {IncomingMessage} from 'node:http'
import {join} from 'node:path'
import {getRequestListener} from '@hono/node-server'
import {LOCAL_PORT} from '@parix/kit/contract'
import {answerOrFail, type Switches} from './api/switches.js'
import {type App, createApp} from './app.js'
import {type Databases, openDatabases} from './databases/databases.js'
import {createEndings} from './endings.js'
import {findMembership, type Membership} from './identity/membership.js'
import type {Person} from './identity/people.js'
import {findPrincipal} from './identity/principal.js'
import {createProvider, type Provider} from './identity/provider.js'
import {registerClient, seedFirstPerson} from './identity/seed.js'
import {forgetExpiredTokens} from './oauth/grants.js'
import {openPort, type Port} from './port.js'
import type {Service} from './service.js'
import {closeDatabase, type Database, openDatabase} from './store/database.js'
import {FILES, prepareDataDir} from './store/folder.js'
import {forgetInstance, noteInstance} from './store/instance.js'
import {migrate} from './store/schema.js'
import {loadSecrets, type Secrets} from './store/secrets.js'
import {type ClusterOptions, clusterLedgers} from './tigerbeetle/cluster.js'
import {embeddedLedgers} from './tigerbeetle/embedded.js'

export {parseFailRule} from './api/fail-rules.js'
export type {FailRule, Switches} from './api/switches.js'
export {ServiceFault, type ServiceFaultCode} from './faults.js'
export type {Service} from './service.js'

export interface ServiceOptions {
  /** 0 takes a free one. */
  port?: number
  dataDir: string
  accessTokenLifeS?: number
  refreshTokenLifeS?: number
  /** How long a new database is `PROVISIONING`. */
  provisionDelayMs?: number
  /** How long a database that is to be removed is still there. */
  removalDelayMs?: number
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
 * @throws ServiceFault when the port or the data folder can't be had
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const {dataDir} = options
  prepareDataDir(dataDir)
  const endings = createEndings()
  try {
    const database = openDatabase(dataDir)
    endings.add(() => closeDatabase(database))
    // Left by a run that was killed: its pid may be a stranger's by now.
    forgetInstance(dataDir)
    const switches: Switches = {stub: false, billingBlocked: false, failNext: [], ...options.switches}
    let app: App = () => new Response('Starting.\n', {status: 503, headers: {'retry-after': '1'}})
    const port = await openPort(
      options.port ?? LOCAL_PORT,
      getRequestListener((request, {incoming}) =>
        answerOrFail(
          switches,
          request,
          () => incoming.socket.destroy(),
          (passed) => app(passed, incoming as IncomingMessage),
        ),
      ),
    )
    endings.add(() => port.close(), 'first')
    const baseUrl = `http://${port.hosts[0]}`
    const instance = randomUUID()
    const startedAt = new Date().toISOString()
    noteInstance(dataDir, {pid: process.pid, port: port.number, baseUrl, instance, startedAt})
    endings.add(() => forgetInstance(dataDir))
    const secrets = loadSecrets(dataDir)
    const provider = await startProvider(options, database, secrets, port)
    const {user, apiKey} = await seedFirstPerson(provider, database, secrets, dataDir)
    const log = options.log ?? (() => undefined)
    const databases = await openOwnDatabases(options, database, log)
    endings.add(() => databases.close())
    const service: Service = {
      baseUrl,
      hosts: port.hosts,
      dataDir,
      database,
      provider,
      instance,
      findPrincipal: (headers) => findPrincipal(database, headers),
      listDatabases: (organizationId) => databases.list(organizationId),
      databases,
      switches,
      log,
      onClose: (ending) => endings.add(ending),
    }
    const whole = createApp(service)
    const {intercept} = options
    app = intercept ? (request) => intercept(request, whole) : whole
    const organization = findMembership(database, user.id)!
    return {baseUrl, port: port.number, user, organization, apiKey, dataDir, close: endings.run}
  } catch (error) {
    await endings.run()
    throw error
  }
}

async function openOwnDatabases(
  {dataDir, cluster, provisionDelayMs, removalDelayMs}: ServiceOptions,
  store: Database,
  log: Service['log'],
): Promise<Databases> {
  return openDatabases({
    store,
    source: cluster ? await clusterLedgers(cluster) : embeddedLedgers(join(dataDir, FILES.ledgers)),
    provisionDelayMs: provisionDelayMs ?? PROVISION_DELAY_MS,
    removalDelayMs: removalDelayMs ?? REMOVAL_DELAY_MS,
    log,
  })
}

async function startProvider(
  options: ServiceOptions,
  database: Database,
  secrets: Secrets,
  port: Port,
): Promise<Provider> {
  const provider = createProvider({
    database,
    secrets,
    hosts: port.hosts,
    accessTokenLifeS: options.accessTokenLifeS ?? HOUR_S,
    refreshTokenLifeS: options.refreshTokenLifeS ?? 30 * DAY_S,
    log: options.log ?? (() => undefined),
  })
  await migrate(database, provider)
  forgetExpiredTokens(database, new Date())
  await registerClient(provider, database, port.hosts)
  return provider
}
