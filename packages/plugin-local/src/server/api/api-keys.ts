import {z} from '@hono/zod-openapi'
import type {ApiKey, CreatedApiKeyResponse, ListApiKeysResponse, RevokedApiKeyResponse} from '@parix/kit/contract'
import {API_KEY_NAME_CHARACTERS_MAX} from '../identity/constants.js'
import {API_KEY_LIFE_DAYS_MAX, type ApiKeyRow, createApiKey, listApiKeys, revokeApiKey} from '../identity/keys.js'
import type {Principal} from '../identity/principal.js'
import {createQueue} from '../queue.js'
import type {Service} from '../service.js'
import {BODY_BYTES_MAX, parseBody, readBody} from './body.js'
import {ApiFault, invalid, notFound} from './problem.js'
import {requireScope, requireSignIn} from './rights.js'
import {type ApiContext, type ApiRoutes, addRoute} from './route.js'
import {fieldErrorsOf, responses} from './schemas.js'

const NAME_WORDS = `must be a text of 1 to ${API_KEY_NAME_CHARACTERS_MAX} characters.`
const LIFE_WORDS = `must be a whole number of days from 1 to ${API_KEY_LIFE_DAYS_MAX}.`

const CreateApiKeySchema = z
  .strictObject({
    name: z
      .string(NAME_WORDS)
      .min(1, 'must not be empty.')
      .max(API_KEY_NAME_CHARACTERS_MAX, NAME_WORDS)
      .refine((name) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name), 'must hold no control characters.')
      .refine((name) => name === name.trim(), 'must not begin or end with a space.')
      .openapi({description: 'Unique among the keys of the caller.', example: 'ci'}),
    access: z.enum(['read', 'write'], 'must be read or write.').openapi({description: '`write` may read, too.'}),
    databaseId: z.string('must be the id of a database.').nullish().openapi({
      description: 'The only database that it is good for; all databases of the organization when left out.',
    }),
    expiresInDays: z
      .int(LIFE_WORDS)
      .min(1, LIFE_WORDS)
      .max(API_KEY_LIFE_DAYS_MAX, LIFE_WORDS)
      .nullish()
      .openapi({description: 'Good until it is revoked when left out.', example: 90}),
  })
  .openapi('CreateApiKey')

const ApiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    start: z.string().openapi({description: 'The first characters of the key.'}),
    access: z.enum(['read', 'write']),
    databaseId: z.string().nullable().openapi({description: 'null: all databases of the organization.'}),
    databaseName: z.string().nullable().openapi({description: 'null also where the database is gone.'}),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable().openapi({description: 'To the minute; null: never used.'}),
    expiresAt: z.iso.datetime().nullable().openapi({description: 'null: good until it is revoked.'}),
  })
  .openapi('ApiKey')

const ApiKeyListSchema = z.object({ok: z.boolean(), apiKeys: z.array(ApiKeySchema)}).openapi('ApiKeyList')
const CreatedApiKeySchema = z
  .object({
    ok: z.boolean(),
    apiKey: ApiKeySchema,
    key: z.string().openapi({description: 'The key itself. It is shown now, and never again.'}),
  })
  .openapi('CreatedApiKey')
const RevokedApiKeySchema = z.object({ok: z.boolean(), apiKey: ApiKeySchema}).openapi('RevokedApiKey')

const SIGNED_IN = {security: [{bearer: []}], tags: ['API keys']}
const REFUSED = 'The scope is missing, or the caller shows an API key.'

