import {mkdtempSync, rmSync} from 'node:fs'
import {connect} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type RunningService, startService} from '@parix/plugin-local/server'
import {expect} from 'chai'
import {BufferPool} from '../../src/server/api/body.js'

describe('memory of large bodies', () => {
  it('is used again when it was given back, whole or as a part, and never twice at once', () => {
    const pool = new BufferPool()
    const [one, other] = [pool.take(300_000), pool.take(300_000)]
    expect(one.buffer).not.to.equal(other.buffer)
    pool.giveBack(one.subarray(5, 10))
    pool.giveBack(one)
    expect(pool.take(400_000).buffer).to.equal(one.buffer)
    expect(pool.take(300_000).buffer).not.to.equal(one.buffer)
    expect(pool.take(300_000)).to.have.length(300_000)
  })

  it('of small bodies, and of others, is left alone', () => {
    const pool = new BufferPool()
    const small = pool.take(100)
    pool.giveBack(small)
    pool.giveBack(Buffer.alloc(1_000_000))
    expect(pool.take(900_000).buffer.byteLength).to.equal(1 << 20)
  })

  describe('in the service', function () {
    this.timeout(60_000)
    let dataDir: string
    let service: RunningService
    let path: string
    const headers = () => ({'content-type': 'application/json', 'x-api-key': service.apiKey})

    before(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'parix-buffers-'))
      service = await startService({port: 0, dataDir, provisionDelayMs: 0})
      const made = await fetch(`${service.baseUrl}/api/v1/databases`, {
        method: 'POST',
        headers: headers(),
        body: '{"name":"books"}',
      })
      const {database} = (await made.json()) as {database: {id: string}}
      path = `/api/v1/databases/${database.id}/tb`
      const accounts = '[{"id":1,"ledger":1,"code":1},{"id":2,"ledger":1,"code":1}]'
      for (let status = 503; status === 503; )
        status = (
          await fetch(`${service.baseUrl}${path}/create_accounts`, {method: 'POST', headers: headers(), body: accounts})
        ).status
    })
    after(async () => {
      await service?.close()
      rmSync(dataDir, {recursive: true, force: true})
    })

    const batch = (first: number) =>
      `[${Array.from(
        {length: 6000},
        (_, index) =>
          `{"id":"${first + index}","debit_account_id":"1","credit_account_id":"2","amount":"${1 + index}","ledger":1,"code":1}`,
      ).join(',')}]`

    it('is not mixed up between requests at once, some of which break off', async () => {
      const post = async (operation: string, body: string) => {
        const response = await fetch(`${service.baseUrl}${path}/${operation}`, {
          method: 'POST',
          headers: headers(),
          body,
        })
        return response.text()
      }
      for (let round = 0; round < 3; round++) {
        const bodies = [0, 1, 2].map((place) => batch(1 + (3 * round + place) * 6000))
        const leaving = connect(service.port, '127.0.0.1', () => {
          leaving.write(
            `POST ${path}/query_transfers HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nx-api-key: ${service.apiKey}\r\ncontent-length: 2\r\n\r\n{}`,
          )
          leaving.once('data', () => leaving.destroy())
        })
        leaving.on('error', () => {})
        const responses = await Promise.all([
          ...bodies.map((body) => post('create_transfers', body)),
          post('query_transfers', '{}'),
        ])
        for (const [place, body] of bodies.entries()) {
          expect(responses[place]).to.contain(
            `"requestPayload":${body},"responsePayload":[{"index":0,"result":"created"`,
          )
          expect(JSON.parse(responses[place]!).responsePayload).to.have.length(6000)
        }
        expect(() => JSON.parse(responses[3]!)).not.to.throw()
      }
    })
  })
})
