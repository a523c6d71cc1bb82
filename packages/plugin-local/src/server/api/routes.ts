import {OpenAPIHono} from '@hono/zod-openapi'
import type {SessionAnswer} from '@parix/kit/contract'
import {addDatabaseRoutes} from '../databases/routes.js'
import type {Principal} from '../identity/principal.js'
import type {Service} from '../service.js'
import {addOperationRoutes} from '../tigerbeetle/routes.js'
import {addApiKeyRoutes} from './api-keys.js'
import {notFound, notSignedIn, renderFault} from './problem.js'
import {type ApiEnvironment, type ApiRoutes, addRoute, describeApi, refuseOtherMethods} from './route.js'
import {answers, SessionSchema} from './schemas.js'

/** All of `/api/v1`. Nothing here but its own description is answered to a caller without a credential. */
export function apiRoutes(service: Service): ApiRoutes {
  const routes = new OpenAPIHono<ApiEnvironment>()
  routes.onError((error, c) => {
    const answer = renderFault(error, c.get('requestId'))
    if (answer.status === 500) service.log('error', `request ${c.get('requestId')}: ${error.stack ?? error.message}`)
    return answer
  })
  routes.get('/openapi.json', (c) => c.json(describeApi(routes, service)))
  routes.use(async (c, next) => {
    const principal = service.findPrincipal(c.req.raw.headers)
    if (!principal) throw notSignedIn(c.req.raw.headers)
    c.set('principal', principal)
    return next()
  })
  addRoute(
    routes,
    {
      method: 'get',
      path: '/session',
      operationId: 'showSession',
      tags: ['Session'],
      summary: 'Who is calling, and for which organization',
      responses: answers(200, 'What the credential proves.', SessionSchema, []),
    },
    (c) => c.json(describeSession(c.get('principal'))),
  )
  addApiKeyRoutes(routes, service)
  addDatabaseRoutes(routes, service)
  addOperationRoutes(routes, service)
  refuseOtherMethods(routes)
  routes.all('*', (c) => {
    throw notFound(`There is no route ${c.req.path}.`)
  })
  return routes
}

/** `GET /api/v1/session`: who is calling, for which organization, with what rights. */
export function describeSession(principal: Principal): SessionAnswer {
  return {
    ok: true,
    auth: {
      method: principal.method,
      user: principal.user,
      ...(principal.organization && {organization: principal.organization}),
      scopes: [...principal.scopes],
    },
  }
}
