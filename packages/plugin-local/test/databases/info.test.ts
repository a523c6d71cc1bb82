import {expect} from 'chai'
import {untilStatus, useApi} from '../support/api.js'

describe('GET /databases/{id}', () => {
  const api = useApi({provisionDelayMs: 600, removalDelayMs: 1_000})

  it('has the full shape while provisioning, when ready, and while being removed', async () => {
    const created = (await api.call('POST', '/databases', '{"name":"books"}')).json
    const {id} = created.database
    const at = `/databases/${id}`
    const first = await api.call('GET', at)
    expect(first.status).to.equal(200)
    const where = {provider: 'gcp', region: 'us-central1'}
    const job = first.json.latestProvisionJob
    const profile = {
      id: created.profile.id,
      status: 'PROVISIONING',
      providerId: 'provider-gcp',
      regionId: 'region-gcp-us-central1',
      selectedNodeCount: 1,
      selectedVcpu: 1,
      selectedMemoryGb: 4,
      selectedStorageGb: 10,
      deploymentNetworkMode: 'local',
      gatewayUrl: null,
      tigerbeetleVersion: '0.17.9',
      tigerbeetleCurrentVersion: '0.17.9',
    }
    const provisioning = {
      ok: true,
      database: {...created.database},
      ledgerId: null,
      ...where,
      gatewayUrl: null,
      profile,
      latestProvisionJob: {
        id: created.job.id,
        status: 'QUEUED',
        error: null,
        workflowId: created.job.workflowId,
        ...where,
        gatewayUrl: null,
        createdAt: created.database.createdAt,
        updatedAt: job.updatedAt,
        completedAt: null,
      },
      decommissionState: null,
      metricsSummary: null,
    }
    expect(first.json).to.deep.equal(provisioning)

    await untilStatus(api.call, id, 'READY')
    const ready = (await api.call('GET', at)).json
    const gatewayUrl = api.url(`/api/v1/databases/${id}/tb`)
    const {updatedAt} = ready.database
    const {completedAt} = ready.latestProvisionJob
    expect(completedAt).to.match(/^\d{4}-\d\d-\d\dT/)
    expect(ready.ledgerId).to.match(/^[0-9a-f]{32}$/)
    expect(ready).to.deep.equal({
      ...provisioning,
      ledgerId: ready.ledgerId,
      database: {...created.database, updatedAt},
      gatewayUrl,
      profile: {...profile, status: 'READY', gatewayUrl},
      latestProvisionJob: {
        ...provisioning.latestProvisionJob,
        status: 'COMPLETED',
        gatewayUrl,
        updatedAt: completedAt,
        completedAt,
      },
    })

    const removed = (await api.call('DELETE', at)).json
    const removing = (await api.call('GET', at)).json
    expect(removing.profile).to.deep.equal({...profile, status: 'DECOMMISSIONING', gatewayUrl: null})
    const {createdAt} = removing.decommissionState
    expect(removing.decommissionState).to.deep.equal({
      status: 'QUEUED',
      message: 'The database is being removed.',
      workflowId: removed.workflowId,
      createdAt,
      updatedAt: createdAt,
    })
  })

  it('404 for a database that there is not', async () => {
    const {status, json} = await api.call('GET', '/databases/db_1')
    expect(status).to.equal(404)
    expect(json.detail).to.equal('There is no database db_1 in your organization.')
  })
})
