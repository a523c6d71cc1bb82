import {DEFAULT_BASE_URL} from '../contract/index.js'
import {ParixError} from '../errors.js'

/** The command that signs in there. `auth login` ignores the session in use, so any other service than the default is named. */
export function loginCommand(baseUrl: string): string {
  const plain = baseUrl.replace(/\/+$/, '')
  return plain === DEFAULT_BASE_URL ? 'parix auth login' : `parix auth login --base-url ${plain}`
}

/** @param from what is said of where the choice of the service came from, such as ` (from PARIX_BASE_URL)` */
export function notSignedIn(baseUrl: string, from = ''): ParixError {
  const plain = baseUrl.replace(/\/+$/, '')
  return new ParixError('NOT_SIGNED_IN', `You are not signed in at ${plain}${from}.`, {next: loginCommand(plain)})
}
