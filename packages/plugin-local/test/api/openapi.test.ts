import {Validator} from '@seriousme/openapi-schema-validator'
import {expect} from 'chai'
import {useApi} from '../support/api.js'

const OPERATIONS = [
  'create_accounts',
  'create_transfers',
  'lookup_accounts',
  'lookup_transfers',
  'get_account_transfers',
  'get_account_balances',
  'query_accounts',
  'query_transfers',
]

/** Of the contract. */
const ROUTES = [
  'get /session',
  'get /api-keys',
  'post /api-keys',
  'delete /api-keys/{keyId}',
  'get /catalog/create',
  'post /databases',
  'get /databases',
  'get /databases/{id}',
  'delete /databases/{id}',
  ...OPERATIONS.map((operation) => `post /databases/{id}/tb/${operation}`),
]

describe('GET /openapi.json', () => {
  const api = useApi()

  it('is a valid OpenAPI 3.1 document, for anybody', async () => {
    const {status, headers, json} = await api.call('GET', '/openapi.json', undefined, {key: null})
    expect([status, headers.get('content-type')]).to.deep.equal([200, 'application/json'])
    const validator = new Validator()
    const {valid, errors} = await validator.validate(json)
    expect(errors).to.equal(undefined)
    expect([valid, validator.version]).to.deep.equal([true, '3.1'])
  })

  it('has every route of the contract, each once, and says where it is served', async () => {
    const {json} = await api.call('GET', '/openapi.json')
    expect(json.servers).to.deep.equal([{url: api.url('/api/v1')}])
    const routes = Object.entries(json.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    expect(routes).to.have.members(ROUTES)
  })

  it('every name in it leads somewhere, and every operation has a name of its own', async () => {
    const {text, json} = await api.call('GET', '/openapi.json')
    for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(json.components.schemas).to.have.property(name!)
    }
    const names = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, name]) => name)
    expect(new Set(names).size).to.equal(ROUTES.length)
    expect(names).to.have.length(ROUTES.length)
  })

  it('the examples of its operations are taken by the service as they stand', async () => {
    const {json} = await api.call('GET', '/openapi.json')
    const create = json.paths['/databases'].post.requestBody.content['application/json'].example
    expect((await api.call('POST', '/databases', JSON.stringify(create))).status).to.equal(201)
    const id = await api.makeDatabase('examples')
    await api.operate(id, 'create_accounts', '[{"id":2,"ledger":1,"code":1}]')
    for (const operation of OPERATIONS) {
      const {example} = json.paths[`/databases/{id}/tb/${operation}`].post.requestBody.content['application/json']
      const response = await api.operate(id, operation, JSON.stringify(example))
      expect([operation, response.status]).to.deep.equal([operation, 200])
    }
  })

  it('the schema of an object has the fields of TigerBeetle and no others', async () => {
    const {schemas} = (await api.call('GET', '/openapi.json')).json.components
    expect(Object.keys(schemas.NewTransfer.properties)).to.deep.equal([
      ...['id', 'debit_account_id', 'credit_account_id', 'amount', 'pending_id'],
      ...['user_data_128', 'user_data_64', 'user_data_32', 'timeout', 'ledger', 'code', 'flags', 'timestamp'],
    ])
    expect(schemas.NewTransfer.additionalProperties).to.equal(false)
    expect(Object.keys(schemas.AccountFilter.properties)).to.deep.equal([
      ...['account_id', 'user_data_128', 'user_data_64', 'user_data_32', 'code'],
      ...['timestamp_min', 'timestamp_max', 'limit', 'flags'],
    ])
  })
})
