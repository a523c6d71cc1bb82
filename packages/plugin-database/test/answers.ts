/** Answers as the contract has them, written by hand: the CLI must understand the hosted service, not only our own. */

export const BOOKS = {
  id: 'db_1',
  name: 'books',
  provider: 'gcp',
  region: 'us-central1',
  status: 'READY',
  createdAt: '2026-01-02T03:04:05.000Z',
  updatedAt: '2026-01-02T03:04:06.000Z',
}

export const CATALOG = {
  ok: true,
  catalog: {
    providers: [
      {
        id: 'prov_gcp',
        slug: 'gcp',
        label: 'Google Cloud',
        regions: [
          {id: 'reg_1', code: 'us-central1', label: 'Google Cloud Iowa'},
          {id: 'reg_2', code: 'asia-southeast1', label: 'Google Cloud Singapore'},
          {id: 'reg_5', code: 'shared-1', label: 'Shared'},
        ],
      },
      {
        id: 'prov_aws',
        slug: 'aws',
        label: 'AWS',
        regions: [
          {id: 'reg_3', code: 'ap-southeast-1', label: 'AWS Singapore'},
          {id: 'reg_4', code: 'shared-1', label: 'Shared'},
        ],
      },
    ],
    clusterConfigs: [
      {id: 'config-single', label: 'Single node', description: 'For trying out.', nodeCount: 1},
      {id: 'config-ha-3', label: 'HA 3 replicas', description: 'Survives one.', nodeCount: 3},
      {id: 'config-ha-6', label: 'HA 6 replicas', description: 'Survives two.', nodeCount: 6},
    ],
    clusterSizes: [
      {id: 'size-px-5', label: 'PX-5', vcpu: 1, memoryGb: 4},
      {id: 'size-px-10', label: 'PX-10', vcpu: 2, memoryGb: 8},
    ],
    storageTiers: [{id: 'tier-standard', label: 'Standard', description: 'NVMe.', priceMultiplier: 1}],
  },
}

/** `GET /databases/{id}`. */
export function info(overrides: Record<string, unknown> = {}, status = 'READY') {
  return {
    ok: true,
    database: {
      id: BOOKS.id,
      name: BOOKS.name,
      organizationId: 'org_1',
      createdAt: BOOKS.createdAt,
      updatedAt: BOOKS.updatedAt,
    },
    provider: 'gcp',
    region: 'us-central1',
    gatewayUrl: null,
    profile: {
      id: 'prof_1',
      status,
      providerId: 'prov_gcp',
      regionId: 'reg_1',
      selectedNodeCount: 3,
      selectedVcpu: 2,
      selectedMemoryGb: 8,
      selectedStorageGb: 50,
      deploymentNetworkMode: 'public',
      gatewayUrl: null,
      tigerbeetleVersion: '0.17.9',
      tigerbeetleCurrentVersion: '0.17.9',
    },
    latestProvisionJob: null,
    decommissionState: null,
    metricsSummary: null,
    ...overrides,
  }
}

/** `POST /databases` when it was made. */
export const CREATED = {
  success: true,
  message: 'Database queued.',
  database: {
    id: BOOKS.id,
    name: BOOKS.name,
    organizationId: 'org_1',
    createdAt: BOOKS.createdAt,
    updatedAt: BOOKS.updatedAt,
  },
  profile: {id: 'prof_1', status: 'PROVISIONING'},
  job: {id: 'job_1', workflowId: 'wf_1'},
}

export const BLOCKED = {
  success: false,
  message: 'Billing is needed.',
  billing: {
    code: 'payment_method_required',
    message: 'Add a payment method first.',
    checkoutUrl: 'https://pay.example/checkout/1',
  },
}

export function list(...databases: unknown[]) {
  return {ok: true, databases}
}
