import {createApi, fetchProfile as fetchFrom, type Profile} from '../api/index.js'
import type {Credential} from '../http.js'
import type {BaseUrl} from '../origin.js'
import type {OAuthWorld} from './world.js'

/** Who signed in, by a token that is not in a session yet. @throws ParixError CREDENTIAL_REFUSED, UNAVAILABLE */
export function fetchProfile(base: BaseUrl, accessToken: string, {userAgent}: OAuthWorld): Promise<Profile> {
  const credential: Credential = {kind: 'bearer', token: accessToken, issuer: base.url}
  const credentials = {
    kind: 'session' as const,
    current: async () => credential,
    afterRefusal: async () => undefined,
    session: async () => undefined,
  }
  return fetchFrom(createApi({base, credentials, userAgent, say: () => {}}))
}
