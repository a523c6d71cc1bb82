import type {BetterAuthPlugin} from 'better-auth'
import {APIError, createAuthEndpoint} from 'better-auth/api'
import {setSessionCookie} from 'better-auth/cookies'
import {z} from 'zod'

/** The path under `/api/auth`. The pages call it from inside; the door (`oauth/door.ts`) lets nobody else reach it. */
export const PASSWORDLESS_PATH = '/local/sign-in'

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
