import type {Details} from '@parix/kit/output'
import type {LocalService} from './running.js'

/** The running service, for a person. */
export function serviceDetails({baseUrl, user, organization, apiKey, dataDir, pid}: LocalService): Details {
  return {
    details: [
      ['base URL', baseUrl],
      ['user', user.email],
      ['organization', `${organization.name} (${organization.memberRole})`],
      ['API key', apiKey],
      ['data', dataDir],
      ['process', String(pid)],
    ],
  }
}

/** What to do with it. */
export function howToUse({baseUrl}: LocalService): string {
  return `Sign in: parix auth login --base-url ${baseUrl}`
}
