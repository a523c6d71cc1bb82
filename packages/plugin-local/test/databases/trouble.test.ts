import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {untilStatus, useApi} from '../support/api.js'

describe('when the disk is in trouble', () => {
  const api = useApi()

  it('a database that can not be made says why, takes no operations, and can be removed', async () => {
    const ledgers = join(api.dataDir, 'ledgers')
    writeFileSync(ledgers, 'a file where the directory should be')
    const {json} = await api.call('POST', '/databases', '{"name":"books"}')
    const {id} = json.database
    await untilStatus(api.call, id, 'FAILED')
    const info = (await api.call('GET', `/databases/${id}`)).json
    expect(info.latestProvisionJob.status).to.equal('FAILED')
    expect(info.latestProvisionJob.error).to.match(/EEXIST|ENOTDIR/)
    const refused = await api.operate(id, 'query_accounts', '{}')
    expect([refused.status, refused.json.type]).to.deep.equal([409, 'https://parix.io/problems/database-failed'])
    rmSync(ledgers)
    expect((await api.call('DELETE', `/databases/${id}`)).status).to.equal(200)
    await untilStatus(api.call, id, 'gone')
  })

  it('a ledger whose bytes were changed is not read as if nothing had happened: 503, and the others go on', async () => {
    const id = await api.makeDatabase('damaged')
    const other = await api.makeDatabase('sound')
    const accounts = `[${Array.from({length: 100}, (_, i) => `{"id":${i + 1},"ledger":1,"code":1}`).join(',')}]`
    await api.operate(id, 'create_accounts', accounts)
    await api.operate(id, 'create_accounts', '[{"id":1000,"ledger":1,"code":1}]')
    await api.restart()
    const directory = join(api.dataDir, 'ledgers', id)
    const [largest] = readdirSync(directory)
      .map((name) => ({path: join(directory, name), bytes: readFileSync(join(directory, name))}))
      .sort((a, b) => b.bytes.length - a.bytes.length)
    largest!.bytes[Math.floor(largest!.bytes.length / 3)]! ^= 0xff
    writeFileSync(largest!.path, largest!.bytes)
    for (const time of [1, 2]) {
      const response = await api.operate(id, 'query_accounts', '{}')
      expect([time, response.status, response.json.type, response.headers.get('retry-after')]).to.deep.equal([
        time,
        503,
        'https://parix.io/problems/ledger-unavailable',
        '5',
      ])
      expect(response.json.detail).to.match(/^The ledger is not available: ./)
    }
    expect((await api.operate(other, 'query_accounts', '{}')).status).to.equal(200)
  })
})
