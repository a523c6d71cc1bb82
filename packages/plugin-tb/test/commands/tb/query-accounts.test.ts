import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, on, rows, sent} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb query-accounts', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('flaw 4: reversed is bit 0 of a query, and debits is not a flag of one', () =>
    withService(async (service) => {
      on(service, 'query_transfers', rows('query_transfers', []))
      await tb(`query-transfers ${BOOKS} --flag reversed`, {home, service})
      expect(sent(service, 'query_transfers')).to.deep.equal(['{"limit":100,"flags":1}'])
      const {code, stderr} = await tb(`query-transfers ${BOOKS} --flag debits`, {home, service})
      expect(code).to.equal(2)
      expect(stderr).to.contain('"debits" is a flag of account filters')
    }))

  it('times are RFC 3339 to the nanosecond, in and out', () =>
    withService(async (service) => {
      on(service, 'query_accounts', rows('query_accounts', [account({timestamp: '1700000000123456789'})]))
      const words = `query-accounts ${BOOKS} --timestamp-min 2023-11-14T22:13:20.123456789Z --timestamp-max 2023-11-15T00:13:21+02:00`
      const {stdout} = await tb(words, {home, service})
      expect(JSON.parse(sent(service, 'query_accounts')[0]!)).to.include({
        timestamp_min: '1700000000123456789',
        timestamp_max: '1700000001000000000',
      })
      expect(stdout).to.contain('2023-11-14T22:13:20.123456789Z')
    }))
})
