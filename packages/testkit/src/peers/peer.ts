import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {type CliState, PATHS} from '@parix/kit/contract'
import type {Browser, BrowserPage} from '../browser.js'

/**
 * Another OpenID server behind the contract's bounce routes: what the CLI signs in at here was not written by us, so a
 * mistake can't hide on both sides. The bounce is as trusting as the hosted one may be; only the local service checks it.
 */
export interface Peer {
  readonly name: string
  readonly baseUrl: string
  /** Every request to the token endpoint, in the order in which they were answered. */
  readonly tokenRequests: TokenRequest[]
  /** Opens `url` and presses what its pages ask for, up to the page that the browser ends on. */
  approve(browser: Browser, url: string): Promise<BrowserPage>
  stop(): Promise<void>
}

export interface TokenRequest {
  grant: string
  status: number
}

/** What a peer says of a bearer token: the claims of `GET /api/v1/session`; undefined for 401. */
export interface PeerSession {
  user: {id: string; email: string}
  scopes: string[]
}

export interface PeerParts {
  /** Everything under `/api/auth`, and pages of its own; resolves to false when the path is none of its. */
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean>
  authorizationEndpoint: string
  scope: string
  session(accessToken: string): Promise<PeerSession | undefined>
}

export interface ListeningPeer {
  baseUrl: string
  tokenRequests: TokenRequest[]
  stop(): Promise<void>
}

/** @param make gets the base URL, which is known only once the port is */
export async function listenAsPeer(make: (baseUrl: string) => Promise<PeerParts>): Promise<ListeningPeer> {
  const tokenRequests: TokenRequest[] = []
  let parts: PeerParts | undefined
  let baseUrl = ''
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', baseUrl)
    if (url.pathname === PATHS.token) countTokenRequest(request, response, tokenRequests)
    route(parts!, request, response, url).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(500, {'content-type': 'text/plain'})
      response.end(error.message)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  parts = await make(baseUrl)
  return {
    baseUrl,
    tokenRequests,
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function route(parts: PeerParts, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  if (url.pathname === PATHS.authorize) return redirect(response, authorizeTarget(parts, url))
  if (url.pathname === PATHS.callback) return redirect(response, bounceTarget(url))
  if (url.pathname === PATHS.consentGranted) return page(response, 200, 'Done. Go back to the terminal.')
  if (url.pathname === `${PATHS.api}/session`) return handleSession(parts, request, response)
  if (!(await parts.handle(request, response, url))) page(response, 404, 'Not found')
}

/** The service fills in client, scopes and its own registered redirect URI. */
function authorizeTarget({authorizationEndpoint, scope}: PeerParts, url: URL): string {
  const target = new URL(authorizationEndpoint)
  target.search = new URLSearchParams({
    client_id: 'parix',
    response_type: 'code',
    scope,
    redirect_uri: `${url.origin}${PATHS.callback}`,
    ...Object.fromEntries(url.searchParams),
  }).toString()
  return target.href
}

function bounceTarget(url: URL): string {
  const state = url.searchParams.get('state') ?? ''
  const {redirectUri} = JSON.parse(Buffer.from(state, 'base64url').toString()) as CliState
  return `${redirectUri}${url.search}`
}

async function handleSession(parts: PeerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
  const session = token === undefined ? undefined : await parts.session(token)
  const reply =
    session === undefined
      ? {title: 'Unauthorized', status: 401, detail: 'No or bad credential.'}
      : {
          ok: true,
          auth: {
            method: 'oauth',
            ...session,
            organization: {id: 'org_1', name: 'Peer', slug: 'peer', memberRole: 'owner'},
          },
        }
  response.writeHead(session === undefined ? 401 : 200, {'content-type': 'application/json'})
  response.end(JSON.stringify(reply))
}

/** Looks at the form as it goes by: a listener of our own would set it flowing before the server listens. */
function countTokenRequest(request: IncomingMessage, response: ServerResponse, into: TokenRequest[]): void {
  let body = ''
  const emit = request.emit.bind(request)
  request.emit = (event: string, ...values: unknown[]) => {
    if (event === 'data') body += String(values[0])
    return emit(event, ...values)
  }
  response.on('finish', () => {
    into.push({grant: new URLSearchParams(body).get('grant_type') ?? '', status: response.statusCode})
  })
}

export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, {location}).end()
}

export function page(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {'content-type': 'text/html'}).end(`<!doctype html><title>Peer</title>${html}`)
}
