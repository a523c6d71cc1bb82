import {type Api, type ApiRequest, readDatabaseInfo, readDatabaseList} from '@parix/kit/api'
import type {DatabaseInfoResponse, DatabaseRow, ListDatabasesResponse} from '@parix/kit/contract'
import {databasePages, looksCut, searchDatabases, withoutPaging} from '@parix/kit/databases'
import type {Json, JsonObject} from '@parix/kit/json'

export interface ListOptions {
  search?: string | undefined
  limit?: number | undefined
}

/** All of them, or the first `limit`. `complete`: false where the service may have more, and does not show them. */
export async function listDatabases(
  api: Api,
  {search, limit = Number.POSITIVE_INFINITY}: ListOptions,
): Promise<{response: ListDatabasesResponse; complete: boolean}> {
  const query = {search, ...(limit < Number.POSITIVE_INFINITY && {limit})}
  const read = (body: Json) => readDatabaseList(body).databases
  const databases: DatabaseRow[] = []
  let envelope: JsonObject | undefined
  let complete = true
  for await (const {rows, body, ended} of databasePages(api, query, {read})) {
    envelope = envelope === undefined ? body : withoutPaging(envelope)
    databases.push(...rows)
    complete = ended !== 'unknown' || !looksCut(databases.length)
    if (databases.length >= limit) break
  }
  return {response: {...envelope, databases: databases.slice(0, limit)} as unknown as ListDatabasesResponse, complete}
}

export function databaseInfo(api: Api, id: string): Promise<DatabaseInfoResponse> {
  return api.get(`/databases/${encodeURIComponent(id)}`, {}, readDatabaseInfo)
}

/** The database with exactly this name, if the service lists one, however many others contain it. */
export async function findByName(
  api: Api,
  name: string,
  limits: Pick<ApiRequest, 'responseTimeoutMs' | 'retries'> = {},
): Promise<DatabaseRow | undefined> {
  const {databases} = await searchDatabases(api, name, limits)
  return databases.find((database) => database.name === name)
}

export type DatabaseState =
  | {kind: 'ready'}
  /** `status` in the service's words. */
  | {kind: 'on its way'; status: string}
  | {kind: 'failed'; status: string; reason: string | null}
  | {kind: 'being removed'; status: string}

/** What the response says of a database. Statuses that we don't know count as 'on its way': only the service knows them all. */
export function stateOf({profile, latestProvisionJob: job, decommissionState}: DatabaseInfoResponse): DatabaseState {
  if (decommissionState && !isFailure(decommissionState.status)) {
    return {kind: 'being removed', status: decommissionState.status}
  }
  const status = String(profile?.status ?? job?.status ?? 'unknown')
  if (status.toUpperCase() === 'READY') return {kind: 'ready'}
  if (isFailure(status)) return {kind: 'failed', status, reason: job?.error ?? null}
  if (job && isFailure(job.status)) return {kind: 'failed', status: job.status, reason: job.error}
  return {kind: 'on its way', status}
}

function isFailure(status: string): boolean {
  return /FAIL|ERROR|CANCEL|TERMINATED|TIMED?_?OUT/i.test(status)
}
