import {randomBytes} from 'node:crypto'
import type {Database} from '../store/database.js'
import {LedgerUnavailable} from '../tigerbeetle/ledger-fault.js'
import type {LedgerPort, LedgerSource} from '../tigerbeetle/port.js'
import {rememberBackend} from './backend.js'
import {type Choice, choose} from './catalog.js'
import {type Job, type JobKind, openJobTable, startJobs} from './jobs.js'
import {openLedgers} from './ledgers.js'
import {CreateDatabaseSchema} from './schemas.js'
import {type DatabaseRecord, openDatabaseTable} from './table.js'

export interface DatabasesOptions {
  store: Database
  source: LedgerSource
  /** Whether the data directory has ledgers of its own, in use or not. */
  hasEmbeddedLedgers: () => boolean
  /** How long provisioning and removal take. */
  provisionDelayMs: number
  removalDelayMs: number
  /** What else is kept of a database is removed with it. */
  removed?: (id: string) => void
  log: (level: string, message: string) => void
}

/** The databases of all organizations, their jobs and their ledgers. */
export interface Databases {
  /** Null when the organization has a database with this name. */
  create(organizationId: string, name: string, choice: Choice): {record: DatabaseRecord; job: Job} | null
  /** A database to be filled with history: it is PROVISIONING, and its clock stands still, until `filled`. Null as for `create`. */
  createToFill(organizationId: string, name: string, choice: Choice): Promise<DatabaseRecord | null>
  filled(id: string): void
  find(organizationId: string, id: string): DatabaseRecord | undefined
  /** By name. */
  list(organizationId: string): DatabaseRecord[]
  latestJob(id: string, kind: JobKind): Job | undefined
  /** Queues the removal, or gives the removal that is queued already. */
  remove(record: DatabaseRecord): Job
  /** @throws whatever opening the ledger or `work` throws */
  useLedger<T>(id: string, work: (ledger: LedgerPort) => Promise<T>): Promise<T>
  /** Puts a copy of the database's ledger in its place. @throws where the ledgers are not this service's own */
  replaceLedger(id: string, from: string): Promise<void>
  readonly source: LedgerSource
  close(): Promise<void>
}

export function openDatabases(options: DatabasesOptions): Databases {
  const {store, source, log} = options
  const table = openDatabaseTable(store)
  rememberBackend(store, source.backend, {isEmpty: table.isEmpty(), hasEmbeddedLedgers: options.hasEmbeddedLedgers})
  const jobTable = openJobTable(store)
  const ledgers = openLedgers({
    source: {open: openOwnLedger},
    log,
    // A release at this moment would be newer than all of the history that is still to come.
    sweeps: (id) => table.byId(id)?.status !== 'PROVISIONING',
  })
  const jobs = startJobs({table: jobTable, work: {provision, decommission}, log})

  /** Never a ledger other than the one that answered before: what was created there would seem to be gone. */
  async function openOwnLedger(id: string): Promise<LedgerPort> {
    const ledger = await source.open(id)
    const known = table.byId(id)?.ledgerId
    if (known === ledger.id) return ledger
    if (known === undefined || known === null) {
      table.setLedgerId(id, ledger.id)
      return ledger
    }
    await ledger.close()
    throw new LedgerUnavailable(
      `the database ${id} belongs to the ledger ${known}, and found ${ledger.id} in its place. Restore the right one from a backup.`,
    )
  }

  async function provision(id: string): Promise<void> {
    try {
      table.setLedgerId(id, await source.provision(id))
      settle(id, 'READY')
    } catch (error) {
      settle(id, 'FAILED')
      throw error
    }
  }

  /** A database whose removal was asked for in the meantime stays as it is. */
  function settle(id: string, status: 'READY' | 'FAILED'): void {
    if (table.byId(id)?.status === 'PROVISIONING') table.setStatus(id, status, new Date().toISOString())
  }

  async function decommission(id: string): Promise<void> {
    await ledgers.close(id)
    await source.remove(id)
    options.removed?.(id)
    store.transaction(() => {
      table.delete(id)
      jobTable.deleteOf(id)
    })()
  }

  return {
    source,
    create(organizationId, name, choice) {
      const now = new Date()
      const record = newRecord(organizationId, name, choice, now.toISOString())
      const job = newJob(record.id, 'provision', now, options.provisionDelayMs)
      const made = store.transaction(() => {
        if (!table.insert(record)) return false
        jobTable.insert(job)
        return true
      })()
      if (!made) return null
      jobs.schedule(job)
      return {record, job}
    },
    async createToFill(organizationId, name, choice) {
      const record = newRecord(organizationId, name, choice, new Date().toISOString())
      const empty = {...record, ledgerId: await source.provision(record.id)}
      if (table.insert(empty)) return empty
      await source.remove(record.id)
      return null
    },
    filled: (id) => settle(id, 'READY'),
    find: table.find,
    list: table.list,
    latestJob: jobTable.latest,
    remove({id}) {
      const queued = jobTable.latest(id, 'decommission')
      if (queued && queued.status !== 'FAILED') return queued
      const now = new Date()
      const job = newJob(id, 'decommission', now, options.removalDelayMs)
      const provisioning = jobTable.latest(id, 'provision')
      if (provisioning) jobs.cancel(provisioning)
      store.transaction(() => {
        table.setStatus(id, 'DECOMMISSIONING', now.toISOString())
        jobTable.insert(job)
      })()
      jobs.schedule(job)
      return job
    },
    useLedger: ledgers.use,
    replaceLedger: (id, from) => ledgers.whileClosed(id, () => source.replace!(id, from)),
    async close() {
      await jobs.close()
      await ledgers.closeAll()
      await source.close()
    },
  }
}

/** An empty database that is READY at once. @returns its id; undefined where the name is taken, or can't be one */
export async function createEmpty(
  databases: Databases,
  organizationId: string,
  name: string,
): Promise<string | undefined> {
  const chosen = choose({})
  if (!CreateDatabaseSchema.safeParse({name}).success || 'fieldErrors' in chosen) return undefined
  const record = await databases.createToFill(organizationId, name, chosen.choice)
  if (record) databases.filled(record.id)
  return record?.id
}

function newRecord(organizationId: string, name: string, choice: Choice, now: string): DatabaseRecord {
  const {provider, region, config, size, tier, storageGb} = choice
  return {
    id: newId('db'),
    organizationId,
    name,
    status: 'PROVISIONING',
    profileId: newId('prof'),
    providerId: provider.id,
    provider: provider.slug,
    regionId: region.id,
    region: region.code,
    clusterConfigId: config.id,
    clusterSizeId: size.id,
    storageTierId: tier.id,
    storageGb,
    nodeCount: config.nodeCount,
    vcpu: size.vcpu,
    memoryGb: size.memoryGb,
    createdAt: now,
    updatedAt: now,
    ledgerId: null,
  }
}

function newJob(databaseId: string, kind: JobKind, now: Date, delayMs: number): Job {
  return {
    id: newId('job'),
    databaseId,
    kind,
    status: 'QUEUED',
    workflowId: newId('wf'),
    error: null,
    dueAt: new Date(now.getTime() + delayMs).toISOString(),
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    completedAt: null,
  }
}

function newId(kind: string): string {
  return `${kind}_${randomBytes(12).toString('hex')}`
}
