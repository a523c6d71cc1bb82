import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, on, rows, sent, transfer} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb balance', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('shows both sides, and what the limit leaves', () =>
    withService(async (service) => {
      const row = account({credits_posted: '100', debits_posted: '30', debits_pending: '20', flags: 2})
      on(service, 'lookup_accounts', rows('lookup_accounts', [row]))
      const {stdout} = await tb(`balance ${BOOKS} 1`, {home, service})
      expect(stdout)
        .to.match(/available +50\n/)
        .and.to.match(/credits − debits +70\n/)
      expect((await tb(`balance 1 --json`, {home, service, env: {PARIX_DATABASE: BOOKS}})).json()).to.include({
        available: '50',
        credits_less_debits: '70',
        at: null,
      })
    }))

  it('--at asks for the last balance up to that moment', () =>
    withService(async (service) => {
      on(
        service,
        'lookup_accounts',
        rows('lookup_accounts', [account({flags: 8, timestamp: '1000', credits_posted: '9'})]),
      )
      on(service, 'get_account_balances', rows('get_account_balances', [{credits_posted: '7', timestamp: '1500'}]))
      const {stdout} = await tb(`balance ${BOOKS} 1 --at 2000 --json`, {home, service})
      expect(JSON.parse(sent(service, 'get_account_balances')[0]!)).to.deep.equal({
        account_id: '1',
        timestamp_max: '2000',
        limit: 1,
        flags: 7,
      })
      expect(JSON.parse(stdout)).to.include({credits_posted: '7', debits_posted: '0'})
      expect((await tb(`balance ${BOOKS} 1 --at 999`, {home, service})).code).to.equal(3)
    }))

  it('an account without history: its transfers up to then are added up, and that is said', () =>
    withService(async (service) => {
      on(service, 'lookup_accounts', rows('lookup_accounts', [account({timestamp: '1000'})]))
      on(
        service,
        'get_account_transfers',
        rows('get_account_transfers', [
          transfer({id: '10', amount: '9', timestamp: '1500'}),
          transfer({id: '11', amount: '5', timestamp: '1501', flags: 2}),
          transfer({id: '12', amount: '4', timestamp: '1502', debit_account_id: '2', credit_account_id: '1'}),
        ]),
      )
      const {stdout, stderr, json} = await tb(`balance ${BOOKS} 1 --at 2000 --json`, {home, service})
      expect(JSON.parse(sent(service, 'get_account_transfers')[0]!)).to.include({
        account_id: '1',
        timestamp_max: '2000',
      })
      expect(json(), stdout).to.include({debits_posted: '9', debits_pending: '5', credits_posted: '4', folded: 3})
      expect(stderr).to.contain('no history of balances: 3 transfers were added up')
      expect(sent(service, 'get_account_balances')).to.deep.equal([])
    }))
})
