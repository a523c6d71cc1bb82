import type {IncomingMessage, ServerResponse} from 'node:http'
import {PATHS} from '@parix/kit/contract'
import {Hono} from 'hono'
import {bodyLimit} from 'hono/body-limit'
import {DOCS_PATH, docsPage} from './api/docs-page.js'
import {faultRoutes} from './api/fault-routes.js'
import {problem, type RequestIdVariables, renderFault, requestId} from './api/problem.js'
import {describeApi} from './api/route.js'
import {apiRoutes} from './api/routes.js'
import {chartRoutes, openCharts} from './console/charts.js'
import {CONSOLE_PATH, consoleOf} from './console/console-routes.js'
import {createRequestLog, noteRequests} from './console/request-log.js'
import {describeCluster} from './databases/backend.js'
import {cliRedirectRoutes} from './oauth/cli-redirect.js'
import {OAUTH_BASE, oauthRoutes} from './oauth/oauth-routes.js'
import {apiKeyRoutes} from './pages/api-keys.js'
import {consentRoutes} from './pages/consent.js'
import {deviceRoutes} from './pages/device.js'
import {grantedPage, homePage} from './pages/home.js'
import {errorPage, notFoundPage, sameOriginOnly} from './pages/layout.js'
import {signInRoutes} from './pages/sign-in.js'
import type {Service} from './service.js'
import {snapshotRoutes} from './snapshots/snapshot-routes.js'

const FORM_BYTES_MAX = 64 * 1024

/**
 * A function from Request to Response.
 *
 * @param incoming the request as Node has it, where nobody has read it or put another in its place
 * @param outgoing what it is answered on
 */
export type App = (
  request: Request,
  incoming?: IncomingMessage,
  outgoing?: ServerResponse,
) => Response | Promise<Response>

/** The whole service, without a port. */
export function createApp(service: Service): App {
  const app = new Hono<{Variables: RequestIdVariables}>()
  app.use(requestId)
  app.get('/health', (c) => {
    const {backend, state} = service.databases.source
    const cluster = describeCluster(backend, state)
    return c.json({ok: true, instance: service.instance, ...(cluster && {cluster})})
  })
  const requests = createRequestLog()
  app.use(`${PATHS.api}/*`, noteRequests(requests))
  const api = apiRoutes(service)
  app.route(PATHS.api, api)
  app.get(DOCS_PATH, () => docsPage(describeApi(api, service), service.baseUrl))
  app.route('/', faultRoutes(service))
  const charts = openCharts(service.dataDir)
  app.route('/', chartRoutes(service, charts))
  const console = consoleOf(service, requests, charts)
  app.all(CONSOLE_PATH, (c) => console(c.req.raw))
  app.all(`${CONSOLE_PATH}/*`, (c) => console(c.req.raw))
  app.route('/local', snapshotRoutes(service))
  app.route(OAUTH_BASE, oauthRoutes(service))
  app.route('/', cliRedirectRoutes())
  app.route('/', pages(service))
  app.notFound((c) => (wantsPage(c.req.raw) ? notFoundPage() : problem(404, 'Not found.')))
  app.onError((error, c) => {
    service.log('error', `request ${c.get('requestId')}: ${error.stack ?? error.message}`)
    const failure = renderFault(error, c.get('requestId'))
    return wantsPage(c.req.raw) ? errorPage(failure.status, 'The service failed. Its log says more.') : failure
  })
  return (request, incoming, outgoing) => app.fetch(request, {incoming, outgoing})
}

function pages(service: Service): Hono {
  const routes = new Hono()
  routes.use(sameOriginOnly)
  routes.use(bodyLimit({maxSize: FORM_BYTES_MAX, onError: () => errorPage(413, 'That form is too large.')}))
  routes.get('/', () => homePage(service.baseUrl))
  routes.get(PATHS.consentGranted, () => grantedPage())
  routes.get('/error', () =>
    errorPage(
      400,
      'The sign-in request was refused: it is not a request that this service accepts. Start the sign-in again from the terminal.',
    ),
  )
  routes.route('/', signInRoutes(service))
  routes.route('/', consentRoutes(service))
  routes.route('/', deviceRoutes(service))
  routes.route('/', apiKeyRoutes(service))
  return routes
}

function wantsPage(request: Request): boolean {
  return request.headers.get('accept')?.includes('text/html') ?? false
}
