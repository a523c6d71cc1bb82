import {z} from 'zod'
import {SCALE_MAX} from '../amounts.js'
import {ACCOUNT_TYPES, NAME} from './chart.js'

const NOT_WHOLE = 'is not a whole number'

/** A whole number of YAML, or text in decimal or hex: 128-bit ids fit in neither a double nor every editor. */
function integer(max: bigint) {
  return z
    .union([z.bigint(), z.string().regex(/^(\d+|0[xX][0-9a-fA-F]+)$/, NOT_WHOLE)], {error: NOT_WHOLE})
    .transform((value) => BigInt(value))
    .refine((value) => value >= 0n && value <= max, {message: `must be between 0 and ${max}`})
    .meta({type: ['integer', 'string'], minimum: 0})
}

const UINT16 = 0xffffn
const UINT32 = 0xffff_ffffn
const UINT128 = 2n ** 128n - 1n

/** `USD`, `points`: letters and digits, beginning with a letter, so that it is never read as a number. */
const unitName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'is not a ledger name: letters, digits, _ and -, beginning with a letter')
const codeName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'is not a code name: lower-case letters, digits, _ and -, beginning with a letter')

const accountName = z.string().refine((name) => NAME.test(name.endsWith('/*') ? name.slice(0, -2) : name), {
  message:
    'is not an account name: lower-case segments with / between them, beginning with a letter; a pattern ends with /*',
})

const idRule = z.union([
  integer(UINT128),
  z.literal('uuid'),
  z.strictObject({base: integer(UINT128), plus: z.literal('n'), count: integer(UINT128).optional()}),
  z.strictObject({hash: z.string().regex(/^[^\0]{1,128}$/)}),
])

const userDataField = z.strictObject({
  name: z.string().regex(/^[a-z][A-Za-z0-9_]{0,63}$/),
  as: z.enum(['integer', 'uuid', 'time', 'text4', 'text8', 'text16']).default('integer'),
})
const userData = z.strictObject({
  '128': userDataField.optional(),
  '64': userDataField.optional(),
  '32': userDataField.optional(),
})

/** What a chart file may contain. Unknown keys are errors: a misspelt one would be ignored without a word. */
export const chartSchema = z.strictObject({
  version: z
    .bigint({error: 'must be 1'})
    .refine((value) => value === 1n, {message: 'must be 1'})
    .meta({const: 1}),
  for: z.array(z.string().min(1)).optional(),
  ledgers: z.record(
    unitName,
    z.strictObject({
      id: integer(UINT32).refine((id) => id > 0n, {message: 'must not be 0'}),
      scale: integer(BigInt(SCALE_MAX)),
      tenants: z.strictObject({bits: integer(31n)}).optional(),
    }),
  ),
  codes: z.strictObject({
    account: z
      .record(
        codeName,
        integer(UINT16).refine((code) => code > 0n, {message: 'must not be 0'}),
      )
      .default({}),
    transfer: z
      .record(
        codeName,
        integer(UINT16).refine((code) => code > 0n, {message: 'must not be 0'}),
      )
      .default({}),
  }),
  types: z.record(codeName, z.enum(ACCOUNT_TYPES)).default({}),
  accounts: z
    .record(
      accountName,
      z.strictObject({
        id: idRule,
        ledger: z.string(),
        code: z.string(),
        flags: z.array(z.string()).default([]),
        names: z.string().optional(),
      }),
    )
    .default({}),
  userData: z.strictObject({account: userData.optional(), transfer: userData.optional()}).default({}),
  imports: z.record(z.string(), z.record(z.string(), z.string())).default({}),
})

export type ChartFile = z.output<typeof chartSchema>

/** The JSON schema of a chart file, for editors (`chart schema`). */
export function chartJsonSchema(): unknown {
  return {
    ...z.toJSONSchema(chartSchema, {io: 'input', unrepresentable: 'any'}),
    title: 'parix chart of accounts',
  }
}
