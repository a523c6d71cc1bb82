import {z} from '@hono/zod-openapi'
import type {Operation} from '@parix/kit/contract'
import {BATCH_EVENTS_MAX, FIELDS, type Field} from '@parix/ledger/schema'

/** For the OpenAPI document only: requests are read by `events.ts`, which never turns an integer into a double. */

const integer = (bits: Field['bits']) =>
  z.union([z.int().min(0), z.string().regex(/^[0-9]+$/)]).openapi(`Uint${bits}`, {
    description: `A whole number below 2^${bits}: a JSON number of any size, or a string of decimal digits.`,
    example: bits > 32 ? '340282366920938463463374607431768211' : 1,
  })

const integers: Record<Field['bits'], z.ZodType> = {
  16: integer(16),
  32: integer(32),
  64: integer(64),
  128: integer(128),
}

function request(name: string, fields: readonly Field[], required: string[], description: string) {
  const shape = fields.map((field) => {
    const schema = integers[field.bits]
    return [field.name, required.includes(field.name) ? schema : schema.optional()]
  })
  return z.strictObject(Object.fromEntries(shape)).openapi(name, {description})
}

function row(name: string, fields: readonly Field[]) {
  const shape = fields.map(({name: field, bits}) => [field, bits >= 64 ? z.string() : z.int()])
  return z.object(Object.fromEntries(shape)).openapi(name)
}

const CreateResult = z
  .object({index: z.int(), result: z.enum(['created', 'exists']), timestamp: z.string()})
  .openapi('CreateResult')

const events = (schema: z.ZodType) => z.array(schema).min(1).max(BATCH_EVENTS_MAX)
const ids = z.array(integers[128]).min(1).max(BATCH_EVENTS_MAX)

const LEFT_OUT = 'A field that is left out is 0'
const NewAccount = request('NewAccount', FIELDS.account, ['id'], `${LEFT_OUT}.`)
const NewTransfer = request('NewTransfer', FIELDS.transfer, ['id'], `${LEFT_OUT}.`)
const AccountFilter = request(
  'AccountFilter',
  FIELDS.account_filter,
  ['account_id'],
  `${LEFT_OUT}, which is 'any'; but for \`limit\` (8189) and \`flags\` (3: debits and credits).`,
)
const QueryFilter = request(
  'QueryFilter',
  FIELDS.query_filter,
  [],
  `${LEFT_OUT}, which is 'any'; but for \`limit\` (8189).`,
)
const Account = row('Account', FIELDS.account)
const Transfer = row('Transfer', FIELDS.transfer)
const AccountBalance = row('AccountBalance', FIELDS.account_balance)

export interface OperationSchemas {
  body: z.ZodType
  row: z.ZodType
  example: unknown
}

export const OPERATION_SCHEMAS: Record<Operation, OperationSchemas> = {
  create_accounts: {body: events(NewAccount), row: CreateResult, example: [{id: '1', ledger: 1, code: 1}]},
  create_transfers: {
    body: events(NewTransfer),
    row: CreateResult,
    example: [{id: '1001', debit_account_id: '1', credit_account_id: '2', amount: '1250', ledger: 1, code: 1}],
  },
  lookup_accounts: {body: ids, row: Account, example: ['1', '2']},
  lookup_transfers: {body: ids, row: Transfer, example: ['1001']},
  get_account_transfers: {body: AccountFilter, row: Transfer, example: {account_id: '1', flags: 3, limit: 10}},
  get_account_balances: {body: AccountFilter, row: AccountBalance, example: {account_id: '1', flags: 3, limit: 10}},
  query_accounts: {body: QueryFilter, row: Account, example: {ledger: 1, limit: 10}},
  query_transfers: {body: QueryFilter, row: Transfer, example: {user_data_64: '42', limit: 10}},
}

/** What `ledgerId` means, wherever it is answered. */
export const LEDGER_ID_WORDS =
  'The ledger behind the database. Another id means another ledger: what was sent to the first is not in it.'

/** The envelope that all eight operations answer with. */
export function responseSchema(rowSchema: z.ZodType) {
  return z.object({
    ok: z.boolean(),
    operation: z.string(),
    operationLabel: z.string(),
    databaseId: z.string(),
    databaseName: z.string(),
    ledgerId: z.string().nullable().openapi({description: LEDGER_ID_WORDS}),
    clusterId: z.string(),
    provider: z.string().nullable(),
    replicaCount: z.int(),
    targetHost: z.string(),
    mode: z.enum(['live', 'stub']),
    persisted: z.boolean(),
    docsUrl: z.string(),
    message: z.string(),
    requestPayload: z.unknown(),
    responsePayload: z.array(rowSchema),
  })
}
