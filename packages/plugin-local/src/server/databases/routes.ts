import type {CatalogResponse, CreateDatabaseResponse, ListDatabasesResponse} from '@parix/kit/contract'
import {BODY_BYTES_MAX, parseBody, readBody} from '../api/body.js'
import {CHECKOUT_PATH} from '../api/fault-routes.js'
import {ApiFault, invalid, notFound} from '../api/problem.js'
import {requireAllDatabases, requireDatabaseOfKey, requireScope} from '../api/rights.js'
import {type ApiContext, type ApiRoutes, addRoute} from '../api/route.js'
import {fieldErrorsOf, responses} from '../api/schemas.js'
import type {Service} from '../service.js'
import {CATALOG, choose} from './catalog.js'
import {createdResponse, infoResponse, listRow, removedResponse} from './responses.js'
import {
  CatalogSchema,
  CreateDatabaseSchema,
  CreatedDatabaseSchema,
  DatabaseIdSchema,
  DatabaseInfoSchema,
  DatabaseListSchema,
  ListQuerySchema,
  RemovedDatabaseSchema,
} from './schemas.js'
import type {DatabaseRecord} from './table.js'

const TAGS = ['Databases']
const PROVISIONED = 'The database is being provisioned.'
const BLOCKED = 'Nothing was created (`success: false`): pay first, at `billing.checkoutUrl`.'
const CREATE_EXAMPLE = {name: 'books', provider: 'gcp', region: 'us-central1'}

/** The catalog, and databases: made, listed, looked at, removed. */
export function addDatabaseRoutes(routes: ApiRoutes, service: Service): void {
  const add = (config: Parameters<typeof addRoute>[1], handle: (c: ApiContext) => Response | Promise<Response>) =>
    addRoute(routes, {...config, tags: TAGS}, handle)
  const request = {params: DatabaseIdSchema}
  add(
    {
      method: 'get',
      path: '/catalog/create',
      operationId: 'showCatalog',
      summary: 'The options for a new database',
      responses: responses(200, 'The catalog. The first entry of each list is the default.', CatalogSchema, [403]),
    },
    showCatalog,
  )
  add(
    {
      method: 'post',
      path: '/databases',
      operationId: 'createDatabase',
      summary: 'Make a database',
      description: 'Answers at once. The database takes operations when its status is `READY`.',
      request: {
        body: {required: true, content: {'application/json': {schema: CreateDatabaseSchema, example: CREATE_EXAMPLE}}},
      },
      responses: {
        ...responses(201, PROVISIONED, CreatedDatabaseSchema, [400, 403, 409, 413, 415, 422]),
        200: {description: BLOCKED, content: {'application/json': {schema: CreatedDatabaseSchema}}},
      },
    },
    (c) => createDatabase(service, c),
  )
  add(
    {
      method: 'get',
      path: '/databases',
      operationId: 'listDatabases',
      summary: 'List the databases of the organization',
      request: {query: ListQuerySchema},
      responses: responses(200, 'By name.', DatabaseListSchema, [403, 422]),
    },
    (c) => listDatabases(service, c),
  )
  add(
    {
      method: 'get',
      path: '/databases/{id}',
      operationId: 'showDatabase',
      summary: 'Look at a database',
      request,
      responses: responses(200, 'All that is known of it.', DatabaseInfoSchema, [403, 404]),
    },
    (c) => showDatabase(service, c),
  )
  add(
    {
      method: 'delete',
      path: '/databases/{id}',
      operationId: 'removeDatabase',
      summary: 'Remove a database with all that is in it',
      description: 'Answers at once and does it a moment later. Asking again gives the same removal.',
      request,
      responses: responses(200, 'The removal is queued.', RemovedDatabaseSchema, [403, 404]),
    },
    (c) => removeDatabase(service, c),
  )
}

/**
 * The database in the path, of the caller's organization.
 *
 * @throws ApiFault 403 when the caller's key is for another one, 404
 */
export function requireDatabase(service: Service, c: ApiContext): DatabaseRecord {
  const id = c.req.param('id') ?? ''
  const principal = c.get('principal')
  requireDatabaseOfKey(principal, id)
  const record = service.databases.find(principal.organizationId, id)
  if (!record) throw notFound(`There is no database ${id} in your organization.`)
  return record
}

