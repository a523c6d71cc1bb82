import {type Organization, PATHS, type User} from '../contract/index.js'
import {isParixError, ParixError} from '../errors.js'
import type {Credential} from '../http.js'
import {type BaseUrl, serviceUrl} from '../origin.js'
import {type Api, createApi} from './client.js'
import {readSession, readUserinfo} from './readers.js'
import type {Reader} from './shape.js'

/** Who is signed in, and the organization that commands act for. */
export interface Profile {
  user: User
  organization: Organization
}

/**
 * The user by userinfo (OpenID Connect Core §5.3), and the current organization by `GET /api/v1/session`, which counts
 * where the two differ. Both are asked at the same time, once.
 *
 * @throws ParixError CREDENTIAL_REFUSED, UNAVAILABLE, and what the credential source throws
 */
export async function fetchProfile(api: Pick<Api, 'json' | 'base'>): Promise<Profile> {
  const [userinfo, session] = await Promise.all([
    ask(api, serviceUrl(api.base, PATHS.userinfo), readUserinfo),
    ask(api, '/session', readSession),
  ])
  const current = session.auth?.organization
  return {
    user: {
      id: userinfo.sub,
      email: userinfo.email ?? null,
      emailVerified: userinfo.email_verified ?? null,
      name: userinfo.name ?? null,
      image: userinfo.picture ?? null,
    },
    organization: {
      id: current?.id ?? userinfo.organization_id ?? null,
      name: current?.name ?? userinfo.organization_name ?? null,
      slug: current?.slug ?? userinfo.organization_slug ?? null,
      memberRole: current?.memberRole ?? userinfo.member_role ?? null,
    },
  }
}

/** As `fetchProfile`, by a token that is not in a session yet. */
export function fetchProfileByToken(
  base: BaseUrl,
  accessToken: string,
  {userAgent}: {userAgent: string},
): Promise<Profile> {
  const credential: Credential = {kind: 'bearer', token: accessToken, issuer: base.url}
  const credentials = {
    kind: 'session' as const,
    current: async () => credential,
    afterRefusal: async () => undefined,
    session: async () => undefined,
  }
  return fetchProfile(createApi({base, credentials, userAgent, say: () => {}}))
}

const PROFILE_BYTES_MAX = 1024 * 1024
const PROFILE_TIMEOUT_MS = 15_000

async function ask<T>(api: Pick<Api, 'json'>, target: string | URL, read: Reader<T>): Promise<T> {
  const limits = {responseBytesMax: PROFILE_BYTES_MAX, responseTimeoutMs: PROFILE_TIMEOUT_MS}
  try {
    return await api.json({method: 'GET', target, retries: 'none', ...limits}, read)
  } catch (error) {
    // Whoever answers with a redirect to elsewhere, such as a captive portal, is not the service.
    if (!isParixError(error) || error.code !== 'redirect_not_followed') throw error
    throw new ParixError('UNAVAILABLE', error.message, error.details)
  }
}
