import {type Api, createApi} from './api/index.js'
import {DEFAULT_BASE_URL} from './contract/index.js'
import type {ServiceInPrint} from './next-command.js'
import {type BaseUrl, originKey} from './origin.js'
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
  const {base: resolved, source, stored} = resolveBaseUrl({flag: options.baseUrlFlag, environment, store})
  const base = {...resolved, inPrint: inPrint(resolved, source, environment, store)}
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

/**
 * What people and printed commands need to know of a service. A flag is always repeated. PARIX_BASE_URL may have been set
 * for one command only, so it is repeated where the session in use is of another service. Read when a command is printed.
 */
export function inPrint(
  base: BaseUrl,
  source: ResolvedBaseUrl['source'],
  environment: NodeJS.ProcessEnv,
  store: SessionStore,
): ServiceInPrint {
  const text = base.url.href.replace(/\/+$/, '')
  const isElsewhere = (other: string | undefined) => other !== undefined && originKey(new URL(other)) !== base.origin
  return {
    get flag() {
      if (source === 'flag') return text
      return source === 'environment' && isElsewhere(sessionInUse(environment, store)) ? text : undefined
    },
    get organization() {
      return organizationAt(base, environment, store)
    },
    get loginFlag() {
      const byItself = (environment.PARIX_BASE_URL?.trim() || DEFAULT_BASE_URL).replace(/\/+$/, '')
      return source === 'flag' || byItself !== text ? text : undefined
    },
  }
}

/** A key may belong to any organization: only a session says which one. */
function organizationAt(base: BaseUrl, environment: NodeJS.ProcessEnv, store: SessionStore): string | undefined {
  if (environment.PARIX_API_KEY?.trim()) return undefined
  try {
    const {name, slug, id} = store.read(base.origin)?.session.organization ?? {}
    return name || slug || id || undefined
  } catch {
    return undefined
  }
}

/** With an API key no session is used, so none is looked at (threats 3.12). A damaged one is used by nobody. */
function sessionInUse(environment: NodeJS.ProcessEnv, store: SessionStore): string | undefined {
  if (environment.PARIX_API_KEY?.trim()) return undefined
  try {
    return store.read()?.session.baseUrl
  } catch {
    return undefined
  }
}
