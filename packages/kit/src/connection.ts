import {type Api, createApi} from './api/index.js'
import {DEFAULT_BASE_URL} from './contract/index.js'
import type {ServiceInPrint} from './next-command.js'
import {type BaseUrl, originKey} from './origin.js'
import type {Terminal} from './output/index.js'
import {
  apiKeyOf,
  type CredentialSource,
  chooseSession,
  createCredentialSource,
  forOrganization,
  isSameSession,
  openSessionStore,
  type ResolvedBaseUrl,
  resolveBaseUrl,
  type SessionStore,
  type StoredSession,
  sessionSelector,
  type WantedOrganization,
  wantedOrganization,
} from './session/index.js'

/** What a command needs to talk to the service: where it is, who we are there, and the client that puts both together. */
export interface Connection {
  base: BaseUrl
  /** Where the base URL came from: a flag, the environment, the session in use, or the default. */
  source: ResolvedBaseUrl['source']
  /** The organization that was asked for. */
  wanted: WantedOrganization | undefined
  /** The session to use, where it was read to find the base URL, or by the organization. */
  stored: StoredSession | undefined
  store: SessionStore
  credentials: CredentialSource
  api: Api
}

export interface ConnectionOptions {
  baseUrlFlag: string | undefined
  organizationFlag: string | undefined
  environment: NodeJS.ProcessEnv
  /** `parix/VERSION`. */
  userAgent: string
  terminal: Pick<Terminal, 'say' | 'warn' | 'waiting'>
  debug: (line: string) => void
}

/**
 * Opens nothing on the network: the first request does. A session is read only where it is needed to find the base URL, or by
 * the organization that was asked for.
 *
 * @throws ParixError BAD_INPUT for a base URL that can't be used and an organization that means several sessions, NOT_SIGNED_IN
 *   for one that means none, SESSION_DAMAGED
 */
export function connect(options: ConnectionOptions): Connection {
  const {environment, userAgent, terminal, debug} = options
  const store = openSessionStore({environment, say: terminal.warn})
  const resolved = resolveBaseUrl({flag: options.baseUrlFlag, environment, store})
  const {source} = resolved
  const wanted = wantedOrganization(options.organizationFlag, environment)
  const hasKey = apiKeyOf(environment) !== undefined
  const chosen = wanted === undefined || hasKey ? undefined : chooseSession(store, resolved.base, wanted)
  const stored = chosen ?? resolved.stored
  const shared = {store, environment, userAgent, say: terminal.say}
  const plain = createCredentialSource({...shared, base: resolved.base, source, stored: stored?.session})
  const credentials = wanted === undefined ? plain : forOrganization(plain, resolved.base, wanted, userAgent)
  const base = {...resolved.base, inPrint: inPrint(resolved.base, source, {environment, store, wanted, credentials})}
  const api = createApi({base, credentials, userAgent, say: terminal.say, debug, waiting: terminal.waiting})
  return {base, source, wanted, stored, store, credentials, api}
}

interface PrintWorld {
  environment: NodeJS.ProcessEnv
  store: SessionStore
  wanted: WantedOrganization | undefined
  credentials: Pick<CredentialSource, 'stored'>
}

/**
 * What people and printed commands need to know of a service. A flag is always repeated. A variable may have been set for one
 * command only, so it is repeated where the session in use is another one. Read when a command is printed.
 */
export function inPrint(base: BaseUrl, source: ResolvedBaseUrl['source'], world: PrintWorld): ServiceInPrint {
  const {environment, store, wanted} = world
  const text = base.url.href.replace(/\/+$/, '')
  const isElsewhere = (other: string | undefined) => other !== undefined && originKey(new URL(other)) !== base.origin
  // A damaged session is used by nobody.
  const used = () => orUndefined(() => world.credentials.stored?.())
  return {
    get flag() {
      if (source === 'flag') return text
      return source !== 'default' && isElsewhere(sessionInUse(environment, store)) ? text : undefined
    },
    get organizationFlag() {
      if (wanted?.source === 'flag') return wanted.text
      const session = used()
      if (session === undefined) return undefined
      const inUse = orUndefined(() => store.read(base.origin)?.session)
      return inUse && isSameSession(inUse, session) ? undefined : (wanted?.text ?? sessionSelector(session))
    },
    get organization() {
      const {name, slug, id} = used()?.organization ?? {}
      return name || slug || id || undefined
    },
    get organizationId() {
      return used()?.organization.id ?? undefined
    },
    get loginFlag() {
      const byItself = (environment.PARIX_BASE_URL?.trim() || DEFAULT_BASE_URL).replace(/\/+$/, '')
      return source === 'flag' || byItself !== text ? text : undefined
    },
  }
}

/** With an API key no session is used, so none is looked at (threats 3.12). */
function sessionInUse(environment: NodeJS.ProcessEnv, store: SessionStore): string | undefined {
  if (environment.PARIX_API_KEY?.trim()) return undefined
  return orUndefined(() => store.read()?.session.baseUrl)
}

function orUndefined<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
