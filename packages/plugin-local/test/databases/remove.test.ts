import {existsSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {untilStatus, useApi} from '../support/api.js'

describe('DELETE /databases/{id}', () => {
  const api = useApi({removalDelayMs: 600})
  const directory = (id: string) => join(api.dataDir, 'ledgers', id)

  it('queues the removal, refuses operations meanwhile, and then the database is gone with its ledger', async () => {
    const id = await api.makeDatabase('books')
    await api.operate(id, 'create_accounts', '[{"id":1,"ledger":1,"code":1}]')
    expect(statSync(directory(id)).mode & 0o777).to.equal(0o700)
    const removed = await api.call('DELETE', `/databases/${id}`)
    expect(removed.status).to.equal(200)
    expect(removed.json).to.deep.equal({
      ok: true,
      databaseId: id,
      status: 'queued',
      workflowId: removed.json.workflowId,
      message: 'The removal of books is queued.',
    })
    const refused = await api.operate(id, 'lookup_accounts', '[1]')
    expect(refused.status).to.equal(409)
    expect(refused.json.type).to.equal('https://parix.io/problems/database-being-removed')
    expect(refused.json.detail).to.equal('The database books is being removed.')
    await untilStatus(api.call, id, 'gone')
    expect(existsSync(directory(id))).to.equal(false)
    expect((await api.call('GET', '/databases')).json.databases).to.deep.equal([])
    expect((await api.operate(id, 'lookup_accounts', '[1]')).status).to.equal(404)
    expect((await api.call('DELETE', `/databases/${id}`)).status).to.equal(404)
  })

  it('a body that was still arriving when the removal was queued finds a database that is being removed', async () => {
    const id = await api.makeDatabase('slow body')
    const body = new TransformStream<Uint8Array, Uint8Array>()
    const writer = body.writable.getWriter()
    const pending = fetch(api.url(`/api/v1/databases/${id}/tb/create_accounts`), {
      method: 'POST',
      headers: {'x-api-key': api.service.apiKey, 'content-type': 'application/json'},
      body: body.readable,
      duplex: 'half',
    } as RequestInit)
    await writer.write(Buffer.from('[{"id":1,"ledger":1,'))
    await api.call('DELETE', `/databases/${id}`)
    await untilStatus(api.call, id, 'gone')
    await writer.write(Buffer.from('"code":1}]'))
    await writer.close()
    expect((await pending).status).to.equal(404)
    expect(existsSync(directory(id))).to.equal(false)
  })

  it('asked again, gives the same removal: a lost answer does not matter', async () => {
    const id = await api.makeDatabase('twice')
    const responses = await Promise.all([1, 2, 3].map(() => api.call('DELETE', `/databases/${id}`)))
    expect(responses.map(({status}) => status)).to.deep.equal([200, 200, 200])
    expect(new Set(responses.map(({text}) => text)).size).to.equal(1)
  })

  it('the name stays taken until it is done, and is free then; nothing of the old one comes back', async () => {
    const id = await api.makeDatabase('again')
    await api.operate(id, 'create_accounts', '[{"id":1,"ledger":1,"code":1}]')
    await api.call('DELETE', `/databases/${id}`)
    expect((await api.call('POST', '/databases', '{"name":"again"}')).status).to.equal(409)
    await untilStatus(api.call, id, 'gone')
    const fresh = await api.makeDatabase('again')
    expect(fresh).not.to.equal(id)
    expect((await api.operate(fresh, 'query_accounts', '{}')).json.responsePayload).to.deep.equal([])
  })

  it('removes what is still being provisioned', async () => {
    await api.restart({provisionDelayMs: 3_600_000})
    const {json} = await api.call('POST', '/databases', '{"name":"slow"}')
    expect((await api.call('DELETE', `/databases/${json.database.id}`)).status).to.equal(200)
    await untilStatus(api.call, json.database.id, 'gone')
  })
})
