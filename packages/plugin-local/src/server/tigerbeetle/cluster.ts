import type {Client} from 'tigerbeetle-node'
import {ServiceFault} from '../faults.js'
import type {LedgerPort, LedgerSource} from './port.js'

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

/** The client waits and repeats by itself until the cluster answers. It has no door for encoded events. */
function clusterLedger(client: Client): LedgerPort {
  return {
    createAccounts: (events) => client.createAccounts(events),
    createTransfers: (events) => client.createTransfers(events),
    lookupAccounts: (ids) => client.lookupAccounts(ids),
    lookupTransfers: (ids) => client.lookupTransfers(ids),
    getAccountTransfers: (filter) => client.getAccountTransfers(filter),
    getAccountBalances: (filter) => client.getAccountBalances(filter),
    queryAccounts: (filter) => client.queryAccounts(filter),
    queryTransfers: (filter) => client.queryTransfers(filter),
    expirePendingTransfers: async () => undefined,
    close: async () => undefined,
  }
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
