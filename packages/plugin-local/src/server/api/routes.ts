import {Hono} from 'hono'
import type {Principal} from '../identity/principal.js'
import type {Service} from '../service.js'
import {notSignedIn, problem} from './problem.js'
import {describeSession} from './session.js'

/** What every route under `/api/v1` finds in its context. */
export interface ApiEnvironment {
  Variables: {principal: Principal}
}

/** All of `/api/v1`. Nothing here is answered to a caller without a credential. */
export function apiRoutes(service: Service): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>()
  routes.use(async (c, next) => {
    const principal = service.findPrincipal(c.req.raw.headers)
    if (!principal) return notSignedIn()
    c.set('principal', principal)
    return next()
  })
  routes.get('/session', (c) => c.json(describeSession(c.get('principal'))))
  routes.notFound(() => problem(404, 'There is no such route.'))
  return routes
}
