import {isParixError, ParixError} from '../errors.js'
import {nextCommand} from '../next-command.js'
import {type BaseUrl, baseUrlText} from '../origin.js'
import {cleanLine} from '../text.js'
import {loginCommand, notSignedIn} from './session-errors.js'
import type {StoredSession} from './session-files.js'
import {namedBy, organizationKey, sessionSelector, sessionText} from './session-identity.js'
import type {SessionStore} from './store.js'

/** The organization that was asked for. */
export interface WantedOrganization {
  /** Its slug, name or id, or the e-mail address of who is signed in. */
  text: string
  source: 'flag' | 'environment'
}

const VARIABLE = 'PARIX_ORGANIZATION'

/** `--organization`, else PARIX_ORGANIZATION; undefined where neither says. */
export function wantedOrganization(
  flag: string | undefined,
  environment: NodeJS.ProcessEnv,
): WantedOrganization | undefined {
  if (flag !== undefined) return {text: flag, source: 'flag'}
  const variable = environment[VARIABLE]?.trim()
  return variable ? {text: variable, source: 'environment'} : undefined
}

/** For people: `--organization Acme`. */
export function wantedText({text, source}: WantedOrganization): string {
  return `${source === 'flag' ? '--organization' : `${VARIABLE}=`}${source === 'flag' ? ' ' : ''}${JSON.stringify(text)}`
}

/**
 * The sessions that a text means: by the id of the organization or the person, else by slug, name or e-mail address. Spelled
 * exactly so: `Acme` and `ACME` may be two organizations. Of several people of one organization, the one in use counts.
 */
export function matchingSessions(sessions: readonly StoredSession[], text: string): StoredSession[] {
  const is = namedBy(text)
  const byId = sessions.filter(({session: {user, organization}}) => is.name(organization.id) || is.name(user.id))
  if (byId.length > 0) return oneInUse(byId)
  return oneInUse(
    sessions.filter(
      ({session: {user, organization}}) =>
        is.name(organization.slug) || is.name(organization.name) || is.email(user.email),
    ),
  )
}

function oneInUse(found: StoredSession[]): StoredSession[] {
  const keys = new Set(found.map(({origin, session}) => `${origin} ${organizationKey(session.organization) ?? ''}`))
  const inUse = found.filter(({current}) => current)
  const isOne = keys.size === 1 && organizationKey(found[0]!.session.organization) !== undefined
  return isOne && inUse.length === 1 ? inUse : found
}

/**
 * The session of a service for the organization that was asked for.
 *
 * @throws ParixError NOT_SIGNED_IN, BAD_INPUT when several are meant, SESSION_DAMAGED when it may be one that can't be read
 */
export function chooseSession(
  store: Pick<SessionStore, 'list'>,
  base: BaseUrl,
  wanted: WantedOrganization,
): StoredSession {
  const {sessions, unreadable} = store.list()
  const there = sessions.filter(({origin}) => origin === base.origin)
  const found = matchingSessions(there, wanted.text)
  if (found.length === 1) return found[0]!
  if (found.length > 1) throw severalSessions(`${wantedText(wanted)} means`, found)
  if (unreadable.length > 0) throw unreadable[0]!.error
  const error = notSignedIn(base.url.href)
  const message = `You are not signed in at ${baseUrlText(base)} for the organization ${JSON.stringify(cleanLine(wanted.text))} (${
    wanted.source === 'flag' ? '--organization' : VARIABLE
  }).`
  const elsewhere = sessions.length > there.length ? matchingSessions(sessions, wanted.text) : []
  throw new ParixError('NOT_SIGNED_IN', message, {
    ...error.details,
    code: 'organization_not_signed_in',
    // Else the browser would go on as the person who is signed in there.
    ...(there.length > 0 && {
      next: `${loginCommand(base.url.href)} --prompt select_account`,
      errors: there.map((stored) => `signed in there: ${lineOf(stored)}`),
    }),
    ...(elsewhere.length > 0 && {
      hint: `You are signed in for it at ${elsewhere.map(({session}) => cleanLine(session.baseUrl)).join(', ')}: name that service by --base-url.`,
    }),
  })
}

/** @param what `"Acme" means` */
export function severalSessions(what: string, found: readonly StoredSession[]): ParixError {
  return new ParixError('BAD_INPUT', `${what} ${found.length} of your sessions.`, {
    code: 'ambiguous_session',
    errors: found.map(lineOf),
    hint: 'Name one by the id of its organization, or by the e-mail address.',
  })
}

function lineOf({session}: StoredSession): string {
  const {id, slug} = session.organization
  const ids = [slug, id].filter((text) => text).join(', ')
  return cleanLine(`${session.baseUrl} as ${sessionText(session)}${ids && ` (${ids})`}`)
}

/** Nobody is signed in there; or somebody is, and none of these sessions is in use, so that one has to be chosen. */
export function noSessionAt(
  store: Pick<SessionStore, 'list'>,
  base: BaseUrl,
  from = '',
  name = baseUrlText(base),
): ParixError {
  const kept = attempt(() => store.list().sessions.filter(({origin}) => origin === base.origin)) ?? []
  if (kept.length === 0) return notSignedIn(name, from)
  return new ParixError('NOT_SIGNED_IN', `None of your sessions at ${name}${from} is in use: choose one.`, {
    code: 'no_session_in_use',
    errors: kept.map(lineOf),
    next: kept.map(({session}) =>
      nextCommand('auth switch', {args: [session.baseUrl], flags: {organization: sessionSelector(session)}}),
    ),
  })
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (isParixError(error)) return undefined
    throw error
  }
}
