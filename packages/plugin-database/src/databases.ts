import {type Api, type ApiRequest, readDatabaseInfo, readDatabaseList} from '@parix/kit/api'
import type {DatabaseInfoAnswer, DatabaseRow, ListDatabasesAnswer} from '@parix/kit/contract'

export interface ListOptions {
  search?: string | undefined
  limit?: number | undefined
}

export function listDatabases(api: Api, {search, limit}: ListOptions): Promise<ListDatabasesAnswer> {
  return api.get('/databases', {search, limit}, readDatabaseList)
}

export function databaseInfo(api: Api, id: string): Promise<DatabaseInfoAnswer> {
  return api.get(`/databases/${encodeURIComponent(id)}`, {}, readDatabaseInfo)
}

/** The database with exactly this name, if the service lists one. `search` finds parts of names too. */
export async function findByName(
  api: Api,
  name: string,
  limits: Pick<ApiRequest, 'responseTimeoutMs' | 'retries'> = {},
): Promise<DatabaseRow | undefined> {
  const query = {search: name, limit: 100}
  const answer = await api.json({method: 'GET', target: '/databases', query, ...limits}, readDatabaseList)
  return answer.databases.find((database) => database.name === name)
}
