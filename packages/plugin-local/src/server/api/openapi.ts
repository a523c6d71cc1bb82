import type {OpenAPIHono} from '@hono/zod-openapi'
import {API_KEY_HEADER, PATHS} from '@parix/kit/contract'
import type {ApiEnvironment} from './route.js'

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
      {name: 'Databases', description: 'Made of the catalog, in the organization of the caller.'},
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
