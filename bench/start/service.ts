import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'

const DATABASE = {
  id: 'db_1',
  name: 'books',
  provider: 'gcp',
  region: 'us-central1',
  status: 'READY',
  createdAt: '2026-01-02T03:04:05.000Z',
  updatedAt: '2026-01-02T03:04:05.000Z',
}
const USER = {id: 'user_1', email: 'ada@example.com', emailVerified: true, name: 'Ada', image: null}
const ORGANIZATION = {id: 'org_1', name: 'Analytical Engines', slug: 'engines', memberRole: 'owner'}
const ACCOUNT = {
  id: '1',
  debits_pending: '0',
  debits_posted: '0',
  credits_pending: '0',
  credits_posted: '500',
  user_data_128: '0',
  user_data_64: '0',
  user_data_32: 0,
  ledger: 700,
  code: 10,
  flags: 0,
  timestamp: '1767323045000000000',
}
const ANSWERS: Record<string, unknown> = {
  'GET /api/v1/session': {ok: true, auth: {user: USER, organization: ORGANIZATION}},
  'GET /api/v1/databases': {ok: true, databases: [DATABASE]},
  'GET /api/v1/databases/db_1': {ok: true, database: DATABASE, profile: {id: 'p_1', status: 'READY'}},
  'GET /api/auth/oauth2/userinfo': {sub: USER.id, email: USER.email, email_verified: true, name: USER.name},
  'POST /api/v1/databases/db_1/tb/lookup_accounts': {
    ok: true,
    operation: 'lookup_accounts',
    databaseId: 'db_1',
    databaseName: 'books',
    mode: 'live',
    persisted: true,
    message: 'done',
    requestPayload: ['1'],
    responsePayload: [ACCOUNT],
  },
}

/** A service on loopback that answers what the measured commands ask, at once. */
export async function startService(): Promise<{baseUrl: string; server: Server}> {
  const server = createServer((request, response) => {
    const answer = ANSWERS[`${request.method} ${request.url?.split('?')[0]}`]
    request.resume()
    response.writeHead(answer === undefined ? 404 : 200, {'content-type': 'application/json'})
    response.end(JSON.stringify(answer ?? {status: 404, title: 'not found'}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server}
}

/** A session of that service, as `parix auth login` leaves it. */
export function session(baseUrl: string): string {
  return JSON.stringify({
    version: 2,
    baseUrl,
    accessToken: 'access-token',
    accessTokenExpiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    refreshToken: 'refresh-token',
    tokenType: 'Bearer',
    scopes: ['openid', 'profile', 'email', 'offline_access', 'org:read', 'db:read', 'db:write', 'billing:read'],
    createdAt: '2026-01-02T03:04:05.000Z',
    updatedAt: '2026-01-02T03:04:05.000Z',
    user: USER,
    organization: ORGANIZATION,
  })
}
