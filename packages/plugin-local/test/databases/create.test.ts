import {expect} from 'chai'
import {untilStatus, useApi} from '../support/api.js'

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('POST /databases', () => {
  const api = useApi({provisionDelayMs: 800})
  const create = (body: unknown) => api.call('POST', '/databases', JSON.stringify(body))

  it('answers at once with all that the contract names, and says where the database is', async () => {
    const {status, headers, json} = await create({name: 'books'})
    const {database, profile, job} = json
    expect(status).to.equal(201)
    expect(headers.get('location')).to.equal(`/api/v1/databases/${database.id}`)
    expect(json).to.deep.equal({
      success: true,
      message: 'Database books is being provisioned.',
      database: {
        id: database.id,
        name: 'books',
        organizationId: api.service.organization.id,
        createdAt: database.createdAt,
        updatedAt: database.createdAt,
      },
      profile: {id: profile.id, status: 'PROVISIONING'},
      job: {id: job.id, workflowId: job.workflowId},
      provisioning: {status: 'QUEUED', message: 'Provisioning is queued.'},
    })
    expect([database.id, profile.id, job.id, job.workflowId].join()).to.match(
      /^db_[0-9a-f]{24},prof_[0-9a-f]{24},job_[0-9a-f]{24},wf_[0-9a-f]{24}$/,
    )
    expect(database.createdAt).to.match(TIME)
  })

  it('is not ready at first: operations say so and when to come back; then it is', async () => {
    const {json} = await create({name: 'slow'})
    const {id} = json.database
    const refused = await api.operate(id, 'query_accounts', '{}')
    expect(refused.status).to.equal(503)
    expect(refused.headers.get('retry-after')).to.equal('1')
    expect(refused.json.type).to.equal('https://parix.io/problems/database-not-ready')
    expect(refused.json.detail).to.equal('The database slow is not ready: it is still being provisioned.')
    await untilStatus(api.call, id, 'READY')
    expect((await api.operate(id, 'query_accounts', '{}')).status).to.equal(200)
  })

  it('takes the first of each list, and 10 GB, for what is left out or null', async () => {
    const {json} = await create({name: 'defaults', provider: null, region: null, selectedStorageGb: null})
    const info = await api.call('GET', `/databases/${json.database.id}`)
    expect(info.json.profile).to.deep.include({
      providerId: 'provider-gcp',
      regionId: 'region-gcp-us-central1',
      selectedNodeCount: 1,
      selectedVcpu: 1,
      selectedMemoryGb: 4,
      selectedStorageGb: 10,
    })
  })

  it('takes what is asked for, by id or by slug and code; a region alone decides the provider', async () => {
    const wishes = {clusterConfigId: 'config-ha-3', clusterSizeId: 'size-px-160', storageTierId: 'tier-performance'}
    const one = await create({name: 'one', region: 'ap-southeast-1', ...wishes, selectedStorageGb: 500})
    const two = await create({name: 'two', provider: 'provider-aws', region: 'region-aws-ap-southeast-1'})
    const three = await create({name: 'three', provider: 'aws'})
    const infos = await Promise.all(
      [one, two, three].map(({json}) => api.call('GET', `/databases/${json.database.id}`)),
    )
    expect(infos.map(({json}) => [json.provider, json.region])).to.deep.equal([
      ['aws', 'ap-southeast-1'],
      ['aws', 'ap-southeast-1'],
      ['aws', 'us-east-1'],
    ])
    expect(infos[0]!.json.profile).to.deep.include({
      providerId: 'provider-aws',
      regionId: 'region-aws-ap-southeast-1',
      selectedNodeCount: 3,
      selectedVcpu: 32,
      selectedMemoryGb: 128,
      selectedStorageGb: 500,
    })
  })

  it('422 names each field that is wrong, in fieldErrors and in errors', async () => {
    const {status, json} = await create({
      name: '',
      region: 7,
      selectedStorageGb: 9.5,
      size: 'size-px-5',
    })
    expect(status).to.equal(422)
    expect(json.fieldErrors).to.deep.equal({
      name: ['must not be empty.'],
      region: ['must be a text: a region of the provider.'],
      selectedStorageGb: ['must be a whole number.'],
      size: ['is not a field of this request.'],
    })
    expect(json.errors).to.have.members([
      'name: must not be empty.',
      'region: must be a text: a region of the provider.',
      'selectedStorageGb: must be a whole number.',
      'size: is not a field of this request.',
    ])
  })

  it('422 for a name that is not a name', async () => {
    const names: [unknown, string][] = [
      [undefined, 'must be a text of 1 to 64 characters.'],
      [5, 'must be a text of 1 to 64 characters.'],
      ['x'.repeat(65), 'must be at most 64 characters long.'],
      ['a\u0007b', 'must hold no control characters.'],
      ['a\u202eb', 'must hold no control characters.'],
      ['a\ud83db', 'must hold no control characters.'],
      [' a', 'must not begin or end with a space.'],
    ]
    for (const [name, message] of names) {
      expect((await create({name})).json.fieldErrors).to.deep.equal({name: [message]})
    }
    expect((await create({name: 'x'.repeat(64)})).status).to.equal(201)
    expect((await create({name: 'Bücher 2026 – 本'})).status).to.equal(201)
  })

  it('422 for what the catalog does not have, with what it has', async () => {
    const {status, json} = await create({
      name: 'wrong',
      provider: 'aws',
      region: 'us-central1',
      clusterConfigId: 'config-ha-2',
      clusterSizeId: 'px-5',
      storageTierId: 'gold',
    })
    expect(status).to.equal(422)
    expect(json.fieldErrors).to.deep.equal({
      region: ['there is no us-central1; there is us-east-1, us-west-2, eu-central-1, eu-west-1, ap-southeast-1.'],
      clusterConfigId: ['there is no config-ha-2; there is config-single, config-ha-3, config-ha-6.'],
      clusterSizeId: [
        'there is no px-5; there is size-px-5, size-px-10, size-px-20, size-px-40, size-px-80, size-px-160.',
      ],
      storageTierId: ['there is no gold; there is tier-standard, tier-performance.'],
    })
    const provider = await create({name: 'wrong', provider: 'azure', region: 'us-central1'})
    expect(provider.json.fieldErrors).to.deep.equal({provider: ['there is no azure; there is gcp, aws.']})
  })

  it('422 at both ends of the storage', async () => {
    const statuses = async (gb: number) => (await create({name: `gb${gb}`, selectedStorageGb: gb})).status
    expect(await Promise.all([9, 10, 16_384, 16_385].map(statuses))).to.deep.equal([422, 201, 201, 422])
  })

  it('422 for a body that is not an object', async () => {
    for (const body of ['[]', '"name"', 'null', '1']) {
      expect((await api.call('POST', '/databases', body)).status).to.equal(422)
    }
  })

  it('409 for a name that is taken, however many ask at once', async () => {
    const responses = await Promise.all(Array.from({length: 8}, () => create({name: 'wanted'})))
    expect(responses.map(({status}) => status).sort()).to.deep.equal([201, 409, 409, 409, 409, 409, 409, 409])
    const refused = responses.find(({status}) => status === 409)!
    expect(refused.json).to.deep.include({
      type: 'https://parix.io/problems/name-taken',
      detail: 'Your organization has a database called wanted.',
      fieldErrors: {name: ['is taken.']},
      errors: ['name: is taken.'],
    })
  })
})

describe('a database that is to be there when the service starts', () => {
  const api = useApi({provisionDelayMs: 60_000, database: 'books'})

  it('is there, as one that was created: READY, empty, and of the first organization', async () => {
    const id = api.service.databaseId!
    const {json} = await api.call('GET', `/databases/${id}`)
    expect([json.database.name, json.profile.status]).to.deep.equal(['books', 'READY'])
    expect((await api.operate(id, 'query_accounts', '{}')).json.responsePayload).to.deep.equal([])
    expect((await api.call('POST', '/databases', '{"name": "books"}')).status).to.equal(409)
  })

  it('is left out where the name is taken, or can not be one', async () => {
    await api.restart()
    expect(api.service.databaseId).to.equal(undefined)
    await api.restart({database: ' x'})
    expect(api.service.databaseId).to.equal(undefined)
    const {json} = await api.call('GET', '/databases')
    expect(json.databases.map(({name}: {name: string}) => name)).to.deep.equal(['books'])
  })
})
