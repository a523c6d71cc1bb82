/** What the provider and the rest of the service agree on: for those that have to know it without loading the provider. */

import {createHash} from 'node:crypto'

/** Where Better Auth sends the browser. */
export const PAGES = {signIn: '/sign-in', consent: '/consent', device: '/device', error: '/error'} as const

export const PREFIXES = {accessToken: 'pxa_', refreshToken: 'pxr_', apiKey: 'px_'} as const

/** Most characters (UTF-16 units) of an API key's name: said to the plugin, and by the page that creates keys. */
export const API_KEY_NAME_CHARACTERS_MAX = 60

/** How tokens and API keys are stored in the database: never as they are. The same way as Better Auth's API key plugin. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** The path under `/api/auth`. Only the pages call it, in this process: `oauth/oauth-routes.ts` does not serve it. */
export const PASSWORDLESS_PATH = '/local/sign-in'
