import type {BaseUrl} from '../origin.js'
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
export function resolveBaseUrl(_question: BaseUrlQuestion): ResolvedBaseUrl {
  throw new Error('being written')
}
