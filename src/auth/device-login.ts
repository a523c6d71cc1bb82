import {ParixError} from '@parix/kit/errors'
import {plainCommand} from '@parix/kit/next-command'
import type {DeviceLogin, Discovered, Tokens} from '@parix/kit/oauth'
import type {Terminal} from '@parix/kit/output'
import {cleanLine} from '@parix/kit/text'

/** Everything that signing in with a code needs of the world. */
export interface DeviceLoginWorld {
  terminal: Pick<Terminal, 'say' | 'warn' | 'waiting'>
  discover(): Promise<Discovered>
  startDevice(endpoint: URL): Promise<DeviceLogin>
}

/**
 * Signing in with a code on another device (RFC 8628). The page is never opened by itself: whoever got someone else's code
 * would have it approved with one click. A person goes there, and compares the code (threats 9.6).
 * @throws ParixError when the service does not offer it, or the person refuses or takes too long
 */
export async function signInByDevice(world: DeviceLoginWorld): Promise<Tokens> {
  const {deviceAuthorizationEndpoint, ignored, failure} = await world.discover()
  if (deviceAuthorizationEndpoint === undefined) throw failure ?? notOffered(ignored)
  const login = await world.startDevice(deviceAuthorizationEndpoint)
  world.terminal.warn(invitation(login))
  const done = world.terminal.waiting('Waiting for you to confirm the code…')
  try {
    return await login.wait()
  } finally {
    done()
  }
}

/** The code stands alone on its line; the address that holds it comes second, for those who can't type it. */
export function invitation(
  login: Pick<
    DeviceLogin,
    'userCode' | 'verificationUri' | 'verificationUriComplete' | 'openable' | 'expiresInSeconds'
  >,
): string {
  const minutes = Math.max(1, Math.round(login.expiresInSeconds / 60))
  const lines = [
    `On any device, open: ${login.verificationUri.href}`,
    '',
    `  Code: ${cleanLine(login.userCode)}`,
    '',
    `Confirm only if the page shows this code. It is good for ${minutes} min.`,
  ]
  if (login.verificationUriComplete !== undefined)
    lines.push(`With the code in it: ${login.verificationUriComplete.href}`)
  if (!login.openable) {
    lines.push(`Check the address: this page is at ${login.verificationUri.origin}, not at the service you sign in to.`)
  }
  return lines.join('\n')
}

function notOffered(ignored: string[]): ParixError {
  return new ParixError('FAILED', 'This service does not offer signing in with a code.', {
    code: 'device_not_offered',
    errors: ignored,
    next: plainCommand('auth login', {flags: {'no-browser': true}}),
  })
}
