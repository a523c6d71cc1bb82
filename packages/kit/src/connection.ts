import {type Api, createApi} from './api/index.js'
import type {BaseUrl} from './origin.js'
import type {Terminal} from './output/index.js'
import {
  type CredentialSource,
  createCredentialSource,
  openSessionStore,
  type ResolvedBaseUrl,
  resolveBaseUrl,
  type SessionStore,
  type StoredSession,
} from './session/index.js'

/** What a command needs to talk to the service: where it is, who we are there, and the client that puts both together. */
export interface Connection {
  base: BaseUrl
  /** Where the base URL came from: a flag, the environment, the session in use, or the default. */
  source: ResolvedBaseUrl['source']
  /** The session in use, where it was read to find the base URL. */
  stored: StoredSession | undefined
  store: SessionStore
  credentials: CredentialSource
  api: Api
}

export interface ConnectionOptions {
  baseUrlFlag: string | undefined
  environment: NodeJS.ProcessEnv
  /** `parix/VERSION`. */
  userAgent: string
  terminal: Pick<Terminal, 'say' | 'warn' | 'waiting'>
  debug: (line: string) => void
}

/**
 * Opens nothing on the network: the first request does. A session is read only where it is needed to find the base URL.
 *
 * @throws ParixError BAD_INPUT for a base URL that can't be used, SESSION_DAMAGED
 */
export function connect(options: ConnectionOptions): Connection {
  const {environment, userAgent, terminal, debug} = options
  const store = openSessionStore({environment, say: terminal.warn})
  const {base, source, stored} = resolveBaseUrl({flag: options.baseUrlFlag, environment, store})
  const credentials = createCredentialSource({
    base,
    source,
    store,
    stored: stored?.session,
    environment,
    userAgent,
    say: terminal.say,
  })
  const api = createApi({base, credentials, userAgent, say: terminal.say, debug, waiting: terminal.waiting})
  return {base, source, stored, store, credentials, api}
}
