import type {
  CatalogResponse,
  CreateDatabaseResponse,
  CreatedApiKeyResponse,
  DatabaseInfoResponse,
  DatabaseRow,
  ListApiKeysResponse,
  ListDatabasesResponse,
  OperationResponse,
  RemoveDatabaseResponse,
  RevokedApiKeyResponse,
  SessionResponse,
  UserinfoResponse,
} from '../contract/index.js'
import {isJsonObject, type Json, type JsonObject} from '../json.js'
import {
  readBody,
  readList,
  readObject,
  readObjects,
  readText,
  withBooleans,
  withNumbers,
  withObjects,
  withTexts,
} from './shape.js'

/**
 * One checked reader per response of the contract (`contract/`). What a command can't do without must be there. All else
 * may be missing, and becomes null where it has another type. All of them throw `UnexpectedShape`.
 */

export function readDatabaseList(body: Json): ListDatabasesResponse {
  const fields = readBody(body)
  return {
    ...fields,
    databases: readObjects(fields.databases, 'databases', databaseRow),
  } as unknown as ListDatabasesResponse
}

/** To look a name up: what has no id or no name can't be meant, and is left out. */
export function readNamedDatabases(body: Json): DatabaseRow[] {
  const rows = readList(readBody(body).databases, 'databases').filter(isJsonObject)
  const named = rows.filter(({id, name}) => typeof id === 'string' && id !== '' && typeof name === 'string')
  return named.map((row) => withTexts(row, ROW_TEXTS)) as unknown as DatabaseRow[]
}

const ROW_TEXTS = ['provider', 'region', 'status', 'ledgerId', 'createdAt', 'updatedAt']

function databaseRow(fields: JsonObject, name: string): JsonObject {
  const named = {...fields, id: readText(fields.id, `${name}.id`), name: readText(fields.name, `${name}.name`)}
  return withTexts(named, ROW_TEXTS)
}

function database(value: Json | undefined): JsonObject {
  const fields = withTexts(readObject(value, 'database'), ['name', 'organizationId', 'createdAt', 'updatedAt'])
  return {...fields, id: readText(fields.id, 'database.id')}
}

export function readDatabaseInfo(body: Json): DatabaseInfoResponse {
  const fields = withTexts(readBody(body), ['provider', 'region', 'gatewayUrl'])
  const checked = {
    ...withObjects(fields, {
      profile,
      latestProvisionJob: provisionJob,
      decommissionState: (state) => withTexts(state, ['status', 'message', 'workflowId', 'createdAt', 'updatedAt']),
      metricsSummary: (metrics) => withTexts(withNumbers(metrics, METRICS), ['lastCollectedAt']),
    }),
    database: database(fields.database),
  }
  return checked as unknown as DatabaseInfoResponse
}

const METRICS = ['cpuUsagePct', 'memoryUsagePct', 'diskUsagePct', 'gatewayP95LatencyMs']
const SIZES = ['selectedNodeCount', 'selectedVcpu', 'selectedMemoryGb', 'selectedStorageGb']

function profile(fields: JsonObject): JsonObject {
  const places = ['providerId', 'regionId', 'deploymentNetworkMode', 'gatewayUrl']
  const texts = ['id', 'status', ...places, 'tigerbeetleVersion', 'tigerbeetleCurrentVersion']
  return withTexts(withNumbers(fields, SIZES), texts)
}

function provisionJob(fields: JsonObject): JsonObject {
  const times = ['createdAt', 'updatedAt', 'completedAt']
  return withTexts(fields, ['id', 'status', 'error', 'workflowId', 'provider', 'region', 'gatewayUrl', ...times])
}

export function readCatalog(body: Json): CatalogResponse {
  const fields = readBody(body)
  const catalog = readObject(fields.catalog, 'catalog')
  const checked = {
    ...catalog,
    providers: readObjects(catalog.providers, 'catalog.providers', (provider, name) => ({
      ...labelled(provider, name),
      slug: readText(provider.slug, `${name}.slug`),
      regions: readObjects(provider.regions, `${name}.regions`, (region, place) => ({
        ...labelled(region, place),
        code: readText(region.code, `${place}.code`),
      })),
    })),
    clusterConfigs: readObjects(catalog.clusterConfigs, 'catalog.clusterConfigs', (config, name) =>
      withNumbers(labelled(config, name), ['nodeCount']),
    ),
    clusterSizes: readObjects(catalog.clusterSizes, 'catalog.clusterSizes', (size, name) =>
      withNumbers(labelled(size, name), ['vcpu', 'memoryGb']),
    ),
    storageTiers: readObjects(catalog.storageTiers, 'catalog.storageTiers', (tier, name) =>
      withNumbers(labelled(tier, name), ['priceMultiplier']),
    ),
  }
  return {...fields, catalog: checked} as unknown as CatalogResponse
}

