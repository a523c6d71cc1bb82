import {randomBytes} from 'node:crypto'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {CLIENT_ID, PATHS, SCOPES} from '@parix/kit/contract'
import {listenAsPeer, type Peer, type PeerParts, page, redirect} from './peer.js'

const USER = {email: 'ada@peer.example', password: 'only for tests', name: 'Ada Peer'}
const SIGN_IN = '/peer/sign-in'
const CONSENT = '/peer/consent'

/**
 * Better Auth 1.6 with its old `oidcProvider` plugin, as a hosted service may still run it: its issuer has no path, its
 * callback no `iss`, the token endpoint answers 401 to invalid_grant, there is no revocation, and old refresh tokens live on.
 */
export async function startBetterAuth16(): Promise<Peer> {
  const listening = await listenAsPeer(makeParts)
  return {
    name: 'better-auth 1.6',
    ...listening,
    approve: async (browser, url) => {
      let current = await browser.open(url)
      if (new URL(current.url).pathname === SIGN_IN) current = await current.press(/sign in/i)
      return current.press(/allow/i)
    },
  }
}

interface StoredToken {
  accessToken: string
  accessTokenExpiresAt: Date
  userId: string
  scopes: string
}

async function makeParts(baseUrl: string): Promise<PeerParts> {
  const tables: Record<string, Record<string, unknown>[]> = {}
  const auth = await makeAuth(baseUrl, tables)
  // The memory adapter wants its tables to be there.
  for (const {modelName} of Object.values((await auth.$context).tables)) tables[modelName] ??= []
  await auth.api.signUpEmail({body: USER})
  const call = (path: string, init: RequestInit) => auth.handler(new Request(`${baseUrl}${PATHS.issuer}${path}`, init))
  return {
    authorizationEndpoint: `${baseUrl}${PATHS.issuer}/oauth2/authorize`,
    scope: SCOPES.join(' '),
    handle: async (request, response, url) => {
      const body = request.method === 'POST' ? await read(request) : undefined
      const json = (value: unknown): RequestInit => ({
        method: 'POST',
        headers: jsonHeaders(request, baseUrl),
        body: JSON.stringify(value),
      })
      if (url.pathname.startsWith(`${PATHS.issuer}/`)) {
        const headers = new Headers(request.headers as Record<string, string>)
        await pass(
          await auth.handler(new Request(url, {method: request.method ?? 'GET', headers, ...(body && {body})})),
          response,
        )
      } else if (url.pathname === SIGN_IN && body === undefined) {
        page(response, 200, '<form method="post"><button>Sign in</button></form>')
      } else if (url.pathname === SIGN_IN) {
        await pass(await call('/sign-in/email', json(USER)), response)
      } else if (url.pathname === CONSENT && body === undefined) {
        const code = url.searchParams.get('consent_code') ?? ''
        page(
          response,
          200,
          `<form method="post"><input type="hidden" name="code" value="${code}"><button>Allow</button></form>`,
        )
      } else if (url.pathname === CONSENT) {
        const code = new URLSearchParams(String(body)).get('code')
        const reply = await call('/oauth2/consent', json({accept: true, consent_code: code}))
        redirect(response, ((await reply.json()) as {redirectURI: string}).redirectURI)
      } else return false
      return true
    },
    session: async (accessToken) => {
      const found = (tables.oauthAccessToken as unknown as StoredToken[]).find((row) => row.accessToken === accessToken)
      if (found === undefined || found.accessTokenExpiresAt.getTime() < Date.now()) return undefined
      return {user: {id: found.userId, email: USER.email}, scopes: found.scopes.split(' ')}
    },
  }
}

async function makeAuth(baseUrl: string, tables: Record<string, Record<string, unknown>[]>) {
  const [{betterAuth}, {memoryAdapter}, {oidcProvider}, {jwt}] = await Promise.all([
    import('better-auth-1-6'),
    import('better-auth-1-6/adapters/memory'),
    import('better-auth-1-6/plugins/oidc-provider'),
    import('better-auth-1-6/plugins/jwt'),
  ])
  return betterAuth({
    secret: randomBytes(32).toString('hex'),
    baseURL: baseUrl,
    basePath: PATHS.issuer,
    database: memoryAdapter(tables),
    emailAndPassword: {enabled: true},
    rateLimit: {enabled: false},
    telemetry: {enabled: false},
    disabledPaths: ['/token'],
    plugins: [
      jwt(),
      oidcProvider({
        // Without the jwt plugin its token endpoint answers 500 to a client without a secret.
        useJWTPlugin: true,
        requirePKCE: true,
        loginPage: SIGN_IN,
        consentPage: CONSENT,
        scopes: [...SCOPES],
        __skipDeprecationWarning: true,
        trustedClients: [
          {
            clientId: CLIENT_ID,
            name: 'Parix CLI',
            type: 'public',
            redirectUrls: [`${baseUrl}${PATHS.callback}`],
            disabled: false,
            skipConsent: false,
            metadata: null,
          },
        ],
      }),
    ],
  })
}

function jsonHeaders(request: IncomingMessage, origin: string): Record<string, string> {
  return {'content-type': 'application/json', origin, cookie: request.headers.cookie ?? ''}
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Better Auth's answer, with each of its cookies in a header of its own. */
async function pass(reply: Response, response: ServerResponse): Promise<void> {
  const headers: Record<string, string | string[]> = Object.fromEntries(reply.headers)
  headers['set-cookie'] = reply.headers.getSetCookie()
  response.writeHead(reply.status, headers).end(Buffer.from(await reply.arrayBuffer()))
}
