import {z} from '@hono/zod-openapi'
import {Hono} from 'hono'
import {html} from 'hono/html'
import {renderPage} from '../pages/layout.js'
import type {Service} from '../service.js'
import {BODY_BYTES_MAX, parseBody, readBody} from './body.js'
import {FAULTS_PATH} from './fault-injection.js'
import {DELAY_MS_MAX, type Switches} from './fault-rules.js'
import {ApiFault, invalid, notSignedIn, type RequestIdVariables, renderFault} from './problem.js'
import {requireAllDatabases, requireScope} from './rights.js'
import {fieldErrorsOf} from './schemas.js'

/** Where `billing.checkoutUrl` leads. */
export const CHECKOUT_PATH = '/local/checkout'

const FailRuleSchema = z.strictObject({
  times: z.int().min(1).max(1_000_000).default(1),
  method: z.string().toUpperCase().optional(),
  path: z.string().optional(),
  delayMs: z.int().min(0).max(DELAY_MS_MAX).optional(),
  status: z.int().min(400).max(599).optional(),
  retryAfterS: z.int().min(0).max(86_400).optional(),
  drop: z.enum(['request', 'answer']).optional(),
})

const SwitchesSchema = z.strictObject({
  stub: z.boolean().optional(),
  billingBlocked: z.boolean().optional(),
  failNext: z.array(FailRuleSchema).optional(),
})

interface FaultEnvironment {
  Variables: RequestIdVariables & {organizationId: string}
}

/**
 * Sets the switches of the caller's organization: GET shows them, POST changes those that it names (its `failNext` replaces
 * what is left of the old), DELETE turns all off. For callers that may write. The hosted service has no such route.
 */
export function faultRoutes(service: Service): Hono<FaultEnvironment> {
  const routes = new Hono<FaultEnvironment>()
  const {faults} = service
  routes.onError((error, c) => renderFault(error, c.get('requestId')))
  routes.use(FAULTS_PATH, async (c, next) => {
    const principal = service.findPrincipal(c.req.raw.headers)
    if (!principal) throw notSignedIn(c.req.raw.headers)
    requireScope(principal, 'db:write')
    // They hold for every database of the organization, so a key for one may not set them.
    requireAllDatabases(principal)
    c.set('organizationId', principal.organizationId)
    return next()
  })
  routes.get(FAULTS_PATH, (c) => c.json(faults.of(c.get('organizationId'))))
  routes.post(FAULTS_PATH, async (c) => {
    const parsed = SwitchesSchema.safeParse(parseBody(await readBody(c.req.raw, BODY_BYTES_MAX)))
    if (!parsed.success) throw invalid('The switches are not valid.', fieldErrorsOf(parsed.error))
    return c.json(faults.set(c.get('organizationId'), withoutUndefined(parsed.data)))
  })
  routes.delete(FAULTS_PATH, (c) => c.json(faults.clear(c.get('organizationId'))))
  routes.all(FAULTS_PATH, () => {
    throw new ApiFault(405, 'method-not-allowed', 'GET, POST or DELETE.', {}, {allow: 'GET, HEAD, POST, DELETE'})
  })
  routes.get(CHECKOUT_PATH, () => renderPage({title: 'Checkout', body: CHECKOUT}))
  return routes
}

/** A switch that is left out stays as it is. */
function withoutUndefined(changes: z.infer<typeof SwitchesSchema>): Partial<Switches> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}

const CHECKOUT = html`<h1>Nothing to pay here</h1>
<p>This service runs on your machine. It says that databases must be paid for because the switch
<code>billing-blocked</code> of your organization is on, to test how a client handles that.</p>`