/** Without a label, the id is one. */
function labelled(fields: JsonObject, name: string): JsonObject {
  const id = readText(fields.id, `${name}.id`)
  const label = typeof fields.label === 'string' && fields.label !== '' ? fields.label : id
  return {...withTexts(fields, ['description']), id, label}
}

/** `success: false` and a bill are for the caller: they say what was not created, and why. */
export function readCreatedDatabase(body: Json): CreateDatabaseResponse {
  const fields = withTexts(withBooleans(readObject(body, 'the body'), ['success']), ['message'])
  const parts = {
    profile,
    job: (job: JsonObject) => withTexts(job, ['id', 'workflowId']),
    provisioning: (state: JsonObject) => withTexts(state, ['status', 'message']),
    billing: (bill: JsonObject) => withTexts(bill, ['code', 'message', 'checkoutUrl']),
  }
  const checked = withObjects(fields, parts)
  return (fields.database == null
    ? checked
    : {...checked, database: database(fields.database)}) as unknown as CreateDatabaseResponse
}

export function readRemovedDatabase(body: Json): RemoveDatabaseResponse {
  const fields = withTexts(readBody(body), ['databaseId', 'workflowId', 'message'])
  return {...fields, status: readText(fields.status, 'status')} as RemoveDatabaseResponse
}

export function readApiKeys(body: Json): ListApiKeysResponse {
  const fields = readBody(body)
  return {...fields, apiKeys: readObjects(fields.apiKeys, 'apiKeys', apiKey)} as unknown as ListApiKeysResponse
}

export function readCreatedApiKey(body: Json): CreatedApiKeyResponse {
  const fields = readBody(body)
  return {...oneApiKey(fields), key: readText(fields.key, 'key')} as unknown as CreatedApiKeyResponse
}

export function readRevokedApiKey(body: Json): RevokedApiKeyResponse {
  return oneApiKey(readBody(body)) as unknown as RevokedApiKeyResponse
}

function oneApiKey(fields: JsonObject): JsonObject {
  return {...fields, apiKey: apiKey(readObject(fields.apiKey, 'apiKey'), 'apiKey')}
}

function apiKey(fields: JsonObject, place: string): JsonObject {
  const texts = ['start', 'access', 'databaseId', 'databaseName', 'createdAt', 'lastUsedAt', 'expiresAt']
  return {
    ...withTexts(fields, texts),
    id: readText(fields.id, `${place}.id`),
    name: readText(fields.name, `${place}.name`),
  }
}

/** Every part may be missing: none is needed to go on. @throws UnexpectedShape where `auth` is there and is not an object */
export function readSession(body: Json): SessionResponse {
  const auth = (fields: JsonObject) => {
    const parts = withObjects(withTexts(fields, ['method']), {
      user: (user) => withTexts(user, ['id', 'email', 'name']),
      organization: (organization) => withTexts(organization, ['id', 'name', 'slug', 'memberRole']),
    })
    const {scopes, user, organization, ...rest} = parts
    return {
      ...rest,
      ...(user != null && {user}),
      ...(organization != null && {organization}),
      ...(Array.isArray(scopes) && {scopes: scopes.filter((scope) => typeof scope === 'string')}),
    }
  }
  const {auth: part, ...rest} = readBody(body)
  // Whoever writes something else there is not asked about the organization a second time: what is stored would be shown as checked.
  if (part == null) return rest as SessionResponse
  return {...rest, auth: auth(readObject(part, 'auth'))} as SessionResponse
}

/** OpenID Connect Core §5.3.2: `sub` must be there. */
export function readUserinfo(body: Json): UserinfoResponse {
  const organization = ['organization_id', 'organization_name', 'organization_slug', 'member_role']
  const texts = withTexts(readObject(body, 'the body'), ['email', 'name', 'picture', ...organization])
  const fields = withBooleans(texts, ['email_verified'])
  const {sub: _sub, ...rest} = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
  return {...rest, sub: readText(fields.sub, 'sub')}
}

/** The envelope of an operation that reads; each row is an object, and its fields are for whoever shows them. */
export function readOperation(body: Json): OperationResponse<JsonObject> {
  const fields = readBody(body)
  const rows = readObjects(fields.responsePayload, 'responsePayload', (row) => row)
  return {...fields, responsePayload: rows} as unknown as OperationResponse<JsonObject>
}
