import type {Books} from './fill-database.js'
import type {RunningService, ServiceOptions} from './server/index.js'

export interface WithBooks {
  service: RunningService
  /** Of the database. */
  id: string
  /** Path of a chart where the books have one. */
  chart?: string
}

/**
 * A service on a free port, with one database. An empty one is there when the service starts; to fill one takes a client.
 *
 * @throws ServiceFault, and what `createFilled` throws; the service is closed then
 */
export async function startWithBooks(
  options: ServiceOptions,
  database: string,
  books: Books | undefined,
): Promise<WithBooks> {
  const {startService} = await import('./server/index.js')
  const whole = {port: 0, provisionDelayMs: 0, ...options}
  const service = await startService(books === undefined ? {...whole, database} : whole)
  if (service.databaseId !== undefined) return {service, id: service.databaseId}
  try {
    const [{createFilled}, {localApi}] = await Promise.all([import('./fill-database.js'), import('./local-api.js')])
    return {service, ...(await createFilled(localApi(service), options.dataDir, database, books))}
  } catch (error) {
    await service.close()
    throw error
  }
}
