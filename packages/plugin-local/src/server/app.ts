import type {IncomingMessage, ServerResponse} from 'node:http'
import {OpenAPIHono} from '@hono/zod-openapi'
import {PATHS, type SessionResponse} from '@parix/kit/contract'
import {Hono} from 'hono'
import {bodyLimit} from 'hono/body-limit'
import {html} from 'hono/html'
import {addApiKeyRoutes} from './api/api-keys.js'
import {DOCS_PATH, docsPage} from './api/docs-page.js'
import {faultRoutes} from './api/fault-routes.js'
import {notFound, notSignedIn, problem, type RequestIdVariables, renderFault, requestId} from './api/problem.js'
import {type ApiEnvironment, type ApiRoutes, addRoute, describeApi, refuseOtherMethods} from './api/route.js'
import {responses, SessionSchema} from './api/schemas.js'
import {chartRoutes, openCharts} from './console/charts.js'
import {CONSOLE_PATH, consoleOf} from './console/console-routes.js'
import {createRequestLog, noteRequests} from './console/request-log.js'
import {describeCluster} from './databases/backend.js'
import {addDatabaseRoutes} from './databases/routes.js'
import type {Principal} from './identity/principal.js'
import {cliRedirectRoutes} from './oauth/cli-redirect.js'
import {OAUTH_BASE, oauthRoutes} from './oauth/oauth-routes.js'
import {apiKeyRoutes} from './pages/api-keys.js'
import {consentRoutes} from './pages/consent.js'
import {deviceRoutes} from './pages/device.js'
import {errorPage, notFoundPage, renderPage, sameOriginOnly} from './pages/layout.js'
import {signInRoutes} from './pages/sign-in.js'
import type {Service} from './service.js'
import {snapshotRoutes} from './snapshots/snapshot-routes.js'
import {addOperationRoutes} from './tigerbeetle/routes.js'

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

/** All of `/api/v1`. Nothing here but its own description is answered to a caller without a credential. */
function apiRoutes(service: Service): ApiRoutes {
  const routes = new OpenAPIHono<ApiEnvironment>()
  routes.onError((error, c) => {
    const response = renderFault(error, c.get('requestId'))
    if (response.status === 500) service.log('error', `request ${c.get('requestId')}: ${error.stack ?? error.message}`)
    return response
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
      responses: responses(200, 'What the credential proves.', SessionSchema, []),
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
function describeSession(principal: Principal): SessionResponse {
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

function homePage(baseUrl: string): Promise<Response> {
  return renderPage({
    title: 'Local service',
    body: html`<h1>Parix runs on this machine</h1>
<p>A local Parix service for development and tests, not for production. It speaks the API of the hosted service, and keeps everything on this machine.</p>
<p>Sign in from a terminal:</p>
<p class="secret">parix auth login --base-url ${baseUrl}</p>
<ul class="ways">
<li><a href="/console/"><b>Console</b><span class="soft">Look at your databases: balances, transfers, holds, requests</span></a></li>
<li><a href="${PATHS.apiKeys}"><b>API keys</b><span class="soft">Create and revoke keys for scripts and CI</span></a></li>
<li><a href="/docs"><b>API reference</b><span class="soft">Every route, with samples for curl, JavaScript and the CLI</span></a></li>
<li><a href="/device"><b>Enter a device code</b><span class="soft">Sign in a terminal on another machine</span></a></li>
</ul>`,
  })
}

/** Where the CLI's listener sends the browser once it has its tokens. */
function grantedPage(): Promise<Response> {
  return renderPage({
    title: 'Signed in',
    body: html`<h1>You are signed in</h1><p>Go back to the terminal. You can close this window.</p>`,
  })
}
