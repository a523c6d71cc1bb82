import type {CliState} from '@parix/kit/contract'

const STATE_CHARACTERS_MAX = 2048
const NONCE_CHARACTERS_MIN = 16
const PORT_MAX = 65_535

/**
 * The gravest rule of the whole sign-in (threat 2.4): the service sends an authorization code to `state.redirectUri`, and
 * whoever makes the sign-in link writes that address. Only a loopback address of the user's own machine may ever stand
 * there, spelled out exactly: compared as text, so that no reading of the address by some browser can differ from ours.
 */
const LOOPBACK_CALLBACK = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):([1-9]\d{0,4})\/callback$/

export function isLoopbackCallback(uri: string): boolean {
  const port = LOOPBACK_CALLBACK.exec(uri)?.[1]
  return port !== undefined && Number(port) <= PORT_MAX
}

/**
 * What the CLI packed into `state`: base64url of a flat JSON object (see the contract, 'Signing in').
 *
 * @returns undefined for anything that isn't exactly that, or that would send the browser off this machine
 */
export function readCliState(state: string | undefined): CliState | undefined {
  if (!state || state.length > STATE_CHARACTERS_MAX || !/^[\w-]+$/.test(state)) return undefined
  const value = decode(state)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  if (Object.values(value).some((member) => typeof member === 'object' || typeof member === 'boolean')) return undefined
  if (Object.hasOwn(value, '__proto__')) return undefined
  const {nonce, redirectUri} = value as Record<string, unknown>
  if (typeof nonce !== 'string' || nonce.length < NONCE_CHARACTERS_MIN) return undefined
  if (typeof redirectUri !== 'string' || !isLoopbackCallback(redirectUri)) return undefined
  return {nonce, redirectUri}
}

function decode(state: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(Buffer.from(state, 'base64url')))
  } catch {
    return undefined
  }
}
