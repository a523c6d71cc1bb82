import type {Organization, SessionFile, User} from '../contract/index.js'
import {ParixError} from '../errors.js'
import {type Json, parseJson, stringifyExact} from '../json.js'
import {plainCommand} from '../next-command.js'
import {parseBaseUrl} from '../origin.js'
import {damaged} from './session-errors.js'

/** A session as stored. Unknown fields are written back unchanged. Tokens of an ended session are '' and null. */
export type Session = SessionFile

/**
 * Validates the contents of a session file. They never get into a message: there are tokens in them.
 *
 * @throws ParixError SESSION_DAMAGED, with codes of their own for unknown versions
 */
export function parseSession(text: string, path: string): Session {
  const fields = parseFields(text)
  if (fields === undefined) throw damaged(path)
  assertVersion(fields.version, path)
  const {baseUrl, accessToken, user} = fields
  if (!isBaseUrl(baseUrl) || !isToken(accessToken) || !isFields(user) || typeof user.id !== 'string')
    throw damaged(path)
  const optional = optionalFields(fields)
  if (optional === undefined) throw damaged(path)
  return {...fields, version: 2, baseUrl, accessToken, user: {...user, ...readUser(user, user.id)}, ...optional}
}

export function formatSession(session: Session): string {
  return `${stringifyExact(session, 2)}\n`
}

type Fields = {[key: string]: Json}

function parseFields(text: string): Fields | undefined {
  if (text.charCodeAt(0) === 0xfeff) return undefined
  try {
    const value = parseJson(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

function assertVersion(version: Json | undefined, path: string): void {
  if (version === 2) return
  if (typeof version === 'number' && version > 2) {
    throw new ParixError(
      'SESSION_DAMAGED',
      `The session file was written by a newer parix (version ${version}): ${path}.`,
      {
        code: 'session_from_newer_version',
        next: ['npm install --global @parix/cli', plainCommand('auth login')],
      },
    )
  }
  // No version before 2 was ever published, so there is nothing to migrate.
  throw new ParixError('SESSION_DAMAGED', `The session file is of an unknown older version: ${path}. Sign in again.`, {
    code: 'session_from_older_version',
    next: plainCommand('auth login'),
  })
}

/** The optional fields, with their defaults; undefined when one has another type. */
function optionalFields(fields: Fields): Omit<SessionFile, 'version' | 'baseUrl' | 'accessToken' | 'user'> | undefined {
  const {accessTokenExpiresAt = '', refreshToken = null, tokenType = 'Bearer', scopes = []} = fields
  const {createdAt = '', updatedAt = '', organization = null} = fields
  if (!isText(accessTokenExpiresAt) || !isText(tokenType) || !isText(createdAt) || !isText(updatedAt)) return undefined
  if (refreshToken !== null && !isToken(refreshToken)) return undefined
  if (!Array.isArray(scopes) || !scopes.every(isText)) return undefined
  if (organization !== null && !isFields(organization)) return undefined
  return {
    accessTokenExpiresAt,
    refreshToken: refreshToken === '' ? null : refreshToken,
    tokenType,
    scopes,
    createdAt,
    updatedAt,
    organization: {...organization, ...readOrganization(organization ?? {})},
  }
}

function readUser(user: Fields, id: string): User {
  const {emailVerified} = user
  return {
    id,
    email: textOrNull(user.email),
    emailVerified: typeof emailVerified === 'boolean' ? emailVerified : null,
    name: textOrNull(user.name),
    image: textOrNull(user.image),
  }
}

function readOrganization(organization: Fields): Organization {
  return {
    id: textOrNull(organization.id),
    name: textOrNull(organization.name),
    slug: textOrNull(organization.slug),
    memberRole: textOrNull(organization.memberRole),
  }
}

function isBaseUrl(value: Json | undefined): value is string {
  if (typeof value !== 'string') return false
  try {
    return parseBaseUrl(value) !== undefined
  } catch {
    return false
  }
}

/** RFC 6750 §2.1 and RFC 6749 appendix A.17: visible ASCII. Anything else could not be sent, or would split a header. */
function isToken(value: Json | undefined): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]*$/.test(value)
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string'
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null
}
