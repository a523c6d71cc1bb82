import type {IncomingMessage} from 'node:http'
import {createRoute, type OpenAPIHono, type RouteConfig} from '@hono/zod-openapi'
import type {Context} from 'hono'
import type {Principal} from '../identity/principal.js'
import {ApiFault} from './fault.js'
import type {RequestIdVariables} from './request-id.js'

/** What every route under `/api/v1` finds in its context. */
export interface ApiEnvironment {
  Bindings: {incoming?: IncomingMessage | undefined}
  Variables: RequestIdVariables & {principal: Principal}
}

export type ApiRoutes = OpenAPIHono<ApiEnvironment>
export type ApiContext = Context<ApiEnvironment>

/**
 * Adds a route to the service and to its OpenAPI document at once.
 *
 * What `config` says of bodies and queries is for the document; the handler checks them itself with the same schemas, as
 * bodies must be read without rounding their integers.
 */
export function addRoute(
  routes: ApiRoutes,
  config: RouteConfig,
  handle: (c: ApiContext) => Response | Promise<Response>,
): void {
  const route = createRoute(config)
  routes.openAPIRegistry.registerPath(route)
  routes.on(route.method.toUpperCase(), route.getRoutingPath(), handle)
}

/** For each path that has routes: other methods are answered with 405 and the methods that there are. */
export function refuseOtherMethods(routes: ApiRoutes): void {
  const methods = new Map<string, Set<string>>()
  for (const {path, method} of routes.routes) {
    if (method === 'ALL') continue
    const known = methods.get(path) ?? new Set()
    methods.set(path, known.add(method))
    if (method === 'GET') known.add('HEAD')
  }
  for (const [path, known] of methods) {
    const allow = [...known].join(', ')
    routes.all(path, (c) => {
      throw new ApiFault(405, 'method-not-allowed', `${c.req.method} is not possible here, ${allow} is.`, {}, {allow})
    })
  }
}
