/** Where Parix is, when nothing says otherwise. */
export const DEFAULT_BASE_URL = 'https://parix.io'

/** Where `parix local start` listens unless told otherwise. */
export const LOCAL_PORT = 5173

/** The first-party public OAuth client: no secret, PKCE S256 always. */
export const CLIENT_ID = 'parix'

/** What `auth login` asks for; the service may grant less. */
export const SCOPES = [
  'openid',
  'profile',
  'email',
  'offline_access',
  'org:read',
  'db:read',
  'db:write',
  'billing:read',
] as const

/** Paths under the base URL. A base URL may have a path of its own, which stays in front. */
export const PATHS = {
  authorize: '/api/oauth/cli/authorize',
  callback: '/api/oauth/cli/callback',
  consentGranted: '/cli-oauth-consent-granted',
  token: '/api/auth/oauth2/token',
  userinfo: '/api/auth/oauth2/userinfo',
  issuer: '/api/auth',
  discovery: '/api/auth/.well-known/openid-configuration',
  api: '/api/v1',
  apiKeys: '/settings/api-keys',
} as const

/** The header that carries an API key. */
export const API_KEY_HEADER = 'x-api-key'

/** What the CLI's own callback listener answers to, on 127.0.0.1. */
export const LOOPBACK_CALLBACK_PATH = '/callback'

/** What `state` holds, as base64url of JSON: the service reads `redirectUri` to know where to bounce the browser. */
export interface CliState {
  nonce: string
  redirectUri: string
}
