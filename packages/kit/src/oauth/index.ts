// Importing this loads nothing heavy: the OAuth library is imported where the protocol is spoken (`prepareCall`).
export type {OAuthOptions} from './call.js'
export {type AuthorizationRequest, authorizationRequest, exchangeCode} from './code.js'
export {type DeviceLogin, startDevice} from './device.js'
export {type Discovered, discover} from './discovery.js'
export {refreshTokens, revoke, type Tokens} from './tokens.js'
