import {makeHome, type TestHome, withService} from '@parix/testkit'
import {expect} from 'chai'
import {account, BOOKS, on, rows} from '../../support/answers.js'
import {tb} from '../../support/tb.js'

describe('parix tb get-account-balances', () => {
  let home: TestHome
  beforeEach(() => {
    home = makeHome()
  })
  afterEach(() => home.remove())

  it('balances of an account without history: says so, and which command helps', () =>
    withService(async (service) => {
      on(service, 'get_account_balances', rows('get_account_balances', []))
      on(service, 'lookup_accounts', rows('lookup_accounts', [account({flags: 2})]), rows('lookup_accounts', []))
      const {code, stderr} = await tb(`get-account-balances ${BOOKS} --account-id 1`, {home, service})
      expect(code).to.equal(0)
      expect(stderr).to.contain('created without the flag history').and.to.contain('parix tb balance 1')
      on(service, 'lookup_accounts', rows('lookup_accounts', [account({flags: 2})]), rows('lookup_accounts', []))
      const all = await tb(`get-account-balances ${BOOKS} --account-id 1 --all`, {home, service})
      expect(all.stdout).to.equal('')
      expect(all.stderr).to.contain('created without the flag history')
    }))
})
