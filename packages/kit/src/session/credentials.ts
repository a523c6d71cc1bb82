import type {Credential} from '../http.js'
import type {BaseUrl} from '../origin.js'
import type {Session, SessionStore} from './store.js'

export interface CredentialSource {
  /** Whether PARIX_API_KEY is used in place of a session. */
  readonly kind: 'apiKey' | 'session'
  /** What to send now; a session's token within 60 s of its expiry is refreshed first. @throws ParixError NOT_SIGNED_IN, SESSION_ENDED, … */
  current(): Promise<Credential>
  /** After a 401: what to try once more, or undefined where there is nothing else (an API key). */
  afterRefusal(refused: Credential): Promise<Credential | undefined>
  /** The session behind it, refreshed where due; undefined with an API key. */
  session(): Promise<Session | undefined>
}

export interface CredentialOptions {
  base: BaseUrl
  store: SessionStore
  environment: NodeJS.ProcessEnv
  userAgent: string
  say: (text: string) => void
  now?: () => number
}

/** PARIX_API_KEY, trimmed; undefined when unset or blank. @throws ParixError BAD_INPUT when it holds control characters */
export function apiKeyOf(_environment: NodeJS.ProcessEnv): string | undefined {
  throw new Error('being written')
}

/** PARIX_API_KEY if set, else the session of the base URL's origin (auth-threats 3.4, 3.12–3.15, 5.2, 5.16). */
export function createCredentialSource(_options: CredentialOptions): CredentialSource {
  throw new Error('being written')
}
