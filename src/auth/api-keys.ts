import {type Api, isUnreadable, readApiKeys, readCreatedApiKey, readRevokedApiKey} from '@parix/kit/api'
import {
  type ApiKey,
  type CreateApiKeyRequest,
  type CreatedApiKeyResponse,
  PATHS,
  type RevokedApiKeyResponse,
} from '@parix/kit/contract'
import {type ErrorDetails, hintsOf, isParixError, ParixError} from '@parix/kit/errors'
import {isTransportError} from '@parix/kit/http'
import {nextCommand} from '@parix/kit/next-command'
import {placeText, serviceUrl} from '@parix/kit/origin'
import type {Details, Table} from '@parix/kit/output'

const ROUTE = '/api-keys'
const LIFE_DAYS_MAX = 365

/**
 * `--expires`: whole days, as `90d`. Another unit would be read as a span that was not meant.
 *
 * @throws ParixError BAD_INPUT
 */
export function parseLifeDays(text: string): number {
  const days = Number(/^(\d{1,4})d$/i.exec(text.trim())?.[1] ?? Number.NaN)
  if (days >= 1 && days <= LIFE_DAYS_MAX) return days
  throw new ParixError(
    'BAD_INPUT',
    `--expires must be a number of days from 1d to ${LIFE_DAYS_MAX}d, such as 90d, not ${JSON.stringify(text.slice(0, 60))}.`,
  )
}

export async function listApiKeys(api: Api): Promise<ApiKey[]> {
  const {apiKeys} = await orExplained(api, api.get(ROUTE, {}, readApiKeys))
  return apiKeys
}

/** @throws ParixError CONFLICT (the name is taken), OUTCOME_UNKNOWN: there may be a key, which nobody has seen */
export async function createApiKey(api: Api, wanted: CreateApiKeyRequest): Promise<CreatedApiKeyResponse> {
  try {
    return await orExplained(api, api.post(ROUTE, wanted, {read: readCreatedApiKey}))
  } catch (error) {
    if (!isParixError(error)) throw error
    if (error.kind === 'CONFLICT') {
      throw new ParixError('CONFLICT', error.message, {
        ...error.details,
        hint: 'A key is shown only when it is created. Take another name, or revoke that key first.',
        next: nextCommand('auth api-key list'),
      })
    }
    if (!isOpen(error)) throw error
    throw outcomeUnknown(
      error,
      `There may be a key called ${JSON.stringify(wanted.name)} now, which nobody has seen. Revoke it, then create it again.`,
    )
  }
}

/**
 * The key with this id, or with exactly this name.
 *
 * @throws ParixError NOT_FOUND; BAD_INPUT when several keys have the name
 */
export async function findApiKey(api: Api, nameOrId: string): Promise<ApiKey> {
  const keys = await listApiKeys(api)
  const byId = keys.find(({id}) => id === nameOrId)
  const named = byId === undefined ? keys.filter(({name}) => name === nameOrId) : [byId]
  if (named.length === 1) return named[0]!
  if (named.length === 0) {
    throw new ParixError(
      'NOT_FOUND',
      `You have no API key called ${JSON.stringify(nameOrId)} at ${placeText(api.base)}.`,
      {code: 'api_key_not_found', next: nextCommand('auth api-key list')},
    )
  }
  throw new ParixError('BAD_INPUT', `${named.length} API keys are called ${JSON.stringify(nameOrId)}.`, {
    code: 'ambiguous_api_key',
    errors: named.map((key) => `${key.id} (${key.start ?? ''}…, created ${key.createdAt ?? 'at an unknown time'})`),
    hint: 'Use the id in place of the name.',
  })
}

/** Where the response is lost, the list says whether it is gone. @throws ParixError NOT_FOUND, OUTCOME_UNKNOWN */
export async function revokeApiKey(api: Api, key: ApiKey): Promise<RevokedApiKeyResponse> {
  try {
    return await api.delete(`${ROUTE}/${encodeURIComponent(key.id)}`, {read: readRevokedApiKey})
  } catch (error) {
    if (!isParixError(error) || !isOpen(error)) throw error
    const left = await listApiKeys(api).catch(() => undefined)
    if (left?.every(({id}) => id !== key.id)) return {ok: true, apiKey: key}
    throw outcomeUnknown(error, `Whether the key ${JSON.stringify(key.name)} was revoked is not known.`)
  }
}

/** Whether the service may have done it although there was no usable response. */
function isOpen(error: ParixError): boolean {
  if (isTransportError(error)) return error.sent === 'maybe'
  return (error.details.status ?? 0) >= 500 || isUnreadable(error)
}

function outcomeUnknown(error: ParixError, what: string): ParixError {
  return new ParixError('OUTCOME_UNKNOWN', `${error.message} ${what}`, {
    ...error.details,
    code: 'outcome_unknown',
    retryable: true,
    next: nextCommand('auth api-key list'),
    cause: error,
  })
}

/** The contract of the hosted service has these routes in no version so far: then there is a page. */
async function orExplained<T>(api: Api, response: Promise<T>): Promise<T> {
  try {
    return await response
  } catch (error) {
    if (!isParixError(error)) throw error
    const page = serviceUrl(api.base, PATHS.apiKeys).href
    const {kind, code, details, message} = error
    const withHint = (text: string, hint: string, more: ErrorDetails = {}) =>
      new ParixError(kind, text, {...details, hint: [hint, ...hintsOf(error)], ...more, cause: error})
    if (details.status === 404 || details.status === 405) {
      const text = `${placeText(api.base)} has no API keys by command (HTTP ${details.status}).`
      throw withHint(text, `Create, look at and revoke keys on its page: ${page}`, {code: 'no_api_key_routes'})
    }
    if (code === 'web_page') throw withHint(message, `If it has no API keys by command, use its page: ${page}`)
    if (kind === 'FORBIDDEN' && process.env.PARIX_API_KEY?.trim()) {
      throw withHint(message, 'PARIX_API_KEY is set, so that key was used. Unset it to use your session.')
    }
    throw error
  }
}

/** `read and write, the database books`. */
export function scopeText({access, databaseId, databaseName}: ApiKey): string {
  const where = databaseId === null ? 'all databases' : `the database ${databaseName ?? databaseId}`
  return `${accessText(access)}, ${where}`
}

function accessText(access: string | null): string {
  return access === 'write' ? 'read and write' : (access ?? 'unknown')
}

export function apiKeyTable(keys: readonly ApiKey[], whenEmpty: string, now: number): Table {
  return {
    columns: ['NAME', 'ID', 'KEY', 'ACCESS', 'DATABASE', 'CREATED', 'LAST USED', 'EXPIRES'],
    rows: keys.map((key) => [
      key.name,
      key.id,
      key.start && `${key.start}…`,
      accessText(key.access),
      key.databaseId === null ? 'all' : (key.databaseName ?? key.databaseId),
      key.createdAt,
      key.lastUsedAt ?? 'never',
      expiryText(key.expiresAt, now),
    ]),
    whenEmpty,
  }
}

/** All that tells a key from others, for the person who ends it. */
export function apiKeyDetails(key: ApiKey, now: number): Details['details'] {
  return [
    ['name', key.name],
    ['id', key.id],
    ['key', key.start && `${key.start}…`],
    ['scope', scopeText(key)],
    ['last used', key.lastUsedAt ?? 'never'],
    ['expires', expiryText(key.expiresAt, now)],
  ]
}

function expiryText(expiresAt: string | null, now: number): string {
  if (expiresAt === null) return 'never'
  return Date.parse(expiresAt) <= now ? `expired ${expiresAt}` : expiresAt
}
