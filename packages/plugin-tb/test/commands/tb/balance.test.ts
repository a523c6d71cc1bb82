import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, on, rows, sent} from '../../support/answers.js'
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

  it('an account without history has no past: exit code 1, and another way', () =>
    withService(async (service) => {
      on(service, 'lookup_accounts', rows('lookup_accounts', [account({timestamp: '1000'})]))
      const {code, stderr} = await tb(`balance ${BOOKS} 1 --at 2000`, {home, service})
      expect(code).to.equal(1)
      expect(stderr).to.contain('get-account-transfers')
    }))
})
