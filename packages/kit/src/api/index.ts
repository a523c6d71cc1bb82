export {
  type Api,
  type ApiOptions,
  type ApiRequest,
  type ApiResponse,
  type ApiStream,
  createApi,
  PAGE_BYTES_MAX,
} from './client.js'
export {isUnreadable, readChecked, readJsonResponse} from './json-response.js'
export {type Billing, billingError, billingIn, problemError, problemText} from './problem.js'
export {fetchProfile, fetchProfileByToken, type Profile} from './profile.js'
export {
  readApiKeys,
  readCatalog,
  readCreatedApiKey,
  readCreatedDatabase,
  readDatabaseInfo,
  readDatabaseList,
  readNamedDatabases,
  readOperation,
  readRemovedDatabase,
  readRevokedApiKey,
  readSession,
  readUserinfo,
} from './readers.js'
export type {Reader} from './shape.js'
