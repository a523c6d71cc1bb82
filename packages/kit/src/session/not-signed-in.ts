import {DEFAULT_BASE_URL} from '../contract/index.js'
import {ParixError} from '../errors.js'

/** The command that signs in at that origin. */
export function loginCommand(origin: string): string {
  return origin === DEFAULT_BASE_URL ? 'parix auth login' : `parix auth login --base-url ${origin}`
}

export function notSignedIn(origin: string): ParixError {
  return new ParixError('NOT_SIGNED_IN', `You are not signed in at ${origin}.`, {next: loginCommand(origin)})
}
