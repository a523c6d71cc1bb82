import {z} from '@hono/zod-openapi'
import {Hono} from 'hono'
import {html} from 'hono/html'
import {renderPage} from '../pages/layout.js'
import type {Service} from '../service.js'
import {BODY_BYTES_MAX, parseBody, readBody} from './body.js'
import {ApiFault, invalid} from './fault.js'
import {notSignedIn, renderFault} from './problem.js'
import type {RequestIdVariables} from './request-id.js'
import {requireAllDatabases, requireScope} from './rights.js'
import {fieldErrorsOf} from './schemas.js'
import {SWITCHES_PATH} from './switches.js'

/** Where `billing.checkoutUrl` leads. */
export const CHECKOUT_PATH = '/local/checkout'

const FailRuleSchema = z.strictObject({
  times: z.int().min(1).max(1_000_000).default(1),
  method: z.string().toUpperCase().optional(),
  path: z.string().optional(),
  delayMs: z.int().min(0).max(600_000).optional(),
  status: z.int().min(400).max(599).optional(),
  retryAfterS: z.int().min(0).max(86_400).optional(),
  drop: z.enum(['request', 'answer']).optional(),
})

const SwitchesSchema = z.strictObject({
  stub: z.boolean().optional(),
  billingBlocked: z.boolean().optional(),
  failNext: z.array(FailRuleSchema).optional(),
})

/**
 * Sets the switches of a running service: GET shows them, POST changes those that it names (its `failNext` replaces what
 * is left of the old), DELETE puts all back. For callers that may write. The hosted service has no such route.
 */
export function switchRoutes(service: Service): Hono<{Variables: RequestIdVariables}> {
  const routes = new Hono<{Variables: RequestIdVariables}>()
  const {switches} = service
  routes.onError((error, c) => renderFault(error, c.get('requestId')))
  routes.use(SWITCHES_PATH, async (c, next) => {
    const principal = service.findPrincipal(c.req.raw.headers)
    if (!principal) throw notSignedIn(c.req.raw.headers)
    requireScope(principal, 'db:write')
    // They hold for every database, so a key of one has no say in them.
    requireAllDatabases(principal)
    return next()
  })
  routes.get(SWITCHES_PATH, (c) => c.json(switches))
  routes.post(SWITCHES_PATH, async (c) => {
    const parsed = SwitchesSchema.safeParse(parseBody(await readBody(c.req.raw, BODY_BYTES_MAX)))
    if (!parsed.success) throw invalid('These are no switches.', fieldErrorsOf(parsed.error))
    Object.assign(switches, parsed.data)
    return c.json(switches)
  })
  routes.delete(SWITCHES_PATH, (c) =>
    c.json(Object.assign(switches, {stub: false, billingBlocked: false, failNext: []})),
  )
  routes.all(SWITCHES_PATH, () => {
    throw new ApiFault(405, 'method-not-allowed', 'GET, POST or DELETE.', {}, {allow: 'GET, HEAD, POST, DELETE'})
  })
  routes.get(CHECKOUT_PATH, () => renderPage({title: 'Checkout', body: CHECKOUT}))
  return routes
}

const CHECKOUT = html`<h1>Nothing to pay here</h1>
<p>This service runs on your machine. It says that databases must be paid for because its switch
<code>billing-blocked</code> is on, to show what a client makes of that.</p>`
