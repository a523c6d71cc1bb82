import {setTimeout as delay} from 'node:timers/promises'
import type {DeviceAuthorizationResponse} from 'openid-client'
import {SCOPES} from '../contract/index.js'
import {ParixError} from '../errors.js'
import {isTransportError} from '../http.js'
import {plainCommand} from '../next-command.js'
import {type BaseUrl, isLoopback, sameOrigin} from '../origin.js'
import {type OAuthOptions, prepareCall} from './call.js'
import {isPassingError, oauthFailure, readOAuthError} from './failure.js'
import {forgiveDevice, forgiveTokens} from './forgive.js'
import {readTokens, type Tokens} from './tokens.js'

/**
 * The device authorization grant (RFC 8628). The library's own polling ends at the first network fault and notices an abort
 * only every five seconds, so the waiting is done here, one request of the library at a time (threats 9.1–9.5).
 */
export interface DeviceLogin {
  userCode: string
  verificationUri: URL
  verificationUriComplete: URL | undefined
  /** Whether the page is on the base's own origin and encrypted: only then may it be opened without asking (9.8). */
  openable: boolean
  expiresInSeconds: number
  /** Waits until the person has answered. @throws ParixError */
  wait(): Promise<Tokens>
}

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const INTERVAL_SECONDS = 5
const LIFE_SECONDS_MAX = 3600

/** @throws ParixError */
export async function startDevice(base: BaseUrl, endpoint: URL, world: OAuthOptions): Promise<DeviceLogin> {
  const {client, config, wire} = await prepareCall(base, world, {
    endpoints: {device_authorization_endpoint: endpoint.href},
    adapt: forgiveDevice,
  })
  let response: DeviceAuthorizationResponse
  try {
    response = await client.initiateDeviceAuthorization(config, {scope: SCOPES.join(' ')})
  } catch (error) {
    throw oauthFailure(error, wire)
  }
  const verificationUri = webUrl(response.verification_uri)
  if (verificationUri === undefined) {
    throw new ParixError('UNAVAILABLE', `${base.url.origin} names no page to enter the code at.`, {
      code: 'bad_device_answer',
    })
  }
  const expiresInSeconds = Math.min(Math.max(0, response.expires_in), LIFE_SECONDS_MAX)
  const deadline = performance.now() + expiresInSeconds * 1000
  return {
    userCode: response.user_code,
    verificationUri,
    verificationUriComplete: webUrl(response.verification_uri_complete),
    openable: isOpenable(base, verificationUri),
    expiresInSeconds,
    wait: () => waitForTokens(base, response.device_code, {intervalSeconds: response.interval, deadline}, world),
  }
}

interface Polling {
  intervalSeconds: number | undefined
  /** By the monotonic clock. */
  deadline: number
}

async function waitForTokens(
  base: BaseUrl,
  deviceCode: string,
  {intervalSeconds, deadline}: Polling,
  world: OAuthOptions,
): Promise<Tokens> {
  let seconds = intervalSeconds ?? INTERVAL_SECONDS
  for (;;) {
    const remainingMs = deadline - performance.now()
    await (world.sleep ?? sleep)(Math.max(0, Math.min(seconds * 1000, remainingMs)), world.signal)
    if (performance.now() >= deadline) throw codeExpired()
    const outcome = await pollOnce(base, deviceCode, world)
    if (typeof outcome === 'object') return outcome
    // RFC 8628 §3.5: five more seconds for good at slow_down; on a fault of the network, less often too.
    if (outcome === 'slower') seconds += INTERVAL_SECONDS
    if (outcome === 'fault') seconds = Math.min(seconds * 2, 30)
  }
}

async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, signal && {signal})
}

/** Tokens, or how to go on. @throws ParixError when the person refused, or the code has expired */
async function pollOnce(
  base: BaseUrl,
  deviceCode: string,
  world: OAuthOptions,
): Promise<Tokens | 'pending' | 'slower' | 'fault'> {
  const {client, config, wire} = await prepareCall(base, world, {adapt: forgiveTokens})
  try {
    const response = await client.genericGrantRequest(config, DEVICE_GRANT, {device_code: deviceCode})
    return readTokens(response, (world.now ?? Date.now)())
  } catch (error) {
    const refusal = wire.response && readOAuthError(wire.response)?.error
    if (refusal === 'authorization_pending') return 'pending'
    if (refusal === 'slow_down') return 'slower'
    if (refusal === 'expired_token') throw codeExpired()
    if (refusal === 'access_denied') {
      throw new ParixError('CANCELLED', 'You refused access on the other device.', {code: 'access_denied'})
    }
    const failure = oauthFailure(error, wire, [deviceCode])
    if (world.signal?.aborted !== true && (isTransportError(failure) || isPassing(failure))) return 'fault'
    throw failure
  }
}

function isPassing({code, details: {status}}: ParixError): boolean {
  return (status !== undefined && (status === 429 || status >= 500)) || isPassingError(code)
}

function codeExpired(): ParixError {
  return new ParixError('NOT_SIGNED_IN', 'The code has expired before it was confirmed.', {
    code: 'expired_token',
    next: plainCommand('auth login', {flags: {device: true}}),
  })
}

function isOpenable(base: BaseUrl, url: URL): boolean {
  return sameOrigin(base.url, url) && (url.protocol === 'https:' || isLoopback(url))
}

function webUrl(text: string | undefined): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined
}
