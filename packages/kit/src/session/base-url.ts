import {DEFAULT_BASE_URL} from '../contract/index.js'
import {type BaseUrl, parseBaseUrl} from '../origin.js'
import {apiKeyOf} from './credentials.js'
import type {SessionStore} from './store.js'

export interface ResolvedBaseUrl {
  base: BaseUrl
  /** Where it came from. */
  source: 'flag' | 'session' | 'environment' | 'default'
}

export interface BaseUrlQuestion {
  /** `--base-url`. */
  flag?: string | undefined
  environment: NodeJS.ProcessEnv
  /** Left out by `auth login`: a stale session must not send a new login to an old environment. */
  store?: SessionStore
}

/**
 * `--base-url`, else the stored session's, else PARIX_BASE_URL, else the default. With PARIX_API_KEY the session file is not read.
 *
 * @throws ParixError BAD_INPUT, NOT_SENT, SESSION_DAMAGED
 */
export function resolveBaseUrl({flag, environment, store}: BaseUrlQuestion): ResolvedBaseUrl {
  if (flag !== undefined) return {base: parseBaseUrl(flag), source: 'flag'}
  const stored = apiKeyOf(environment) === undefined ? store?.read() : undefined
  if (stored !== undefined) return {base: parseBaseUrl(stored.session.baseUrl), source: 'session'}
  const variable = environment.PARIX_BASE_URL?.trim()
  if (variable) return {base: parseBaseUrl(variable), source: 'environment'}
  return {base: parseBaseUrl(DEFAULT_BASE_URL), source: 'default'}
}
