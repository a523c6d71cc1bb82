import {createHash} from 'node:crypto'
import {apiKey} from '@better-auth/api-key'
import {oauthDeviceAuthorization, oauthProvider} from '@better-auth/oauth-provider'
import {API_KEY_HEADER, SCOPES} from '@parix/kit/contract'
import {type BetterAuthOptions, type BetterAuthPlugin, betterAuth} from 'better-auth'
import {APIError, createAuthEndpoint, createAuthMiddleware} from 'better-auth/api'
import {setSessionCookie} from 'better-auth/cookies'
import {getSchema} from 'better-auth/db'
import {getMigrations} from 'better-auth/db/migration'
import {jwt} from 'better-auth/plugins/jwt'
import {organization} from 'better-auth/plugins/organization'
import {SqliteDialect} from 'kysely'
import {z} from 'zod'
import type {Database} from '../store/database.js'
import type {Secrets} from '../store/secrets.js'
import {API_KEY_NAME_CHARACTERS_MAX, hashSecret, PAGES, PASSWORDLESS_PATH, PREFIXES} from './constants.js'
import {findMembership, organizationClaims} from './people.js'

export interface ProviderOptions {
  database: Database
  secrets: Secrets
  /** The three loopback names of this service, each with its port: `localhost:5173`, … The first is the usual one. */
  hosts: readonly string[]
  /** Seconds. */
  accessTokenLifeS: number
  refreshTokenLifeS: number
  log: (level: string, message: string) => void
}

/**
 * Better Auth as the hosted service runs it: an OpenID provider, organizations, API keys and the device grant.
 *
 * The base URL follows the request's Host (which the port has checked against `hosts`), so that the issuer in discovery,
 * `iss` and the ID token is spelled with the loopback name that the client used.
 */
export function createProvider(options: ProviderOptions): Provider {
  return betterAuth(betterAuthOptions(options)) as unknown as Provider
}

function betterAuthOptions(options: ProviderOptions): BetterAuthOptions {
  const {hosts, secrets} = options
  return {
    appName: 'Parix',
    secret: secrets.authSecret,
    // Given as a list too: else BETTER_AUTH_SECRETS, set for some other program, would take its place.
    secrets: [{version: 1, value: secrets.authSecret}],
    baseURL: {allowedHosts: [...hosts], protocol: 'http', fallback: `http://${hosts[0]}`},
    basePath: '/api/auth',
    trustedOrigins: hosts.map((host) => `http://${host}`),
    database: {dialect: new SqliteDialect({database: options.database}), type: 'sqlite'},
    telemetry: {enabled: false},
    logger: {log: (level, message) => options.log(level, message)},
    // The pages' own address for what can't be sent back to the client.
    onAPIError: {errorURL: PAGES.error},
    // Everything comes from this machine: a limit by address would only ever hit the user's own scripts.
    rateLimit: {enabled: false},
    session: {expiresIn: 30 * 24 * 3600},
    advanced: {
      // Said, because Better Auth leaves both checks out where NODE_ENV is `test`.
      disableCSRFCheck: false,
      disableOriginCheck: false,
      // Browsers send a host's cookies to all of its ports: two services on one machine must not overwrite each other's.
      cookiePrefix: `parix-${secrets.installationId}`,
      defaultCookieAttributes: {sameSite: 'lax', httpOnly: true},
      database: {validateSchema: false},
    },
    hooks: {after: forgetConsent},
    // Better Auth's types are not written for `exactOptionalPropertyTypes`: a plugin of its own doesn't fit its own slot.
    plugins: plugins(options) as unknown as BetterAuthPlugin[],
  }
}

