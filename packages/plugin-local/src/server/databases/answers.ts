import type {CreateDatabaseAnswer, DatabaseInfoAnswer, DatabaseRow, RemoveDatabaseAnswer} from '@parix/kit/contract'
import type {Job} from './jobs-table.js'
import type {DatabaseRecord} from './table.js'

/** The release whose semantics the embedded ledger has, and whose client speaks to a cluster. */
const TIGERBEETLE_VERSION = '0.17.9'

export function createdAnswer(record: DatabaseRecord, job: Job): CreateDatabaseAnswer {
  const {id, name, organizationId, createdAt, updatedAt, profileId, status} = record
  return {
    success: true,
    message: `Database ${name} is being provisioned.`,
    database: {id, name, organizationId, createdAt, updatedAt},
    profile: {id: profileId, status},
    job: {id: job.id, workflowId: job.workflowId},
    provisioning: {status: job.status, message: 'Provisioning is queued.'},
  }
}

export function listRow({id, name, provider, region, status, createdAt, updatedAt}: DatabaseRecord): DatabaseRow {
  return {id, name, provider, region, status, createdAt, updatedAt}
}

/** @param gatewayUrl where the operations are, without the operation */
export function infoAnswer(
  record: DatabaseRecord,
  gatewayUrl: string,
  provisioning: Job | undefined,
  removal: Job | undefined,
): DatabaseInfoAnswer {
  const {id, name, organizationId, createdAt, updatedAt, provider, region} = record
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
      providerId: record.providerId,
      regionId: record.regionId,
      selectedNodeCount: record.nodeCount,
      selectedVcpu: record.vcpu,
      selectedMemoryGb: record.memoryGb,
      selectedStorageGb: record.storageGb,
      deploymentNetworkMode: 'local',
      gatewayUrl: url,
      tigerbeetleVersion: TIGERBEETLE_VERSION,
      tigerbeetleCurrentVersion: TIGERBEETLE_VERSION,
    },
    latestProvisionJob: provisioning ? provisionJob(provisioning, record, url) : null,
    decommissionState: removal ? decommissionState(removal) : null,
    metricsSummary: null,
  }
}

function provisionJob(
  {id, status, error, workflowId, createdAt, updatedAt, completedAt}: Job,
  {provider, region}: DatabaseRecord,
  gatewayUrl: string | null,
): DatabaseInfoAnswer['latestProvisionJob'] {
  return {id, status, error, workflowId, provider, region, gatewayUrl, createdAt, updatedAt, completedAt}
}

function decommissionState({status, error, workflowId, createdAt, updatedAt}: Job) {
  return {status, message: error ?? 'The database is being removed.', workflowId, createdAt, updatedAt}
}

export function removedAnswer({id, name}: DatabaseRecord, job: Job): RemoveDatabaseAnswer {
  return {
    ok: true,
    databaseId: id,
    status: 'queued',
    workflowId: job.workflowId,
    message: `The removal of ${name} is queued.`,
  }
}
