import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {makeHome, residentParix, startOnTerminal, type TestHome} from '@parix/testkit'
import {expect} from 'chai'

const MAX = '340282366920938463463374607431768211455'

interface Created {
  database: {id: string}
  ready: boolean
  recovered?: boolean
}

/** A database from nothing to nothing, at the real local service, by `parix database` and `parix api` alone. */
describe('story: the life of a database', function () {
  this.timeout(180_000)
  let dataDir: string
  let service: RunningService
  let home: TestHome

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parix-story-'))
    service = await startService({port: 0, dataDir, provisionDelayMs: 300, removalDelayMs: 300})
    home = makeHome()
  })
  after(async () => {
    await service.close()
    home.remove()
    rmSync(dataDir, {recursive: true, force: true})
  })

  const env = () => ({PARIX_BASE_URL: service.baseUrl, PARIX_API_KEY: service.apiKey})
  const run = (words: string | string[], stdin?: string) =>
    residentParix(words, {home, env: env(), ...(stdin !== undefined && {stdin})})
  /** Runs it, expects success, and reads the one JSON document. */
  async function json<T>(words: string | string[], stdin?: string): Promise<T> {
    const {code, stdout, stderr} = await run(
      [...(typeof words === 'string' ? words.split(' ') : words), '--json'],
      stdin,
    )
    expect(code, stderr).to.equal(0)
    return JSON.parse(stdout) as T
  }
  const fault = (rule: string) => run(['api', '/local/faults', '-f', `failNext:=[${rule}]`])

  it('is made from what the catalog has, waited for, found by name and by id, and becomes the default', async () => {
    const {catalog} = await json<{catalog: {clusterSizes: {id: string}[]}}>('database catalog')
    expect(catalog.clusterSizes.map(({id}) => id)).to.include('size-px-10')
    const wishes = ['--region', 'US Central1', '--cluster-config-id', 'ha-3', '--cluster-size-id', 'px-10']
    const made = await json<Created>(['database', 'create', 'books', ...wishes, '--storage-gb', '20', '--wait'])
    expect(made.ready).to.equal(true)
    const byName = await json<{profile: Record<string, unknown>; provider: string}>('database info books')
    expect(byName.profile).to.include({status: 'READY', selectedNodeCount: 3, selectedVcpu: 2, selectedStorageGb: 20})
    expect(byName.provider).to.equal('gcp')
    expect(await json(`database info ${made.database.id}`)).to.deep.equal(byName)
    await json('database use books')
    expect(await json('database wait')).to.deep.equal(byName)
    const {databases} = await json<{databases: {name: string}[]}>('database list --search ook')
    expect(databases.map(({name}) => name)).to.deep.equal(['books'])
  })

  it('takes 128-bit numbers through parix api, and gives them back digit for digit', async () => {
    const {database} = await json<{database: {id: string}}>('database info books')
    const path = `databases/${database.id}/tb`
    const accounts = `[{"id":${MAX.slice(0, -1)}4,"ledger":1,"code":1,"user_data_128":"${MAX}"},{"id":"2","ledger":1,"code":1}]`
    await json(['api', `${path}/create_accounts`, '--input', '-'], accounts)
    const lookup = ['api', `${path}/lookup_accounts`, '-d', `[${MAX.slice(0, -1)}4]`]
    expect((await run([...lookup, '--jq', '.responsePayload[0] | .id, .user_data_128'])).stdout).to.equal(
      `${MAX.slice(0, -1)}4\n${MAX}\n`,
    )
  })

  it('pages through every transfer once, either way round', async () => {
    const {database} = await json<{database: {id: string}}>('database info books')
    const path = `databases/${database.id}/tb`
    const transfers = Array.from({length: 25}, (_, index) => ({
      id: String(2n ** 100n + BigInt(index)),
      debit_account_id: '2',
      credit_account_id: `${MAX.slice(0, -1)}4`,
      amount: String(index + 1),
      ledger: 1,
      code: 1,
    }))
    await json(['api', `${path}/create_transfers`, '-d', JSON.stringify(transfers)])
    const ids = transfers.map(({id}) => id)
    for (const [operation, fields, expected] of [
      ['query_transfers', ['-f', 'ledger=1'], ids],
      ['query_transfers', ['-f', 'flags=1'], [...ids].reverse()],
      ['get_account_transfers', ['-f', 'account_id=2', '-f', 'flags=3'], ids],
      ['get_account_transfers', ['-f', 'account_id=2', '-f', 'flags=7'], [...ids].reverse()],
    ] as const) {
      const {stdout, stderr} = await run(['api', `${path}/${operation}`, ...fields, '-f', 'limit=10', '--paginate'])
      const rows = stdout.trim().split('\n')
      expect(
        rows.map((row) => (JSON.parse(row) as {id: string}).id),
        stderr,
      ).to.deep.equal(expected)
    }
  })

  it('flaw 8: what TigerBeetle refuses is exit 6, with the reason', async () => {
    const {database} = await json<{database: {id: string}}>('database info books')
    const body = '[{"id":"7","debit_account_id":"2","credit_account_id":"2","amount":"1","ledger":1,"code":1}]'
    const words = ['api', `databases/${database.id}/tb/create_transfers`, '-d', body]
    const refused = await run([...words, '--json'])
    expect(refused.code).to.equal(6)
    expect(JSON.parse(refused.stdout)).to.have.nested.property(
      'error.tbResults[0].result',
      'accounts_must_be_different',
    )
    expect((await run(words)).code).to.equal(6)
  })

  it('flaw 13: an answer that is lost loses nothing and makes nothing twice', async () => {
    await fault('{"drop":"answer","method":"POST","path":"/api/v1/databases"}')
    const found = await json<Created>('database create lost-answer')
    expect(found.recovered).to.equal(true)
    await fault('{"drop":"request","method":"POST","path":"/api/v1/databases"}')
    const unknown = await run('database create lost-request')
    expect(unknown.code).to.equal(75)
    expect(unknown.stderr).to.match(/parix database create lost-request/)
    expect((await run('database create lost-request --wait')).code).to.equal(0)
    const taken = await run('database create lost-answer')
    expect(taken.code).to.equal(6)
    const {databases} = await json<{databases: {name: string}[]}>('database list --search lost')
    expect(databases.map(({name}) => name).sort()).to.deep.equal(['lost-answer', 'lost-request'])
  })

  it('flaw 8: billing is exit 5, and the address can be opened', async () => {
    await run(['api', '/local/faults', '-f', 'billingBlocked=true'])
    const blocked = await run('database create unpaid --json')
    await run('api /local/faults -X DELETE')
    expect(blocked.code).to.equal(5)
    const {error} = JSON.parse(blocked.stdout) as {error: {hint: string}}
    const [, url] = /Pay at (\S+), then/.exec(error.hint)!
    expect((await fetch(url!)).status).to.equal(200)
  })

  it('is removed by its name, at a terminal, and is gone', async () => {
    const asking = startOnTerminal(['database', 'remove', 'books', '--wait'], {home, env: env()})
    await asking.saw(/Type its name to remove it for good:/)
    expect(asking.stdout()).to.match(/organization {2}Local \(/)
    asking.child.stdin!.write('books\n')
    const {code, stdout} = await asking.result
    expect(code, stdout).to.equal(0)
    expect(stdout)
      .to.match(/books is gone from localhost:\d+/)
      .and.match(/still the default in/)
    expect((await run('database info books')).code).to.equal(3)
    expect((await run('database rm lost-answer --confirm lost-answer --wait')).code).to.equal(0)
    const {databases} = await json<{databases: {name: string}[]}>('database list')
    expect(databases.map(({name}) => name)).to.deep.equal(['lost-request'])
  })
})
