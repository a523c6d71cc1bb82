// oidc-provider ships no types; this is what the peer uses of it.
declare module 'oidc-provider' {
  import type {IncomingMessage, ServerResponse} from 'node:http'

  interface AccessToken {
    accountId: string
    clientId: string
    scope?: string
  }

  export default class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>)
    proxy: boolean
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    AccessToken: {find(value: string): Promise<AccessToken | undefined>}
  }
}
