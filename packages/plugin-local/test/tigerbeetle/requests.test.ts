import {expect} from 'chai'
import {useApi} from '../support/api.js'

const U128_MAX = '340282366920938463463374607431768211455'
const U128_TOO_LARGE = '340282366920938463463374607431768211456'

describe('requests that are not valid', () => {
  const api = useApi()
  let id: string

  before(async () => {
    id = await api.makeDatabase('books')
  })

  async function faults(operation: string, body: string) {
    const {status, text, json} = await api.operate(id, operation, body)
    expect(status, text).to.equal(422)
    expect(json.type).to.equal('https://parix.io/problems/invalid-request')
    return json
  }

  const wrongValues: [json: string, message: string][] = [
    ['-1', "can't be negative, but is -1."],
    ['"-1"', 'must be a whole number or a string of decimal digits, not "-1".'],
    ['1.5', 'must be a whole number or a string of decimal digits, not 1.5.'],
    ['1.0', 'must be a whole number or a string of decimal digits, not 1.0.'],
    ['1e3', 'must be a whole number or a string of decimal digits, not 1e3.'],
    ['1E400', 'must be a whole number or a string of decimal digits, not 1E400.'],
    ['"12.50"', 'must be a whole number or a string of decimal digits, not "12.50".'],
    ['" 1"', 'must be a whole number or a string of decimal digits, not " 1".'],
    ['"1_000"', 'must be a whole number or a string of decimal digits, not "1_000".'],
    ['"0x10"', 'must be a whole number or a string of decimal digits, not "0x10".'],
    ['""', 'must be a whole number or a string of decimal digits, not "".'],
    ['"\\u0661"', 'must be a whole number or a string of decimal digits, not "١".'],
    ['null', 'must be a whole number or a string of decimal digits, not null.'],
    ['true', 'must be a whole number or a string of decimal digits, not true.'],
    ['[1]', 'must be a whole number or a string of decimal digits, not an array.'],
    ['{}', 'must be a whole number or a string of decimal digits, not an object.'],
    [U128_TOO_LARGE, `does not fit in 128 bits: the largest value is ${U128_MAX}.`],
    [`"${U128_TOO_LARGE}"`, `does not fit in 128 bits: the largest value is ${U128_MAX}.`],
    ['1'.repeat(60), `does not fit in 128 bits: the largest value is ${U128_MAX}.`],
  ]

  it('a value that is not a whole number of the width: the field and its event are named', async () => {
    for (const [json, message] of wrongValues) {
      const wrong = await faults('create_accounts', `[{"id":1,"ledger":1,"code":1},{"id":${json},"ledger":1,"code":1}]`)
      expect([json, wrong.fieldErrors]).to.deep.equal([json, {'[1].id': [message]}])
      expect(wrong.detail).to.equal(`The request is not valid: [1].id ${message}`)
      expect(wrong.errors).to.deep.equal([`[1].id: ${message}`])
      const lookup = await faults('lookup_accounts', `[1,2,${json}]`)
      expect(lookup.fieldErrors).to.deep.equal({'[2]': [message]})
      const filter = await faults('get_account_transfers', `{"account_id":${json}}`)
      expect(filter.fieldErrors).to.deep.equal({account_id: [message]})
    }
  })

  it('each width at its edge: the largest is taken, one more is not', async () => {
    const widths = {
      user_data_128: 128,
      user_data_64: 64,
      user_data_32: 32,
      reserved: 32,
      ledger: 32,
      code: 16,
      flags: 16,
    }
    for (const [field, bits] of Object.entries(widths)) {
      const largest = 2n ** BigInt(bits) - 1n
      for (const value of [`${largest + 1n}`, `"${largest + 1n}"`]) {
        const {fieldErrors} = await faults('create_accounts', `[{"id":5,"${field}":${value}}]`)
        expect(fieldErrors).to.deep.equal({
          [`[0].${field}`]: [`does not fit in ${bits} bits: the largest value is ${largest}.`],
        })
      }
      const response = await api.operate(id, 'create_accounts', `[{"id":5,"${field}":${largest}}]`)
      expect([field, response.status]).to.deep.equal([field, 409])
    }
  })

  it('an unknown field: with the one that was meant, or all', async () => {
    const wrong = await faults(
      'create_transfers',
      '[{"id":1,"debitAccountId":1},{"id":2,"userData128":1},{"id":3,"Amount":1},{"id":4,"memo":"x"},{"id":5,"__proto__":{"id":6}}]',
    )
    const all =
      'id, debit_account_id, credit_account_id, amount, pending_id, user_data_128, user_data_64, user_data_32, timeout, ledger, code, flags, timestamp'
    expect(wrong.fieldErrors).to.deep.equal({
      '[0].debitAccountId': ['is not a field. Did you mean debit_account_id?'],
      '[1].userData128': ['is not a field. Did you mean user_data_128?'],
      '[2].Amount': ['is not a field. Did you mean amount?'],
      '[3].memo': [`is not a field. The fields are ${all}.`],
      '[4].__proto__': [`is not a field. The fields are ${all}.`],
    })
    const filter = await faults('query_accounts', '{"account_id":1,"__proto__":1}')
    const filterFields =
      'user_data_128, user_data_64, user_data_32, ledger, code, timestamp_min, timestamp_max, limit, flags'
    expect(Object.entries(filter.fieldErrors)).to.deep.equal([
      ['account_id', [`is not a field. The fields are ${filterFields}.`]],
      ['__proto__', [`is not a field. The fields are ${filterFields}.`]],
    ])
  })

  it('an event without an id, an account filter without an account', async () => {
    expect((await faults('create_accounts', '[{"id":1},{"ledger":1}]')).fieldErrors).to.deep.equal({
      '[1].id': ['is missing.'],
    })
    expect((await faults('get_account_balances', '{}')).fieldErrors).to.deep.equal({account_id: ['is missing.']})
  })

  it('an event that is not an object', async () => {
    const {fieldErrors} = await faults('create_transfers', '[{"id":1},2,null,[3],1.5]')
    const message = ['must be a JSON object: one transfer.']
    expect(fieldErrors).to.deep.equal({'[1]': message, '[2]': message, '[3]': message, '[4]': message})
  })

  it('names twenty faults at most', async () => {
    const {fieldErrors, detail} = await faults('lookup_transfers', JSON.stringify(Array(100).fill('x')))
    expect(Object.keys(fieldErrors)).to.have.length(20)
    expect(detail).to.include('the first of 20 or more faults')
  })

  it('the wrong kind of body', async () => {
    for (const body of ['{}', '1', 'null', '"x"']) {
      expect((await faults('create_accounts', body)).detail).to.equal(
        'The body must be a JSON array of 1 to 8189 accounts.',
      )
      expect((await faults('lookup_transfers', body)).detail).to.equal(
        'The body must be a JSON array of 1 to 8189 ids.',
      )
    }
    for (const body of ['[]', '1', 'null', '[{}]']) {
      expect((await faults('query_transfers', body)).detail).to.equal('The body must be one JSON object: the filter.')
    }
    for (const operation of ['create_accounts', 'create_transfers', 'lookup_accounts', 'lookup_transfers']) {
      expect((await faults(operation, '[]')).detail).to.include('1 to 8189')
    }
  })

  it('nothing of a batch is done when one of its events is not valid', async () => {
    await faults('create_accounts', '[{"id":77,"ledger":1,"code":1},{"id":78,"ledger":1,"code":-1}]')
    expect((await api.operate(id, 'lookup_accounts', '[77,78]')).json.responsePayload).to.deep.equal([])
  })

  it('a request that is not valid is told so before a database that is not ready is', async () => {
    await api.restart({provisionDelayMs: 3_600_000})
    const {json} = await api.call('POST', '/databases', '{"name":"slow"}')
    expect((await api.operate(json.database.id, 'create_accounts', '[]')).status).to.equal(422)
    expect((await api.operate(json.database.id, 'create_accounts', '[{"id":1}]')).status).to.equal(503)
  })

  describe('size', () => {
    const accounts = (count: number) =>
      `[${Array.from({length: count}, (_, i) => `{"id":${i + 1000},"ledger":1,"code":1}`).join(',')}]`
    const ids = (count: number) => JSON.stringify(Array.from({length: count}, (_, i) => i + 1000))

    before(() => api.restart())

    it('8,189 events and ids are taken', async () => {
      const created = await api.operate(id, 'create_accounts', accounts(8189))
      expect(created.json.responsePayload).to.have.length(8189)
      expect(created.json.responsePayload[8188]).to.deep.include({index: 8188, result: 'created'})
      const found = await api.operate(id, 'lookup_accounts', ids(8189))
      expect(found.json.responsePayload).to.have.length(8189)
      expect(found.json.responsePayload[8188].id).to.equal('9188')
      expect((await api.operate(id, 'query_accounts', '{"limit":8189}')).json.responsePayload).to.have.length(8189)
    })

    it('more is too much data, as the cluster behind says, and nothing of it is done', async () => {
      for (const count of [8190, 8191, 20_000]) {
        for (const response of [
          await api.operate(id, 'create_accounts', accounts(count)),
          await api.operate(id, 'lookup_accounts', ids(count)),
          await api.operate(id, 'query_accounts', `{"limit":${count}}`),
        ]) {
          expect([response.status, response.json.type]).to.deep.equal([413, 'https://parix.io/problems/too-much-data'])
          expect(response.json.detail).to.match(
            /^A (body|limit) of \d+( \w+)? is too much data for one request: the most is 8189\.$/,
          )
        }
      }
      expect((await api.operate(id, 'lookup_accounts', '[9189]')).json.responsePayload).to.deep.equal([])
    })
  })
})
