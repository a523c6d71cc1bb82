import {API_KEY_HEADER} from '../contract/index.js'
import {assertCredentialMayTravel} from '../origin.js'

/** What is sent along to prove who we are, and the service (its base URL) that it belongs to. */
export type Credential =
  | {kind: 'bearer'; token: string; issuer: URL}
  | {kind: 'apiKey'; key: string; issuer: URL}
  /** Headers that the user wrote, such as `-H 'authorization: …'`. Sent alone, to the same origin only. */
  | {kind: 'own'; headers: Record<string, string>; issuer: URL}
  /** The body holds the credential (a code, a refresh token). */
  | {kind: 'inBody'; issuer: URL}

/** Headers that prove who one is. They travel as a `Credential`, so that the rule is asked. */
export const CREDENTIAL_HEADERS: readonly string[] = ['authorization', API_KEY_HEADER, 'cookie', 'proxy-authorization']

/**
 * The headers that carry `credential` to `target`.
 *
 * @throws ParixError NOT_SENT
 */
export function credentialHeaders(credential: Credential, target: URL): Record<string, string> {
  assertCredentialMayTravel(credential.issuer, target)
  switch (credential.kind) {
    case 'bearer':
      return {authorization: `Bearer ${credential.token}`}
    case 'apiKey':
      return {[API_KEY_HEADER]: credential.key}
    case 'own':
      return credential.headers
    case 'inBody':
      return {}
  }
}
