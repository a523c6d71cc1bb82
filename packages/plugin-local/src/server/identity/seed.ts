import {CLIENT_ID, PATHS, SCOPES} from '@parix/kit/contract'
import type {Database} from '../store/database.js'
import {type Secrets, saveSecrets} from '../store/secrets.js'
import {createApiKey, findApiKey} from './keys.js'
import {FIRST_PERSON, type People, type Person} from './people.js'
import type {Provider} from './provider.js'

/** The client's name as the consent page shows it. */
export const CLIENT_NAME = 'Parix CLI'

/**
 * The CLI as a public client: no secret, PKCE always. Its redirect addresses name this run's port, which may be another at
 * the next start. The row is never removed: all tokens would go with it.
 *
 * The first address is for clients that bring their own loopback listener (RFC 8252 §7.3: any port of 127.0.0.1); the
 * others are the service's own callback, by each of its names.
 */
export async function registerClient(provider: Provider, database: Database, hosts: readonly string[]): Promise<void> {
  const redirectUris = ['http://127.0.0.1/callback', ...hosts.map((host) => `http://${host}${PATHS.callback}`)]
  const update = database.prepare('UPDATE "oauthClient" SET "redirectUris" = ?, scopes = ? WHERE "clientId" = ?')
  if (update.run(JSON.stringify(redirectUris), JSON.stringify(SCOPES), CLIENT_ID).changes > 0) return
  const {adapter} = await provider.$context
  await adapter.create({
    model: 'oauthClient',
    data: {
      clientId: CLIENT_ID,
      name: CLIENT_NAME,
      tokenEndpointAuthMethod: 'none',
      applicationType: 'native',
      redirectUris,
      grantTypes: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      responseTypes: ['code'],
      scopes: [...SCOPES],
      requirePKCE: true,
      createdAt: new Date(),
      updatedAt: new Date(),
    },
  })
}

/** The first user, the organization `Local` and an API key that may read and write; made where they are missing. */
export async function seedFirstPerson(
  provider: Provider,
  people: People,
  database: Database,
  secrets: Secrets,
  dataDir: string,
): Promise<{user: Person; apiKey: string}> {
  const user = await people.ensure(FIRST_PERSON)
  if (secrets.apiKey && findApiKey(database, secrets.apiKey)) return {user, apiKey: secrets.apiKey}
  const {key} = await createApiKey(provider, user.id, 'parix local', {access: 'write'})
  saveSecrets(dataDir, {...secrets, apiKey: key})
  return {user, apiKey: key}
}
