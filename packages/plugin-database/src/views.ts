import type {Catalog, DatabaseInfoResponse, DatabaseRow} from '@parix/kit/contract'
import {type Details, type LookOptions, render, type Table} from '@parix/kit/output'
import {stateOf} from './databases.js'

/** Everything that `database create` can be told, in four tables. */
export function catalogText(catalog: Catalog, look: LookOptions): string {
  const {paint = (_style, text) => text} = look
  const sections: [string, Table][] = [
    ['Places: --provider, --region', placesTable(catalog)],
    ['Configurations: --cluster-config-id', configsTable(catalog)],
    ['Sizes: --cluster-size-id', sizesTable(catalog)],
    ['Storage: --storage-tier-id', tiersTable(catalog)],
  ]
  const shown = sections.filter(([, table]) => table.rows.length > 0)
  return shown.map(([title, table]) => `${paint('underline', title)}\n${render(table, look)}`).join('\n')
}

function placesTable({providers}: Catalog): Table {
  return {
    columns: ['PROVIDER', 'REGION', 'WHERE'],
    rows: providers.flatMap(({slug, regions}) => regions.map(({code, label}) => [slug, code, label])),
    whenEmpty: '',
  }
}

function configsTable({clusterConfigs}: Catalog): Table {
  return {
    columns: ['ID', 'NAME', {name: 'NODES', align: 'right'}],
    rows: clusterConfigs.map(({id, label, nodeCount}) => [id, label, nodeCount]),
    whenEmpty: '',
  }
}

function sizesTable({clusterSizes}: Catalog): Table {
  return {
    columns: ['ID', 'NAME', {name: 'VCPU', align: 'right'}, {name: 'MEMORY', align: 'right'}],
    rows: clusterSizes.map(({id, label, vcpu, memoryGb}) => [id, label, vcpu, gigabytes(memoryGb)]),
    whenEmpty: '',
  }
}

function tiersTable({storageTiers}: Catalog): Table {
  return {
    columns: ['ID', 'NAME', {name: 'PRICE', align: 'right'}],
    rows: storageTiers.map(({id, label, priceMultiplier}) => [
      id,
      label,
      priceMultiplier === null ? null : `×${priceMultiplier}`,
    ]),
    whenEmpty: '',
  }
}

/**
 * @param search what was looked for, if anything
 * @param all the command that lists all databases
 * @param make the one that creates the first
 */
export function databaseTable(
  databases: DatabaseRow[],
  search: string | undefined,
  {all, make}: {all: string; make: string},
): Table {
  return {
    columns: ['NAME', 'STATUS', 'WHERE', 'CREATED', 'ID'],
    rows: databases.map((database) => [
      database.name,
      database.status,
      place(database.provider, database.region),
      day(database.createdAt),
      database.id,
    ]),
    whenEmpty:
      search === undefined
        ? `No databases yet. Make one: ${make}`
        : `No database has ${JSON.stringify(search)} in its name. All of them: ${all}`,
  }
}

/** One database with all that is known of it. Whatever the service leaves out is left out here. */
export function databaseDetails(info: DatabaseInfoResponse): Details {
  const {database, profile, latestProvisionJob: job, decommissionState: removal, metricsSummary: metrics} = info
  const state = stateOf(info)
  return {
    details: [
      ['name', database.name],
      ['id', database.id],
      ['status', state.kind === 'being removed' ? `being removed (${state.status})` : (profile?.status ?? job?.status)],
      ['where', place(info.provider, info.region)],
      ['nodes', profile?.selectedNodeCount],
      ['vCPU', profile?.selectedVcpu],
      ['memory', gigabytes(profile?.selectedMemoryGb)],
      ['storage', gigabytes(profile?.selectedStorageGb)],
      ['network', profile?.deploymentNetworkMode],
      ['TigerBeetle', versions(profile)],
      ['gateway', info.gatewayUrl ?? profile?.gatewayUrl],
      ['created', database.createdAt],
      ['updated', database.updatedAt],
      ['provisioning', job && state.kind !== 'ready' ? [job.status, job.error].filter(Boolean).join(': ') : null],
      ['removal', removal?.message],
      ['usage', metrics && usage(metrics)],
      ['latency p95', metrics?.gatewayP95LatencyMs == null ? null : `${metrics.gatewayP95LatencyMs} ms`],
      ['measured', metrics?.lastCollectedAt],
    ],
  }
}

/** `gcp/us-central1`. */
export function place(provider: string | null | undefined, region: string | null | undefined): string | null {
  return [provider, region].filter(Boolean).join('/') || null
}

function day(time: unknown): string | undefined {
  return typeof time === 'string' ? time.slice(0, 10) : undefined
}

function gigabytes(value: number | null | undefined): string | null {
  return value == null ? null : `${value} GB`
}

function versions(profile: DatabaseInfoResponse['profile']): string | null {
  const {tigerbeetleCurrentVersion: current, tigerbeetleVersion: wanted} = profile ?? {}
  if (!current || !wanted || current === wanted) return current || wanted || null
  return `${current}, to become ${wanted}`
}

function usage(metrics: NonNullable<DatabaseInfoResponse['metricsSummary']>): string {
  const parts: [string, number | null][] = [
    ['CPU', metrics.cpuUsagePct],
    ['memory', metrics.memoryUsagePct],
    ['disk', metrics.diskUsagePct],
  ]
  return parts.flatMap(([name, value]) => (value == null ? [] : [`${name} ${value} %`])).join(', ')
}
