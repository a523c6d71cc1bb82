import {setTimeout as sleep} from 'node:timers/promises'
import {type Api, type ApiResponse, billingError, readCatalog, readChecked, readCreatedDatabase} from '@parix/kit/api'
import type {CreateDatabaseRequest, CreateDatabaseResponse, DatabaseRow} from '@parix/kit/contract'
import {isParixError, ParixError} from '@parix/kit/errors'
import {isTransportError} from '@parix/kit/http'
import {stringifyExact} from '@parix/kit/json'
import {nextCommand, plainCommand} from '@parix/kit/next-command'
import {chooseFromCatalog, type Wishes} from './choices.js'
import {databaseInfo, findByName} from './databases.js'

export interface CreateOptions {
  name: string
  wishes: Wishes
  storageGb?: number | undefined
}

export interface CreateWorld {
  /** The command as it was typed, to go on with. */
  again: string
  say: (text: string) => void
  /** Called right before the request that makes the database leaves. */
  sending?: () => void
  sleepMs?: (milliseconds: number) => Promise<unknown>
  /** How long to wait each time the database is looked for; 5 s when left out. */
  lookTimeoutMs?: number
}

/** The service's response; `recovered`: it was lost, and the database was found by its name. */
export interface CreatedDatabase extends Omit<CreateDatabaseResponse, 'database' | 'billing'> {
  database: {id: string; name: string; organizationId?: string; createdAt: string; updatedAt: string}
  recovered?: true
}

/**
 * Makes a database. Names are unique in an organization, and that is what makes this safe: the name is looked up before the
 * request, which is sent once, and again if its response was lost, so that we can say what is true.
 *
 * @throws ParixError BAD_INPUT (not in the catalog), CONFLICT (the name is taken), BILLING, OUTCOME_UNKNOWN
 */
export async function createDatabase(api: Api, options: CreateOptions, world: CreateWorld): Promise<CreatedDatabase> {
  const [request, existing] = await Promise.all([writeRequest(api, options, world), nameBefore(api, options.name)])
  if (existing !== undefined) throw nameTaken(options.name, existing)
  world.sending?.()
  try {
    return await post(api, request, world)
  } catch (error) {
    if (!isParixError(error)) throw error
    if (error.kind === 'CONFLICT') throw nameTaken(options.name, undefined, error)
    if (!responseWasLost(error)) throw error
    return foundAfterLoss(api, options.name, error, world)
  }
}

/** A key that may write and not read is enough to make a database; the service knows whether the name is taken. */
async function nameBefore(api: Api, name: string): Promise<DatabaseRow | undefined> {
  try {
    return await findByName(api, name)
  } catch (error) {
    if (isParixError(error) && error.kind === 'FORBIDDEN') return undefined
    throw error
  }
}

async function writeRequest(api: Api, options: CreateOptions, world: CreateWorld): Promise<CreateDatabaseRequest> {
  const {name, wishes, storageGb} = options
  const asked = Object.values(wishes).some((wish) => wish !== undefined)
  const choices = asked ? await checkedChoices(api, wishes, world) : {}
  return {name, ...choices, ...(storageGb !== undefined && {selectedStorageGb: storageGb})}
}

/** A service without a catalog, or a key that may not read it, must not prevent it: then the service checks alone. */
async function checkedChoices(api: Api, wishes: Wishes, world: CreateWorld): Promise<Partial<CreateDatabaseRequest>> {
  try {
    const {catalog} = await api.get('/catalog/create', {}, readCatalog)
    return chooseFromCatalog(catalog, wishes)
  } catch (error) {
    if (!isParixError(error) || (error.details.status !== 403 && error.details.status !== 404)) throw error
  }
  world.say("The catalog can't be read, so what you chose is sent unchecked.")
  return Object.fromEntries(Object.entries(wishes).filter(([, wish]) => wish !== undefined))
}

