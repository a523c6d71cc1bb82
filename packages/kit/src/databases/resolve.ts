import {type Api, type ApiRequest, readDatabaseInfo, readNamedDatabases} from '../api/index.js'
import type {DatabaseRow} from '../contract/index.js'
import {isParixError, ParixError} from '../errors.js'
import {plainCommand} from '../next-command.js'
import {suggest} from '../suggest.js'
import {databasePages, looksCut} from './list.js'

/** A database of the service. */
export interface ResolvedDatabase {
  id: string
  /** As the service spells it; the id itself where it was taken as given. */
  name: string
  /** Where the service was asked. */
  status?: string
  /** Which ledger is behind it, where the service said so along with the name. */
  ledger?: string
  /** Whether the service was asked: an id is tried as it is, so that a command needs one request. */
  checked: boolean
}

const NAMES_MAX = 100
const NAMES_SHOWN_MAX = 10

/**
 * The database meant by a name or an id. Text that looks like an id (a UUID, `db_…`) is taken as one without asking; use
 * `withDatabase` where it may turn out to be a name.
 *
 * @throws ParixError NOT_FOUND with suggestions; BAD_INPUT when several databases have the name
 */
export async function resolveDatabase(api: Api, nameOrId: string): Promise<ResolvedDatabase> {
  if (nameOrId.trim() === '') throw new ParixError('BAD_INPUT', 'The name of the database is empty.')
  if (looksLikeId(nameOrId)) return {id: nameOrId, name: nameOrId, checked: false}
  return findDatabase(api, nameOrId)
}

/**
 * Runs `work` on the database meant. Where an id was taken as it is and the service does not know it, it is looked for
 * among the names, and `work` runs again on what is found: a 404 says that nothing was done.
 */
export async function withDatabase<T>(
  api: Api,
  nameOrId: string,
  work: (database: ResolvedDatabase) => Promise<T>,
): Promise<T> {
  const database = await resolveDatabase(api, nameOrId)
  if (database.checked) return work(database)
  try {
    return await work(database)
  } catch (error) {
    // Only the service's own word counts: `work` may miss something other than the database.
    if (!isParixError(error) || error.kind !== 'NOT_FOUND' || error.details.status === undefined) throw error
    const found = await findDatabase(api, nameOrId)
    if (found.id === database.id) throw error
    return work(found)
  }
}

/** Asks the service: by name, and where no name fits, by id. */
async function findDatabase(api: Api, nameOrId: string): Promise<ResolvedDatabase> {
  const {databases, complete} = await searchDatabases(api, nameOrId)
  const byId = databases.find(({id}) => id === nameOrId)
  if (byId) return checked(byId)
  const named = databases.filter(({name}) => name === nameOrId)
  if (named.length === 0 && !complete) throw tooMany(api, nameOrId, databases.length)
  if (named.length > 1) throw ambiguous(nameOrId, named)
  return named[0] ? checked(named[0]) : byUnusualId(api, nameOrId)
}

/** The contract doesn't say what ids look like, so whatever is not a name is tried as one. */
async function byUnusualId(api: Api, id: string): Promise<ResolvedDatabase> {
  try {
    const {database, profile, ledgerId} = await api.get(`/databases/${encodeURIComponent(id)}`, {}, readDatabaseInfo)
    return {
      id: database.id,
      name: database.name || database.id,
      checked: true,
      ...(profile?.status && {status: profile.status}),
      ...(typeof ledgerId === 'string' && {ledger: ledgerId}),
    }
  } catch (error) {
    if (isParixError(error) && (error.kind === 'NOT_FOUND' || error.details.status === 400))
      throw await notFound(api, id)
    throw error
  }
}

/**
 * What the service lists for a search. The search also finds names that merely contain the text (`ci-main-1` for `main`), so
 * the list is read page by page until the name is in it.
 *
 * @returns `complete`: whether a name that is not in the list does not exist
 */
export async function searchDatabases(
  api: Api,
  name: string,
  limits: Pick<ApiRequest, 'responseTimeoutMs' | 'retries'> = {},
): Promise<{databases: DatabaseRow[]; complete: boolean}> {
  const databases: DatabaseRow[] = []
  let complete = false
  const options = {read: readNamedDatabases, pageRowsMin: 1, limits}
  for await (const {rows, ended} of databasePages(api, {search: name, limit: NAMES_MAX}, options)) {
    databases.push(...rows)
    complete = ended === 'yes' || !looksCut(databases.length)
    if (rows.some((row) => row.name === name || row.id === name)) return {databases, complete: true}
  }
  return {databases, complete}
}

function tooMany(api: Api, name: string, count: number): ParixError {
  return new ParixError(
    'FAILED',
    `It can't be seen whether ${JSON.stringify(name)} exists: ${api.base.url.host} lists only ${count} of the databases whose names contain it.`,
    {code: 'too_many_databases', hint: 'Use the id of the database in place of its name.'},
  )
}

function listDatabases(api: Api, query: {search?: string; limit: number}): Promise<DatabaseRow[]> {
  return api.get('/databases', query, readNamedDatabases)
}

function checked({id, name, status, ledgerId}: DatabaseRow): ResolvedDatabase {
  return {id, name, status, checked: true, ...(typeof ledgerId === 'string' && {ledger: ledgerId})}
}

/** UUIDs and prefixed ids such as `db_01h…`: nobody calls a database like this. */
function looksLikeId(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text) || /^db_[0-9A-Za-z_-]+$/.test(text)
}

function ambiguous(name: string, databases: DatabaseRow[]): ParixError {
  return new ParixError('BAD_INPUT', `${databases.length} databases are called ${JSON.stringify(name)}.`, {
    code: 'ambiguous_database',
    errors: databases.map(({id, provider, region, status}) => `${id} (${[provider, region, status].join(', ')})`),
    hint: 'Use the id in place of the name.',
  })
}

async function notFound(api: Api, nameOrId: string): Promise<ParixError> {
  const databases = await listDatabases(api, {limit: NAMES_MAX})
  const near = suggest(
    nameOrId,
    databases.map(({name}) => name),
  )
  const meant = near.length > 0 ? ` Did you mean ${near.map((name) => JSON.stringify(name)).join(' or ')}?` : ''
  const few = near.length === 0 && databases.length > 0 && databases.length <= NAMES_SHOWN_MAX
  return new ParixError('NOT_FOUND', `There is no database called ${JSON.stringify(nameOrId)}.${meant}`, {
    code: 'database_not_found',
    ...(few && {errors: [`there are ${databases.map(({name}) => name).join(', ')}`]}),
    next: plainCommand('database list'),
  })
}
