import type {Organization, User} from '../contract/index.js'
import type {BaseUrl} from '../origin.js'

/** What every call here needs from outside. */
export interface OAuthWorld {
  userAgent: string
  environment: NodeJS.ProcessEnv
  now?: () => number
  signal?: AbortSignal
}

/** Tokens as the service gave them. */
export interface Tokens {
  accessToken: string
  tokenType: string
  /** ISO 8601, UTC; five minutes from now where the service did not say. */
  accessTokenExpiresAt: string
  /** Undefined: the service gave none (on a refresh the old one stays). */
  refreshToken: string | undefined
  /** Undefined: not said. */
  scopes: string[] | undefined
}

/** Optional endpoints, only those on the base's own origin (auth-threats 2.14, 2.15). */
export interface Discovered {
  revocationEndpoint?: URL
  deviceAuthorizationEndpoint?: URL
  /** Sentences about what was left out, such as an endpoint on another origin. */
  ignored: string[]
}

export interface AuthorizationRequest {
  url: URL
  state: string
  codeVerifier: string
}

/** New verifier and state for one attempt; the browser goes to `url`. */
export async function authorizationRequest(
  _base: BaseUrl,
  _options: {redirectUri: string; prompt?: string},
): Promise<AuthorizationRequest> {
  throw new Error('being written')
}

/** @param callback the URL that the loopback was called with (its query counts) @throws ParixError */
export async function exchangeCode(
  _base: BaseUrl,
  _options: {callback: URL; state: string; codeVerifier: string},
  _world: OAuthWorld,
): Promise<Tokens> {
  throw new Error('being written')
}

/** @throws ParixError; code `invalid_grant` alone means that the session is over */
export async function refreshTokens(_base: BaseUrl, _refreshToken: string, _world: OAuthWorld): Promise<Tokens> {
  throw new Error('being written')
}

/** userinfo, and the organization in force by `GET /api/v1/session`. */
export async function fetchProfile(
  _base: BaseUrl,
  _accessToken: string,
  _world: OAuthWorld,
): Promise<{user: User; organization: Organization}> {
  throw new Error('being written')
}

/** Never throws for a missing or unusable document: then nothing optional is offered. */
export async function discover(_base: BaseUrl, _world: OAuthWorld): Promise<Discovered> {
  throw new Error('being written')
}

/** @throws ParixError when the service did not confirm within `timeoutMs` */
export async function revoke(
  _base: BaseUrl,
  _endpoint: URL,
  _refreshToken: string,
  _options: {timeoutMs: number},
  _world: OAuthWorld,
): Promise<void> {
  throw new Error('being written')
}

export interface DeviceLogin {
  userCode: string
  verificationUri: URL
  verificationUriComplete: URL | undefined
  /** Whether the page is on the base's own origin and encrypted: only then may it be opened without asking (9.8). */
  openable: boolean
  expiresInSeconds: number
  /** Waits until the person has answered. @throws ParixError */
  wait(): Promise<Tokens>
}

export async function startDevice(_base: BaseUrl, _endpoint: URL, _world: OAuthWorld): Promise<DeviceLogin> {
  throw new Error('being written')
}
