import type {SessionAnswer} from '@parix/kit/contract'
import type {Principal} from '../identity/principal.js'

/** `GET /api/v1/session`: who is calling, for which organization, with what rights. */
export function describeSession(principal: Principal): SessionAnswer {
  return {
    ok: true,
    auth: {
      method: principal.method,
      user: principal.user,
      ...(principal.organization && {organization: principal.organization}),
      scopes: [...principal.scopes],
    },
  }
}