/** Billing is said with 200 or with 402, so the body is looked at before the status. */
async function post(api: Api, request: CreateDatabaseRequest, {again}: CreateWorld): Promise<CreatedDatabase> {
  const response = await api.request({
    method: 'POST',
    target: '/databases',
    headers: {accept: 'application/json', 'content-type': 'application/json'},
    body: stringifyExact(request),
  })
  const fine = response.status >= 200 && response.status <= 299
  const body = readResponse(response, fine)
  if (body?.billing) throw billingError(body.billing, again)
  if (!fine) throw api.refusal(response)
  if (body?.database?.id !== undefined && body.success !== false) return {...body, database: body.database}
  if (body?.success !== false) {
    // Queued, perhaps: the name is looked up, as after a response that was lost.
    throw new ParixError('UNAVAILABLE', 'The service did not say whether it created the database.', {
      code: 'unreadable_answer',
      status: response.status,
    })
  }
  throw new ParixError('FAILED', `Nothing was created: ${body.message || 'the service gave no reason.'}`, {
    code: 'not_created',
    next: plainCommand('database catalog'),
  })
}

function readResponse(response: ApiResponse, fine: boolean): CreateDatabaseResponse | undefined {
  try {
    return readChecked(response, readCreatedDatabase)
  } catch (error) {
    if (fine) throw error
    return undefined
  }
}

function nameTaken(name: string, existing: DatabaseRow | undefined, cause?: ParixError): ParixError {
  const what = existing === undefined ? '' : ` (${existing.id}, ${existing.status})`
  return new ParixError('CONFLICT', `Nothing was created: there is already a database called ${quoted(name)}${what}.`, {
    ...cause?.details,
    code: 'name_taken',
    hint: 'Choose another name, or use the database that is there.',
    next: nextCommand('database info', {args: [name]}),
  })
}

/** The request may have been carried out: no response, half a response, or an error behind the gateway. */
function responseWasLost(error: ParixError): boolean {
  if (isTransportError(error)) return error.sent === 'maybe'
  const {status} = error.details
  return (
    status !== undefined &&
    (status >= 500 || (status < 300 && error.kind !== 'BILLING' && error.code !== 'not_created'))
  )
}

const LOOK_AGAIN_AFTER_MS = [0, 1000, 3000]

async function foundAfterLoss(
  api: Api,
  name: string,
  lost: ParixError,
  {again, say, sleepMs = sleep, lookTimeoutMs = 5000}: CreateWorld,
): Promise<CreatedDatabase> {
  say(`The response was lost (${lost.message}) Looking whether ${quoted(name)} was created …`)
  for (const pause of LOOK_AGAIN_AFTER_MS) {
    await sleepMs(pause)
    // The lookup may fail as the request did, which has taken long enough: one short attempt each time.
    const limits = {responseTimeoutMs: lookTimeoutMs, retries: 'none'} as const
    const row = await findByName(api, name, limits).catch(() => undefined)
    if (row !== undefined) return recovered(api, row)
  }
  throw new ParixError('OUTCOME_UNKNOWN', `${lost.message} No database called ${quoted(name)} can be seen yet.`, {
    ...lost.details,
    code: 'outcome_unknown',
    retryable: true,
    hint: "Run the same command again: names are unique, so it can't be created twice.",
    next: again,
    cause: lost,
  })
}

async function recovered(api: Api, row: DatabaseRow): Promise<CreatedDatabase> {
  const info = await databaseInfo(api, row.id).catch(() => undefined)
  const {id, name, createdAt, updatedAt} = row
  return {
    success: true,
    recovered: true,
    message: 'The response was lost, but the database was created.',
    database: info?.database ?? {id, name, createdAt, updatedAt},
    ...(info?.profile && {profile: info.profile}),
  }
}

function quoted(name: string): string {
  return JSON.stringify(name)
}

/** The service searches for names of this length at most, and looks a name up before it creates it. */
const NAME_CHARACTERS_MAX = 200

/**
 * A name for a new database. The service has the last word; this refuses obvious mistakes before anything is sent.
 *
 * @throws ParixError BAD_INPUT
 */
export function checkName(name: string): string {
  if (name.trim() === '') throw bad('is empty')
  if (name !== name.trim()) throw bad('begins or ends with a space')
  // Node puts U+FFFD where an argument is not UTF-8: the database would get a name that nobody typed.
  if (name.includes('\ufffd')) throw bad('is not valid UTF-8 (is the terminal set to another encoding?)')
  if ([...name].length > NAME_CHARACTERS_MAX) throw bad(`is longer than ${NAME_CHARACTERS_MAX} characters`)
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) throw bad('holds a control character')
  return name
}

function bad(reason: string): ParixError {
  return new ParixError('BAD_INPUT', `Nothing was created: the name of the database ${reason}.`, {code: 'bad_name'})
}
