import {expect} from 'chai'
import {untilStatus, useApi} from '../support/api.js'

const HOUR_MS = 3_600_000

describe('a restart of the service', () => {
  const api = useApi()
  const body = (name: string) => JSON.stringify({name})

  it('loses no database and no account', async () => {
    const id = await api.makeDatabase('books')
    const before = (await api.call('GET', `/databases/${id}`)).json
    const account =
      '[{"id":"340282366920938463463374607431768211454","ledger":7,"code":9,"user_data_64":"18446744073709551615"}]'
    await api.operate(id, 'create_accounts', account)
    const query = async () => (await api.operate(id, 'query_accounts', '{}')).json.responsePayload
    const rows = await query()
    expect(rows).to.have.length(1)
    await api.restart()
    expect(await query()).to.deep.equal(rows)
    const after = (await api.call('GET', `/databases/${id}`)).json
    expect(after.database).to.deep.equal(before.database)
    expect((await api.call('POST', '/databases', body('books'))).status).to.equal(409)
  })

  it('continues with provisioning where it was', async () => {
    await api.restart({provisionDelayMs: 700})
    const {json} = await api.call('POST', '/databases', body('interrupted'))
    const {id} = json.database
    await api.restart()
    const resumed = (await api.call('GET', `/databases/${id}`)).json
    expect(resumed.latestProvisionJob.id).to.equal(json.job.id)
    await untilStatus(api.call, id, 'READY')
    expect((await api.operate(id, 'query_accounts', '{}')).status).to.equal(200)
  })

  it('does not shorten a long provisioning', async () => {
    await api.restart({provisionDelayMs: HOUR_MS})
    const {json} = await api.call('POST', '/databases', body('long'))
    await api.restart()
    expect((await api.call('GET', `/databases/${json.database.id}`)).json.profile.status).to.equal('PROVISIONING')
    expect((await api.operate(json.database.id, 'query_accounts', '{}')).status).to.equal(503)
  })

  it('continues with a removal', async () => {
    const id = await api.makeDatabase('leaving')
    await api.restart({removalDelayMs: 700})
    await api.call('DELETE', `/databases/${id}`)
    await api.restart()
    await untilStatus(api.call, id, 'gone')
  })

  it('closes with requests under way: what was answered is there', async () => {
    const id = await api.makeDatabase('busy')
    const calls = Array.from({length: 50}, (_, i) =>
      api.operate(id, 'create_accounts', `[{"id":${i + 1},"ledger":1,"code":1}]`),
    )
    const answered = Promise.allSettled(calls)
    await api.restart()
    const created = (await answered).filter((one) => one.status === 'fulfilled' && one.value.status === 200).length
    const {json} = await api.operate(id, 'query_accounts', '{}')
    expect(json.responsePayload.length).to.be.at.least(created)
  })
})
