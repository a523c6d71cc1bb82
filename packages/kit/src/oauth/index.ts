import type * as code from './code.js'
import type * as device from './device.js'
import type * as refresh from './refresh.js'
import type * as revocation from './revocation.js'

export type {AuthorizationRequest} from './code.js'
export type {DeviceLogin} from './device.js'
export {type Discovered, discover} from './discovery.js'
export {fetchProfile, type Profile} from './profile.js'
export type {Tokens} from './tokens.js'
export type {OAuthWorld} from './world.js'

// The OAuth library is heavy, and `auth status` with a fresh token has no use for it: what speaks the protocol loads it
// when it is called.
export const authorizationRequest: typeof code.authorizationRequest = async (...given) =>
  (await import('./code.js')).authorizationRequest(...given)

export const exchangeCode: typeof code.exchangeCode = async (...given) =>
  (await import('./code.js')).exchangeCode(...given)

export const refreshTokens: typeof refresh.refreshTokens = async (...given) =>
  (await import('./refresh.js')).refreshTokens(...given)

export const revoke: typeof revocation.revoke = async (...given) => (await import('./revocation.js')).revoke(...given)

export const startDevice: typeof device.startDevice = async (...given) =>
  (await import('./device.js')).startDevice(...given)
