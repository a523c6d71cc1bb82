import type {Api} from '@parix/kit/api'
import type {CatalogAnswer, DatabaseInfoAnswer, DatabaseRow, ListDatabasesAnswer} from '@parix/kit/contract'

export interface ListOptions {
  search?: string | undefined
  limit?: number | undefined
}

export function listDatabases(api: Api, {search, limit}: ListOptions): Promise<ListDatabasesAnswer> {
  return api.get('/databases', {search, limit})
}

export function databaseInfo(api: Api, id: string): Promise<DatabaseInfoAnswer> {
  return api.get(`/databases/${encodeURIComponent(id)}`)
}

/** The database with exactly this name, if the service lists one. `search` finds parts of names too. */
export async function findByName(api: Api, name: string): Promise<DatabaseRow | undefined> {
  const answer = await listDatabases(api, {search: name, limit: 100})
  return isDatabaseList(answer) ? answer.databases.find((database) => database.name === name) : undefined
}

/** Whether an answer has the shape that our views show; any other is shown as it is (the hosted service may change). */
export function isDatabaseList(answer: unknown): answer is ListDatabasesAnswer {
  return Array.isArray((answer as ListDatabasesAnswer | null)?.databases)
}

export function isDatabaseInfo(answer: unknown): answer is DatabaseInfoAnswer {
  return typeof (answer as DatabaseInfoAnswer | null)?.database?.id === 'string'
}

export function isCatalog(answer: unknown): answer is CatalogAnswer {
  const {catalog} = (answer as CatalogAnswer | null) ?? {}
  const {providers, clusterConfigs, clusterSizes, storageTiers} = catalog ?? {}
  return [providers, clusterConfigs, clusterSizes, storageTiers].every(Array.isArray)
}
