/**
 * Responses of OpenID servers other than the ones that we know, in the form of the RFCs. A member that may be missing is left
 * out where it is null or empty, and but for lives where it is of another type: a refresh token is dead once it was sent, and
 * a response that is thrown away for such a member ends the session.
 */

type Members = Record<string, unknown>

/** A token response (RFC 6749 §5.1); `id_token` stays where it is a text, which the library checks. */
export function forgiveTokens(body: Buffer): Buffer {
  return edited(body, (response) => {
    const {scope, token_type: type} = response
    // One that says something that is no life is a fault of the service (threat 5.14).
    keepIf(response, 'expires_in', (life) => life !== null && life !== '')
    keepIf(response, 'refresh_token', isText)
    keepIf(response, 'id_token', isText)
    if (Array.isArray(scope) && scope.every((one) => typeof one === 'string')) response.scope = scope.join(' ')
    keepIf(response, 'scope', (value) => typeof value === 'string')
    // Of a type that is named and is not Bearer, nobody knows how it is sent.
    if (type === undefined || type === null || type === '') response.token_type = 'Bearer'
    else if (typeof type === 'string') response.token_type = type.trim()
  })
}

/** Where the service does not say how long a device code lives. */
const DEVICE_LIFE_SECONDS = 300

/** A device authorization response (RFC 8628 §3.2), or one of before the RFC, in which the page is `verification_url`. */
export function forgiveDevice(body: Buffer): Buffer {
  return edited(body, (response) => {
    const {interval, user_code: userCode} = response
    response.interval = isSeconds(interval) && Number(interval) > 0 ? Number(interval) : undefined
    if (!isSeconds(response.expires_in)) response.expires_in = DEVICE_LIFE_SECONDS
    if (!isText(response.verification_uri)) response.verification_uri = response.verification_url
    keepIf(response, 'verification_uri_complete', isText)
    if (typeof userCode === 'number') response.user_code = String(userCode)
  })
}

function keepIf(response: Members, name: string, isRight: (value: unknown) => boolean): void {
  if (!isRight(response[name])) delete response[name]
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** Not negative, as a number or as text. */
function isSeconds(value: unknown): boolean {
  if (typeof value === 'string') return /^\s*\d+(\.\d+)?\s*$/.test(value)
  return typeof value === 'number' && value >= 0
}

/** The body as it is where it is no object. */
function edited(body: Buffer, edit: (response: Members) => void): Buffer {
  const response = readMembers(body)
  if (response === undefined) return body
  edit(response)
  return Buffer.from(JSON.stringify(response))
}

/** The object that a body is, with or without a byte order mark; undefined where it is none. */
export function readMembers(body: Buffer | string): Members | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8').replace(/^\ufeff/, ''))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined
  } catch {
    return undefined
  }
}
