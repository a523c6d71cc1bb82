import {type Organization, SCOPES, type User} from '@parix/kit/contract'
import {isParixError, ParixError} from '@parix/kit/errors'
import type {Tokens} from '@parix/kit/oauth'
import type {BaseUrl} from '@parix/kit/origin'
import type {Saved, Session, SessionStore} from '@parix/kit/session'

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
    await world.store.updateProfile(base.origin, profile)
    return {...saved, session: {...session, ...profile}}
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
    // RFC 6749 §5.1: an answer that names no scope grants what was asked for.
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
    next: isParixError(error) && error.details.next !== undefined ? error.details.next : 'parix auth login',
    cause: error,
  })
}
