export {
  apiKeyOf,
  type BaseUrlQuestion,
  describeBaseUrlSource,
  type ResolvedBaseUrl,
  resolveBaseUrl,
} from './base-url.js'
export {
  chooseSession,
  matchingSessions,
  noSessionAt,
  severalSessions,
  type WantedOrganization,
  wantedOrganization,
  wantedText,
} from './choose-session.js'
export {type CredentialOptions, type CredentialSource, createCredentialSource} from './credentials.js'
export {forOrganization} from './organization-check.js'
export {hasEnded, isStale} from './refresh.js'
export type {Removal, Saved, WhichSessions} from './session-changes.js'
export {loginCommand, notSignedIn} from './session-errors.js'
export type {SessionList, StoredSession, UnreadableSession} from './session-files.js'
export {isSameSession, organizationKey, type SessionRef, sessionSelector, sessionText} from './session-identity.js'
export type {Session} from './session-schema.js'
export {type LockedStore, openSessionStore, type SessionStore, type StoreOptions} from './store.js'
