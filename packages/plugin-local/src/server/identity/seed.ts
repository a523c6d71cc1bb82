import {randomInt} from 'node:crypto'
import {CLIENT_ID, PATHS, SCOPES} from '@parix/kit/contract'
import {forgetExpiredTokens} from '../oauth/grants.js'
import type {Database} from '../store/database.js'
import {type Secrets, saveSecrets} from '../store/secrets.js'
import {hashSecret, PREFIXES} from './constants.js'
import {createApiKey, findApiKey} from './keys.js'
import {FIRST_ORGANIZATION, FIRST_PERSON, type People, type Person} from './people.js'
import type {LoadProvider} from './provider.js'
import {prepareTables} from './tables.js'

/** The client's name as the consent page shows it. */
export const CLIENT_NAME = 'Parix CLI'

/**
 * The CLI as a public client: no secret, PKCE always. Its redirect addresses name this run's port, which may be another at
 * the next start. The row is never removed: all tokens would go with it.
 *
 * The first address is for clients that bring their own loopback listener (RFC 8252 §7.3: any port of 127.0.0.1); the
 * others are the service's own callback, by each of its names.
 */
function registerClient(database: Database, hosts: readonly string[]): void {
  const redirectUris = ['http://127.0.0.1/callback', ...hosts.map((host) => `http://${host}${PATHS.callback}`)]
  const update = database.prepare('UPDATE "oauthClient" SET "redirectUris" = ?, scopes = ? WHERE "clientId" = ?')
  if (update.run(JSON.stringify(redirectUris), JSON.stringify(SCOPES), CLIENT_ID).changes > 0) return
  const now = new Date().toISOString()
  insert(database, 'oauthClient', {
    id: newId(),
    clientId: CLIENT_ID,
    disabled: 0,
    scopes: JSON.stringify(SCOPES),
    clientCredentialsScopes: '[]',
    createdAt: now,
    updatedAt: now,
    name: CLIENT_NAME,
    redirectUris: JSON.stringify(redirectUris),
    tokenEndpointAuthMethod: 'none',
    applicationType: 'native',
    grantTypes: JSON.stringify(GRANT_TYPES),
    responseTypes: JSON.stringify(['code']),
    requirePKCE: 1,
    dpopBoundAccessTokens: 0,
  })
}

const GRANT_TYPES = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']
const KEY_NAME = 'parix local'

/**
 * What a new database begins with: the first user, the organization `Local`, and an API key that may read and write. The rows are
 * those that Better Auth would write (a test compares them), which takes longer to load than all else that a start does.
 *
 * @returns the API key: the store has its hash
 */
function plantFirstPerson(database: Database): string {
  const now = new Date().toISOString()
  const [userId, organizationId] = [newId(), newId()]
  const key = PREFIXES.apiKey + randomText(LETTERS, KEY_LETTERS)
  const stamps = {createdAt: now, updatedAt: now}
  insert(database, 'user', {id: userId, ...FIRST_PERSON, emailVerified: 1, ...stamps})
  const slug = FIRST_ORGANIZATION.toLowerCase()
  insert(database, 'organization', {id: organizationId, name: FIRST_ORGANIZATION, slug, createdAt: now})
  insert(database, 'member', {id: newId(), organizationId, userId, role: 'owner', createdAt: now})
  insert(database, 'apikey', {
    id: newId(),
    configId: 'default',
    name: KEY_NAME,
    start: key.slice(0, START_CHARACTERS),
    referenceId: userId,
    prefix: PREFIXES.apiKey,
    key: hashSecret(key),
    enabled: 1,
    rateLimitEnabled: 0,
    rateLimitTimeWindow: 24 * 3600 * 1000,
    rateLimitMax: 10,
    requestCount: 0,
    ...stamps,
    permissions: JSON.stringify({db: ['read', 'write']}),
    metadata: '{}',
  })
  return key
}

export interface IdentityParts {
  database: Database
  dataDir: string
  /** Whether what is written waits for the disk. */
  durable: boolean
  secrets: Secrets
  people: People
  loadProvider: LoadProvider
  /** The loopback names of this run, each with its port. */
  hosts: readonly string[]
}

/**
 * Makes the tables, the client and the first person ready, whatever is there already. Better Auth is loaded only where tables of
 * another version are to be migrated, or something has been removed since.
 */
export async function prepareIdentity(parts: IdentityParts): Promise<{user: Person; apiKey: string}> {
  const {database, dataDir, durable, secrets, people, loadProvider, hosts} = parts
  const planted: {apiKey?: string} = {}
  await prepareTables(database, loadProvider, () => {
    planted.apiKey = plantFirstPerson(database)
    registerClient(database, hosts)
  })
  if (planted.apiKey === undefined) {
    forgetExpiredTokens(database, new Date())
    registerClient(database, hosts)
  }
  const user = await people.ensure(FIRST_PERSON)
  const known = secrets.apiKey !== undefined && findApiKey(database, secrets.apiKey) ? secrets.apiKey : undefined
  const apiKey = planted.apiKey ?? known ?? (await createApiKey(loadProvider, user.id, KEY_NAME, {access: 'write'})).key
  if (apiKey !== secrets.apiKey) saveSecrets(dataDir, {...secrets, apiKey}, durable)
  return {user, apiKey}
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const ID_CHARACTERS = `${LETTERS}0123456789`
const KEY_LETTERS = 64
const START_CHARACTERS = 6

/** As Better Auth makes them. */
function newId(): string {
  return randomText(ID_CHARACTERS, 32)
}

function randomText(characters: string, length: number): string {
  return Array.from({length}, () => characters[randomInt(characters.length)]).join('')
}

function insert(database: Database, table: string, row: Record<string, string | number>): void {
  const names = Object.keys(row)
  const columns = names.map((name) => `"${name}"`).join(', ')
  const places = names.map(() => '?').join(', ')
  database.prepare(`INSERT INTO "${table}" (${columns}) VALUES (${places})`).run(...Object.values(row))
}
