import type {SessionFile} from '@parix/kit/contract'

/** A session as existing installations have it; overrides go in on top. Valid for an hour unless they say otherwise. */
export function sessionFile(overrides: Partial<SessionFile> & Record<string, unknown> = {}): SessionFile {
  return {
    version: 2,
    baseUrl: 'https://parix.io',
    accessToken: 'access-token-1',
    accessTokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    refreshToken: 'refresh-token-1',
    tokenType: 'Bearer',
    scopes: ['openid', 'profile', 'email', 'offline_access', 'org:read', 'db:read', 'db:write', 'billing:read'],
    createdAt: '2026-01-02T03:04:05.000Z',
    updatedAt: '2026-01-02T03:04:05.000Z',
    user: {id: 'user_1', email: 'ada@example.com', emailVerified: true, name: 'Ada', image: null},
    organization: {id: 'org_1', name: 'Analytical Engines', slug: 'engines', memberRole: 'owner'},
    ...overrides,
  }
}

/** ISO time of a token that expired a minute ago. */
export function expired(): string {
  return new Date(Date.now() - 60_000).toISOString()
}