function plugins(options: ProviderOptions) {
  return [
    passwordless(),
    jwt(),
    organization(),
    apiKey({
      apiKeyHeaders: API_KEY_HEADER,
      defaultPrefix: PREFIXES.apiKey,
      enableMetadata: true,
      maximumNameLength: API_KEY_NAME_CHARACTERS_MAX,
      rateLimit: {enabled: false},
      enableSessionForAPIKeys: false,
    }),
    oauthProvider({
      loginPage: PAGES.signIn,
      consentPage: PAGES.consent,
      scopes: [...SCOPES],
      grantTypes: ['authorization_code', 'refresh_token'],
      accessTokenExpiresIn: options.accessTokenLifeS,
      refreshTokenExpiresIn: options.refreshTokenLifeS,
      refreshTokenReuseInterval: 0,
      storeTokens: {hash: async (token) => hashSecret(token)},
      prefix: {opaqueAccessToken: PREFIXES.accessToken, refreshToken: PREFIXES.refreshToken},
      customUserInfoClaims: async ({user, scopes}) =>
        organizationClaims(findMembership(options.database, user.id), scopes),
    }),
    oauthDeviceAuthorization({verificationUri: PAGES.device, expiresIn: '15m', interval: '5s'}),
  ]
}

/**
 * A hash of the tables that Better Auth and its plugins want. A start that finds this noted in its database looks no further:
 * looking at every table takes a while.
 */
export function wantedShape({options}: Provider): string {
  return createHash('sha256')
    .update(JSON.stringify(getSchema(options)))
    .digest('base64url')
}

/** What brings the tables that are there up to what Better Auth wants: `compileMigrations` says it as SQL. */
export function migrationsOf({options}: Provider): ReturnType<typeof getMigrations> {
  return getMigrations(options)
}

/** Gives the provider, the same each time. It is a large module, and loaded when this is first called. */
export type LoadProvider = () => Promise<Provider>

/** As much of Better Auth as the rest of the service uses, with the plugins' calls in it. */
export interface Provider {
  handler(request: Request): Promise<Response>
  options: BetterAuthOptions
  $context: Promise<{
    adapter: {create(input: {model: string; data: Record<string, unknown>}): Promise<unknown>}
    internalAdapter: {
      createUser(
        user: {email: string; name: string; emailVerified: boolean},
        source: {method: string},
      ): Promise<{id: string; email: string; name: string}>
    }
  }>
  api: {
    createApiKey(input: {
      body: {
        userId: string
        name: string
        permissions: Record<string, string[]>
        metadata: Record<string, unknown>
        expiresIn?: number
      }
    }): Promise<{id: string; key: string}>
    createOrganization(input: {body: {name: string; slug: string; userId: string}}): Promise<unknown>
    addMember(input: {body: {userId: string; organizationId: string; role: 'member'}}): Promise<unknown>
    getSession(input: {headers: Headers}): Promise<{user: {id: string}} | null>
  }
}

/**
 * Consent is asked for every sign-in, never remembered (threat 2.7: another program on this machine could start a sign-in
 * with the browser's session and be let through silently). Better Auth needs the record for a moment to go on with the
 * request; once that has its code, the record goes.
 */
const forgetConsent = createAuthMiddleware(async (ctx) => {
  const userId = ctx.context.session?.user.id
  if (ctx.path !== '/oauth2/consent' || !userId) return
  await ctx.context.adapter.deleteMany({model: 'oauthConsent', where: [{field: 'userId', value: userId}]})
})

/**
 * Signing in without a password, as a plugin of Better Auth: whoever can reach this service is already at this machine. As
 * an endpoint of Better Auth's own it sets the session cookie, and the OAuth provider's hooks go on with the authorization
 * request in `oauth_query`, just as after any other way to sign in.
 */
export function passwordless(): BetterAuthPlugin {
  return {
    id: 'parix-passwordless',
    endpoints: {
      signInLocally: createAuthEndpoint(
        PASSWORDLESS_PATH,
        {method: 'POST', body: z.object({userId: z.string(), oauth_query: z.string().optional()})},
        async (ctx) => {
          const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId)
          if (!user) throw new APIError('BAD_REQUEST', {message: 'No such user.'})
          const session = await ctx.context.internalAdapter.createSession(user.id)
          await setSessionCookie(ctx, {session, user})
          return ctx.json({userId: user.id})
        },
      ),
    },
  }
}
