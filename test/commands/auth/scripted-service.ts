import {PATHS} from '@parix/kit/contract'
import type {RecordingService} from '@parix/testkit'

export const ADA = {
  sub: 'user_ada',
  email: 'ada@example.com',
  email_verified: true,
  name: 'Ada',
  organization_id: 'org_engines',
  organization_name: 'Analytical Engines',
  organization_slug: 'engines',
  member_role: 'owner',
}

export const GRACE = {
  ...ADA,
  sub: 'user_grace',
  email: 'grace@example.com',
  name: 'Grace',
  organization_id: 'org_navy',
  organization_name: 'Navy',
}

/** Secrets that may appear in no output but that of `auth token`. */
export const SECRETS = {accessToken: 'secret-access-token', refreshToken: 'secret-refresh-token', code: 'secret-code'}

export const TOKEN_ANSWER = {
  access_token: SECRETS.accessToken,
  refresh_token: SECRETS.refreshToken,
  token_type: 'Bearer',
  expires_in: 3600,
  scope: 'openid profile email offline_access org:read db:read db:write billing:read',
}

/** Scripts what a sign-in of `who` needs; no discovery document, so nothing optional is offered. */
export function scriptSignIn(service: RecordingService, who: typeof ADA = ADA): RecordingService {
  return service
    .answer('GET', PATHS.discovery, {status: 404})
    .answer('POST', PATHS.token, {json: TOKEN_ANSWER})
    .answer('GET', PATHS.userinfo, {json: who})
    .answer('GET', `${PATHS.api}/session`, {
      json: {
        ok: true,
        auth: {
          organization: {
            id: who.organization_id,
            name: who.organization_name,
            slug: who.organization_slug,
            memberRole: who.member_role,
          },
        },
      },
    })
}

/** Scripts a discovery document with `more` on top; what it names is for the caller to script. */
export function scriptDiscovery(service: RecordingService, more: Record<string, unknown>): RecordingService {
  return service.answer('GET', PATHS.discovery, {
    json: {
      issuer: service.baseUrl + PATHS.issuer,
      authorization_endpoint: service.baseUrl + PATHS.authorize,
      token_endpoint: service.baseUrl + PATHS.token,
      userinfo_endpoint: service.baseUrl + PATHS.userinfo,
      ...more,
    },
  })
}