/** Seconds that a caller should wait before it asks a fresh database again. */
const RETRY_AFTER_S = '1'

/** @throws ApiFault 503 while it is provisioned, 409 when it failed or is being removed */
export function requireReady({name, status}: DatabaseRecord): void {
  if (status === 'READY') return
  if (status === 'PROVISIONING') {
    const text = `The database ${name} is not ready: it is still being provisioned.`
    throw new ApiFault(503, 'database-not-ready', text, {}, {'retry-after': RETRY_AFTER_S})
  }
  throw status === 'FAILED'
    ? new ApiFault(409, 'database-failed', `The database ${name} could not be provisioned. Remove it and make another.`)
    : new ApiFault(409, 'database-being-removed', `The database ${name} is being removed.`)
}

function showCatalog(c: ApiContext): Response {
  requireScope(c.get('principal'), 'db:read')
  return c.json({ok: true, catalog: CATALOG} satisfies CatalogResponse)
}

async function createDatabase(service: Service, c: ApiContext): Promise<Response> {
  const principal = c.get('principal')
  requireScope(principal, 'db:write')
  requireAllDatabases(principal)
  const {name, ...wishes} = await readWishes(c.req.raw)
  const chosen = choose(wishes)
  if ('fieldErrors' in chosen) throw invalid('The catalog has no such database.', chosen.fieldErrors)
  if (service.faults.of(principal.organizationId).billingBlocked) return c.json(billingBlock(service.baseUrl))
  const made = service.databases.create(principal.organizationId, name, chosen.choice)
  if (!made) {
    const text = `Your organization has a database called ${name}.`
    throw new ApiFault(409, 'name-taken', text, {fieldErrors: {name: ['is taken.']}, errors: ['name: is taken.']})
  }
  c.header('location', `${c.req.path}/${made.record.id}`)
  return c.json(
    createdResponse(made.record, made.job, service.databases.source.backend) satisfies CreateDatabaseResponse,
    201,
  )
}

function billingBlock(baseUrl: string): CreateDatabaseResponse {
  const message = 'Your organization has no active plan: choose one, then make the database.'
  const checkoutUrl = baseUrl + CHECKOUT_PATH
  return {success: false, message, billing: {code: 'subscription_required', message, checkoutUrl}}
}

async function readWishes(request: Request) {
  const body = parseBody(await readBody(request, BODY_BYTES_MAX))
  const parsed = CreateDatabaseSchema.safeParse(body)
  if (!parsed.success) throw invalid('The request is not valid.', fieldErrorsOf(parsed.error))
  return parsed.data
}

function listDatabases(service: Service, c: ApiContext): Response {
  const principal = c.get('principal')
  requireScope(principal, 'db:read')
  const parsed = ListQuerySchema.safeParse(c.req.query())
  if (!parsed.success) throw invalid('The query is not valid.', fieldErrorsOf(parsed.error))
  const {search, limit, offset} = parsed.data
  const one = principal.databaseId
  const wanted = search.toLowerCase()
  const records = service.databases
    .list(principal.organizationId)
    .filter(({id, name}) => (one === undefined || id === one) && name.toLowerCase().includes(wanted))
    // A name is found however many others contain it, also by clients that read one page.
    .sort((a, b) => Number(b.name === search) - Number(a.name === search))
  const {backend} = service.databases.source
  const page = records.slice(offset, offset + limit).map((record) => listRow(record, backend))
  return c.json({ok: true, databases: page} satisfies ListDatabasesResponse, 200, {
    'x-total-count': String(records.length),
  })
}

function showDatabase(service: Service, c: ApiContext): Response {
  requireScope(c.get('principal'), 'db:read')
  const record = requireDatabase(service, c)
  const {databases, baseUrl} = service
  const gatewayUrl = `${baseUrl}/api/v1/databases/${record.id}/tb`
  const provisioning = databases.latestJob(record.id, 'provision')
  const removal = databases.latestJob(record.id, 'decommission')
  return c.json(infoResponse(record, gatewayUrl, provisioning, removal, databases.source.backend))
}

function removeDatabase(service: Service, c: ApiContext): Response {
  requireScope(c.get('principal'), 'db:write')
  const record = requireDatabase(service, c)
  return c.json(removedResponse(record, service.databases.remove(record), service.databases.source.backend))
}
