export {type BaseUrlQuestion, type ResolvedBaseUrl, resolveBaseUrl} from './base-url.js'
export {apiKeyOf, type CredentialOptions, type CredentialSource, createCredentialSource} from './credentials.js'
export {
  type LockedStore,
  openSessionStore,
  type Removal,
  type Session,
  type SessionStore,
  type StoredSession,
  type StoreOptions,
  type UnreadableSession,
} from './store.js'
