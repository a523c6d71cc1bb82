import {cpSync, existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout} from 'node:timers/promises'
import {type ServiceFault, type ServiceOptions, startService} from '@parix/plugin-local/server'
import {expect} from 'chai'
import {toLocalError} from '../../src/local-command.js'
import {useApi} from '../support/api.js'

/** No cluster listens at any of these addresses: what a start with them does to the data directory needs none. */
const HERE = '127.0.0.1:1'
const THERE = '127.0.0.1:2'
const cluster = (id: bigint, ...addresses: string[]) => ({clusterId: id, addresses})

describe('what keeps the databases', () => {
  let dataDir = ''
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-backend-'))
  })
  afterEach(() => rmSync(dataDir, {recursive: true, force: true}))

  /** Starts a service and ends it again, with a database of this name in between. */
  async function runOnce(options: Partial<ServiceOptions>, name?: string): Promise<void> {
    const service = await startService({port: 0, dataDir, provisionDelayMs: 0, ...options})
    try {
      if (name === undefined) return
      const headers = {'x-api-key': service.apiKey, 'content-type': 'application/json'}
      const made = await fetch(`${service.baseUrl}/api/v1/databases`, {
        method: 'POST',
        headers,
        body: JSON.stringify({name}),
      })
      expect(made.status).to.equal(201)
      const {database} = (await made.json()) as {database: {id: string}}
      const status = async () => {
        const found = await fetch(`${service.baseUrl}/api/v1/databases/${database.id}`, {headers})
        return ((await found.json()) as {profile: {status: string}}).profile.status
      }
      // A cluster that nobody reaches never provisions.
      if (options.cluster === undefined) while ((await status()) !== 'READY') await setTimeout(20)
    } finally {
      await service.close()
    }
  }

  async function refusal(options: Partial<ServiceOptions>): Promise<ServiceFault> {
    try {
      await runOnce(options)
    } catch (error) {
      return error as ServiceFault
    }
    throw new Error('the start should have been refused')
  }

  const OTHERS: [string, Partial<ServiceOptions>, Partial<ServiceOptions>, string][] = [
    [
      'the embedded ledgers in place of a cluster',
      {cluster: cluster(1n, HERE)},
      {},
      `--cluster-id 1 --addresses ${HERE}`,
    ],
    ['a cluster in place of the embedded ledgers', {}, {cluster: cluster(1n, HERE)}, ''],
    [
      'a cluster with another id',
      {cluster: cluster(1n, HERE)},
      {cluster: cluster(2n, HERE)},
      `--cluster-id 1 --addresses ${HERE}`,
    ],
    [
      'a cluster with the same id elsewhere',
      {cluster: cluster(0n, HERE)},
      {cluster: cluster(0n, THERE)},
      `--cluster-id 0 --addresses ${HERE}`,
    ],
  ]
  for (const [what, first, then, flags] of OTHERS) {
    it(`${what}: the start is refused, and says the command that is right`, async () => {
      await runOnce(first, 'books')
      const fault = await refusal(then)
      expect(fault.code).to.equal('OTHER_BACKEND')
      const error = toLocalError(fault, dataDir) as Error & {details: {next?: unknown; code?: unknown}}
      expect(error.details.code).to.equal('other_backend')
      expect([error.details.next].flat()).to.deep.equal([
        `parix local start ${flags === '' ? '' : `${flags} `}--data-dir ${dataDir}`,
      ])
      await runOnce(first)
    })
  }

  it('a cluster of which one replica has moved is the same, and its new addresses are the ones to compare with', async () => {
    await runOnce({cluster: cluster(7n, HERE, THERE)}, 'books')
    await runOnce({cluster: cluster(7n, THERE, '127.0.0.1:3')})
    await runOnce({cluster: cluster(7n, '127.0.0.1:3', '127.0.0.1:4')})
    expect((await refusal({cluster: cluster(7n, HERE)})).code).to.equal('OTHER_BACKEND')
  })

  it('nothing binds a directory without databases', async () => {
    await runOnce({})
    await runOnce({cluster: cluster(1n, HERE)})
    await runOnce({})
  })

  it('a directory of a version that noted nothing, with ledgers in it, is held to them', async () => {
    await runOnce({}, 'books')
    const {openDatabase, closeDatabase} = await import('../../src/server/store/database.js')
    const store = openDatabase(dataDir)
    store.exec('DELETE FROM parix_meta WHERE name = \'backend\'; ALTER TABLE parix_database DROP COLUMN "ledgerId"')
    closeDatabase(store)
    await runOnce({})
    expect(existsSync(join(dataDir, 'ledgers'))).to.equal(true)
    expect((await refusal({cluster: cluster(1n, HERE)})).code).to.equal('OTHER_BACKEND')
  })
})

