import {type Organization, PATHS, type SessionAnswer, type User, type UserinfoAnswer} from '../contract/index.js'
import {ParixError} from '../errors.js'
import {isWebPage, webPageSentence} from '../http/web-page.js'
import {type HttpResponse, send} from '../http.js'
import {type Json, parseJson} from '../json.js'
import {type BaseUrl, serviceUrl} from '../origin.js'
import type {OAuthWorld} from './world.js'

export interface Profile {
  user: User
  organization: Organization
}

/**
 * Who is signed in by userinfo (OpenID Connect Core §5.3), and the organization in force by `GET /api/v1/session`, which
 * counts where the two differ. Two plain reads, so the OAuth library isn't needed for them.
 *
 * @throws ParixError CREDENTIAL_REFUSED, UNAVAILABLE
 */
export async function fetchProfile(base: BaseUrl, accessToken: string, world: OAuthWorld): Promise<Profile> {
  const [userinfo, session] = await Promise.all([
    read(base, PATHS.userinfo, accessToken, world) as Promise<Partial<UserinfoAnswer>>,
    read(base, `${PATHS.api}/session`, accessToken, world) as Promise<SessionAnswer>,
  ])
  if (typeof userinfo.sub !== 'string' || userinfo.sub === '') {
    throw new ParixError('UNAVAILABLE', `${base.url.origin} did not say who is signed in.`, {code: 'bad_profile'})
  }
  const inForce = session.auth?.organization
  return {
    user: {
      id: userinfo.sub,
      email: text(userinfo.email),
      emailVerified: typeof userinfo.email_verified === 'boolean' ? userinfo.email_verified : null,
      name: text(userinfo.name),
      image: text(userinfo.picture),
    },
    organization: {
      id: text(inForce?.id) ?? text(userinfo.organization_id),
      name: text(inForce?.name) ?? text(userinfo.organization_name),
      slug: text(inForce?.slug) ?? text(userinfo.organization_slug),
      memberRole: text(inForce?.memberRole) ?? text(userinfo.member_role),
    },
  }
}

async function read(base: BaseUrl, path: string, token: string, world: OAuthWorld): Promise<{[key: string]: Json}> {
  const answer = await send({
    method: 'GET',
    url: serviceUrl(base, path),
    headers: {accept: 'application/json', 'user-agent': world.userAgent},
    credential: {kind: 'bearer', token, issuer: base.url},
    responseTimeoutMs: 15_000,
    responseBytesMax: 1024 * 1024,
    ...(world.signal && {signal: world.signal}),
  })
  if (answer.status === 401) {
    throw new ParixError('CREDENTIAL_REFUSED', `${base.url.origin} refuses this session.`, {status: 401})
  }
  if (isWebPage(answer)) throw failed(`${base.url.origin} ${webPageSentence(answer)}.`, answer)
  if (answer.status !== 200)
    throw failed(`${base.url.origin} did not say who is signed in (HTTP ${answer.status}).`, answer)
  return readObject(answer) ?? Promise.reject(failed(`${base.url.origin} answered with broken JSON.`, answer))
}

function readObject({body}: HttpResponse): {[key: string]: Json} | undefined {
  try {
    const value = parseJson(body.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as {[key: string]: Json})
      : undefined
  } catch {
    return undefined
  }
}

function failed(message: string, {status}: HttpResponse): ParixError {
  return new ParixError('UNAVAILABLE', message, {code: 'bad_profile', status, retryable: true})
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
