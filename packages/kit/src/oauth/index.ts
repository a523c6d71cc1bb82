// Opening this door loads nothing heavy: the OAuth library is imported where the protocol is spoken (`prepareCall`).
export {type AuthorizationRequest, authorizationRequest, exchangeCode} from './code.js'
export {type DeviceLogin, startDevice} from './device.js'
export {type Discovered, discover} from './discovery.js'
export {fetchProfile} from './profile.js'
export {refreshTokens} from './refresh.js'
export {revoke} from './revocation.js'
export type {Tokens} from './tokens.js'
export type {OAuthWorld} from './world.js'