/** API keys of the caller: created, listed, revoked. For people who are signed in, never for a key. */
export function addApiKeyRoutes(routes: ApiRoutes, service: Service): void {
  const queue = createQueue()
  addRoute(
    routes,
    {
      ...SIGNED_IN,
      method: 'get',
      path: '/api-keys',
      operationId: 'listApiKeys',
      summary: 'List your API keys',
      responses: responses(200, 'The oldest first.', ApiKeyListSchema, [403], {403: REFUSED}),
    },
    (c) => {
      const principal = signedIn(c, ['db:read'])
      return c.json({ok: true, apiKeys: shownKeys(service, principal)} satisfies ListApiKeysResponse)
    },
  )
  addRoute(
    routes,
    {
      ...SIGNED_IN,
      method: 'post',
      path: '/api-keys',
      operationId: 'createApiKey',
      summary: 'Create an API key',
      description: 'The response is the only one that holds the key.',
      request: {
        body: {
          required: true,
          content: {
            'application/json': {schema: CreateApiKeySchema, example: {name: 'ci', access: 'read', expiresInDays: 90}},
          },
        },
      },
      responses: responses(201, 'The key.', CreatedApiKeySchema, [400, 403, 409, 413, 415, 422], {
        403: REFUSED,
        409: 'You have a key with this name.',
      }),
    },
    (c) => {
      // A key has no right that whoever creates it lacks.
      const principal = signedIn(c, ['org:read', 'db:read', 'db:write'])
      // One at a time, so that of two requests with one name one is refused.
      return queue(principal.user.id, () => createKey(service, principal, c))
    },
  )
  addRoute(
    routes,
    {
      ...SIGNED_IN,
      method: 'delete',
      path: '/api-keys/{keyId}',
      operationId: 'revokeApiKey',
      summary: 'Revoke an API key',
      description: 'Programs that use it are refused at once.',
      request: {params: z.object({keyId: z.string()})},
      responses: responses(200, 'It is revoked.', RevokedApiKeySchema, [403, 404], {
        403: REFUSED,
        404: 'You have no such key.',
      }),
    },
    (c) => {
      const principal = signedIn(c, ['db:write'])
      const id = c.req.param('keyId') ?? ''
      const apiKey = shownKeys(service, principal).find((key) => key.id === id)
      if (!apiKey || !revokeApiKey(service.database, principal.user.id, id))
        throw notFound('You have no such API key: it may have been revoked already.')
      return c.json({ok: true, apiKey} satisfies RevokedApiKeyResponse)
    },
  )
}

function signedIn(c: ApiContext, scopes: readonly Parameters<typeof requireScope>[1][]): Principal {
  const principal = c.get('principal')
  requireSignIn(principal)
  for (const scope of scopes) requireScope(principal, scope)
  c.header('cache-control', 'no-store')
  return principal
}

async function createKey(service: Service, principal: Principal, c: ApiContext): Promise<Response> {
  const parsed = CreateApiKeySchema.safeParse(parseBody(await readBody(c.req.raw, BODY_BYTES_MAX)))
  if (!parsed.success) throw invalid('The request is not valid.', fieldErrorsOf(parsed.error))
  const {name, access, databaseId, expiresInDays} = parsed.data
  const {user, organizationId} = principal
  if (databaseId != null && !service.listDatabases(organizationId).some(({id}) => id === databaseId))
    throw invalid('There is no such database.', {databaseId: ['is not a database of your organization.']})
  if (listApiKeys(service.database, user.id).some((key) => key.name === name)) {
    const text = `You have an API key called ${name}.`
    throw new ApiFault(409, 'name-taken', text, {fieldErrors: {name: ['is taken.']}, errors: ['name: is taken.']})
  }
  const {id, key} = await createApiKey(service.loadProvider, user.id, name, {
    access,
    ...(databaseId != null && {databaseId}),
    ...(expiresInDays != null && {lifeDays: expiresInDays}),
  })
  const apiKey = shownKeys(service, principal).find((row) => row.id === id)!
  return c.json({ok: true, apiKey, key} satisfies CreatedApiKeyResponse, 201)
}

function shownKeys(service: Service, {user, organizationId}: Principal): ApiKey[] {
  const names = new Map(service.listDatabases(organizationId).map(({id, name}) => [id, name]))
  return listApiKeys(service.database, user.id).map((row) => shown(row, names))
}

function shown(row: ApiKeyRow, names: ReadonlyMap<string, string>): ApiKey {
  const {id, name, start, access, databaseId, createdAt, lastUsedAt, expiresAt} = row
  const databaseName = databaseId === undefined ? null : (names.get(databaseId) ?? null)
  return {id, name, start, access, databaseId: databaseId ?? null, databaseName, createdAt, lastUsedAt, expiresAt}
}
