/** `GET /api/v1/catalog/create`: what a database can be made of. */
export interface CatalogResponse {
  ok: boolean
  catalog: Catalog
}

export interface Catalog {
  providers: {id: string; slug: string; label: string; regions: {id: string; code: string; label: string}[]}[]
  clusterConfigs: {id: string; label: string; description: string; nodeCount: number | null}[]
  clusterSizes: {id: string; label: string; vcpu: number | null; memoryGb: number | null}[]
  storageTiers: {id: string; label: string; description: string; priceMultiplier: number | null}[]
}

/** `POST /api/v1/databases`. What is left out takes the catalog's default. */
export interface CreateDatabaseRequest {
  name: string
  provider?: string
  region?: string
  clusterConfigId?: string
  clusterSizeId?: string
  storageTierId?: string
  selectedStorageGb?: number
}

/** `success: false` with `billing`: nothing was created; pay first at `checkoutUrl`. */
export interface CreateDatabaseResponse {
  success: boolean
  message: string
  database?: {id: string; name: string; organizationId: string; createdAt: string; updatedAt: string}
  profile?: {id: string; status: string}
  job?: {id: string; workflowId: string | null}
  provisioning?: {status: string; message: string}
  billing?: {code: string; message: string; checkoutUrl: string | null}
}

export interface DatabaseRow {
  id: string
  name: string
  provider: string | null
  region: string | null
  status: string
  /** As in `DatabaseInfoResponse`. */
  ledgerId?: string | null
  createdAt: string
  updatedAt: string
}

export interface ListDatabasesResponse {
  ok: boolean
  databases: DatabaseRow[]
}

/** `GET /api/v1/databases/{id}`; the last five may be null. */
export interface DatabaseInfoResponse {
  ok: boolean
  database: {id: string; name: string; organizationId?: string; createdAt: string; updatedAt: string}
  /** Of the ledger behind it; see `OperationResponse`. Null until it is provisioned; absent where the service has none. */
  ledgerId?: string | null
  provider: string | null
  region: string | null
  gatewayUrl: string | null
  profile: DatabaseProfile | null
  latestProvisionJob: ProvisionJob | null
  decommissionState: {
    status: string
    message: string | null
    workflowId: string | null
    createdAt: string
    updatedAt: string
  } | null
  metricsSummary: {
    cpuUsagePct: number | null
    memoryUsagePct: number | null
    diskUsagePct: number | null
    gatewayP95LatencyMs: number | null
    lastCollectedAt: string | null
  } | null
}

export interface DatabaseProfile {
  id: string
  status: 'PROVISIONING' | 'READY' | string
  providerId: string | null
  regionId: string | null
  selectedNodeCount: number | null
  selectedVcpu: number | null
  selectedMemoryGb: number | null
  selectedStorageGb: number | null
  deploymentNetworkMode: string | null
  gatewayUrl: string | null
  tigerbeetleVersion: string | null
  tigerbeetleCurrentVersion: string | null
}

export interface ProvisionJob {
  id: string
  status: string
  error: string | null
  workflowId: string | null
  provider: string | null
  region: string | null
  gatewayUrl: string | null
  createdAt: string
  updatedAt: string
  completedAt: string | null
}

/** `DELETE /api/v1/databases/{id}`: removal is queued. */
export interface RemoveDatabaseResponse {
  ok: boolean
  databaseId: string
  status: 'queued' | string
  workflowId: string | null
  message: string
}
