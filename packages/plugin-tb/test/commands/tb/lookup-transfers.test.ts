import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {BOOKS, on, rows, sent, transfer} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb lookup-transfers', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('an integer that the service sends as a number comes out as text, digit by digit', () =>
    withService(async (service) => {
      const body = JSON.stringify({ok: true, responsePayload: [{id: 'ID', amount: 5, ledger: '700'}]}).replace(
        '"ID"',
        '9007199254740993',
      )
      on(service, 'lookup_transfers', {headers: {'content-type': 'application/json'}, body})
      const {stdout} = await tb(`lookup-transfers ${BOOKS} --id 1 --json`, {home, service})
      expect(JSON.parse(stdout).responsePayload).to.deep.equal([{id: '9007199254740993', amount: '5', ledger: 700}])
    }))

  it('nothing found: exit code 3; no ids, or a wrong one: exit code 2 and nothing is sent', () =>
    withService(async (service) => {
      on(service, 'lookup_transfers', rows('lookup_transfers', []))
      const {code, stderr} = await tb(`lookup-transfers ${BOOKS} --id 5`, {home, service})
      expect(code).to.equal(3)
      expect(stderr).to.contain('There is no transfer 5 in books.')
      expect((await tb(`lookup-transfers ${BOOKS}`, {home, service})).code).to.equal(2)
      expect((await tb(`lookup-transfers ${BOOKS} --ids 1,x`, {home, service})).code).to.equal(2)
      expect(sent(service, 'lookup_transfers')).to.have.length(1)
    }))

  it('a pending transfer says what became of it, by one request for what came later', () =>
    withService(async (service) => {
      const pending = transfer({
        id: '7',
        amount: '300',
        flags: 2,
        code: 9,
        timestamp: '1700000000000000000',
        timeout: 5,
      })
      on(service, 'lookup_transfers', rows('lookup_transfers', [pending, transfer({id: '8'})]))
      const post = (fields: object) => transfer({id: '17', pending_id: '7', flags: 4, amount: '150', ...fields})
      for (const [later, state, shown] of [
        [
          [transfer({id: '16'}), post({})],
          {pending_state: 'posted', resolved_by: '17', posted_amount: '150'},
          'posted 150 of 300 by 17',
        ],
        [[post({amount: '300'})], {pending_state: 'posted', posted_amount: '300'}, 'posted by 17'],
        [[post({flags: 8})], {pending_state: 'voided', resolved_by: '17'}, 'voided by 17'],
        [[transfer({id: '16'})], {pending_state: 'expired'}, 'expired'],
        [Array.from({length: 8189}, () => transfer({})), {pending_state: 'unknown'}, 'unknown'],
      ] as const) {
        on(service, 'get_account_transfers', rows('get_account_transfers', later))
        const {stdout} = await tb(`lookup-transfers ${BOOKS} --ids 7,8`, {home, service})
        expect(stdout).to.match(new RegExp(`^ +7 .* ${shown} +20`, 'm'))
        const [row, other] = (await tb(`lookup-transfers ${BOOKS} --ids 7,8 --json`, {home, service})).json()
          .responsePayload
        expect(row).to.include({...state, expires_at: '2023-11-14T22:13:25.000000000Z'})
        expect(other).not.to.have.property('pending_state')
      }
      expect(JSON.parse(sent(service, 'get_account_transfers')[0]!)).to.deep.equal({
        account_id: '1',
        code: 9,
        timestamp_min: '1700000000000000001',
        timestamp_max: '1700000005000000000',
        limit: 8189,
        flags: 1,
      })
      on(service, 'lookup_transfers', rows('lookup_transfers', [{...pending, timeout: 0}]))
      on(service, 'get_account_transfers', rows('get_account_transfers', []))
      expect((await tb(`lookup-transfers ${BOOKS} --id 7`, {home, service})).stdout).to.contain(' pending ')
    }))
})
