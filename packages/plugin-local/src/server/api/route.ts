import type {IncomingMessage, ServerResponse} from 'node:http'
import {createRoute, type OpenAPIHono, type RouteConfig} from '@hono/zod-openapi'
import {API_KEY_HEADER, PATHS} from '@parix/kit/contract'
import type {Context} from 'hono'
import type {Principal} from '../identity/principal.js'
import {ApiFault, type RequestIdVariables} from './problem.js'

/** What every route under `/api/v1` finds in its context. */
export interface ApiEnvironment {
  Bindings: {incoming?: IncomingMessage | undefined; outgoing?: ServerResponse | undefined}
  Variables: RequestIdVariables & {
    principal: Principal
    /** As it came, where a route has read it: for the log of requests, which looks into small ones only. */
    requestBody?: Uint8Array
  }
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

export type ApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>

/** The OpenAPI 3.1 document of all routes that were added by `addRoute`. */
export function describeApi(routes: OpenAPIHono<ApiEnvironment>, {baseUrl}: {baseUrl: string}): ApiDocument {
  const document = routes.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Parix',
      version: '1',
      license: {name: 'MIT', url: 'https://opensource.org/license/mit'},
      description:
        'A managed TigerBeetle platform, served by your own machine. Integers of TigerBeetle are exact to 128 bits: they may ' +
        'be JSON numbers of any size or strings of decimal digits, and come back as strings where they can pass 2^53.',
    },
    servers: [{url: baseUrl + PATHS.api}],
    security: [{bearer: []}, {apiKey: []}],
    tags: [
      {name: 'Session', description: 'Who is calling.'},
      {
        name: 'API keys',
        description: "Of the caller, who is signed in: an API key can't manage API keys.",
      },
      {name: 'Databases', description: 'Created from the catalog, in the organization of the caller.'},
      {
        name: 'TigerBeetle operations',
        description: 'For a database that is `READY`. Reads need `db:read`, creates `db:write`.',
      },
    ],
  })
  document.components = {
    ...document.components,
    securitySchemes: {
      bearer: {type: 'http', scheme: 'bearer', description: 'An access token, or an API key.'},
      apiKey: {type: 'apiKey', in: 'header', name: API_KEY_HEADER},
    },
  }
  return document
}
