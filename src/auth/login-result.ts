import {type Organization, SCOPES, type User} from '@parix/kit/contract'
import {isParixError, ParixError} from '@parix/kit/errors'
import {nextCommand, plainCommand, renderCommand} from '@parix/kit/next-command'
import type {Tokens} from '@parix/kit/oauth'
import {type BaseUrl, sameOrigin} from '@parix/kit/origin'
import {
  isSameSession,
  matchingSessions,
  type Saved,
  type Session,
  type SessionStore,
  sessionSelector,
} from '@parix/kit/session'
import {cleanLine} from '@parix/kit/text'
import {type SessionSummary, summarize, whoText} from './sessions.js'

export interface StoreSignInWorld {
  store: Pick<SessionStore, 'save' | 'updateProfile'>
  fetchProfile(accessToken: string): Promise<{user: User; organization: Organization}>
  warn(text: string): void
  now(): number
}

/** What is now on disk, and whose place it took. */
export interface StoredSignIn extends Saved {
  session: Session
}

/**
 * The tokens are on disk before anyone is asked whose they are: should that fail, nothing is lost, and the next
 * `auth status` finds out.
 *
 * @throws ParixError FAILED when the session can't be written: the sign-in was good, and only storing it failed
 */
export async function storeSignIn(base: BaseUrl, tokens: Tokens, world: StoreSignInWorld): Promise<StoredSignIn> {
  const session = newSession(base, tokens, new Date(world.now()).toISOString())
  const saved = await world.store.save(session, {activate: true}).catch((error: unknown) => {
    throw notStored(error)
  })
  try {
    const profile = await world.fetchProfile(tokens.accessToken)
    // By the session itself: somebody else may have signed in there meanwhile.
    await world.store.updateProfile(session, profile)
    const signedIn = {...session, ...profile}
    const {kept} = saved
    // Only now it is known who signed in: the one that made room may be of the same person and organization.
    const again = kept !== undefined && isSameSession(kept, signedIn)
    return {...saved, ...(again && {replaced: kept, kept: undefined}), session: signedIn}
  } catch (error) {
    const reason = isParixError(error) ? error.message : 'an unexpected fault'
    world.warn(`You are signed in, but the service did not say as whom: ${reason}`)
    return {...saved, session}
  }
}

function newSession(base: BaseUrl, tokens: Tokens, now: string): Session {
  return {
    version: 2,
    baseUrl: base.url.href.replace(/\/$/, ''),
    accessToken: tokens.accessToken,
    accessTokenExpiresAt: tokens.accessTokenExpiresAt,
    refreshToken: tokens.refreshToken ?? null,
    tokenType: tokens.tokenType,
    // RFC 6749 §5.1: a response that names no scope grants what was asked for.
    scopes: tokens.scopes ?? [...SCOPES],
    createdAt: now,
    updatedAt: now,
    user: {id: '', email: null, emailVerified: null, name: null, image: null},
    organization: {id: null, name: null, slug: null, memberRole: null},
  }
}

function notStored(error: unknown): ParixError {
  const reason = isParixError(error)
    ? error.message
    : `${(error as NodeJS.ErrnoException).code ?? 'an unexpected fault'}.`
  return new ParixError('FAILED', `Signing in worked, but the session could not be stored: ${reason}`, {
    code: 'session_not_stored',
    next: isParixError(error) && error.details.next !== undefined ? error.details.next : plainCommand('auth login'),
    cause: error,
  })
}

/** What `auth login --json` prints. */
export interface LoginResult extends SessionSummary {
  /** Whom the new session took the place of; left out when there is none. */
  replaced?: Pick<SessionSummary, 'user' | 'organization'>
  /** Who was in use at this service before, and is still signed in there; left out when there is none. */
  kept?: Pick<SessionSummary, 'user' | 'organization'>
}

export function loginResult({session, path, replaced, kept}: StoredSignIn): LoginResult {
  const summary = summarize({session, path, active: true, current: true, origin: session.baseUrl})
  return {
    ...summary,
    ...(replaced && {replaced: {user: replaced.user, organization: replaced.organization}}),
    ...(kept && {kept: {user: kept.user, organization: kept.organization}}),
  }
}

/** Who is signed in, in which organization, and where, for a person. */
export function loginText(result: LoginResult): string {
  return `Signed in at ${cleanLine(result.baseUrl)} as ${whoText(result)}.`
}

/** What else has changed, and what hasn't: one sentence each (threats 1.29, 4.20). */
export function loginNotes(outcome: StoredSignIn, environment: NodeJS.ProcessEnv): string[] {
  const {session, replaced, kept, deactivated, movedAside} = outcome
  const notes: string[] = []
  if (replaced !== undefined && isSomeoneElse(replaced, session)) {
    notes.push(`This replaces the session of ${whoText(replaced)}.`)
  }
  if (movedAside !== undefined) {
    notes.push(`The previous session file could not be read. It was moved to ${cleanLine(movedAside)}.`)
  }
  if (deactivated !== undefined) {
    const there = cleanLine(deactivated.baseUrl)
    notes.push(
      `You are still signed in at ${there}, but commands now use the new session. To switch back: ${renderCommand(nextCommand('auth switch', {args: [deactivated.baseUrl]}))}`,
    )
  }
  if (kept !== undefined) {
    const back = nextCommand('auth switch', {args: [kept.baseUrl], flags: {organization: sessionSelector(kept)}})
    notes.push(
      `You are still signed in there as ${whoText(kept)}, but commands now use the new session. To switch back: ${renderCommand(back)}`,
    )
  }
  const organization = environment.PARIX_ORGANIZATION?.trim()
  if (organization && !isForOrganization(session, organization)) {
    notes.push(
      `PARIX_ORGANIZATION is set: commands are for ${cleanLine(organization)}, not for this session, until you unset it.`,
    )
  }
  const variable = environment.PARIX_BASE_URL?.trim()
  if (variable && !isOfOrigin(variable, session.baseUrl)) {
    notes.push(`PARIX_BASE_URL is set: commands use ${cleanLine(variable)}, not this session, until you unset it.`)
  }
  if (environment.PARIX_API_KEY?.trim()) {
    notes.push('PARIX_API_KEY is set: commands use that key, not this session, until you unset it.')
  }
  return notes
}

/** Whether PARIX_ORGANIZATION or `--organization` with this text means the session. */
export function isForOrganization(session: Session, text: string): boolean {
  const stored = {session, path: '', active: true, current: true, origin: session.baseUrl}
  return matchingSessions([stored], text).length > 0
}

/** Whether both URLs are of one origin; a variable that is not a URL is of none. */
function isOfOrigin(text: string, baseUrl: string): boolean {
  return URL.canParse(text) && sameOrigin(new URL(text), new URL(baseUrl))
}

type Signed = Pick<SessionSummary, 'user' | 'organization'>

/** A blanked or unknown user is nobody whose session could be missed. */
function isSomeoneElse(before: Signed, now: Signed): boolean {
  if (before.user.id === '') return false
  return before.user.id !== now.user.id || before.organization.id !== now.organization.id
}
