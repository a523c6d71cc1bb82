import {z} from '@hono/zod-openapi'
import {LEDGER_ID_WORDS} from '../tigerbeetle/schemas.js'
import {STORAGE_GB} from './catalog.js'

const Time = z.iso.datetime()

const named = (what: string) => z.string(`must be a text: ${what}.`).nullish()

/** Most characters of a name. */
const NAME_LENGTH_MAX = 64

export const CreateDatabaseSchema = z
  .strictObject({
    name: z
      .string('must be a text of 1 to 64 characters.')
      .min(1, 'must not be empty.')
      .max(NAME_LENGTH_MAX, `must be at most ${NAME_LENGTH_MAX} characters long.`)
      .refine((name) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name), 'must hold no control characters.')
      .refine((name) => name === name.trim(), 'must not begin or end with a space.')
      .openapi({description: 'Unique in the organization.', example: 'books'}),
    provider: named('a provider of the catalog').openapi({example: 'gcp'}),
    region: named('a region of the provider').openapi({example: 'us-central1'}),
    clusterConfigId: named('a cluster configuration of the catalog').openapi({example: 'config-single'}),
    clusterSizeId: named('a cluster size of the catalog').openapi({example: 'size-px-5'}),
    storageTierId: named('a storage tier of the catalog').openapi({example: 'tier-standard'}),
    selectedStorageGb: z
      .int('must be a whole number.')
      .min(STORAGE_GB.min, `must be at least ${STORAGE_GB.min}.`)
      .max(STORAGE_GB.max, `must be at most ${STORAGE_GB.max}.`)
      .nullish()
      .openapi({example: STORAGE_GB.default}),
  })
  .openapi('CreateDatabase', {description: 'What is left out takes the first entry of the catalog.'})

export const CreatedDatabaseSchema = z
  .object({
    success: z.boolean(),
    message: z.string(),
    database: z
      .object({id: z.string(), name: z.string(), organizationId: z.string(), createdAt: Time, updatedAt: Time})
      .optional(),
    profile: z.object({id: z.string(), status: z.string()}).optional(),
    job: z.object({id: z.string(), workflowId: z.string()}).optional(),
    provisioning: z.object({status: z.string(), message: z.string()}).optional(),
    billing: z
      .object({code: z.string(), message: z.string(), checkoutUrl: z.string()})
      .optional()
      .openapi({description: 'With `success: false`: nothing was created, pay first at `checkoutUrl`.'}),
  })
  .openapi('CreatedDatabase')

const LIST_LIMIT_MAX = 1000

export const ListQuerySchema = z.object({
  search: z.string().max(200, 'must be at most 200 characters long.').default('').openapi({
    description: 'Only names that contain this text, in either case.',
  }),
  limit: z.coerce
    .number(`must be a whole number from 1 to ${LIST_LIMIT_MAX}.`)
    .int(`must be a whole number from 1 to ${LIST_LIMIT_MAX}.`)
    .min(1, 'must be at least 1.')
    .max(LIST_LIMIT_MAX, `must be at most ${LIST_LIMIT_MAX}.`)
    .default(LIST_LIMIT_MAX)
    .openapi({description: 'At most this many.'}),
  offset: z.coerce
    .number('must be a whole number of 0 or more.')
    .int('must be a whole number of 0 or more.')
    .min(0, 'must be 0 or more.')
    .default(0)
    .openapi({description: 'Leave out so many of the first. `x-total-count` of the response says how many there are.'}),
})

const DatabaseRowSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    provider: z.string().nullable(),
    region: z.string().nullable(),
    status: z.enum(['PROVISIONING', 'READY', 'FAILED', 'DECOMMISSIONING']),
    ledgerId: z.string().nullable().openapi({description: LEDGER_ID_WORDS}),
    createdAt: Time,
    updatedAt: Time,
  })
  .openapi('DatabaseRow')

export const DatabaseListSchema = z
  .object({ok: z.boolean(), databases: z.array(DatabaseRowSchema)})
  .openapi('DatabaseList')

export const DatabaseInfoSchema = z
  .object({
    ok: z.boolean(),
    database: z.object({
      id: z.string(),
      name: z.string(),
      organizationId: z.string(),
      createdAt: Time,
      updatedAt: Time,
    }),
    ledgerId: z.string().nullable().openapi({description: LEDGER_ID_WORDS}),
    provider: z.string().nullable(),
    region: z.string().nullable(),
    gatewayUrl: z.string().nullable(),
    profile: z
      .object({
        id: z.string(),
        status: z.string(),
        providerId: z.string().nullable(),
        regionId: z.string().nullable(),
        selectedNodeCount: z.int(),
        selectedVcpu: z.int().nullable(),
        selectedMemoryGb: z.int().nullable(),
        selectedStorageGb: z.int().nullable(),
        deploymentNetworkMode: z.string(),
        gatewayUrl: z.string().nullable(),
        tigerbeetleVersion: z.string().nullable(),
        tigerbeetleCurrentVersion: z.string().nullable(),
      })
      .nullable(),
    latestProvisionJob: z
      .object({
        id: z.string(),
        status: z.enum(['QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED']),
        error: z.string().nullable(),
        workflowId: z.string(),
        provider: z.string().nullable(),
        region: z.string().nullable(),
        gatewayUrl: z.string().nullable(),
        createdAt: Time,
        updatedAt: Time,
        completedAt: Time.nullable(),
      })
      .nullable(),
    decommissionState: z
      .object({status: z.string(), message: z.string(), workflowId: z.string(), createdAt: Time, updatedAt: Time})
      .nullable(),
    metricsSummary: z
      .object({
        cpuUsagePct: z.number().nullable(),
        memoryUsagePct: z.number().nullable(),
        diskUsagePct: z.number().nullable(),
        gatewayP95LatencyMs: z.number().nullable(),
        lastCollectedAt: Time.nullable(),
      })
      .nullable(),
  })
  .openapi('DatabaseInfo')

export const RemovedDatabaseSchema = z
  .object({
    ok: z.boolean(),
    databaseId: z.string(),
    status: z.string().openapi({example: 'queued'}),
    workflowId: z.string(),
    message: z.string(),
  })
  .openapi('RemovedDatabase')

export const CatalogSchema = z
  .object({
    ok: z.boolean(),
    catalog: z.object({
      providers: z.array(
        z.object({
          id: z.string(),
          slug: z.string(),
          label: z.string(),
          regions: z.array(z.object({id: z.string(), code: z.string(), label: z.string()})),
        }),
      ),
      clusterConfigs: z.array(
        z.object({id: z.string(), label: z.string(), description: z.string(), nodeCount: z.int()}),
      ),
      clusterSizes: z.array(z.object({id: z.string(), label: z.string(), vcpu: z.int(), memoryGb: z.int()})),
      storageTiers: z.array(
        z.object({id: z.string(), label: z.string(), description: z.string(), priceMultiplier: z.number()}),
      ),
    }),
  })
  .openapi('Catalog')

export const DatabaseIdSchema = z.object({id: z.string().openapi({example: 'db_0f9d2c4e8a1b3c5d7e9f0a1b'})})
