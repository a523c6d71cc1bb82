import type {Organization, SessionResponse, User} from '@parix/kit/contract'
import {isParixError, type ParixError} from '@parix/kit/errors'
import type {BaseUrl} from '@parix/kit/origin'
import type {Details} from '@parix/kit/output'
import {
  type CredentialSource,
  describeBaseUrlSource,
  noSessionAt,
  type ResolvedBaseUrl,
  type SessionStore,
  type StoredSession,
  type WantedOrganization,
} from '@parix/kit/session'
import {organizationText, personText, type SessionSummary, summarize, summaryDetails} from './sessions.js'

/** What `auth status --json` prints. */
export type Status = SessionStatus | ApiKeyStatus

/** Whether the service was asked, and if not, why. */
interface Check {
  checked: boolean
  problem?: string
  /** What chose the service: `--base-url`, PARIX_BASE_URL, the session in use, or nothing of these. */
  baseUrlSource: ResolvedBaseUrl['source']
  /** What chose the session at this service: `--organization`, PARIX_ORGANIZATION, or that it is the one in use there. */
  organizationSource: WantedOrganization['source'] | 'session'
}

export interface SessionStatus extends SessionSummary, Check {
  credential: 'session'
}

export interface ApiKeyStatus extends Check {
  credential: 'apiKey'
  baseUrl: string
  /** `…` and the last four characters. */
  apiKey: string
  user?: Partial<User>
  organization?: Partial<Organization>
  scopes?: string[]
}

type Profile = Pick<SessionSummary, 'user' | 'organization'>

export interface StatusWorld {
  base: BaseUrl
  source: ResolvedBaseUrl['source']
  wanted: WantedOrganization | undefined
  store: Pick<SessionStore, 'read' | 'list' | 'updateProfile'>
  /** The session, where it has been read already. */
  stored?: StoredSession | undefined
  credentials: CredentialSource
  /** Who is signed in; a refused token has been refreshed once (threats 5.16). */
  fetchProfile(): Promise<Profile>
  warn(text: string): void
  /** `GET /api/v1/session`. */
  fetchSession(): Promise<SessionResponse>
}

/**
 * Who is signed in, as the service says now. Where it can't be reached, what is stored, with `checked: false`.
 * @throws ParixError NOT_SIGNED_IN, SESSION_ENDED, SESSION_DAMAGED, CREDENTIAL_REFUSED
 */
export async function readStatus(world: StatusWorld): Promise<Status> {
  return world.credentials.kind === 'apiKey' ? apiKeyStatus(world) : sessionStatus(world)
}

async function sessionStatus(world: StatusWorld): Promise<SessionStatus> {
  const {base, source, wanted, store} = world
  const sources = {baseUrlSource: source, organizationSource: wanted?.source ?? ('session' as const)}
  const stored = world.stored ?? store.read(base.origin)
  if (stored === undefined)
    throw noSessionAt(store, base, describeBaseUrlSource(source), base.url.href.replace(/\/+$/, ''))
  let profile: Profile
  try {
    profile = await world.fetchProfile()
  } catch (error) {
    const problem = unreachable(error).message
    return {credential: 'session', ...summarize(stored), ...sources, checked: false, problem}
  }
  const now = await store.updateProfile(stored.session, profile).catch((error: Error) => {
    world.warn(`The profile could not be stored: ${error.message}`)
    return store.read(stored.session)
  })
  return {credential: 'session', ...summarize(now ?? stored), ...profile, ...sources, checked: true}
}

async function apiKeyStatus({base, source, wanted, credentials, fetchSession}: StatusWorld): Promise<ApiKeyStatus> {
  const credential = await credentials.current()
  const key = credential.kind === 'apiKey' ? credential.key : ''
  const known = {
    credential: 'apiKey' as const,
    baseUrl: base.url.href.replace(/\/$/, ''),
    apiKey: `…${lastFour(key)}`,
    baseUrlSource: source,
    organizationSource: wanted?.source ?? ('session' as const),
  }
  try {
    const {auth = {}} = await fetchSession()
    return {
      ...known,
      ...(auth.user && {user: auth.user}),
      ...(auth.organization && {organization: auth.organization}),
      ...(auth.scopes && {scopes: auth.scopes}),
      checked: true,
    }
  } catch (error) {
    return {...known, checked: false, problem: unreachable(error).message}
  }
}

/** Of a key that is hardly longer, nothing. */
function lastFour(key: string): string {
  return key.length >= 12 ? key.slice(-4) : ''
}

/** @throws what was thrown, unless it means that the service could not be asked */
function unreachable(error: unknown): ParixError {
  if (isParixError(error) && (error.kind === 'UNAVAILABLE' || error.kind === 'OUTCOME_UNKNOWN')) return error
  throw error
}

/** The setting that chose the service, for people. */
const CHOSEN_BY: Record<ResolvedBaseUrl['source'], string> = {
  flag: 'chosen by --base-url',
  environment: 'chosen by PARIX_BASE_URL',
  session: 'the session in use (parix auth list)',
  default: 'the default',
}

const CHOSEN_ORGANIZATION: Record<Check['organizationSource'], string | undefined> = {
  flag: 'chosen by --organization',
  environment: 'chosen by PARIX_ORGANIZATION',
  session: undefined,
}

/** The human form. */
export function statusView(status: Status, now: number): Details {
  const checked: Details['details'][number] = [
    'checked',
    status.checked ? 'yes, with the service' : `no, this is what is stored here. ${status.problem}`,
  ]
  if (status.credential === 'session') {
    const chosen = CHOSEN_ORGANIZATION[status.organizationSource]
    const session = chosen ?? (status.active ? undefined : 'the one in use at this service')
    const rows: Details['details'] = [['service', CHOSEN_BY[status.baseUrlSource]], ['session', session], checked]
    return {details: [...summaryDetails(status, now), ...rows]}
  }
  const {user, organization} = status
  return {
    details: [
      ['base URL', status.baseUrl],
      ['service', CHOSEN_BY[status.baseUrlSource]],
      ['API key', `${status.apiKey}, from PARIX_API_KEY; no session is used`],
      ['user', user && personText({id: user.id ?? '', name: user.name ?? null, email: user.email ?? null})],
      ['organization', organization && organizationText({...NO_ORGANIZATION, ...organization})],
      ['scopes', status.scopes?.join(' ')],
      checked,
    ],
  }
}

const NO_ORGANIZATION: Organization = {id: null, name: null, slug: null, memberRole: null}
