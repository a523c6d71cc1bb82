import {readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {CreateTransferStatus, type Transfer, TransferFlags} from '@parix/ledger/schema'
import {ServiceFault} from '../faults.js'
import {ClusterClient, type ClusterClientOptions, type NativeClient} from './cluster-client.js'
import type {LedgerPort, LedgerSource} from './port.js'

export interface ClusterOptions {
  clusterId: bigint
  /** `127.0.0.1:3000`, one for each replica. */
  addresses: readonly string[]
}

/** The release of tigerbeetle-node that is known to work, and the versions that fit this service. */
export const CLIENT_RELEASE = '0.17.9'
const FITTING = /^0\.17\.\d+$/

/**
 * A real TigerBeetle cluster, by the official client. A cluster holds one ledger: every database of the service is a name
 * for the same one, and removing a database removes the name only.
 *
 * @throws ServiceFault CLIENT_MISSING where no client that fits is installed
 */
export async function clusterLedgers(options: ClusterOptions): Promise<LedgerSource> {
  return clusterSource({...options, createClient: await loadClient()})
}

/** As `clusterLedgers`, for a client that is given. */
export function clusterSource(options: ClusterClientOptions): LedgerSource {
  const {clusterId, addresses} = options
  const client = new ClusterClient(options)
  const port = clusterLedger(client, `cluster-${clusterId}`)
  return {
    backend: {kind: 'cluster', clusterId: String(clusterId), addresses},
    provision: async () => port.id,
    open: async () => port,
    remove: async () => undefined,
    close: async () => client.close(),
    probe: () => client.probe(),
    get state() {
      return client.state
    },
  }
}

/** The client takes no encoded events, and a cluster releases by itself what has timed out. */
function clusterLedger(cluster: ClusterClient, id: string): LedgerPort {
  return {
    id,
    createAccounts: (events) => cluster.call((client) => client.createAccounts(events)),
    createTransfers: (events) => createTransfers(cluster, events),
    lookupAccounts: (ids) => cluster.call((client) => client.lookupAccounts(ids)),
    lookupTransfers: (ids) => cluster.call((client) => client.lookupTransfers(ids)),
    getAccountTransfers: (filter) => cluster.call((client) => client.getAccountTransfers(filter)),
    getAccountBalances: (filter) => cluster.call((client) => client.getAccountBalances(filter)),
    queryAccounts: (filter) => cluster.call((client) => client.queryAccounts(filter)),
    queryTransfers: (filter) => cluster.call((client) => client.queryTransfers(filter)),
    expirePendingTransfers: async () => undefined,
    close: async () => undefined,
  }
}

type Results = Awaited<ReturnType<LedgerPort['createTransfers']>>

const RESOLVES = TransferFlags.post_pending_transfer | TransferFlags.void_pending_transfer

/**
 * An imported post or void of a pending transfer that has a timeout ends a 0.17 server for good: it panics, and again at
 * every restart, because the operation is in its log. Such events are refused here, as the embedded ledger refuses them,
 * with their linked chains; the rest of the batch is sent.
 */
async function createTransfers(cluster: ClusterClient, events: Transfer[]): Promise<Results> {
  const deadly = await importedResolutionsOfTimeouts(cluster, events)
  const send = (batch: Transfer[]) => cluster.call((client) => client.createTransfers(batch)) as Promise<Results>
  if (deadly.size === 0) return send(events)
  const statuses = refusals(events, deadly)
  const rest = events.filter((_, index) => statuses[index] === undefined)
  const answered = rest.length === 0 ? [] : await send(rest)
  let next = 0
  return statuses.map((status) => (status === undefined ? answered[next++]! : {timestamp: 0n, status}))
}

/** Indexes of the events that a server can't survive. A batch is imported when its first event is. */
async function importedResolutionsOfTimeouts(cluster: ClusterClient, events: Transfer[]): Promise<Set<number>> {
  if (!events[0] || !has(events[0], TransferFlags.imported)) return new Set()
  const imported = events
    .map((event, index) => ({event, index}))
    .filter(({event}) => has(event, TransferFlags.imported) && (event.flags & RESOLVES) !== 0)
  if (imported.length === 0) return new Set()
  const ids = [...new Set(imported.map(({event}) => event.pending_id))]
  const pending = await cluster.call((client) => client.lookupTransfers(ids))
  const timed = new Set(pending.filter(({timeout}) => timeout !== 0).map((transfer) => transfer.id))
  return new Set(imported.filter(({event}) => timed.has(event.pending_id)).map(({index}) => index))
}

/** A status for each event that is not sent: the deadly ones, what is linked to them, and what can't be in an imported batch. */
function refusals(events: readonly Transfer[], deadly: ReadonlySet<number>): (CreateTransferStatus | undefined)[] {
  const own = events.map((event, index) => {
    if (deadly.has(index)) return CreateTransferStatus.imported_event_timeout_must_be_zero
    // Once the first event is left out, the server could take another for the one that decides.
    return has(event, TransferFlags.imported) ? undefined : CreateTransferStatus.imported_event_expected
  })
  const statuses: (CreateTransferStatus | undefined)[] = [...own]
  for (let start = 0; start < events.length; ) {
    let end = start
    while (end < events.length - 1 && has(events[end]!, TransferFlags.linked)) end++
    const chain = own.slice(start, end + 1)
    const cause = chain.findIndex((status) => status !== undefined)
    if (end > start && cause !== -1) {
      for (let index = start; index <= end; index++) {
        statuses[index] = index === start + cause ? own[index] : CreateTransferStatus.linked_event_failed
      }
    }
    start = end + 1
  }
  return statuses
}

function has({flags}: Transfer, flag: TransferFlags): boolean {
  return (flags & flag) !== 0
}

/**
 * Loads the client that a program at `from` finds. Only 0.17 is loaded: earlier ones give results that mean something
 * else, or end the process.
 *
 * @throws ServiceFault CLIENT_MISSING
 */
export async function loadClient(from = import.meta.url): Promise<ClusterClientOptions['createClient']> {
  const require = createRequire(from)
  let path: string
  try {
    path = require.resolve('tigerbeetle-node')
  } catch (error) {
    throw clientMissing('which is not installed', error)
  }
  const version = versionOf(path)
  if (!FITTING.test(version)) throw clientMissing(`and ${dirname(path)} is version ${version}`, undefined)
  try {
    const {createClient} = require(path) as {
      createClient: (options: Parameters<ClusterClientOptions['createClient']>[0]) => NativeClient
    }
    return createClient
  } catch (error) {
    throw clientMissing(`which can't be loaded on this platform: ${(error as Error).message}`, error)
  }
}

/** The version in the package.json of the package that a file belongs to. */
function versionOf(file: string): string {
  for (let directory = dirname(file); directory !== dirname(directory); directory = dirname(directory)) {
    try {
      const {name, version} = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Record<
        string,
        unknown
      >
      if (name === 'tigerbeetle-node') return String(version)
    } catch {
      // No package.json here.
    }
  }
  return 'unknown'
}

function clientMissing(why: string, cause: unknown): ServiceFault {
  const message = `A real cluster needs the package tigerbeetle-node 0.17 (${CLIENT_RELEASE} is tested), ${why}.`
  return new ServiceFault('CLIENT_MISSING', message, {cause})
}
