import {type Api, type ApiRequest, readDatabaseInfo, readDatabaseList} from '@parix/kit/api'
import type {DatabaseInfoAnswer, DatabaseRow, ListDatabasesAnswer} from '@parix/kit/contract'
import {searchDatabases} from '@parix/kit/databases'

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

/** The database with exactly this name, if the service lists one, however many others contain it. */
export async function findByName(
  api: Api,
  name: string,
  limits: Pick<ApiRequest, 'responseTimeoutMs' | 'retries'> = {},
): Promise<DatabaseRow | undefined> {
  const {databases} = await searchDatabases(api, name, limits)
  return databases.find((database) => database.name === name)
}
