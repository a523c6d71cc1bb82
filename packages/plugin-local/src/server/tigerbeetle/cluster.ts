import type {Client} from 'tigerbeetle-node'
import {ServiceFault} from '../faults.js'
import {LedgerUnavailable} from './ledger-fault.js'
import type {LedgerPort, LedgerSource} from './port.js'

const ANSWER_WAIT_MS = 20_000

export interface ClusterOptions {
  clusterId: bigint
  /** `127.0.0.1:3000`, one for each replica. */
  addresses: string[]
}

/**
 * A real TigerBeetle cluster, by the official client. A cluster holds one ledger: every database of the service is a name
 * for the same one, and removing a database removes the name only.
 *
 * @throws ServiceFault CLIENT_MISSING where the client isn't installed
 */
export async function clusterLedgers({clusterId, addresses}: ClusterOptions): Promise<LedgerSource> {
  const {createClient} = await loadClient()
  const client = createClient({cluster_id: clusterId, replica_addresses: addresses})
  const port = clusterLedger(client)
  return {
    clusterId: String(clusterId),
    addresses: addresses.join(','),
    provision: async () => undefined,
    open: async () => port,
    remove: async () => undefined,
    close: async () => client.destroy(),
  }
}

/** The client has no door for encoded events, and a cluster releases by itself what has timed out. */
function clusterLedger(client: Client): LedgerPort {
  return {
    createAccounts: (events) => answered(client.createAccounts(events)),
    createTransfers: (events) => answered(client.createTransfers(events)),
    lookupAccounts: (ids) => answered(client.lookupAccounts(ids)),
    lookupTransfers: (ids) => answered(client.lookupTransfers(ids)),
    getAccountTransfers: (filter) => answered(client.getAccountTransfers(filter)),
    getAccountBalances: (filter) => answered(client.getAccountBalances(filter)),
    queryAccounts: (filter) => answered(client.queryAccounts(filter)),
    queryTransfers: (filter) => answered(client.queryTransfers(filter)),
    expirePendingTransfers: async () => undefined,
    close: async () => undefined,
  }
}

/** The client asks until it is answered, for ever. Whoever waits for us should hear sooner that nothing is known. */
async function answered<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    const text = `the cluster has not answered for ${ANSWER_WAIT_MS / 1000} seconds.`
    timer = setTimeout(() => reject(new LedgerUnavailable(text)), ANSWER_WAIT_MS)
  })
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer))
}

async function loadClient(): Promise<typeof import('tigerbeetle-node')> {
  try {
    return await import('tigerbeetle-node')
  } catch (error) {
    throw new ServiceFault(
      'CLIENT_MISSING',
      'A real cluster needs the package tigerbeetle-node 0.17.9, which is not installed, or not for this platform.',
      {cause: error},
    )
  }
}
