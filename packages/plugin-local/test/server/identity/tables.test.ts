import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startService} from '@parix/plugin-local/server'
import {expect} from 'chai'
import {tablesModule} from '../../../../../scripts/tables/tables-module.js'
import {hashSecret} from '../../../src/server/identity/constants.js'
import {createApiKey} from '../../../src/server/identity/keys.js'
import {createPeople, FIRST_PERSON} from '../../../src/server/identity/people.js'
import {createProvider, migrationsOf, type Provider} from '../../../src/server/identity/provider.js'
import {closeDatabase, type Database, openDatabase} from '../../../src/server/store/database.js'
import {apiTakes, signIn} from '../../support/cli.js'
import {useLocalService} from '../../support/local.js'

type Row = Record<string, unknown>

describe('what a first start writes, without Better Auth', () => {
  let dataDir: string
  let peer: Database
  let provider: Provider
  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-first-'))
    peer = new (createRequire(import.meta.url)('libsql') as new (path: string) => Database)(':memory:')
    provider = createProvider({
      database: peer,
      secrets: {installationId: '00000000', authSecret: 'x'.repeat(43)},
      hosts: ['localhost:1'],
      accessTokenLifeS: 3600,
      refreshTokenLifeS: 3600,
      log: () => undefined,
    })
    await (await migrationsOf(provider)).runMigrations()
  })
  after(() => {
    peer.close()
    rmSync(dataDir, {recursive: true, force: true})
  })

  it('the tables that Better Auth wants: `npm run tables` writes them again after an update', async () => {
    const file = new URL('../../../src/server/identity/tables-sql.ts', import.meta.url)
    expect(readFileSync(file, 'utf8')).to.equal(await tablesModule())
  })

  it('the rows that Better Auth would write', async () => {
    const service = await startService({port: 0, dataDir})
    await service.close()
    const store = openDatabase(dataDir)
    try {
      const theirs = await written()
      const ours = rowsOf(store)
      const client = ours.oauthClient!
      // Where the service listens is its own matter.
      expect(JSON.parse(client.redirectUris as string)).to.include(`${service.baseUrl}/api/oauth/cli/callback`)
      expect(shapesOf(ours)).to.deep.equal(shapesOf(theirs))
      const {user, organization, member, apikey} = ours
      expect(member).to.include({userId: user!.id, organizationId: organization!.id})
      expect(apikey).to.include({referenceId: user!.id, key: hashSecret(service.apiKey)})
      expect(service.apiKey.slice(0, 6)).to.equal(apikey!.start)
    } finally {
      closeDatabase(store)
    }
  })

  /** By the calls that create others. */
  async function written(): Promise<Record<string, Row>> {
    const load = async () => provider
    const person = await createPeople(load, peer).ensure(FIRST_PERSON)
    const {key} = await createApiKey(load, person.id, 'parix local', {access: 'write'})
    expect(key).to.match(/^px_[A-Za-z]{64}$/)
    const scopes = 'openid profile email offline_access org:read db:read db:write billing:read'.split(' ')
    await (await provider.$context).adapter.create({
      model: 'oauthClient',
      data: {
        clientId: 'parix',
        name: 'Parix CLI',
        tokenEndpointAuthMethod: 'none',
        applicationType: 'native',
        redirectUris: ['http://127.0.0.1/callback'],
        grantTypes: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        responseTypes: ['code'],
        scopes,
        requirePKCE: true,
        createdAt: new Date(),
        updatedAt: new Date(),
      },
    })
    return rowsOf(peer)
  }
})

describe('what a later start finds', () => {
  const local = useLocalService()

  /** Changes the database while no service has it. */
  async function changed(sql: string): Promise<void> {
    await local.service.close()
    const store = openDatabase(local.dataDir)
    store.exec(sql)
    closeDatabase(store)
    await local.restart()
  }

  it('tables of another version, which Better Auth migrates', async () => {
    await changed(`DROP TABLE "deviceCode"; UPDATE parix_meta SET value = 'older' WHERE name = 'schema'`)
    const response = await fetch(local.url('/api/auth/device/code'), {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({client_id: 'parix'}),
    })
    expect(response.status).to.equal(200)
    const {apiKey} = local.service
    await local.restart()
    expect(local.service.apiKey).to.equal(apiKey)
  })

  it('tables from before their shape was noted', async () => {
    await changed("DELETE FROM parix_meta WHERE name = 'schema'")
    const {access_token: token} = await signIn(local.service.baseUrl)
    expect(await apiTakes(local.service.baseUrl, token)).to.equal(true)
  })

  it('neither client, key, organization nor person: all are created again', async () => {
    const {apiKey} = local.service
    for (const sql of [
      'DELETE FROM apikey',
      'DELETE FROM organization',
      'DELETE FROM user; DELETE FROM apikey; DELETE FROM "oauthClient"',
    ]) {
      await changed(sql)
      const {access_token: token} = await signIn(local.service.baseUrl)
      expect(await apiTakes(local.service.baseUrl, token), sql).to.equal(true)
      expect(await apiTakes(local.service.baseUrl, local.service.apiKey), sql).to.equal(true)
    }
    expect(local.service.apiKey).not.to.equal(apiKey)
  })
})

const TABLES = ['user', 'organization', 'member', 'apikey', 'oauthClient'] as const

/** The only row of each. */
function rowsOf(database: Database): Record<string, Row> {
  return Object.fromEntries(
    TABLES.map((table) => {
      const rows = database.prepare(`SELECT * FROM "${table}"`).all() as Row[]
      expect(rows, table).to.have.length(1)
      return [table, rows[0]!]
    }),
  )
}

/** Random values and times by their form, others as they are. */
function shapesOf(rows: Record<string, Row>): Record<string, Row> {
  const shape = (name: string, value: unknown) => {
    if (name === 'redirectUris') return 'addresses'
    if (name === 'start') return /^px_[A-Za-z]{3}$/.test(String(value)) ? 'start' : value
    if (typeof value !== 'string') return value
    if (/^[A-Za-z0-9]{32}$/.test(value)) return 'id'
    if (/^[\w-]{43}$/.test(value)) return 'hash'
    return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) ? 'time' : value
  }
  return Object.fromEntries(
    Object.entries(rows).map(([table, row]) => [
      table,
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shape(name, value)])),
    ]),
  )
}