describe('the ledger behind a database', () => {
  const api = useApi()

  it('has an id that every operation and the look at the database answer, and a restart keeps', async () => {
    const id = await api.makeDatabase('books')
    const look = async () => (await api.call('GET', `/databases/${id}`)).json.ledgerId as string
    const before = await look()
    expect(before).to.match(/^[0-9a-f]{32}$/)
    const created = await api.operate(id, 'create_accounts', '[{"id":1,"ledger":1,"code":1}]')
    expect(created.json.ledgerId).to.equal(before)
    await api.restart()
    expect(await look()).to.equal(before)
    expect((await api.operate(id, 'lookup_accounts', '["1"]')).json.ledgerId).to.equal(before)
  })

  it('a database that is not provisioned has none', async () => {
    await api.restart({provisionDelayMs: 60_000})
    const {json} = await api.call('POST', '/databases', '{"name":"later"}')
    expect((await api.call('GET', `/databases/${json.database.id}`)).json.ledgerId).to.equal(null)
    expect((await api.call('DELETE', `/databases/${json.database.id}`)).status).to.equal(200)
    await api.restart()
  })

  const LOSSES: [string, (directory: string) => void, RegExp][] = [
    ['its log is gone', (directory) => rmSync(join(directory, 'ledger.log')), /ledger\.log is missing/],
    ['its directory is gone', (directory) => rmSync(directory, {recursive: true}), /is missing: the directory/],
    [
      'its confirmed length is gone',
      (directory) => rmSync(join(directory, 'ledger.confirmed')),
      /ledger\.confirmed is missing/,
    ],
  ]
  for (const [what, lose, words] of LOSSES) {
    it(`${what}: operations are refused in words, nothing is created anew, and a restored copy works again`, async () => {
      const id = await api.makeDatabase(`lost ${what}`)
      await api.operate(id, 'create_accounts', '[{"id":1,"ledger":1,"code":1}]')
      const directory = join(api.dataDir, 'ledgers', id)
      await api.service.close()
      cpSync(directory, `${directory}-backup`, {recursive: true})
      lose(directory)
      await api.restart()
      for (const [operation, body] of [
        ['lookup_accounts', '["1"]'],
        ['create_accounts', '[{"id":1,"ledger":9,"code":9}]'],
      ] as const) {
        const refused = await api.operate(id, operation, body)
        expect(refused.status).to.equal(503)
        expect(refused.json.detail).to.match(words).and.contain('Nothing was created in its place')
      }
      rmSync(directory, {recursive: true, force: true})
      cpSync(`${directory}-backup`, directory, {recursive: true})
      expect((await api.operate(id, 'lookup_accounts', '["1"]')).json.responsePayload[0].code).to.equal(1)
    })
  }

  it("another database's ledger in its place is refused", async () => {
    const id = await api.makeDatabase('mine')
    const other = await api.makeDatabase('other')
    await api.service.close()
    const ledgers = join(api.dataDir, 'ledgers')
    rmSync(join(ledgers, id), {recursive: true})
    cpSync(join(ledgers, other), join(ledgers, id), {recursive: true})
    await api.restart()
    const refused = await api.operate(id, 'query_accounts', '{}')
    expect(refused.status).to.equal(503)
    expect(refused.json.detail).to.contain('belongs to the ledger')
  })
})
