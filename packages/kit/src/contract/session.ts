/** A signed-in person, as stored and as `userinfo` gives it. Everything but `id` may be null. */
export interface User {
  id: string
  email: string | null
  emailVerified: boolean | null
  name: string | null
  image: string | null
}

/** The organization in use. */
export interface Organization {
  id: string | null
  name: string | null
  slug: string | null
  memberRole: string | null
}

/**
 * `session.json`, version 2. Existing installations have this file, and other parix versions read it: the shape is fixed,
 * and fields that we don't know are kept.
 */
export interface SessionFile {
  version: 2
  baseUrl: string
  accessToken: string
  /** ISO 8601, UTC. */
  accessTokenExpiresAt: string
  refreshToken: string | null
  tokenType: string
  scopes: string[]
  createdAt: string
  updatedAt: string
  user: User
  organization: Organization
}

/** `GET /api/v1/session`. The hosted service may send more; every part may be missing. */
export interface SessionAnswer {
  ok?: boolean
  auth?: {
    /** How the caller proved who they are. */
    method?: 'oauth' | 'api_key' | string
    user?: {id?: string; email?: string | null; name?: string | null}
    organization?: Partial<Organization>
    scopes?: string[]
  }
}

/** `GET /api/auth/oauth2/userinfo` (OpenID Connect Core §5.3), with the claims that Parix adds. */
export interface UserinfoAnswer {
  sub: string
  email?: string
  email_verified?: boolean
  name?: string
  picture?: string
  organization_id?: string
  organization_name?: string
  organization_slug?: string
  member_role?: string
}
