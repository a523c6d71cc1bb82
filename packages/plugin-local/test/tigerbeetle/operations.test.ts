import {expect} from 'chai'
import {type ApiFixture, useApi} from '../support/api.js'

const DOCS = 'https://docs.tigerbeetle.com/reference/requests'

describe('the eight operations', () => {
  const api = useApi()
  let id: string

  before(async () => {
    id = await api.makeDatabase('books')
  })

  async function rows(operation: string, body: string) {
    const {status, text, json} = await api.operate(id, operation, body)
    expect(status, text).to.equal(200)
    return json.responsePayload
  }

  it('create_accounts answers with the whole envelope and one row an event, in order', async () => {
    const body = ' [ {"id": 1, "ledger": 1, "code": 10, "flags": 8},\n{"id":"2","ledger":"1","code":"10"} ] '
    const response = await api.operate(id, 'create_accounts', body)
    expect(response.status).to.equal(200)
    expect(response.headers.get('content-type')).to.equal('application/json')
    const {responsePayload, ...envelope} = response.json
    expect(envelope.ledgerId).to.match(/^[0-9a-f]{32}$/)
    expect(envelope).to.deep.equal({
      ledgerId: envelope.ledgerId,
      ok: true,
      operation: 'create_accounts',
      operationLabel: 'Create accounts',
      databaseId: id,
      databaseName: 'books',
      clusterId: '0',
      provider: 'gcp',
      replicaCount: 1,
      targetHost: new URL(api.service.baseUrl).host,
      mode: 'live',
      persisted: true,
      docsUrl: `${DOCS}/create_accounts/`,
      message: 'Created 2 accounts.',
      requestPayload: [
        {id: 1, ledger: 1, code: 10, flags: 8},
        {id: '2', ledger: '1', code: '10'},
      ],
    })
    expect(response.text).to.include(`"requestPayload":${body},"responsePayload":[`)
    const [first, second] = responsePayload.map(({timestamp}: {timestamp: string}) => timestamp)
    expect(responsePayload).to.deep.equal([
      {index: 0, result: 'created', timestamp: first},
      {index: 1, result: 'created', timestamp: second},
    ])
    expect(first).to.match(/^1\d{18}$/)
    expect(BigInt(second) - BigInt(first)).to.equal(1n)
  })

  it('create_transfers, and again: exists, with the timestamp of the first time', async () => {
    const transfer =
      '[{"id":100,"debit_account_id":1,"credit_account_id":2,"amount":"1250","ledger":1,"code":7,"user_data_128":5,' +
      '"user_data_64":6,"user_data_32":7},{"id":101,"debit_account_id":2,"credit_account_id":1,"amount":50,' +
      '"timeout":3600,"ledger":1,"code":7,"flags":2}]'
    const first = await api.operate(id, 'create_transfers', transfer)
    expect(first.json.message).to.equal('Created 2 transfers.')
    const again = await api.operate(id, 'create_transfers', transfer)
    expect(again.status).to.equal(200)
    expect(again.json.message).to.equal('Created 0 transfers. 2 transfers existed already, with the same contents.')
    expect(again.json.responsePayload).to.deep.equal(
      first.json.responsePayload.map((row: object) => ({...row, result: 'exists'})),
    )
  })

  it('lookup_accounts gives all fields, 64 bits and more as strings, in the order asked for', async () => {
    const [two, one] = await rows('lookup_accounts', '["2", 1, 999]')
    expect(one).to.deep.equal({
      id: '1',
      debits_pending: '0',
      debits_posted: '1250',
      credits_pending: '50',
      credits_posted: '0',
      user_data_128: '0',
      user_data_64: '0',
      user_data_32: 0,
      reserved: 0,
      ledger: 1,
      code: 10,
      flags: 8,
      timestamp: one.timestamp,
    })
    expect(two).to.deep.include({id: '2', debits_pending: '50', credits_posted: '1250', flags: 0})
  })

  it('lookup_transfers gives all fields', async () => {
    const found = await rows('lookup_transfers', '[101,"100",102]')
    expect(found).to.deep.equal([
      {
        id: '101',
        debit_account_id: '2',
        credit_account_id: '1',
        amount: '50',
        pending_id: '0',
        user_data_128: '0',
        user_data_64: '0',
        user_data_32: 0,
        timeout: 3600,
        ledger: 1,
        code: 7,
        flags: 2,
        timestamp: found[0].timestamp,
      },
      {
        id: '100',
        debit_account_id: '1',
        credit_account_id: '2',
        amount: '1250',
        pending_id: '0',
        user_data_128: '5',
        user_data_64: '6',
        user_data_32: 7,
        timeout: 0,
        ledger: 1,
        code: 7,
        flags: 0,
        timestamp: found[1].timestamp,
      },
    ])
  })

  const ids = (found: {id: string}[]) => found.map((row) => row.id)

  it('get_account_transfers: debits and credits by default, as the flags say otherwise', async () => {
    expect(ids(await rows('get_account_transfers', '{"account_id":1}'))).to.deep.equal(['100', '101'])
    expect(ids(await rows('get_account_transfers', '{"account_id":1,"flags":1}'))).to.deep.equal(['100'])
    expect(ids(await rows('get_account_transfers', '{"account_id":1,"flags":"2"}'))).to.deep.equal(['101'])
    expect(ids(await rows('get_account_transfers', '{"account_id":"1","flags":7,"limit":1}'))).to.deep.equal(['101'])
    expect(ids(await rows('get_account_transfers', '{"account_id":1,"user_data_64":6}'))).to.deep.equal(['100'])
    expect(await rows('get_account_transfers', '{"account_id":1,"flags":0}')).to.deep.equal([])
  })

  it('get_account_balances gives the balances after each transfer, for an account that keeps history', async () => {
    const found = await rows('get_account_balances', '{"account_id":1,"limit":10}')
    expect(found).to.deep.equal([
      {
        debits_pending: '0',
        debits_posted: '1250',
        credits_pending: '0',
        credits_posted: '0',
        timestamp: found[0].timestamp,
      },
      {
        debits_pending: '0',
        debits_posted: '1250',
        credits_pending: '50',
        credits_posted: '0',
        timestamp: found[1].timestamp,
      },
    ])
    expect(await rows('get_account_balances', '{"account_id":2,"limit":10}')).to.deep.equal([])
  })

  it('query_accounts and query_transfers, with times that pass 2^53', async () => {
    expect(ids(await rows('query_accounts', '{}'))).to.deep.equal(['1', '2'])
    expect(ids(await rows('query_accounts', '{"flags":1,"limit":1,"code":10,"ledger":1}'))).to.deep.equal(['2'])
    const [first, second] = await rows('query_transfers', '{"limit":8189,"ledger":1}')
    expect([first.id, second.id]).to.deep.equal(['100', '101'])
    const after = `{"timestamp_min":${BigInt(first.timestamp) + 1n},"limit":"10"}`
    expect(ids(await rows('query_transfers', after))).to.deep.equal(['101'])
    const until = `{"timestamp_max":"${first.timestamp}"}`
    expect(ids(await rows('query_transfers', until))).to.deep.equal(['100'])
    expect(await rows('query_transfers', '{"user_data_128":5,"code":8}')).to.deep.equal([])
  })

  it('a filter that TigerBeetle calls invalid finds nothing, and is not an error', async () => {
    expect(await rows('query_transfers', '{"limit":0}')).to.deep.equal([])
    expect(await rows('query_transfers', '{"flags":4294967295}')).to.deep.equal([])
    expect(await rows('query_transfers', '{"timestamp_min":2,"timestamp_max":1}')).to.deep.equal([])
    expect(await rows('get_account_transfers', '{"account_id":0}')).to.deep.equal([])
  })

  it('an operation that there is not: 404 with those that there are', async () => {
    const {status, json} = await api.operate(id, 'create_account', '[]')
    expect(status).to.equal(404)
    expect(json.detail).to.include('no operation create_account. There is create_accounts, create_transfers, ')
  })

  describe('what TigerBeetle refuses', () => {
    it('is a 409 problem that lists the refused events only', async () => {
      const response = await api.operate(
        id,
        'create_transfers',
        `[{"id":200,"debit_account_id":1,"credit_account_id":2,"amount":1,"ledger":1,"code":1},
          {"id":201,"debit_account_id":1,"credit_account_id":3,"amount":1,"ledger":1,"code":1},
          {"id":100,"debit_account_id":1,"credit_account_id":2,"amount":"1250","ledger":1,"code":7,"user_data_128":5,"user_data_64":6,"user_data_32":7},
          {"id":202,"debit_account_id":1,"credit_account_id":2,"amount":1,"ledger":0,"code":1}]`,
      )
      expect(response.status).to.equal(409)
      expect(response.headers.get('content-type')).to.equal('application/problem+json')
      const detail =
        'TigerBeetle refused 2 of 4 transfers: credit_account_not_found at index 1, and more. The other 2 are in the database.'
      expect(response.json).to.deep.equal({
        type: 'https://parix.io/problems/events-refused',
        title: 'Conflict',
        status: 409,
        detail,
        message: detail,
        instance: `urn:uuid:${response.headers.get('x-request-id')}`,
        tbResults: [
          {index: 1, result: 'credit_account_not_found', code: 22},
          {index: 3, result: 'ledger_must_not_be_zero', code: 19},
        ],
      })
      expect(ids(await rows('lookup_transfers', '[200,201,202]'))).to.deep.equal(['200'])
    })

    it('names results of accounts by the numbers of accounts', async () => {
      const {status, json} = await api.operate(
        id,
        'create_accounts',
        '[{"id":1,"ledger":2,"code":10,"flags":8},{"id":0}]',
      )
      expect(status).to.equal(409)
      expect(json.detail).to.equal(
        'TigerBeetle refused 2 of 2 accounts: exists_with_different_ledger at index 0, and more.',
      )
      expect(json.tbResults).to.deep.equal([
        {index: 0, result: 'exists_with_different_ledger', code: 19},
        {index: 1, result: 'id_must_not_be_zero', code: 6},
      ])
    })

    it('a linked chain that was sent before: the exists that broke it is listed, as the reason for the rest', async () => {
      const chain =
        '[{"id":300,"debit_account_id":1,"credit_account_id":2,"amount":1,"ledger":1,"code":1,"flags":1},' +
        '{"id":301,"debit_account_id":2,"credit_account_id":1,"amount":1,"ledger":1,"code":1}]'
      expect((await api.operate(id, 'create_transfers', chain)).status).to.equal(200)
      const {status, json} = await api.operate(id, 'create_transfers', chain)
      expect(status).to.equal(409)
      expect(json.tbResults).to.deep.equal([
        {index: 0, result: 'exists', code: 46},
        {index: 1, result: 'linked_event_failed', code: 1},
      ])
    })
  })

  describe('databases', () => {
    it('have a ledger each', async () => {
      const other = await api.makeDatabase('other')
      const {json} = await api.operate(other, 'query_accounts', '{}')
      expect(json.responsePayload).to.deep.equal([])
    })
  })

  describe('pending transfers', () => {
    const balance = async (fixture: ApiFixture) => {
      const {json} = await fixture.operate(id, 'lookup_accounts', '[10]')
      return json.responsePayload[0].debits_pending
    }

    it('are released when their time is over', async () => {
      await rows('create_accounts', '[{"id":10,"ledger":1,"code":1},{"id":11,"ledger":1,"code":1}]')
      const pending = '{"debit_account_id":10,"credit_account_id":11,"amount":5,"ledger":1,"code":1,"flags":2'
      await rows('create_transfers', `[${pending},"id":400,"timeout":1},${pending},"id":401,"timeout":3600}]`)
      expect(await balance(api)).to.equal('10')
      const started = Date.now()
      while ((await balance(api)) !== '5') {
        if (Date.now() - started > 20_000) throw new Error('It was not released.')
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      const post = await api.operate(id, 'create_transfers', '[{"id":402,"pending_id":400,"flags":4,"amount":5}]')
      expect(post.json.tbResults).to.deep.equal([{index: 0, result: 'pending_transfer_expired', code: 35}])
    })
  })

  it('an imported event that is too old is refused with the timestamp that it must exceed', async () => {
    const fresh = await api.makeDatabase('imports')
    const account = (key: number, timestamp: number) =>
      `{"id":${key},"ledger":1,"code":1,"flags":16,"timestamp":${timestamp}}`
    const accounts = await api.operate(
      fresh,
      'create_accounts',
      `[${account(1, 1000)},${account(2, 1001)},${account(3, 999)}]`,
    )
    expect(accounts.status).to.equal(409)
    expect(accounts.json.tbResults).to.deep.equal([
      {index: 2, result: 'imported_event_timestamp_must_not_regress', code: 26},
    ])
    expect(Object.keys(accounts.json.fieldErrors)).to.deep.equal(['[2].timestamp'])
    expect(accounts.json.fieldErrors['[2].timestamp'][0]).to.match(
      /^must be later than 1001, the timestamp of the newest account/,
    )
    expect(accounts.json.detail).to.contain('must be later than 1001')
    const transfer = (key: number, timestamp: number) =>
      `{"id":${key},"debit_account_id":1,"credit_account_id":2,"amount":1,"ledger":1,"code":1,"flags":256,"timestamp":${timestamp}}`
    const transfers = await api.operate(fresh, 'create_transfers', `[${transfer(1, 5000)},${transfer(2, 4000)}]`)
    expect(transfers.json.detail).to.contain('must be later than 5000, the timestamp of the newest transfer')
  })
})
