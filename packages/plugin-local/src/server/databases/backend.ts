import {ServiceFault} from '../faults.js'
import type {Database} from '../store/database.js'
import type {Backend, ClusterState} from '../tigerbeetle/port.js'

const NAME = 'backend'

/** What the data directory holds when the service starts. */
export interface FoundDatabases {
  /** There is no database yet: nothing binds. */
  isEmpty: boolean
  hasEmbeddedLedgers: () => boolean
}

/**
 * Notes what keeps the databases of this data directory, and holds later starts to it: a database that is the embedded
 * ledger today and a cluster tomorrow answers "not found" for what was created yesterday, and a call that is repeated
 * pays twice.
 *
 * A cluster is the same when its id is, and at least one address: replicas move one at a time.
 *
 * @throws ServiceFault OTHER_BACKEND
 */
export function rememberBackend(store: Database, backend: Backend, found: FoundDatabases): void {
  store.exec('CREATE TABLE IF NOT EXISTS parix_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)')
  const noted = store.prepare('SELECT value FROM parix_meta WHERE name = ?').get(NAME) as {value: string} | undefined
  const known = noted ? (JSON.parse(noted.value) as Backend) : backendOfEarlierVersion(found)
  if (known && !found.isEmpty && !isSame(known, backend)) throw otherBackend(known, backend)
  // Databases of an earlier version without ledgers here are a cluster's, or have lost theirs: opening them will tell.
  if (!known && !found.isEmpty && backend.kind === 'embedded') return
  const value = JSON.stringify(backend)
  if (noted?.value === value) return
  store.prepare('INSERT OR REPLACE INTO parix_meta (name, value) VALUES (?, ?)').run(NAME, value)
}

/** Versions before 0.3 noted nothing. */
function backendOfEarlierVersion({isEmpty, hasEmbeddedLedgers}: FoundDatabases): Backend | undefined {
  return !isEmpty && hasEmbeddedLedgers() ? {kind: 'embedded'} : undefined
}

function isSame(known: Backend, backend: Backend): boolean {
  if (known.kind === 'embedded' || backend.kind === 'embedded') return known.kind === backend.kind
  return known.clusterId === backend.clusterId && known.addresses.some((address) => backend.addresses.includes(address))
}

function otherBackend(known: Backend, backend: Backend): ServiceFault {
  return new ServiceFault(
    'OTHER_BACKEND',
    `The databases of this data directory are kept in ${describeBackend(known)}, not in ${describeBackend(backend)}. ` +
      'Start the service as before, or use another data directory.',
    {startFlags: startFlags(known)},
  )
}

/** For sentences: `cluster 1 at 127.0.0.1:3000`. */
export function describeBackend(backend: Backend): string {
  if (backend.kind === 'embedded') return 'the embedded ledgers of this service'
  return `cluster ${backend.clusterId} at ${backend.addresses.join(', ')}`
}

/** A cluster as `start`, `status` and `GET /health` name it. */
export interface RunningCluster {
  id: string
  addresses: readonly string[]
  answering: boolean
  /** Why it does not answer. */
  reason?: string
}

/** @returns undefined for the embedded ledgers */
export function describeCluster(backend: Backend, state: ClusterState): RunningCluster | undefined {
  if (backend.kind === 'embedded') return undefined
  return {id: backend.clusterId, addresses: backend.addresses, ...state}
}

/** The flags of `parix local start` that name it. */
function startFlags(backend: Backend): string[] {
  if (backend.kind === 'embedded') return []
  return ['--cluster-id', backend.clusterId, '--addresses', backend.addresses.join(',')]
}
