import type {
  CreateDatabaseResponse,
  DatabaseInfoResponse,
  DatabaseRow,
  RemoveDatabaseResponse,
} from '@parix/kit/contract'
import type {Backend} from '../tigerbeetle/port.js'
import {describeBackend} from './backend.js'
import type {Job} from './jobs.js'
import type {DatabaseRecord} from './table.js'

/** The release whose semantics the embedded ledger has, and whose client speaks to a cluster. */
const TIGERBEETLE_VERSION = '0.17.9'

/**
 * Where a database is. A cluster of the user's own is at no provider and of no size that this service knows; what was chosen
 * from the catalog says nothing of it.
 */
function placeOf(record: DatabaseRecord, backend: Backend) {
  if (backend.kind === 'cluster') {
    return {
      provider: null,
      region: null,
      profile: {
        ...{providerId: null, regionId: null, selectedNodeCount: backend.addresses.length, selectedVcpu: null},
        ...{selectedMemoryGb: null, selectedStorageGb: null, deploymentNetworkMode: 'cluster'},
        ...{tigerbeetleVersion: null, tigerbeetleCurrentVersion: null},
      },
    }
  }
  const {provider, region, providerId, regionId, nodeCount, vcpu, memoryGb, storageGb} = record
  return {
    provider,
    region,
    profile: {
      ...{providerId, regionId, selectedNodeCount: nodeCount, selectedVcpu: vcpu, selectedMemoryGb: memoryGb},
      ...{selectedStorageGb: storageGb, deploymentNetworkMode: 'local'},
      ...{tigerbeetleVersion: TIGERBEETLE_VERSION, tigerbeetleCurrentVersion: TIGERBEETLE_VERSION},
    },
  }
}

export function createdResponse(record: DatabaseRecord, job: Job, backend: Backend): CreateDatabaseResponse {
  const {id, name, organizationId, createdAt, updatedAt, profileId, status} = record
  const isName = backend.kind === 'cluster'
  return {
    success: true,
    message: isName
      ? `${name} becomes a name for ${describeBackend(backend)}.`
      : `Database ${name} is being provisioned.`,
    database: {id, name, organizationId, createdAt, updatedAt},
    profile: {id: profileId, status},
    job: {id: job.id, workflowId: job.workflowId},
    provisioning: {status: job.status, message: 'Provisioning is queued.'},
  }
}

export function listRow(record: DatabaseRecord, backend: Backend): DatabaseRow {
  const {id, name, status, ledgerId, createdAt, updatedAt} = record
  const {provider, region} = placeOf(record, backend)
  return {id, name, provider, region, status, ledgerId, createdAt, updatedAt}
}

/** @param gatewayUrl where the operations are, without the operation */
export function infoResponse(
  record: DatabaseRecord,
  gatewayUrl: string,
  provisioning: Job | undefined,
  removal: Job | undefined,
  backend: Backend,
): DatabaseInfoResponse {
  const {id, name, organizationId, createdAt, updatedAt} = record
  const {provider, region, profile} = placeOf(record, backend)
  const url = record.status === 'READY' ? gatewayUrl : null
  return {
    ok: true,
    database: {id, name, organizationId, createdAt, updatedAt},
    ledgerId: record.ledgerId,
    provider,
    region,
    gatewayUrl: url,
    profile: {
      id: record.profileId,
      status: record.status,
      ...profile,
      gatewayUrl: url,
    },
    latestProvisionJob: provisioning ? provisionJob(provisioning, {provider, region}, url) : null,
    decommissionState: removal ? decommissionState(removal) : null,
    metricsSummary: null,
  }
}

function provisionJob(
  {id, status, error, workflowId, createdAt, updatedAt, completedAt}: Job,
  {provider, region}: Pick<DatabaseRow, 'provider' | 'region'>,
  gatewayUrl: string | null,
): DatabaseInfoResponse['latestProvisionJob'] {
  return {id, status, error, workflowId, provider, region, gatewayUrl, createdAt, updatedAt, completedAt}
}

function decommissionState({status, error, workflowId, createdAt, updatedAt}: Job) {
  return {status, message: error ?? 'The database is being removed.', workflowId, createdAt, updatedAt}
}

export function removedResponse({id, name}: DatabaseRecord, job: Job, backend: Backend): RemoveDatabaseResponse {
  const keeps =
    backend.kind === 'cluster' ? ` Only the name goes: ${describeBackend(backend)} keeps what is in it.` : ''
  return {
    ok: true,
    databaseId: id,
    status: 'queued',
    workflowId: job.workflowId,
    message: `The removal of ${name} is queued.${keeps}`,
  }
}
