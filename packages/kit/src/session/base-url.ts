import {DEFAULT_BASE_URL} from '../contract/index.js'
import {ParixError} from '../errors.js'
import {type BaseUrl, parseBaseUrl} from '../origin.js'
import type {StoredSession} from './session-files.js'
import type {SessionStore} from './store.js'

export interface ResolvedBaseUrl {
  base: BaseUrl
  /** Where it came from. */
  source: 'flag' | 'environment' | 'session' | 'default'
  /** The session in use, where it was read for this. */
  stored?: StoredSession
}

export interface BaseUrlQuestion {
  /** `--base-url`. */
  flag?: string | undefined
  environment: NodeJS.ProcessEnv
  /** Left out by `auth login`: a stale session must not send a new login to an old environment. */
  store?: SessionStore
}

/**
 * `--base-url`, else PARIX_BASE_URL, else the session in use, else the default (service-contract.md, 'Environments'): the
 * precedence of every other setting. With PARIX_API_KEY the session file is not read (threats 3.12).
 *
 * @throws ParixError BAD_INPUT, NOT_SENT, SESSION_DAMAGED
 */
export function resolveBaseUrl({flag, environment, store}: BaseUrlQuestion): ResolvedBaseUrl {
  if (flag !== undefined) return {base: parseBaseUrl(flag), source: 'flag'}
  const variable = environment.PARIX_BASE_URL?.trim()
  if (variable) return {base: parseBaseUrl(variable, 'PARIX_BASE_URL'), source: 'environment'}
  const stored = apiKeyOf(environment) === undefined ? store?.read() : undefined
  if (stored !== undefined) return {base: parseBaseUrl(stored.session.baseUrl), source: 'session', stored}
  return {base: parseBaseUrl(DEFAULT_BASE_URL), source: 'default'}
}

/** PARIX_API_KEY, trimmed; undefined when unset or empty. @throws ParixError BAD_INPUT when a header can't carry it */
export function apiKeyOf(environment: NodeJS.ProcessEnv): string | undefined {
  const key = environment.PARIX_API_KEY?.trim()
  if (!key) return undefined
  if (/^[\x20-\x7e]+$/.test(key)) return key
  throw new ParixError('BAD_INPUT', 'PARIX_API_KEY contains characters that are not allowed in a key.', {
    code: 'bad_api_key',
    hint: 'Copy the key once more, or unset PARIX_API_KEY to use your session.',
  })
}

/** For people: ` (from PARIX_BASE_URL)` where a variable chose the service; empty where that is plain. */
export function describeBaseUrlSource(source: ResolvedBaseUrl['source'] | undefined): string {
  return source === 'environment' ? ' (from PARIX_BASE_URL)' : ''
}
