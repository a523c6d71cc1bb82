import {z} from '@hono/zod-openapi'
import {PROBLEM_KINDS, PROBLEM_TYPE_BASE} from './problem.js'

/** RFC 9457 problem details, with the members that Parix adds. */
export const ProblemSchema = z
  .object({
    type: z.string().openapi({
      description: `\`${PROBLEM_TYPE_BASE}\` and a kind: ${Object.keys(PROBLEM_KINDS).join(', ')}.`,
      example: `${PROBLEM_TYPE_BASE}invalid-request`,
    }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    message: z.string().openapi({description: 'The same as `detail`, for older clients.'}),
    instance: z.string().openapi({
      description: 'This occurrence: the request id, as a URN.',
      example: 'urn:uuid:6a1f0a53-5c4e-4d0c-9a5e-2f0a1c3b4d5e',
    }),
    errors: z.array(z.string()).optional(),
    fieldErrors: z.record(z.string(), z.array(z.string())).optional(),
    tbResults: z
      .array(z.object({index: z.int(), result: z.string(), code: z.int()}))
      .optional()
      .openapi({description: 'One entry for each event that TigerBeetle refused.'}),
  })
  .openapi('Problem')

export const SessionSchema = z
  .object({
    ok: z.boolean(),
    auth: z.object({
      method: z.enum(['oauth', 'api_key']),
      user: z.object({id: z.string(), email: z.string(), name: z.string()}),
      organization: z
        .object({id: z.string(), name: z.string(), slug: z.string(), memberRole: z.string()})
        .optional()
        .openapi({description: 'Absent without the scope `org:read`.'}),
      scopes: z.array(z.string()),
    }),
  })
  .openapi('Session')

const PROBLEM_WORDS: Record<number, string> = {
  400: 'The body is not JSON.',
  401: 'No credential, or one that is unknown or has ended.',
  403: 'The scope is missing, or the API key is for another database.',
  404: 'There is no such database in the organization.',
  409: 'It conflicts with what is there.',
  413: 'Too large, or more than TigerBeetle takes at once.',
  415: 'The body is not declared as JSON.',
  422: 'Invalid: `fieldErrors` says where.',
  503: 'Not available for a moment: repeat after `Retry-After` seconds.',
}

/**
 * The responses of a route for its OpenAPI entry: what it gives, and the problems that it may answer.
 *
 * @param words what a status means for this route, where it isn't what it means in general
 */
export function responses(
  status: 200 | 201,
  description: string,
  schema: z.ZodType,
  problems: number[],
  words: Record<number, string> = {},
) {
  const refusals = [401, ...problems].map((code) => [
    code,
    {description: words[code] ?? PROBLEM_WORDS[code]!, content: {'application/problem+json': {schema: ProblemSchema}}},
  ])
  return {[status]: {description, content: {'application/json': {schema}}}, ...Object.fromEntries(refusals)}
}

/** The message of each field that a schema found wrong, under the field's path. */
export function fieldErrorsOf(error: z.ZodError): Record<string, string[]> {
  const fieldErrors = Object.create(null) as Record<string, string[]>
  for (const issue of error.issues) {
    const fields = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')]
    const text = issue.code === 'unrecognized_keys' ? 'is not a field of this request.' : issue.message
    for (const field of fields) fieldErrors[field] = [...(fieldErrors[field] ?? []), text]
  }
  return fieldErrors
}
