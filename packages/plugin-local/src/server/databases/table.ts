import type {Database} from '../store/database.js'

/** `PROVISIONING` → `READY` (or `FAILED`) → `DECOMMISSIONING` → gone. */
export type DatabaseStatus = 'PROVISIONING' | 'READY' | 'FAILED' | 'DECOMMISSIONING'

export interface DatabaseRecord {
  id: string
  organizationId: string
  name: string
  status: DatabaseStatus
  profileId: string
  providerId: string
  provider: string
  regionId: string
  region: string
  clusterConfigId: string
  clusterSizeId: string
  storageTierId: string
  storageGb: number
  nodeCount: number
  vcpu: number
  memoryGb: number
  createdAt: string
  updatedAt: string
  /** The ledger behind it (`LedgerPort.id`); null until it is provisioned, or opened by a version that notes it. */
  ledgerId: string | null
}

const COLUMNS = `id, "organizationId", name, status, "profileId", "providerId", provider, "regionId", region,
  "clusterConfigId", "clusterSizeId", "storageTierId", "storageGb", "nodeCount", vcpu, "memoryGb", "createdAt", "updatedAt",
  "ledgerId"`

/** Where the databases of all organizations are written down. */
export interface DatabaseTable {
  /** @returns false when the organization has one with this name */
  insert(record: DatabaseRecord): boolean
  find(organizationId: string, id: string): DatabaseRecord | undefined
  byId(id: string): DatabaseRecord | undefined
  /** By name. */
  list(organizationId: string): DatabaseRecord[]
  /** Whether there is any, of whichever organization. */
  isEmpty(): boolean
  setStatus(id: string, status: DatabaseStatus, now: string): void
  setLedgerId(id: string, ledgerId: string): void
  delete(id: string): void
}

export function openDatabaseTable(store: Database): DatabaseTable {
  store.exec(`CREATE TABLE IF NOT EXISTS parix_database (
    id TEXT PRIMARY KEY, "organizationId" TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
    "profileId" TEXT NOT NULL, "providerId" TEXT NOT NULL, provider TEXT NOT NULL, "regionId" TEXT NOT NULL,
    region TEXT NOT NULL, "clusterConfigId" TEXT NOT NULL, "clusterSizeId" TEXT NOT NULL, "storageTierId" TEXT NOT NULL,
    "storageGb" INTEGER NOT NULL, "nodeCount" INTEGER NOT NULL, vcpu INTEGER NOT NULL, "memoryGb" INTEGER NOT NULL,
    "createdAt" TEXT NOT NULL, "updatedAt" TEXT NOT NULL, "ledgerId" TEXT, UNIQUE ("organizationId", name))`)
  addLedgerIdColumn(store)
  const prepare = (sql: string) => store.prepare(sql)
  const insert = prepare(
    `INSERT INTO parix_database (${COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
  )
  const find = prepare(`SELECT ${COLUMNS} FROM parix_database WHERE id = ? AND "organizationId" = ?`)
  const byId = prepare(`SELECT ${COLUMNS} FROM parix_database WHERE id = ?`)
  const list = prepare(`SELECT ${COLUMNS} FROM parix_database WHERE "organizationId" = ? ORDER BY name, id`)
  const setStatus = prepare('UPDATE parix_database SET status = ?, "updatedAt" = ? WHERE id = ?')
  const setLedgerId = prepare('UPDATE parix_database SET "ledgerId" = ? WHERE id = ?')
  const any = prepare('SELECT 1 FROM parix_database LIMIT 1')
  const remove = prepare('DELETE FROM parix_database WHERE id = ?')
  return {
    insert: (record) => insert.run(...values(record)).changes === 1,
    find: (organizationId, id) => record(find.get(id, organizationId)),
    byId: (id) => record(byId.get(id)),
    list: (organizationId) => list.all(organizationId) as DatabaseRecord[],
    isEmpty: () => any.get() === undefined,
    setLedgerId: (id, ledgerId) => void setLedgerId.run(ledgerId, id),
    setStatus: (id, status, now) => void setStatus.run(status, now, id),
    delete: (id) => void remove.run(id),
  }
}

function record(row: unknown): DatabaseRecord | undefined {
  return row as DatabaseRecord | undefined
}

/** Tables of versions before 0.3 lack it. */
function addLedgerIdColumn(store: Database): void {
  const columns = store.prepare('PRAGMA table_info(parix_database)').all() as {name: string}[]
  if (!columns.some(({name}) => name === 'ledgerId'))
    store.exec('ALTER TABLE parix_database ADD COLUMN "ledgerId" TEXT')
}

function values(row: DatabaseRecord): (string | number | null)[] {
  const {id, organizationId, name, status, profileId, providerId, provider, regionId, region} = row
  const {clusterConfigId, clusterSizeId, storageTierId, storageGb, nodeCount, vcpu, memoryGb} = row
  return [
    ...[id, organizationId, name, status, profileId, providerId, provider, regionId, region],
    ...[clusterConfigId, clusterSizeId, storageTierId, storageGb, nodeCount, vcpu, memoryGb],
    ...[row.createdAt, row.updatedAt, row.ledgerId],
  ]
}
