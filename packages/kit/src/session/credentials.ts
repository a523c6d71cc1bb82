import {ParixError} from '../errors.js'
import type {Credential} from '../http.js'
import {type BaseUrl, baseUrlText} from '../origin.js'
import {cleanLine} from '../text.js'
import {apiKeyOf, describeBaseUrlSource, type ResolvedBaseUrl} from './base-url.js'
import {noSessionAt} from './choose-session.js'
import {freshSession, isStale, type RefreshWorld} from './refresh.js'
import {loginCommand} from './session-errors.js'
import {type SessionRef, sessionText} from './session-identity.js'
import type {Session} from './session-schema.js'
import type {SessionStore} from './store.js'

export interface CredentialSource {
  /** Whether PARIX_API_KEY is used in place of a session. */
  readonly kind: 'apiKey' | 'session'
  /** What to send now; a session's token within 60 s of its expiry is refreshed first. @throws ParixError NOT_SIGNED_IN, SESSION_ENDED, … */
  current(): Promise<Credential>
  /** After a 401: what to try once more, or undefined where there is nothing else (an API key). */
  afterRefusal(refused: Credential): Promise<Credential | undefined>
  /** The session behind it, refreshed where due; undefined with an API key. */
  session(): Promise<Session | undefined>
  /** The same as it is stored, undefined also where there is none. @throws ParixError SESSION_DAMAGED */
  stored?(): Session | undefined
}

export interface CredentialOptions {
  base: BaseUrl
  /** Where the base URL came from, named where nobody is signed in there. */
  source?: ResolvedBaseUrl['source']
  store: SessionStore
  /** The session to use, where it has been read to find the base URL or by the organization; else the one in use at `base`. */
  stored?: Session | undefined
  environment: NodeJS.ProcessEnv
  userAgent: string
  say: (text: string) => void
  now?: () => number
}

/** PARIX_API_KEY if set, else the session of the base URL's origin (threats 3.4, 3.12–3.15, 5.2, 5.16). */
export function createCredentialSource(options: CredentialOptions): CredentialSource {
  const key = apiKeyOf(options.environment)
  return key === undefined ? sessionSource(options) : apiKeySource(key, options.base)
}

function apiKeySource(key: string, base: BaseUrl): CredentialSource {
  return {
    kind: 'apiKey',
    current: async () => ({kind: 'apiKey', key, issuer: base.url}),
    afterRefusal: async () => undefined,
    session: async () => undefined,
    stored: () => undefined,
  }
}

/**
 * The file is read anew for each request, so that a long-running command sees what others stored (threats 5.26); requests that
 * are made at the same time share what was read, and the first ones use what was read to find the base URL. Whose session it is
 * stays the same to the end: another one that is in use by then may be of another organization.
 */
function sessionSource(options: CredentialOptions): CredentialSource {
  const {base, store, now = Date.now} = options
  const world = refreshWorld(options, now)
  let read = options.stored
  let ref: SessionRef = options.stored ?? base.origin
  const look = (): Session | undefined => {
    const stored = read ?? store.read(ref)?.session
    if (stored !== undefined) ref = stored
    return stored
  }
  let reading: Promise<Session> | undefined
  let pending: Promise<Session> | undefined
  // Twenty requests of one process that find the token stale make one refresh.
  const fresh = (refused?: string): Promise<Session> => {
    pending ??= freshSession(world, ref, refused).finally(() => {
      pending = undefined
    })
    return pending
  }
  const readOrRefresh = async (): Promise<Session> => {
    const stored = look()
    read = undefined
    if (stored === undefined) throw noSession(options, ref)
    return isStale(stored, now()) ? fresh() : stored
  }
  const session = (): Promise<Session> => {
    reading ??= readOrRefresh().finally(() => {
      reading = undefined
    })
    return reading
  }
  return {
    kind: 'session',
    session,
    stored: look,
    current: async () => bearer(await session()),
    afterRefusal: async (refused) => (refused.kind === 'bearer' ? bearer(await fresh(refused.token)) : undefined),
  }
}

function noSession({base, store, source}: CredentialOptions, ref: SessionRef): ParixError {
  if (typeof ref === 'string') return noSessionAt(store, base, describeBaseUrlSource(source))
  const message = `The session that this command began with is gone: ${cleanLine(sessionText(ref))} at ${baseUrlText(base)}.`
  return new ParixError('NOT_SIGNED_IN', message, {code: 'session_gone', next: loginCommand(base.url.href)})
}

function refreshWorld({store, say, userAgent}: CredentialOptions, now: () => number): RefreshWorld {
  return {
    store,
    say,
    now,
    refresh: async (base, refreshToken) => {
      const {refreshTokens} = await import('../oauth/index.js')
      return refreshTokens(base, refreshToken, {userAgent, now})
    },
  }
}

function bearer({accessToken, baseUrl}: Session): Credential {
  return {kind: 'bearer', token: accessToken, issuer: new URL(baseUrl)}
}
